"""What a comparison says, as sentences and as rows of text that terminal, page and Markdown share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from why_bird.evidence.accepted import Baseline
from why_bird.evidence.comparison.comparison import Comparison, Turned
from why_bird.evidence.gate_lines import Kind, Line, Status, gate_lines
from why_bird.evidence.numbers import count, number, signed
from why_bird.evidence.record import ClaimRecord

OTHER_IMAGES = "Values are not held against each other, since the images are others."

_OF_VALUES: tuple[Kind, ...] = ("drift", "same draws")


@dataclass(frozen=True, slots=True)
class Row:
    """One claim in two runs, in words."""

    claim: str
    who: str
    statement: str
    then: str
    now: str
    """Verdicts, or values."""
    more: str
    """Values with their intervals, or how far the value has moved."""
    mark: str
    """``"confirmed"``, ``"rejected"`` or ``"inconclusive"`` of a verdict; ``"red"`` or ``"amber"`` of a value."""
    margins: float | None = None
    """How far a value has moved, in margins."""


def run_name(run: Baseline) -> str:
    """Return what a reader calls a run: its day and its commit."""
    commit = f", commit {run.commit[:8]}" if run.commit else ""
    return f"{run.date[:10]}{commit}"


def headlines(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what is otherwise now, as (lead, sentence) pairs."""
    n = len(comparison.turned)
    lacking = sum(not _is_measured(each.then) or not _is_measured(each.now) for each in comparison.turned)
    asked = f"{count(n - lacking)} of {count(n + comparison.held)} turned"
    unasked = f", {count(lacking)} are measured in one run only" if lacking else ""
    found = [("Verdicts", f"{asked}{unasked}.")]
    if comparison.gate is None:
        found.append(("Values", OTHER_IMAGES))
    else:
        far, near = len(moved(comparison, "red")), len(moved(comparison, "amber"))
        gone = len(unheld(comparison))
        lost = f", {count(gone)} cannot be held any more" if gone else ""
        held = f"{count(comparison.gate.counts.green)} held"
        found.append(
            ("Values", f"{count(far)} moved and are red, {count(near)} moved or may have moved, {held}{lost}.")
        )
    for each in comparison.fallen:
        then, now = each.said
        of = f" ({', '.join(each.classes)})" if len(each.classes) == 2 else ""
        found.append((f"Noise{of}", f"{then} then; {now} now."))
    for lead, is_same in (("Changed", False), ("The same", True)):
        names = [each.what for each in comparison.changed if each.is_same == is_same]
        found += [(lead, f"{', '.join(names)}.")] if names else []
    return found


def turned(comparison: Comparison) -> list[Row]:
    """Return the claims whose verdict is another one."""
    return [
        Row(
            each.claim,
            _who(each),
            each.statement,
            _verdicts(each.then),
            _verdicts(each.now),
            f"{_values(each.then)} → {_values(each.now)}",
            each.now[0].verdict if len(each.now) == 1 else "mixed",
        )
        for each in comparison.turned
    ]


def moved(comparison: Comparison, status: Status) -> list[Row]:
    """Return the claims whose value has moved beyond its margin, or may have, the furthest first: red or amber ones."""
    statements = {each.id: each.statement for run in (comparison.then, comparison.now) for each in run.claims}
    rows = [
        Row(
            line.claim,
            _named(comparison, line.about),
            statements.get(line.claim.removesuffix("[procedure]"), ""),
            number(line.accepted),
            number(line.new, line.accepted),
            _distance(line),
            line.status,
            _margins(line),
        )
        for line in comparison.lines(status)
        if _is_of_value(line)
    ]
    return sorted(rows, key=lambda row: -abs(row.margins or 0.0))


def elsewhere(comparison: Comparison) -> list[Line]:
    """Return what is said of noise that falls into another class."""
    return [line for s in ("red", "amber") for line in comparison.lines(s) if line.kind == "class of noise"]


def unheld(comparison: Comparison) -> list[Line]:
    """Return what can be held against nothing: claims that are gone, say something else, or were not measured."""
    return [line for line in comparison.lines("red") if line.kind not in (*_OF_VALUES, "reversed", "class of noise")]


def unasked(comparison: Comparison) -> list[str]:
    """Return what there was nothing to hold of, those of one reason in one sentence."""
    return [words for status, words in gate_lines(comparison.gate) if status == "noted"] if comparison.gate else []


def _is_measured(claims: Sequence[ClaimRecord]) -> bool:
    return any(claim.estimate for claim in claims)


def _is_of_value(line: Line) -> bool:
    # A verdict may be reversed by less than the margin: then it has turned, and that is said above.
    return line.kind in _OF_VALUES or (line.kind == "reversed" and abs(_margins(line) or 0.0) > 1.0)


def _who(turned: Turned) -> str:
    if len(turned.now) > 1:
        return f"{len(turned.now)} networks"
    then, now = turned.then[0].target, turned.now[0]
    # Of another class it is another question, and the reader is to know.
    other = f", about {now.target} and not {then}" if len(turned.then) == 1 and then != now.target else ""
    return now.network_name + (other if then and now.target else "")


def _named(comparison: Comparison, about: str) -> str:
    return next((each.network_name for each in comparison.now.claims if each.network == about), "")


def _verdicts(records: Sequence[ClaimRecord]) -> str:
    if len(records) == 1:
        return records[0].word if records[0].estimate else "not measured"
    counts = Counter(each.word for each in records)
    return ", ".join(f"{word} in {counts[word]}" for word in ("confirmed", "rejected", "open") if counts[word])


def _values(records: Sequence[ClaimRecord]) -> str:
    known = [(each.value, each.shown) for each in records if each.value is not None]
    if len(known) > 1:
        return f"{number(fmean(value for value, _ in known))} on average"
    return known[0][1] if known else "not measured"


def _margins(line: Line) -> float | None:
    if line.accepted is None or line.new is None or not line.margin:
        return None
    return (line.new - line.accepted) / line.margin


def _distance(line: Line) -> str:
    margins = _margins(line)
    if margins is None:
        return "of the same network and draws"
    return f"{signed(margins, '+.1f')} margins of {number(line.margin)}"
