"""The README says what the committed run found, and no number of its answer was typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from published import validate

from benchmarks.side_by_side import RESULTS
from benchmarks.table import PAGE, SECTIONS, with_table
from why_bird.evidence.charts.figure import leading, undrawn
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document, Void, read_document
from why_bird.evidence.exit_code import ExitCode
from why_bird.evidence.readme import PICTURE, blocks, main, with_findings
from why_bird.stats import Outcome

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _reference() -> Document:
    return read_document(json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text()))


def _shown(language: str) -> list[str]:
    return [content for kind, content in CODE.findall(README.read_text()) if kind == language]


def test_what_it_says_was_found_is_that_of_the_committed_run() -> None:
    text = README.read_text()
    assert with_findings(text, _reference()) == text


def test_its_picture_is_that_of_the_committed_run_and_loads_at_once() -> None:
    drawn = (ROOT / PICTURE).read_bytes()
    charts = [each.chart for each in leading(undrawn(_reference()))]
    assert charts
    # Matplotlib's next version may draw other lines: what is to be seen is what its titles and descriptions say.
    told = [[element.text for element in list(svg)[:2]] for svg in ElementTree.fromstring(drawn)]  # noqa: S314
    assert told == [[chart.heading, chart.description] for chart in charts]
    assert f"![{'; '.join(chart.heading for chart in charts)}]({PICTURE})" in README.read_text()
    assert len(drawn) < 200_000


def test_another_verdict_would_be_noticed_in_every_block() -> None:
    document = _reference()
    opened = tuple(replace(claim, verdict=Outcome.INCONCLUSIVE) for claim in document.claims)
    changed = blocks(replace(document, claims=opened))
    assert [name for name, block in blocks(document).items() if changed[name] == block] == []


def test_every_guess_of_the_table_is_counted_once() -> None:
    found = blocks(_reference())
    some = r"(?: \(\d+ with some claims open\))?"
    said = rf"Of (\d+) guesses (\d+) hold{some}, (\d+) hold in part, (\d+) do not; open: (\d+)\."
    counts = re.search(said, found["answer"])
    assert counts
    total, *parts = map(int, counts.groups())
    fared = re.findall(r"\| \*\*((?:holds|does not hold|open)[^*]*)\*\* \|$", found["guesses"], re.MULTILINE)
    assert total == sum(parts) == len(fared)
    assert parts[0] == sum(each in ("holds", "holds, some open") for each in fared)


def test_a_void_run_gives_no_answer_and_no_picture(tmp_path: Path) -> None:
    document = replace(_reference(), void=Void("P1", "resnet18", "labels that were shuffled are learned"))
    evidence, readme = tmp_path / "evidence.json", tmp_path / "README.md"
    evidence.write_text(json.dumps(encode(document)))
    readme.write_text("".join(f"<!-- {mark} -->\n<!-- /{mark} -->\n" for mark in blocks(document)))
    assert main([f"--evidence={evidence}", f"--readme={readme}"]) == 0
    assert "This run answers nothing" in readme.read_text()
    assert "![" not in readme.read_text()
    assert not (tmp_path / PICTURE).exists()


def test_the_table_of_speed_is_that_of_the_last_benchmarks() -> None:
    text = PAGE.read_text()
    results = json.loads(RESULTS.read_text())
    assert set(results) == set(SECTIONS)
    assert with_table(text, results) == text
    results["memory"]["rows"][0]["ratio"] += 1
    assert with_table(text, results) != text


def test_the_page_on_scale_calculates_with_the_same_measurements() -> None:
    text, results = (ROOT / "docs" / "scale.md").read_text(), json.loads(RESULTS.read_text())
    (forward, *_), (whole,) = (results[name]["rows"] for name in ("forward", "a retrained network"))
    here, there = (results[name]["machine"]["cpu"] for name in ("forward", "a retrained network"))
    two, one, empty, task = results["workers"]["rows"]
    (planned,) = re.findall(r"\*\*together\*\* \| \*\*([\d,]+)", PAGE.read_text())
    (tasks,) = re.findall(r"of which (\d+) are tasks", text)
    rate, core, a_second = f"{forward['ours']:.0f}", f"{forward['ours'] / 2:.0f}", f"{empty['ours']:.0f}"
    minutes = 1_000 * int(planned.replace(",", "")) / (200 * int(core)) / 60
    said = [
        f"On two cores of {here}, as",
        f"{rate} images pass in a second",
        f"two cores of {there}: one network was judged whole in {whole['ours']:.0f} s",
        f"{core} images/s a core, if two cores share their {rate} evenly: ",
        f"1,000 × {planned} / (200 × {core}) s = **{minutes:.0f} min**",
        f"1,000 × {planned} / (8 × 10,000) s = ",
        f"| {one['other']:.1f} s |",
        f"| {one['ours']:.1f} s, while",
        f"| {two['ours']:.1f} s: {two['ratio']:.2f} times as fast as by one, {one['other'] / two['ours']:.2f} times as",
        f"| {task['ours']:.1f} ms, {100 * task['ratio']:.2f} % of a measurement of a small network: {a_second} tasks a",
        f"| {empty['other']:.0f} tasks a second",
        f"{tasks},000 tasks: at {a_second} a second {1_000 * int(tasks) / empty['ours']:.0f} s",
        f"it sent {a_second} of them in each ({empty['other']:.0f} by Dask alone)",
    ]
    assert [each for each in said if each not in text] == []


def test_the_list_of_passes_is_that_of_the_plan() -> None:
    command = [sys.executable, "-m", "benchmarks.passes", "--print"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    (together,) = re.findall(r"\| \*\*together\*\* \| \*\*([\d,]+)\*\* \|", listed)
    # A verdict rests on 77,650 of them: what stands beside claims stays small.
    assert int(together.replace(",", "")) <= 80_000
    assert listed in PAGE.read_text()


def test_the_red_gate_is_an_excerpt_of_the_whole_one() -> None:
    whole = (ROOT / "docs" / "compare.md").read_text()
    excerpt = next(block for block in _shown("") if "gate: " in block)
    lines = [line for line in excerpt.splitlines() if line not in ("", "…")]
    assert len(lines) > 10
    places = [whole.index(line) for line in lines]
    assert places == sorted(places)


def test_every_exit_code_is_in_it() -> None:
    told = re.findall(r"^\| (\d) \|", README.read_text(), re.MULTILINE)
    assert [int(code) for code in told] == sorted(ExitCode)


def test_every_option_that_it_names_is_there() -> None:
    text = README.read_text()
    sources = "".join(path.read_text() for room in ("lib", "fixtures") for path in (ROOT / room).rglob("*.py"))
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", re.sub(r"<!--.*?-->", "", text))) - {"--pyargs"}
    assert {"--checkpoint", "--gate", "--accept"} <= options
    assert {option for option in options if f'"{option}"' not in sources} == set()


def test_it_stays_short() -> None:
    # What is shown as code, and the two tables, are not read word by word.
    prose = CODE.sub("", re.sub(r"<!-- (changes|guesses) -->.*<!-- /\1 -->", "", README.read_text(), flags=re.DOTALL))
    assert len(re.findall(r"\w[\w'’-]*", re.sub(r"\]\([^)]*\)", "]", prose))) <= 1_000
    (question,) = _shown("python")
    assert len(question.splitlines()) <= 15


def test_committed_run_is_complete_clean_and_valid() -> None:
    document = _reference()
    validate(encode(document))
    assert document.complete
    assert document.void is None
    assert not document.errors
    assert document.provenance.dirty is False
