"""Many networks on the terminal: a line a claim."""

from __future__ import annotations

from why_bird.evidence.many.judged import Many
from why_bird.evidence.many.tally import tallies
from why_bird.evidence.many.words import group_name, headlines
from why_bird.evidence.text import columns, printable, shorten

__all__ = ["lines"]

_WIDTH = 120


def lines(many: Many) -> list[str]:
    """Return the lines, at most 120 columns wide but for why a file was left out, which is said whole."""
    found = [shorten(printable(f"{lead}: {words}"), _WIDTH) for lead, words in headlines(many)]
    found += [f"left out: {sentence}" for sentence in many.unread]
    asked = tallies(many)
    for place, group in enumerate(many.groups):
        found += ["", shorten(printable(f"{group_name(group)}: in how many networks each claim holds [95 %]"), _WIDTH)]
        rows = [(printable(claim), of[place]) for claim, of in asked.items()]
        cells = [(claim, tally.said, printable(many.claims[claim].statement)) for claim, tally in rows if tally]
        widths = [max((columns(row[i]) for row in cells), default=0) for i in (0, 1)]
        for claim, holds, statement in cells:
            padded = [c + " " * (width - columns(c)) for c, width in zip((claim, holds), widths, strict=True)]
            found.append(shorten("  ".join(["", *padded, statement]), _WIDTH))
    return found
