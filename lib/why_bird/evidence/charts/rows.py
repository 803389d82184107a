"""A row a name, a column a quantity: what bars and dots have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from why_bird.evidence.charts.chart import Axis, Chart, sentence
from why_bird.evidence.charts.style import (
    BLUE,
    INK,
    VERMILLION,
    Canvas,
    legend,
    listed,
    plain_axes,
    short,
    wrapped,
)
from why_bird.evidence.charts.values import Checked
from why_bird.stats import Estimate

_ROW, _FRAME = 0.25, 0.75
_MOST, _FIRST, _LAST = 20, 12, 4
"""More rows than twenty cannot be read on a telephone: the first, the last and the highlighted ones are drawn."""

_LONG = 0.3
"""A bar of so much of the whole has room for its value."""

_LEVEL = 0.95
E = TypeVar("E", bound=Estimate)


@dataclass(frozen=True, slots=True)
class Mark(Checked):
    """A value beside a row's own: what is asked of it, or what another found. Marks of one label look alike."""

    row: str
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Column(Checked):
    """A quantity of every row."""

    axis: Axis
    values: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()
    """By row; no ends where there are no intervals."""
    limit: float | None = None
    """A dashed line, as what is asked of all rows."""
    marks: Sequence[Mark] = ()

    def _check(self) -> None:
        self._same_length("values", "lows", "highs")
        if bool(self.lows) != bool(self.highs):
            raise ValueError(f"the column {self.axis.label!r} has one end of its intervals and not the other")
        for low, high in zip(self.lows, self.highs, strict=True):
            if (low is None) != (high is None) or (low is not None and high is not None and low > high):
                raise ValueError(f"the column {self.axis.label!r} has an interval from {low} to {high}")

    def ends(self, row: int) -> tuple[float | None, float | None]:
        """Return the interval of a row."""
        return (self.lows[row], self.highs[row]) if self.lows else (None, None)

    def say(self, row: int) -> str:
        """Return the value of a row with its interval as text."""
        value, (low, high) = self.values[row], self.ends(row)
        ends = "" if None in (value, low, high) else f" ({self.axis.say(low)} to {self.axis.say(high)})"
        return f"{self.axis.say(value)}{ends}"


def column(
    axis: Axis, estimates: Mapping[str, Estimate], *, limit: float | None = None, marks: Sequence[Mark] = ()
) -> Column:
    """Return a column of estimates with their 95 % intervals, by the name of the row.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> column(Axis("share", percent=True), {"sharp": Proportion(90, 100, "images")}).say(0)  # R: binom.test(90, 100)
    '90.0 % (82.4 % to 95.1 %)'
    """
    ends = [estimate.interval(_LEVEL) for estimate in estimates.values()]
    values = tuple(estimate.value for estimate in estimates.values())
    return Column(axis, values, tuple(e.low for e in ends), tuple(e.high for e in ends), limit, tuple(marks))


def most_first(estimates: Mapping[str, E]) -> dict[str, E]:
    """Return estimates by name, the largest first.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> list(most_first({"cat": Proportion(1, 10, "images"), "dog": Proportion(4, 10, "images")}))
    ['dog', 'cat']
    """
    return dict(sorted(estimates.items(), key=lambda each: -each[1].value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Chart):
    """Rows of values with intervals."""

    drawn_as: ClassVar[str]
    takes_text: ClassVar[bool] = False

    rows: Sequence[str]
    """The first one is drawn at the top."""
    columns: Sequence[Column]
    """One or two can be read."""
    highlight: Sequence[str] = ()
    """Rows in another colour."""

    def _check(self) -> None:
        if not self.rows or not self.columns or any(len(each.values) != len(self.rows) for each in self.columns):
            raise ValueError(f"{self.title!r}: every column needs a value or None for each of {len(self.rows)} rows")

    @property
    def _shown(self) -> list[int]:
        n = len(self.rows)
        return [i for i in range(n) if n <= _MOST or i < _FIRST or i >= n - _LAST or self.rows[i] in self.highlight]

    @property
    def description(self) -> str:
        """Every row with its values."""
        said = []
        for column in self.columns:
            values = [f"{self.rows[i]} {column.say(i)}" for i in self._shown]
            said.append(f"{sentence(column.axis.label)}: {listed(values, len(values))}")
        left_out = len(self.rows) - len(self._shown)
        marks = {m.label: None for each in self.columns for m in each.marks}
        more = [f"{left_out} rows more are not drawn"] * (left_out > 0) + [f"Marked: {listed(list(marks))}"] * bool(
            marks
        )
        return ". ".join([f"{self.drawn_as} with {len(self.rows)} rows", *said, *more]) + "."

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        marks = {mark.label for column in self.columns for mark in column.marks}
        return _FRAME + _ROW * max(len(self._shown), 3) + 0.22 * len(marks)

    def paint(self, canvas: Canvas) -> None:
        """Draw a plot a column."""
        shown = self._shown
        names = [self.rows[i] for i in shown]
        colors = [VERMILLION if name in self.highlight else BLUE for name in names]
        panels = canvas.subplots(1, len(self.columns), sharey=True, squeeze=False)[0]
        handles: dict[str, Any] = {}
        for axes, column in zip(panels, self.columns, strict=True):
            plain_axes(axes, "x")
            known = [(place, i) for place, i in enumerate(shown) if column.values[i] is not None]
            places = [place for place, _ in known]
            self._draw(axes, places, [column.values[i] for _, i in known], [colors[place] for place in places])
            for place, i in known:
                low, high = column.ends(i)
                if low is not None and high is not None:
                    whisker = {"ecolor": INK, "elinewidth": 1.2, "capsize": 3, "fmt": "none"}
                    axes.errorbar(low, place, xerr=[[0], [high - low]], **whisker)
                if colors[place] == VERMILLION and len(panels) == 1:
                    self._write(axes, column, i, place)
            if column.limit is not None:
                axes.axvline(column.limit, color=INK, linestyle="--", linewidth=1)
            self._mark(axes, column, names, handles)
            column.axis.apply(axes.xaxis)
            if column.axis.percent and column.axis.high is None:
                axes.set_xlim(0, 1)
            axes.set_xlabel(wrapped(column.axis.label, 220 / len(panels)))
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks(range(len(names)), [short(name) for name in names])
        panels[0].set_ylim(len(names) - 0.4, -0.6)
        legend(canvas, list(handles.values()), list(handles))

    def _write(self, axes: Any, column: Column, i: int, place: int) -> None:
        """Write a value into its bar where that is long enough, else after everything in its row."""
        value, (_, high) = column.values[i] or 0.0, column.ends(i)
        look: dict[str, Any] = {"xytext": (5, 0), "textcoords": "offset points", "va": "center", "fontweight": "bold"}
        is_inside = self.takes_text and column.axis.percent and value >= _LONG
        marks = [mark.value for mark in column.marks if mark.row == self.rows[i]]
        axes.annotate(column.axis.say(value), (0 if is_inside else max([value, high or value, *marks]), place), **look)

    @abstractmethod
    def _draw(self, axes: Any, places: list[int], values: list[float | None], colors: list[str]) -> None:
        """Draw the values in their rows."""

    def _mark(self, axes: Any, column: Column, names: list[str], handles: dict[str, Any]) -> None:
        for mark in column.marks:
            if mark.row not in names:
                continue
            look = "Dsv^P"[list(handles).index(mark.label) % 5 if mark.label in handles else len(handles) % 5]
            (drawn,) = axes.plot(
                mark.value, names.index(mark.row), look, color=INK, markerfacecolor="none", markersize=7, clip_on=False
            )
            handles.setdefault(mark.label, drawn)
