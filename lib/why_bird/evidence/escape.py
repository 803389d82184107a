"""Text inside Markdown: whatever a class or a file is called, it stays text."""

from __future__ import annotations

from why_bird.evidence.text import printable, shorten

__all__ = ["escaped", "row", "table_head"]

# What can start a tag, an entity, a link, emphasis, code, a table cell, a formula or a mention. Characters that
# mean something only at the start of a line (#, -, +, 1.) are left: a text always follows a prefix of ours.
_ESCAPES = {ord(char): f"\\{char}" for char in "\\`*_[]|~$@"} | {ord("<"): "&lt;", ord(">"): "&gt;", ord("&"): "&amp;"}


def escaped(text: str, width: int = 400) -> str:
    """Return the text on one line, cut to `width` columns, with everything that Markdown or HTML would read escaped.

    Parameters
    ----------
    width : int, default 400
        Columns before escaping.
    """
    return shorten(printable(text), width).translate(_ESCAPES)


def row(*cells: str) -> str:
    """Return one line of a table; the cells are escaped already."""
    return "| " + " | ".join(cells) + " |"


def table_head(*names: str) -> list[str]:
    """Return the two lines that open a table; the names are escaped already."""
    return [row(*names), "|" + " --- |" * len(names)]
