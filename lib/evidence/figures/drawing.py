"""A figure before it is drawn, which can become an SVG element for a page or a PNG file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import matplotlib as mpl
from matplotlib.figure import Figure as EmptyCanvas

from lib.evidence.figures.figure import Figure
from lib.evidence.figures.style import HEIGHT, SETTINGS, WIDTH
from lib.evidence.figures.svg import clean

__all__ = ["Canvas", "Drawing"]

Canvas: TypeAlias = Any
"""A matplotlib figure, whose declared types leave out much of what it takes."""

_DOTS_PER_INCH = 200


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a figure says, and how it is painted.

    Parameters
    ----------
    name, module, title, alt, caption : str
        As of :class:`Figure`.
    paint : callable
        Paints on an empty canvas of five inches width.
    height : float, default 3.75
        Of the canvas, in inches.
    """

    name: str
    module: str
    title: str
    alt: str
    caption: str
    paint: Callable[[Canvas], None]
    height: float = HEIGHT

    def figure(self) -> Figure:
        """Return the figure as one SVG element with its words."""
        # Without a date, a drawing is the same bytes whenever it is made.
        raw = self._saved("svg", transparent=True, metadata={"Date": None}).decode("utf-8")
        svg = clean(raw, self.name, self.title, self.alt)
        return Figure(self.name, self.module, self.title, self.alt, self.caption, svg)

    def png(self) -> bytes:
        """Return the figure as a PNG file, black on white."""
        return self._saved("png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})

    def _saved(self, form: str, **how: Any) -> bytes:
        file = io.BytesIO()
        with mpl.rc_context(SETTINGS), warnings.catch_warnings():
            # A class may be named in letters that the measuring font lacks: a browser draws them with another.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            warnings.filterwarnings("ignore", message=".*Matplotlib currently does not support")
            canvas = EmptyCanvas(figsize=(WIDTH, self.height), layout="constrained")
            self.paint(canvas)
            canvas.savefig(file, format=form, **how)
        return file.getvalue()
