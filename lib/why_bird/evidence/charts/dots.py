"""Dots with intervals by class: levels, distances, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from why_bird.evidence.charts.chart import Axis
from why_bird.evidence.charts.rows import Column, Rows
from why_bird.evidence.charts.style import VERMILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots(Rows):
    """Dots with their intervals; see :class:`Rows`."""

    kind: ClassVar[str] = "dots"
    drawn_as: ClassVar[str] = "Dot plot"

    def _draw(self, axes: Any, places: list[int], values: list[float | None], colors: list[str]) -> None:
        for place, value, color in zip(places, values, colors, strict=True):
            axes.plot(
                value, place, "D" if color == VERMILLION else "o", color=color, markersize=7, zorder=3, clip_on=False
            )
        axes.margins(x=0.2)


def middle_half(
    axis: Axis, levels: Mapping[str, ArrayLike], order: Sequence[str], limit: float | None = None
) -> Column:
    """Return the median and the middle half of the values of each class, as a column.

    Parameters
    ----------
    levels : mapping of str to (n,) array
        By class.
    order : sequence of str
        Of the rows.
    limit : float, optional
        See :class:`Column`.

    Examples
    --------
    >>> level = middle_half(Axis("level"), {"cat": range(5), "dog": range(9)}, ["dog", "cat"])
    >>> [level.say(row) for row in range(2)]
    ['4 (2 to 6)', '2 (1.00 to 3)']
    """
    low, middle, high = np.array([np.quantile(np.asarray(levels[name]), (0.25, 0.5, 0.75)) for name in order]).T
    return Column(axis, tuple(middle), tuple(low), tuple(high), limit)
