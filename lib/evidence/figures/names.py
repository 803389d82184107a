"""Names of classes as figures write them: whatever a class is called, it stays text and fits."""

from __future__ import annotations

from lib.errors import Unavailable
from lib.evidence.text import printable, shorten

__all__ = ["MOST_CLASSES", "enough_room", "full", "listed", "short"]

MOST_CLASSES = 20
"""More rows than these cannot be read on a telephone."""

_SHORT, _FULL = 12, 40


def short(name: str) -> str:
    """Return a class name that fits beside a plot."""
    return shorten(printable(name), _SHORT) or "(no name)"


def full(name: str) -> str:
    """Return a name for a sentence."""
    return shorten(printable(name), _FULL) or "(no name)"


def enough_room(classes: tuple[str, ...], most: int = MOST_CLASSES) -> tuple[str, ...]:
    """Return the class names, where there are not too many for a figure.

    Raises
    ------
    Unavailable
        If there are.
    """
    if len(classes) > most:
        raise Unavailable(f"{len(classes)} classes are too many for this figure: it has room for {most}")
    return classes


def listed(parts: list[str]) -> str:
    """Return parts joined as a sentence lists them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
