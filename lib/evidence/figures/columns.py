"""Two columns with a row for each class, of which one class is marked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.drawing import Canvas
from lib.evidence.figures.names import short
from lib.evidence.figures.shares import Share, whiskers
from lib.evidence.figures.style import BLUE, VERMILLION, percent_axis, plain_axes, rows

__all__ = ["Columns", "columns", "share_bars"]


class Columns(NamedTuple):
    """Two axes that share their rows.

    Attributes
    ----------
    left, right : axes
    places : (K,) int64 array
        Of the rows.
    colors : list of K str
    markers : list of K str
        A diamond for the marked class, a dot for the others.
    """

    left: Any
    right: Any
    places: NDArray[np.int64]
    colors: list[str]
    markers: list[str]


def columns(canvas: Canvas, classes: tuple[str, ...], marked: int | None) -> Columns:
    """Return the columns, with the names of the classes at the left."""
    left, right = canvas.subplots(1, 2, sharey=True)
    places = rows(left, [short(name) for name in classes])
    for axes in (left, right):
        plain_axes(axes, "x")
        axes.tick_params(axis="y", length=0)
    is_marked = [place == marked for place in places]
    return Columns(
        left,
        right,
        places,
        [VERMILLION if each else BLUE for each in is_marked],
        ["D" if each else "o" for each in is_marked],
    )


def share_bars(axes: Any, shares: tuple[Share, ...], places: NDArray[np.int64], colors: list[str]) -> None:
    """Draw shares from 0 to 1 as bars with their intervals."""
    axes.barh(places, [share.value for share in shares], color=colors, height=0.62)
    whiskers(axes, shares, places)
    axes.set_xlim(0, 1)
    percent_axis(axes.xaxis, 50)
