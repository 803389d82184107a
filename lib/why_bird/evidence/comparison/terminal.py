"""A comparison on the terminal: what is otherwise now, then a line a claim."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from why_bird.evidence.comparison.comparison import Comparison
from why_bird.evidence.comparison.words import Row, elsewhere, headlines, moved, run_name, turned, unheld
from why_bird.evidence.gate_lines import Line
from why_bird.evidence.terminal import WIDTH
from why_bird.printing import columns, padded, printable, shorten

_LONGEST_LEAD = 40


def lines(comparison: Comparison) -> list[str]:
    """Return the lines, at most `WIDTH` columns wide where words can be broken."""
    led = headlines(comparison)
    for each in comparison.changed:
        led += [] if each.is_same else [(f"{each.what} then", each.then), (f"{each.what} now", each.now)]
    said = [printable(f"{run_name(comparison.then)} → {run_name(comparison.now)}"), *_led(led)]
    said += _list("noise falls elsewhere", elsewhere(comparison))
    said += _table("verdicts that turned", turned(comparison))
    said += _table("values that moved and are red", moved(comparison, "red"))
    said += _table("values that moved or may have moved", moved(comparison, "amber"))
    return said + _list("cannot be held", unheld(comparison))


def _led(pairs: Sequence[tuple[str, str]]) -> list[str]:
    leads = [shorten(printable(lead), _LONGEST_LEAD) for lead, _ in pairs]
    width = max(map(columns, leads)) + 2
    return [
        line
        for lead, (_, words) in zip(leads, pairs, strict=True)
        for line in _wrapped(printable(words), f"{lead}:" + " " * (width - columns(lead) - 1), " " * width)
    ]


def _list(title: str, said: Sequence[Line]) -> list[str]:
    return ["", title, *(line for each in said for line in _wrapped(printable(each.sentence), "  ", "  "))] * bool(said)


def _table(title: str, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    cells = [
        [printable(each) for each in (row.claim, f"{row.then} → {row.now}", "" if row.margins is None else row.more)]
        for row in rows
    ]
    found = ["", title]
    for row, each in zip(rows, padded(cells), strict=True):
        first = "  ".join(["", *each, ""])
        found += _wrapped(printable(row.statement), first, " " * columns(first))
    return found


def _wrapped(words: str, first: str, rest: str) -> list[str]:
    broken = wrap(
        words, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return broken or [first.rstrip()]
