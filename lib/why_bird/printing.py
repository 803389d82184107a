"""Text of others (class names, paths, messages) made safe to store and to print."""

from __future__ import annotations

import unicodedata

__all__ = ["printable"]

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
    return "".join(_escape(char) if unicodedata.category(char) in _UNSAFE else char for char in words)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
