"""Several at work on one empty store make each entry once, and find the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from asking import evidence, read

from .caches import entries, unfinished
from .conftest import Endurance
from .placed import LEDGER, placed

FOUR = 4


def source_of(document: dict[str, Any], source: str) -> Counter[str]:
    """Return how many measurements of each name came from somewhere."""
    return Counter(each["name"] for each in document["provenance"]["inputs"] if each["source"] == source)


@pytest.mark.nightly
def test_four_workers_of_one_run(endurance: Endurance, tmp_path: Path) -> None:
    cache, folder, ledger = tmp_path / "cache", tmp_path / "latest", tmp_path / "ledger"
    words = [*endurance.words(cache), "-p", "tests.endurance.placed", "-n", str(FOUR)]
    answer = endurance.copies.start(*words, folder=folder, environment={LEDGER: str(ledger)}).answer()
    assert answer.code == 1, answer.output
    assert "warning:" not in answer.output
    # More than one worker was at it.
    assert answer.output.count("created: 4/4 workers") == 1
    assert placed(ledger) == Counter(entries(cache).keys())
    assert unfinished(cache) == []
    found, expected = read(endurance.report(folder)), read(endurance.undisturbed)
    assert evidence(found) == evidence(expected)
    # What passed through a network is counted by every worker: nothing passed in two of them.
    assert found["provenance"]["images_passed"] == expected["provenance"]["images_passed"]
    assert source_of(found, "computed now") == source_of(expected, "computed now")


def test_four_runs_at_once(endurance: Endurance, tmp_path: Path) -> None:
    cache, ledger = tmp_path / "cache", tmp_path / "ledger"
    words = ("-p", "tests.endurance.placed")
    folders = [tmp_path / f"run-{i}" for i in range(FOUR)]
    runs = [
        endurance.copies.start(*endurance.words(cache), *words, folder=folder, environment={LEDGER: str(ledger)})
        for folder in folders
    ]
    answers = [run.answer() for run in runs]
    assert [answer.code for answer in answers] == [1] * FOUR, answers[0].output
    assert all("warning:" not in answer.output for answer in answers)
    assert placed(ledger) == Counter(entries(cache).keys())
    assert unfinished(cache) == []
    expected = read(endurance.undisturbed)
    documents = [read(endurance.report(folder)) for folder in folders]
    for document in documents:
        assert evidence(document) == evidence(expected)
        assert {name: document[name] for name in ("gate", "noise", "selection", "void", "errors")} == {
            name: expected[name] for name in ("gate", "noise", "selection", "void", "errors")
        }
    # Whatever one of them made, the others read.
    passed = [document["provenance"]["images_passed"] for document in documents]
    assert sum(passed) == expected["provenance"]["images_passed"]
    computed = [source_of(document, "computed now") for document in documents]
    assert sum(computed, Counter()) == source_of(expected, "computed now")
