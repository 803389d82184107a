"""Bars with intervals: shares, counts, parts of a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from why_bird.evidence.charts.chart import Axis
from why_bird.evidence.charts.rows import Mark, Rows, column
from why_bird.evidence.charts.style import INK
from why_bird.stats import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Rows):
    """Horizontal bars from zero, with their intervals; see :class:`Rows`."""

    kind: ClassVar[str] = "bars"
    drawn_as: ClassVar[str] = "Bar chart"
    takes_text: ClassVar[bool] = True

    def _draw(self, axes: Any, places: list[int], values: list[float | None], colors: list[str]) -> None:
        # Faint inside, so that what is written there can be read, and plain at the edge.
        faint = [(color, 0.6) for color in colors]
        axes.barh(places, values, color=faint, edgecolor=colors, linewidth=1.2, height=0.62)
        axes.axvline(0, color=INK, linewidth=0.8)
        if not any(column.axis.percent for column in self.columns):
            axes.margins(x=0.2)


def bars(axis: Axis, estimates: Mapping[str, Estimate], *, marks: Sequence[Mark] = (), **words: Any) -> Bars:
    """Return bars of estimates by name, with their 95 % intervals; the words are fields of :class:`Bars`.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> shares = {"sharp": Proportion(90, 100, "images"), "blurred": Proportion(42, 100, "images")}
    >>> axis = Axis("still called so", percent=True)
    >>> bars(axis, shares, title="blurred images lose their class", highlight=["blurred"]).description
    'Bar chart with 2 rows. Still called so: sharp 90.0 % (82.4 % to 95.1 %) and blurred 42.0 % (32.2 % to 52.3 %).'
    """
    return Bars(rows=tuple(estimates), columns=(column(axis, estimates, marks=marks),), **words)
