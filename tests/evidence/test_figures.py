"""From the charts of a run to drawings on a page and in a folder."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import escape

from why_bird.evidence.charts import drawing
from why_bird.evidence.charts.figure import drawn, undrawn
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document
from why_bird.evidence.figures import main
from why_bird.evidence.page.page import html
from why_bird.evidence.register import read_register
from why_bird.measure.store import Store

from .chart_samples import PLAIN
from .samples import BIAS, NOISE, document, record

ROOT = Path(__file__).resolve().parents[2]
CHARTS = ROOT / "lib" / "why_bird" / "evidence" / "charts"


def charted() -> Document:
    return document(
        [record(BIAS, charts=tuple(PLAIN.values())[:3]), record(NOISE, charts=(PLAIN["bars"], PLAIN["bars"]))]
    )


def test_every_chart_of_every_record_is_drawn_under_a_name_of_its_own() -> None:
    figures = drawn(charted())
    names = [figure.name for figure in figures]
    assert names == [each.name for each in undrawn(charted())]
    assert sorted(names) == ["p2-bars", "p2-bars-2", "z2-bars", "z2-dots", "z2-stacked"]
    ids = [name for figure in figures for name in re.findall(r' id="([^"]+)"', figure.svg)]
    assert len(set(ids)) == len(ids)


def test_what_was_drawn_before_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "cache")
    first = drawn(charted(), store=store)
    monkeypatch.setattr(drawing, "svg_of", lambda chart, name, **_how: f"{name}: {chart.title}")
    assert drawn(charted(), store=store) == first
    bars = PLAIN["bars"]
    other = document([record(NOISE, charts=(bars, replace(bars, title="Another thing is seen")))])
    assert [each.svg for each in drawn(other, store=store)] == [
        next(each.svg for each in first if each.name == "p2-bars"),
        "p2-bars-2: Another thing is seen",
    ]
    (tmp_path / "full").write_text("no folder")
    unkept = drawn(other, store=Store(tmp_path / "full" / "cache"))
    assert [each.svg for each in unkept] == [f"p2-bars: {bars.title}", "p2-bars-2: Another thing is seen"]


def test_a_page_says_what_a_chart_shows() -> None:
    made = charted()
    page = html(made, drawn(made))
    assert page.count('class="drawing"') == 5
    for chart in tuple(PLAIN.values())[:3]:
        assert chart.heading.replace(" %", "\N{NO-BREAK SPACE}%") in page
        assert f'aria-label="{escape(chart.description)}"' in page


def test_the_command_writes_svg_and_png_of_every_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evidence, folder = tmp_path / "evidence.json", tmp_path / "made" / "here"
    evidence.write_text(json.dumps(encode(charted())))
    assert main([f"--evidence={evidence}", f"--out={folder}"]) == 0
    assert capsys.readouterr().out.startswith("5 charts in ")
    assert {path.name for path in folder.iterdir()} == {
        f"{each.name}.{form}" for each in undrawn(charted()) for form in ("svg", "png")
    }
    # Alone, too, it is a whole file.
    assert ElementTree.parse(folder / "p2-bars.svg").getroot().tag.endswith("svg")  # noqa: S314 - written just now


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("here")
    assert main([f"--out={taken}"]) == 4
    assert re.fullmatch(r"error: .* cannot be written .*\n", capsys.readouterr().err)


def test_what_draws_knows_no_claim() -> None:
    register = read_register(ROOT / "hypotheses" / "register.toml")
    names = {claim.module for claim in register.claims.values()} | set(register.claims)
    for path in CHARTS.glob("*.py"):
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        assert not words & names, path
