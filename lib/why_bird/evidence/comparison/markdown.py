"""A comparison as Markdown: a comment on a pull request, or the summary of a job."""

from __future__ import annotations

from collections.abc import Sequence

from why_bird.evidence.comparison.comparison import Comparison
from why_bird.evidence.comparison.words import Row, elsewhere, headlines, moved, run_name, turned, unheld
from why_bird.evidence.escape import Section, escaped, fitted, row, size, table_head
from why_bird.evidence.numbers import count

MARKER = "<!-- why-bird compare -->"
"""Its first line, by which whoever posts a comment finds the one to renew."""

LIMIT = 24_000
"""Bytes; a comment on GitHub takes 65,536 characters, and nobody reads so many."""

_RESERVE = 100


def markdown(comparison: Comparison) -> str:
    """Return the text, shorter than `LIMIT` bytes: rows that do not fit are counted, and stand on the page."""
    said = [MARKER, "## What is otherwise in this run", ""]
    said += [f"- **{escaped(lead)}:** {escaped(words, 600)}" for lead, words in headlines(comparison)]
    said += ["", escaped(f"{run_name(comparison.then)} → {run_name(comparison.now)}"), ""]
    far, near = moved(comparison, "red"), moved(comparison, "amber")
    sections: list[Section] = [
        ("### Verdicts that turned", _head("then", "now", "value"), _rows(turned(comparison))),
        ("### Noise falls elsewhere", [], [f"- {escaped(line.sentence, 600)}" for line in elsewhere(comparison)]),
        ("### Cannot be held", [], [f"- {escaped(line.sentence, 600)}" for line in unheld(comparison)]),
        ("### Values that moved and are red", _head("then", "now", "moved by"), _rows(far)),
        ("### Values that moved or may have moved", _head("then", "now", "moved by"), _rows(near)),
        (
            "### What the runs were about",
            table_head("", "then", "now"),
            [row(escaped(e.what), escaped(e.then, 600), "the same" if e.is_same else escaped(e.now, 600))
             for e in comparison.changed],
        ),
    ]  # fmt: skip
    body, left_out = fitted(sections, LIMIT - _RESERVE - size(said))
    body += [f"*{count(left_out)} more rows stand on the page.*"] if left_out else []
    return "\n".join([*said, *body]).rstrip() + "\n"


def _head(*names: str) -> list[str]:
    return table_head("claim", *names, "sentence")


def _rows(rows: Sequence[Row]) -> list[str]:
    return [
        row(
            f"{escaped(e.claim, 24)} ({escaped(e.who, 32)})",
            *map(escaped, (e.then, e.now, e.more)),
            escaped(e.statement, 160),
        )
        for e in rows
    ]
