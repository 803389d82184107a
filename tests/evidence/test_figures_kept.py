"""Figures are drawn once for the same findings, and again for others."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lib.evidence.document import Document, read_document
from lib.evidence.figures import kept as module
from lib.evidence.figures.figure import Figure
from lib.evidence.figures.kept import kept

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = read_document(json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text(encoding="utf-8")))
FIGURE = Figure("roc", "test_ood_detection", "ROC", "alt", "caption", '<svg viewBox="0 0 1 1">\u00e9🐦</svg>')


@dataclass
class Drawer:
    """Draws a figure and counts how often."""

    figure: Figure = FIGURE
    times: int = 0
    folder: Path = field(default_factory=Path)

    def ask(self, document: Document = DOCUMENT, modules: tuple[str, ...] = ("test_neurons",)) -> list[Figure]:
        return kept(self.folder, document, modules, self.draw)

    def draw(self) -> list[Figure]:
        self.times += 1
        return [replace(self.figure, title=str(self.times))]


@pytest.fixture
def drawer(tmp_path: Path) -> Drawer:
    return Drawer(folder=tmp_path / "cache")


def of(**changes: Any) -> Document:
    """The committed run with something else in its provenance."""
    return replace(DOCUMENT, provenance=replace(DOCUMENT.provenance, **changes))


def with_claim(place: int, **changes: Any) -> Document:
    claims = list(DOCUMENT.claims)
    claims[place] = replace(claims[place], **changes)
    return replace(DOCUMENT, claims=tuple(claims))


def test_what_was_drawn_is_read_by_the_next_run(drawer: Drawer) -> None:
    first = drawer.ask()
    assert drawer.ask() == first
    assert drawer.times == 1


def test_the_time_that_a_claim_took_is_no_finding(drawer: Drawer) -> None:
    drawer.ask()
    drawer.ask(with_claim(0, seconds=1e3))
    assert drawer.times == 1


@pytest.mark.parametrize(
    "document",
    [
        with_claim(3, estimate=replace(DOCUMENT.claims[3].estimate, value=None)),
        of(networks=(replace(DOCUMENT.provenance.networks[0], name="<script>"), *DOCUMENT.provenance.networks[1:])),
        of(images=replace(DOCUMENT.provenance.images, origin="folder of images")),
        of(seeds={"noise": 1}),
    ],
    ids=["estimate", "name", "origin", "seed"],
)
def test_other_findings_are_drawn_anew(drawer: Drawer, document: Document) -> None:
    drawer.ask()
    drawer.ask(document)
    assert drawer.times == 2


def test_other_code_and_other_questions_are_drawn_anew(
    drawer: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer.ask()
    drawer.ask(modules=("test_neurons", "test_clutter"))
    monkeypatch.setattr(module, "_CODE", tmp_path)
    drawer.ask()
    (tmp_path / "new.py").write_text("pass\n")
    drawer.ask()
    assert drawer.times == 4


@pytest.mark.parametrize("damage", [b"", b"\xff", b"x" * 64 + b"\n[]", b'{"name": 1}'])
def test_what_is_damaged_is_drawn_anew_and_mended(drawer: Drawer, damage: bytes) -> None:
    drawer.ask()
    (path,) = (drawer.folder / "figures").iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage)
    assert drawer.ask()[0].title == "2"
    assert drawer.ask()[0].title == "2"
    # A flipped bit in a drawing is damage too: it would stand in a page unescaped.
    path.write_bytes(whole.replace(b"svg viewBox", b"svg viewbox"))
    assert drawer.ask()[0].title == "3"


def test_a_cache_that_cannot_be_written_costs_no_figure(drawer: Drawer) -> None:
    drawer.folder.write_text("a file in its place")
    assert drawer.ask()[0].title == "1"
    assert drawer.ask()[0].title == "2"


def test_only_the_latest_are_kept(drawer: Drawer) -> None:
    for seed in range(1, 12):
        drawer.ask(of(seeds={"noise": seed}))
        for age, path in enumerate(
            sorted((drawer.folder / "figures").iterdir(), key=lambda each: -each.stat().st_mtime)
        ):
            os.utime(path, (1e9 - age, 1e9 - age))
    assert len(list((drawer.folder / "figures").iterdir())) == 8
    drawer.ask(of(seeds={"noise": 11}))
    assert drawer.times == 11


def test_a_failure_to_draw_is_kept_nowhere(drawer: Drawer) -> None:
    def fails() -> list[Figure]:
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        kept(drawer.folder, DOCUMENT, ("test_neurons",), fails)
    assert not drawer.folder.exists()
