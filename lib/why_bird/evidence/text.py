"""Text of others (class names, paths, messages) made safe to store and to print."""

from __future__ import annotations

import unicodedata

__all__ = ["columns", "printable", "shorten"]

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
    return "".join(_escape(char) if unicodedata.category(char) in _UNSAFE else char for char in words)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


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
