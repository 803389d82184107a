"""Text on a terminal: what it takes of a line, and how it is cut to one."""

from __future__ import annotations

import unicodedata

from why_bird.printing import printable

__all__ = ["columns", "printable", "shorten"]


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: two for wide characters, none for combining marks."""
    return sum(_width(char) for char in text)


def shorten(text: str, width: int) -> str:
    """Return the text cut to `width` columns, with an ellipsis where something was cut.

    Parameters
    ----------
    text : str
    width : int
        Columns, 1 or more.
    """
    if columns(text) <= width:
        return text
    taken, used = [], 1
    for char in text:
        used += _width(char)
        if used > width:
            break
        taken.append(char)
    return "".join(taken).rstrip() + "…"


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
