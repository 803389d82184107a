"""The summary that pytest prints: the answer in three lines, a line a claim, and the verdicts counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from why_bird.evidence.answer import answer
from why_bird.evidence.document import Document
from why_bird.evidence.headlines import measured_on, tally, warnings
from why_bird.evidence.numbers import against, counted, p_value, with_interval
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.printing import columns, folded, printable, shorten

WIDTH = 120
"""Columns of the widest line."""

Segment = tuple[str, str]
"""Text and its style: ``"green"``, ``"red"``, ``"yellow"``, ``"bold"``, ``"light"``, or empty for none."""

Line = tuple[Segment, ...]

_VERDICTS = {
    "confirmed": ("CONFIRMED", "green"),
    "rejected": ("REJECTED", "red"),
    "inconclusive": ("OPEN", "yellow"),
}
_VERDICT, _LONGEST_NAME, _ANSWERS, _NAMED = len("CONFIRMED"), 22, 3, 10
_LEGEND = "The verdict is on the claim; then what was found; at the right its number, and what was asked of it:"


def styled_lines(document: Document, verbosity: int = 0) -> list[Line]:
    """Return the summary as lines of (text, style) segments, for the pytest hook to print.

    Parameters
    ----------
    verbosity : int, default 0
        Below 0 there is no line for each claim; from 1 on the reason stands under it and on what the claims were asked
        above all; from 2 on what had to hold and what stands beside a verdict, too.
    """
    lines: list[Line] = []
    if verbosity > 0:
        lines += [each for lead, words in measured_on(document) for each in _lines(f"{lead}: {words}", "light")]
    for sentence in answer(document)[:_ANSWERS]:
        lines += _lines(sentence.text, "bold")
    if verbosity >= 0:
        lines += _lines(_LEGEND, "light") if document.claims else []
        counts = Counter(claim.id for claim in document.claims)
        for claim in document.claims:
            lines += _claim(claim, is_named=counts[claim.id] > 1)
            lines += [each for text in _more(claim, verbosity) for each in _lines(text, "light", _VERDICT + 1)]
    for lead, words in warnings(document):
        lines += _lines(f"{lead.upper()}: {words}", "yellow" if lead in ("Partial", "Preview") else "red")
    if document.selection.missing and not document.selection.words:
        lines += _lines(f"not judged: {_listed(document.selection.missing)}", "yellow")
    lines += [each for error in document.errors for each in _lines(f"ERROR {error.id}: {error.detail}", "red")]
    return [*lines, ((tally(document), "bold"),)]


def _listed(missing: Sequence[str]) -> str:
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return f"{', '.join(missing[:_NAMED])}{more}"


def _claim(claim: ClaimRecord, *, is_named: bool) -> Iterator[Line]:
    word, style = _VERDICTS[claim.verdict]
    name = _name(claim, is_named=is_named)
    start = _VERDICT + 1 + columns(name) + 1
    found = "" if claim.value is None else f"{claim.digits}, asked {against(claim.threshold, claim.side)}"
    room = WIDTH - start - (columns(found) + 2 if found else 0)
    first, *rest = folded(printable(claim.told), room)
    gap = WIDTH - start - columns(first) - columns(found)
    yield (word.ljust(_VERDICT), style), (f" {name} {first}" + (" " * gap + found if found else ""), "")
    for each in rest:
        yield ((" " * start + each, ""),)


def _name(claim: ClaimRecord, *, is_named: bool) -> str:
    """Return the claim's id, with what it speaks about where the id alone could be another item's."""
    about = "procedure" if claim.scope == PROCEDURE else claim.network_name
    name = f"{claim.id}[{about}]" if is_named else claim.id
    cut = shorten(printable(name), _LONGEST_NAME)
    return cut + " " * max(0, 3 - columns(cut))


def _more(claim: ClaimRecord, verbosity: int) -> Iterator[str]:
    if verbosity < 1:
        return
    yield claim.reason
    if claim.n:
        p = "" if claim.p_adjusted is None else f", p adjusted {p_value(claim.p_adjusted)}"
        yield f"{claim.shown} of {counted(claim.n, claim.unit)}, {claim.test}{p}"
    if verbosity < 2:
        return
    for check in claim.checks:
        yield f"{'holds' if check.passed else 'DOES NOT HOLD'}: {check.name}: {check.detail}"
    for line in claim.beside:
        yield f"beside: {line.label}: {with_interval(line.value, line.low, line.high)}"


def _lines(text: str, style: str, start: int = 0) -> list[Line]:
    """Return a text of any length as lines that begin in a column."""
    return [((" " * start + each, style),) for each in folded(printable(text), WIDTH - start)]
