"""The README says what the committed run found, and no number in its answer was typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from published import validate

from benchmarks.side_by_side import RESULTS
from benchmarks.table import SECTIONS, with_table
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document, read_document
from why_bird.evidence.readme import answer_block, with_answer
from why_bird.stats import Outcome

ROOT = Path(__file__).resolve().parent.parent


def _reference() -> Document:
    return read_document(json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text()))


def test_answer_is_that_of_the_committed_run():
    text = (ROOT / "README.md").read_text()
    assert with_answer(text, _reference()) == text


def test_the_table_is_that_of_the_last_benchmarks():
    text = (ROOT / "README.md").read_text()
    results = json.loads(RESULTS.read_text())
    assert set(results) == set(SECTIONS)
    assert with_table(text, results) == text
    results["memory"]["rows"][0]["ratio"] += 1
    assert with_table(text, results) != text


def test_another_verdict_would_be_noticed():
    document = _reference()
    judged = next(claim for claim in document.claims if claim.verdict is not Outcome.INCONCLUSIVE)
    other = replace(judged, verdict=Outcome.INCONCLUSIVE)
    changed = replace(document, claims=tuple(other if claim is judged else claim for claim in document.claims))
    assert answer_block(document) != answer_block(changed)


def test_committed_run_is_complete_clean_and_valid():
    document = _reference()
    validate(encode(document))
    assert document.complete
    assert document.void is None
    assert not document.errors
    assert document.provenance.dirty is False
