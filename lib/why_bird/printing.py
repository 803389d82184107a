"""Text of others (class names, paths, messages) made safe to store and to print, and cut to a terminal's line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Control characters, invisible formatting (bidirectional overrides), lone surrogates, unassigned, line separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return the text on one line, with everything invisible written as an escape.

    A class name may hold a terminal's escape sequence, a line break or a lone surrogate (from a file
    name that is not UTF-8). None of these may reach a terminal, a table, or pytest-xdist's channel.

    Examples
    --------
    >>> printable("a\tb\x1b[31m")
    'a b\\x1b[31m'
    """
    words = " ".join(text.split())
    if words.isprintable():
        return words
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _UNSAFE else char for char in words
    )


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: two for wide characters, none for combining marks."""
    return len(text) if text.isascii() else sum(map(_width, text))


def shorten(text: str, width: int) -> str:
    """Return the text cut to `width` columns, 1 or more, with an ellipsis where something was cut."""
    if columns(text) <= width:
        return text
    taken, used = [], 1
    for char in text:
        used += _width(char)
        if used > width:
            break
        taken.append(char)
    return "".join(taken).rstrip() + "…"


def folded(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns, 2 or more; a word that does not fit into one is broken."""
    lines = [""]
    for word in text.split(" "):
        for part in _broken(word, width):
            joined = f"{lines[-1]} {part}" if lines[-1] else part
            if columns(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(part)
    return lines


def padded(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells of a table without its empty columns, each as wide as the widest of its column."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    return [[each + " " * (n - columns(each)) for each, n in zip(row, widths, strict=True) if n] for row in rows]


def _broken(word: str, width: int) -> list[str]:
    parts = [""]
    for char in word:
        if columns(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return parts


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
