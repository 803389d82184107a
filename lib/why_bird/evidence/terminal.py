"""The summary that pytest prints: a line a claim, at most 100 columns wide."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from why_bird.evidence.document import Document
from why_bird.evidence.exhibits import Reading
from why_bird.evidence.headlines import measured_on
from why_bird.evidence.numbers import against, count, interval, number
from why_bird.evidence.record import DATASET, PROCEDURE, ClaimRecord
from why_bird.evidence.text import columns, printable, shorten

__all__ = ["WIDTH", "Line", "Segment", "styled_lines"]

WIDTH = 100
"""Columns of the widest line."""

Segment = tuple[str, str]
"""Text and its style: ``"green"``, ``"red"``, ``"yellow"``, ``"bold"``, ``"light"``, or empty for none."""

Line = tuple[Segment, ...]

_STYLES = {"confirmed": "green", "rejected": "red", "inconclusive": "yellow"}
_VERDICT_WIDTH = len("inconclusive")
_LONGEST_NAME = 22
_LEAST_STATEMENT = 16


def styled_lines(document: Document) -> list[Line]:
    """Return the summary as lines of (text, style) segments, for the pytest hook to print.

    Parameters
    ----------
    document : Document
        The evidence.

    Returns
    -------
    list of tuple of (str, str)
        A header, the claims grouped by module, what is wrong with the run, and the totals.
    """
    claims = document.claims
    counts = Counter(claim.id for claim in claims if claim.scope == "network")
    has_several = any(count > 1 for count in counts.values())
    body: list[Line] = []
    for module, group in groupby(claims, key=lambda claim: claim.module):
        body.append(((shorten(printable(module), WIDTH), "bold"),))
        body.extend(_claim(claim, is_named=has_several) for claim in group)
    return [*_header(document), *body, *_warnings(document), _totals(document)]


def _header(document: Document) -> list[Line]:
    return [((_fit(f"{lead}: {words}"), ""),) for lead, words in measured_on(document)]


def _claim(claim: ClaimRecord, *, is_named: bool) -> Line:
    verdict = (claim.verdict.upper().ljust(_VERDICT_WIDTH), _STYLES[claim.verdict])
    name = _name(claim, is_named=is_named)
    room = WIDTH - _VERDICT_WIDTH - 1 - columns(name) - 1
    if claim.estimate is None:
        statement = _padded(printable(claim.statement), 28)
        reason = shorten(printable(claim.reason), room - columns(statement) - 2)
        return verdict, (f" {name} {statement}  ", ""), (reason, "light")
    measured = shorten(_measured(claim, claim.estimate), room - _LEAST_STATEMENT - 2)
    statement = _padded(printable(claim.statement), room - columns(measured) - 2)
    return verdict, (f" {name} {statement}  {measured}", "")


def _name(claim: ClaimRecord, *, is_named: bool) -> str:
    """Return the claim's id, with what it speaks about where the id alone could be another item's."""
    if claim.scope == PROCEDURE:
        name = f"{claim.id}[procedure]"
    elif is_named and claim.scope != DATASET:
        name = f"{claim.id}[{claim.network_name}]"
    else:
        name = claim.id
    return _padded(printable(name), min(_LONGEST_NAME, max(3, columns(printable(name)))))


def _measured(claim: ClaimRecord, estimate: Reading) -> str:
    ends = interval(estimate.low, estimate.high)
    limit = against(claim.threshold, claim.side)
    # What was counted is in the report: here the room is for the sentence.
    return printable(f"{number(estimate.value)} {ends} {limit}") + f"  n = {count(claim.n)}"


def _warnings(document: Document) -> list[Line]:
    found: list[Line] = []
    void = document.void
    if void:
        words = f"VOID, every verdict is withheld: {void.control} is broken for {void.network}: {void.detail}"
        found.append(((_fit(words), "red"),))
    for error in document.errors:
        found.append(((_fit(f"ERROR {error.id}: {error.detail}"), "red"),))
    if not document.complete:
        chosen = document.selection.words
        words = f"partial run{f' ({chosen})' if chosen else ''}: a complete report is not overwritten"
        found.append(((_fit(words), "yellow"),))
    if document.amendments:
        words = f"amendments to the register since its first day: {count(len(document.amendments))}"
        found.append(((_fit(words), "yellow"),))
    return found


def _totals(document: Document) -> Line:
    summary = document.summary
    parts: list[Segment] = []
    counts = (summary.confirmed, summary.rejected, summary.inconclusive)
    for n, (outcome, style) in zip(counts, _STYLES.items(), strict=True):
        parts += [(f"{count(n)} {outcome}", style if n else ""), (", ", "")]
    tail = f"{count(summary.planned)} planned, {count(summary.errors)} errors"
    return (*parts, (tail, "red" if summary.errors else ""))


def _fit(text: str) -> str:
    return shorten(printable(text), WIDTH)


def _padded(text: str, width: int) -> str:
    cut = shorten(text, width)
    return cut + " " * (width - columns(cut))
