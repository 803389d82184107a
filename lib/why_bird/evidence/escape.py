"""Text inside Markdown: whatever a class or a file is called it stays text, and it fits where it is read."""

from __future__ import annotations

from why_bird.printing import printable, shorten

Section = tuple[str, list[str], list[str]]
"""A heading, lines that make no sense without what follows them, and lines that may be left out."""

# What can start a tag, an entity, a link, emphasis, code, a table cell, a formula or a mention. Characters that
# mean something only at the start of a line (#, -, +, 1.) are left: a text always follows a prefix of ours.
_ESCAPES = {ord(char): f"\\{char}" for char in "\\`*_[]|~$@"} | {ord("<"): "&lt;", ord(">"): "&gt;", ord("&"): "&amp;"}


def escaped(text: str, width: int = 400) -> str:
    """Return the text on one line with everything that Markdown or HTML would read escaped.

    It is cut to `width` columns before escaping.
    """
    return shorten(printable(text), width).translate(_ESCAPES)


def row(*cells: str) -> str:
    """Return one line of a table; the cells are escaped already."""
    return "| " + " | ".join(cells) + " |"


def table_head(*names: str, numbers: int = 0) -> list[str]:
    """Return the two lines that open a table; the names are escaped already, the last ones are of numbers."""
    return [row(*names), "|" + " --- |" * (len(names) - numbers) + " ---: |" * numbers]


def size(lines: list[str]) -> int:
    """Return how many bytes lines take in a file."""
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def fitted(sections: list[Section], limit: int) -> tuple[list[str], int]:
    """Return the lines of sections that fit into `limit` bytes, and how many were left out, from the end."""
    taken: list[str] = []
    used = left_out = 0
    for title, head, lines in sections:
        opening = [title, "", *head]
        kept: list[str] = []
        for line in lines:
            # A table's row is worth nothing without its head, so the head is paid for with the first row.
            cost = size([line]) + (0 if kept else size(opening) + 1)
            if left_out or used + cost > limit:
                left_out += 1
                continue
            used += cost
            kept.append(line)
        if kept:
            taken += [*opening, *kept, ""]
    return taken, left_out
