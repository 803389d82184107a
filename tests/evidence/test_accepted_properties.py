"""Any file is evidence, a baseline or refused in one sentence, and no change of a baseline goes unnoticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_values import changed, check_sentence, damaged, read_or_refused, texts
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from why_bird.evidence.accepted import Baseline, bare, read_accepted, read_baseline, write_accepted
from why_bird.evidence.codec import encode
from why_bird.evidence.compare import main
from why_bird.evidence.document import read_document
from why_bird.evidence.exit_code import ExitCode
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Interval
from why_bird.stats.drift import GATE_LEVEL

from .samples import NETWORK, OTHER, records, words
from .test_compare import run

NOISE = [{"network": "1a2b3c", "classes": ["bird", "frog"], "counts": [3, 1], "near_ties": 1}]
MADE = json.loads(json.dumps({**run(), "noise": NOISE}))
BASELINE = Baseline.of(read_document(MADE))
sizes = st.integers(0, 2**53)
LATER = json.loads(json.dumps(run(0.968, 0.32, seed=1)))


@st.composite
def every(draw: st.DrawFn) -> Baseline:
    found = {each.key: each for each in map(bare, draw(st.lists(records().map(holdable), max_size=3)))}
    counts = st.dictionaries(words, st.integers(0, 2**53), max_size=3)
    noise = st.builds(
        lambda of, name, ties: NoiseCounts(name, tuple(of), tuple(of.values()), ties), counts, words, sizes
    )
    return Baseline(
        tuple(found.values()),
        draw(words),
        draw(words),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.none() | words),
        draw(words),
        tuple(draw(st.lists(noise, max_size=2))),
        draw(st.sampled_from([(), (NETWORK, OTHER)])),
        draw(st.dictionaries(words, words, max_size=2)),
        draw(st.none() | st.booleans()),
    )


def holdable(record: ClaimRecord) -> ClaimRecord:
    """The same with the intervals that the gate needs."""
    if record.estimate is None:
        return record
    ends = Interval(record.estimate.low, record.estimate.high, GATE_LEVEL)
    return replace(record, estimate=replace(record.estimate, level=0.95), gate_interval=ends)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accepted") / "accepted.json"


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(every())
def test_any_baseline_comes_back_as_it_was_written(path: Path, made: Baseline) -> None:
    assume(made.claims)
    write_accepted(path, made)
    assert read_accepted(path) == read_baseline(path) == made


@settings(max_examples=150)
@given(st.data())
def test_a_baseline_with_one_value_changed_is_the_same_or_refused(path: Path, data: st.DataObject) -> None:
    write_accepted(path, BASELINE)
    path.write_text(data.draw(changed(json.loads(path.read_text("utf-8")))), "utf-8")
    assert read_or_refused(lambda: read_accepted(path)) in (None, BASELINE)


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_baseline_is_the_same_or_refused(path: Path, data: st.DataObject) -> None:
    write_accepted(path, BASELINE)
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    assert read_or_refused(lambda: read_accepted(path)) in (None, BASELINE)


@settings(max_examples=100)
@given(changed(encode(BASELINE)))
def test_a_baseline_whose_digest_was_made_to_fit_is_findings_or_refused(path: Path, text: str) -> None:
    try:
        digest = hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()
    except (ValueError, RecursionError):
        digest = ""
    path.write_text(f'{{"format": 2, "digest": "{digest}", "accepted": {text}}}', "utf-8")
    found = read_or_refused(lambda: read_accepted(path))
    if found is not None:
        check(found)
        write_accepted(path, found)
        assert read_accepted(path) == found


@settings(max_examples=150)
@given(changed(MADE))
def test_evidence_with_one_value_changed_is_findings_or_refused(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    found = read_or_refused(lambda: read_baseline(path))
    if found is not None:
        check(found)


@settings(max_examples=60)
@given(st.binary(max_size=40) | texts.map(str.encode))
def test_any_file_is_refused_in_one_sentence(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_or_refused(lambda: read_accepted(path)) is None
    assert read_or_refused(lambda: read_baseline(path)) is None


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_files_held_against_each_other_end_in_lines_and_a_code(
    path: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    files = (path.with_name("old.json"), path.with_name("new.json"))
    documents = [MADE, data.draw(st.sampled_from([MADE, LATER]))]
    for file, document in zip(files, documents, strict=True):
        file.write_text(json.dumps(document), "utf-8")
    place = data.draw(st.integers(0, 1))
    files[place].write_text(data.draw(changed(documents[place])), "utf-8")
    code = main([str(file) for file in files])
    output, complaint = capsys.readouterr()
    assert code in (ExitCode.JUDGED, ExitCode.REJECTED, ExitCode.USAGE)
    assert bool(complaint) == (code == ExitCode.USAGE) != bool(output)
    for sentence in filter(None, (output + complaint).splitlines()):
        check_sentence(sentence.strip())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8), max_size=3))
def test_any_arguments_end_in_a_code(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as stop:  # so ends what argparse refuses, and --help
        code = ExitCode(stop.code)
    output, complaint = capsys.readouterr()
    assert bool(complaint) == (code == ExitCode.USAGE) != bool(output)


def check(found: Baseline) -> None:
    """Hold findings to what their documentation says, and to what the gate's sentences do with them."""
    for each in found.claims:
        assert each.estimate is None or each.gate_interval is not None
        for text in (each.id, each.network, each.network_name, each.statement, each.unit, each.test, each.reason):
            assert type(text) is str
        assert type(each.n) is type(each.weight) is int
    assert type(found.images) is type(found.images_name) is type(found.date) is str
    assert type(found.noise_seed) is int
    assert found.commit is None or type(found.commit) is str
    for counts in found.noise:
        assert all(type(count) is int for count in (*counts.counts, counts.near_ties))
