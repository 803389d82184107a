"""Curves with bands: doses and responses, shares that fall, trade-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts.chart import Axis, Chart, known, sentence
from why_bird.evidence.charts.style import COLORS, FAINT, INK, LOOKS, VERMILLION, Canvas, legend, plain_axes, wrapped
from why_bird.evidence.charts.values import Checked
from why_bird.stats import Proportion

_MARKED = 12
_THRESHOLDS = 51


@dataclass(frozen=True, slots=True)
class Curve(Checked):
    """A line."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    """No ends where there is no band."""
    note: str = ""
    """What the description says of it; the ends of the line where nothing is said."""

    def _check(self) -> None:
        self._same_length("x", "y", "low", "high")
        if not self.x or len(self.y) != len(self.x) or bool(self.low) != bool(self.high):
            raise ValueError(f"the curve {self.label!r} needs a point, as many y as x, and both ends of a band")

    def draw(self, axes: Any, color: str, marker: str, line: object) -> object:
        """Draw the line on its band, and return the line."""
        if self.low:
            band = {"color": color, "alpha": FAINT, "linewidth": 0}
            axes.fill_between(self.x, known(self.low), known(self.high), **band)
        look = {"color": color, "linestyle": line, "marker": marker if len(self.x) <= _MARKED else ""}
        return axes.plot(self.x, known(self.y), clip_on=len(self.x) > _MARKED, **look)[0]


@dataclass(frozen=True, slots=True)
class Line(Checked):
    """A dashed line at a value of x, with its name."""

    label: str
    x: float

    def said(self, axis: Axis) -> str:
        """Return in words what is marked, and where."""
        return f"Marked: {self.label}, at {axis.say(self.x)}"

    def draw(self, axes: Any) -> object:
        """Draw the line, and return it."""
        return axes.axvline(self.x, color=INK, linestyle="--", linewidth=1.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves(Chart):
    """Lines over one quantity."""

    kind: ClassVar[str] = "curves"

    x: Axis
    y: Axis
    curves: Sequence[Curve]
    highlight: Sequence[str] = ()
    """Curves in another colour."""
    diagonal: bool = False
    """Whether y = x is drawn, as where a curve of chance lies."""
    limit: float | None = None
    """A dashed line across, as what is asked of y."""
    line: Line | None = None

    def _check(self) -> None:
        if not self.curves or len(self.curves) > 12:
            raise ValueError(f"{self.title!r} has {len(self.curves)} curves: 1 to 12 can be told apart")
        marked = () if self.line is None else (self.line.x,)
        if not all(map(self.x.takes, (*marked, *(each for curve in self.curves for each in curve.x)))):
            raise ValueError(f"{self.title!r}: x is 0 or below on a logarithmic axis")

    @property
    def description(self) -> str:
        """Every curve from its first point to its last, and what is marked."""
        said = []
        for curve in self.curves:
            ends = [
                f"{self.y.say(curve.y[i])} at {self.x.say(curve.x[i])}" for i in dict.fromkeys((0, len(curve.x) - 1))
            ]
            said.append(f"{curve.label}: {curve.note or ' to '.join(ends)}")
        marked = "" if self.line is None else f" {self.line.said(self.x)}."
        return f"Line chart of {self.y.label} against {self.x.label}. {sentence('; '.join(said))}.{marked}"

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return 2.9 + 0.16 * len(self.curves)

    def paint(self, canvas: Canvas) -> None:
        """Draw the lines."""
        axes = canvas.subplots()
        plain_axes(axes, "both")
        if self.diagonal:
            xs = sorted({each for curve in self.curves for each in curve.x})
            axes.plot(xs, xs, color=INK, alpha=0.4, linewidth=1)
        colors, looks, handles = cycle((*COLORS, INK)), cycle(LOOKS), []
        for curve in self.curves:
            is_found = curve.label in self.highlight
            color = VERMILLION if is_found else next(colors)
            handles.append(curve.draw(axes, color, *(("o", "-") if is_found else next(looks))))
        if self.limit is not None:
            axes.axhline(self.limit, color=INK, linestyle="--", linewidth=1)
        self.x.apply(axes.xaxis)
        self.y.apply(axes.yaxis)
        axes.set_xlabel(wrapped(self.x.label, 280))
        axes.set_ylabel(wrapped(self.y.label, 170))
        labels = [curve.label for curve in self.curves]
        if self.line is not None:
            handles.append(self.line.draw(axes))
            labels.append(self.line.label)
        legend(canvas, handles, labels)


def shared(label: str, x: Sequence[float], shares: Sequence[float], n: int | Sequence[int]) -> Curve:
    """Return a curve of shares of n, or of so many each, with their 95 % intervals by Clopper and Pearson.

    Examples
    --------
    >>> found = shared("still a bird", [0, 1], [1.0, 0.5], 10)
    >>> [round(low, 4) for low in found.low]  # R: binom.test(10, 10)$conf.int[1], binom.test(5, 10)$conf.int[1]
    [0.6915, 0.1871]
    """
    of = np.broadcast_to(n, len(shares)).tolist()
    ends = [Proportion(round(share * n), n, "").interval(0.95) for share, n in zip(shares, of, strict=True)]
    return Curve(label, tuple(x), tuple(shares), tuple(each.low for each in ends), tuple(each.high for each in ends))


def sampled(label: str, x: Sequence[float], samples: NDArray[np.floating]) -> Curve:
    """Return the mean curve of (S, len(x)) samples, in a band that holds the middle 95 % of them.

    Examples
    --------
    >>> found = sampled("slope", [0, 1], np.array([[0.0, 1.0], [0.0, 3.0]]))
    >>> [float(y) for y in found.y], [round(float(low), 3) for low in found.low]  # of two samples, 2.5 % of the way
    ([0.0, 2.0], [0.0, 1.05])
    """
    low, high = np.quantile(samples, (0.025, 0.975), axis=0)
    return Curve(label, tuple(x), tuple(samples.mean(0)), tuple(low), tuple(high))


def roc(label: str, others: NDArray[np.floating], wanted: NDArray[np.floating], *, least: float = 0.0) -> Curve:
    """Return the share of the wanted that score at least a threshold against the share of the others.

    Parameters
    ----------
    others, wanted : (m,) and (n,) arrays
        Scores, higher for the wanted.
    least : float, default 0
        Where the axis begins: what lies left of it is drawn along it.

    Examples
    --------
    >>> roc("all", np.array([0.0, 1.0]), np.array([2.0, 3.0])).y
    (0.0, 0.5, 1.0, 1.0, 1.0)
    """
    levels = np.linspace(0, 1, _THRESHOLDS)
    cuts = np.unique(np.concatenate([np.quantile(each, levels, method="inverted_cdf") for each in (others, wanted)]))
    false, true = (1 - np.searchsorted(np.sort(each), cuts[::-1], side="left") / len(each) for each in (others, wanted))
    return Curve(label, tuple(np.maximum([0, *false], least)), (0, *true))
