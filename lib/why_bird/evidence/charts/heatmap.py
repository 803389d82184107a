"""A grid of numbers, the deeper the colour the larger the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from why_bird.evidence.charts.chart import Chart, sentence
from why_bird.evidence.charts.style import BLUE, INK, VERMILLION, Canvas, short, wrapped
from why_bird.evidence.charts.values import Checked
from why_bird.evidence.numbers import number

_WRITTEN, _NAMED = 12, 40
"""Numbers fit into the cells of up to twelve columns, and names above up to forty where every fourth is left out."""


@dataclass(frozen=True, slots=True)
class HeatRow(Checked):
    """A row of the grid."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap(Chart):
    """Rows and columns of numbers."""

    kind: ClassVar[str] = "heatmap"

    columns: Sequence[str]
    rows: Sequence[HeatRow]
    quantity: str
    """What the numbers are."""
    highlight: str = ""
    """A column that is framed, and whose numbers alone are written; none where it is empty."""
    reverse: bool = False
    """Whether small numbers are deep, as of ranks."""

    def _check(self) -> None:
        if not self.columns or not self.rows or any(len(row.values) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title!r}: every row needs a value or None for each of {len(self.columns)} columns")
        if len(self.columns) * len(self.rows) > 2500:
            raise ValueError(f"{self.title!r} has {len(self.columns)} × {len(self.rows)} cells: 2,500 can be drawn")

    @property
    def description(self) -> str:
        """The extremes of every row, and what the highlighted column holds."""
        said = []
        for row in self.rows:
            found = [(value, name) for value, name in zip(row.values, self.columns, strict=True) if value is not None]
            if not found:
                said.append(f"{row.label}: nothing")
                continue
            (low, lowest), (high, highest) = min(found), max(found)
            own = f", {self.highlight} {number(row.values[self._marked])}" if self._marked >= 0 else ""
            said.append(f"{row.label}: least {lowest} ({number(low)}), most {highest} ({number(high)}){own}")
        head = f"Grid of {self.quantity}, {len(self.rows)} rows by {len(self.columns)} columns"
        return f"{head}. {sentence('; '.join(said))}."

    @property
    def _marked(self) -> int:
        return self.columns.index(self.highlight) if self.highlight in self.columns else -1

    @property
    def _labels(self) -> list[str]:
        return [wrapped(row.label, 120) for row in self.rows]

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        lines = max(label.count("\n") + 1 for label in self._labels)
        return 1.25 + len(self.rows) * max(0.32, 0.06 + 0.16 * lines)

    def paint(self, canvas: Canvas) -> None:
        """Draw the cells."""
        axes, K, m = canvas.subplots(), len(self.columns), len(self.rows)
        known = [value for row in self.rows for value in row.values if value is not None]
        low, high = min(known, default=0.0), max(known, default=0.0)
        for place, row in enumerate(self.rows):
            for c, value in enumerate(row.values):
                if value is None:
                    continue
                depth = (value - low) / (high - low) if high > low else 0.5
                alpha = 0.05 + 0.55 * (1 - depth if self.reverse else depth)
                cell = {"color": BLUE, "alpha": alpha, "linewidth": 0}
                axes.fill_between([c - 0.47, c + 0.47], place - 0.46, place + 0.46, **cell)
                if K <= _WRITTEN and self._marked in (c, -1):
                    axes.text(c, place, f"{value:.2g}", ha="center", va="center")
        if self._marked >= 0:
            left, right = self._marked - 0.5, self._marked + 0.5
            frame = ([left, right, right, left, left], [-0.5, -0.5, m - 0.5, m - 0.5, -0.5])
            axes.plot(*frame, color=VERMILLION, linewidth=2, clip_on=False)
        shown = range(0, K, 1 if K <= 20 else -(-K // 20))
        turned = {"rotation": 60, "ha": "left", "rotation_mode": "anchor"}
        axes.set_xticks(list(shown), [short(self.columns[c]) for c in shown], **turned)
        axes.xaxis.tick_top()
        axes.set_yticks(range(m), self._labels)
        axes.tick_params(length=0, color=INK)
        axes.set_xlim(-0.55, K - 0.45)
        axes.set_ylim(m - 0.4, -0.55)
        for spine in axes.spines.values():
            spine.set_visible(False)
