"""Points in the plane: settings against what they do, feature vectors in two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts.chart import Axis, Chart, sentence
from why_bird.evidence.charts.curves import Curve, Line
from why_bird.evidence.charts.labels import place_labels
from why_bird.evidence.charts.style import (
    COLORS,
    FAINT,
    INK,
    LOOKS,
    VERMILLION,
    Canvas,
    legend,
    plain_axes,
    short,
    wrapped,
)
from why_bird.evidence.charts.values import Checked, evenly

_MANY, _MOST, _LABELLED = 30, 12, 24
_ROOM = 0.16
"""For labels around the ellipses, as a share of what is drawn."""


@dataclass(frozen=True, slots=True)
class Cloud(Checked):
    """Points of one look; of more than 400 pick some with :func:`evenly`."""

    label: str
    x: Sequence[float]
    y: Sequence[float]

    def _check(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(f"the points of {self.label!r} have {len(self.x)} x and {len(self.y)} y")


@dataclass(frozen=True, slots=True)
class Ellipse(Checked):
    """Where points of a group lie: centre, half axes, and the angle of the first one in degrees."""

    label: str
    x: float
    y: float
    first: float
    second: float
    angle: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter(Chart):
    """Points, with ellipses, a trend and a marked value of x."""

    kind: ClassVar[str] = "scatter"

    x: Axis
    y: Axis
    clouds: Sequence[Cloud] = ()
    ellipses: Sequence[Ellipse] = ()
    """Labelled in their middle."""
    trend: Curve | None = None
    """A line over the points, with its band."""
    line: Line | None = None
    highlight: Sequence[str] = ()
    """Clouds and ellipses in another colour."""
    note: str = ""
    """What the description says of the points, where there is no trend."""

    def _check(self) -> None:
        if not (self.clouds or self.ellipses):
            raise ValueError(f"{self.title!r} has neither points nor ellipses")
        if len(self.clouds) > _MOST:
            raise ValueError(f"{self.title!r} has {len(self.clouds)} clouds: {_MOST} can be told apart")
        if not all(all(map(self.x.takes, each.x)) and all(map(self.y.takes, each.y)) for each in self.clouds):
            raise ValueError(f"{self.title!r}: a value is 0 or below on a logarithmic axis")

    @property
    def description(self) -> str:
        """How many points there are, where they lie, and how the trend goes."""
        said = [f"Scatter plot of {self.y.label} against {self.x.label}"]
        for each in self.clouds:
            reach = f", {self.y.say(min(each.y))} to {self.y.say(max(each.y))}" if each.y and not self.ellipses else ""
            said.append(f"{each.label}: {len(each.x)} points{reach}")
        if self.ellipses:
            said.append(f"Ellipses: {', '.join(each.label for each in self.ellipses)}")
        if self.trend is not None:
            t = self.trend
            steps = ", ".join(f"{self.y.say(y)} at {self.x.say(x)}" for x, y in zip(t.x, t.y, strict=True))
            said.append(f"{t.label}: {steps}")
        if self.line is not None:
            said.append(self.line.said(self.x))
        return ". ".join(sentence(each) for each in [*said, self.note] if each).rstrip(".") + "."

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return 3.9 if self.ellipses else 3.2

    def paint(self, canvas: Canvas) -> None:
        """Draw ellipses, points, and the trend over them."""
        axes = canvas.subplots()
        plain_axes(axes, "both")
        if self.ellipses:
            axes.margins(_ROOM)
        colors, looks, handles, labels = cycle(COLORS), cycle("so^v"), [], []
        for ring in self.ellipses:
            color = VERMILLION if ring.label in self.highlight else INK
            turn = np.linspace(0, 2 * np.pi, 48)
            axes.fill(*around(ring, turn), facecolor=color, edgecolor=color, alpha=FAINT / 2, linewidth=0)
            axes.plot(*around(ring, turn), color=color, linewidth=1.2, alpha=1 if color == VERMILLION else 0.6)
            axes.plot(ring.x, ring.y, "+", color=color, markersize=5)
        for cloud in self.clouds:
            is_found = cloud.label in self.highlight
            small = len(cloud.x) > _MANY
            look = {"color": VERMILLION if is_found else next(colors), "alpha": 0.7 if small else 1.0}
            style = {"marker": "D" if is_found else next(looks), "markersize": 3.5 if small else 7, "linestyle": "none"}
            handles += axes.plot(cloud.x, cloud.y, **look, **style)
            labels.append(cloud.label)
        if self.trend is not None:
            handles.append(self.trend.draw(axes, INK, LOOKS[0][0], "-"))
            labels.append(self.trend.label)
        self.x.apply(axes.xaxis)
        self.y.apply(axes.yaxis)
        if self.line is not None:
            handles.append(self.line.draw(axes))
            labels.append(self.line.label)
        axes.set_xlabel(wrapped(self.x.label, 280))
        axes.set_ylabel(wrapped(self.y.label, 170))
        legend(canvas, handles, labels)
        if self.ellipses:
            canvas.canvas.draw()
            centres = np.array([(each.x, each.y) for each in self.ellipses])
            (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
            seen = [np.array([cloud.x, cloud.y]) for cloud in self.clouds]
            seen += [around(each, np.linspace(0, 2 * np.pi, 96)) for each in self.ellipses]
            # Along both axes, with what is written there.
            seen += [
                np.array([[left] * 96, np.linspace(low, high, 96)]),
                np.array([np.linspace(left, right, 96), [low] * 96]),
            ]
            few = len(self.ellipses) <= _LABELLED
            words = [short(each.label) if few else "" for each in self.ellipses]
            place_labels(axes, centres, words, [], [], np.hstack(seen).T)


def around(ring: Ellipse, turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of an ellipse, (2, n), at angles in radians."""
    angle = np.radians(ring.angle)
    first, second = ring.first * np.cos(turn), ring.second * np.sin(turn)
    x = ring.x + first * np.cos(angle) - second * np.sin(angle)
    return np.stack([x, ring.y + first * np.sin(angle) + second * np.cos(angle)])


def ellipse_of(label: str, points: NDArray[np.float64]) -> Ellipse:
    """Return the ellipse that holds half of (n, 2) points of the plane, were they normal.

    Examples
    --------
    >>> cross = np.array([[4.0, 1.0], [0.0, 1.0], [2.0, 2.0], [2.0, 0.0]])
    >>> found = ellipse_of("cross", cross)
    >>> float(found.x), float(found.y), round(found.first / found.second, 4)  # twice as long as wide
    (2.0, 1.0, 2.0)
    """
    # Half of a normal distribution of two dimensions lies within √(2 ln 2) standard deviations.
    values, vectors = np.linalg.eigh(np.cov(points.T)) if len(points) > 1 else (np.zeros(2), np.eye(2))
    second, first = np.sqrt(2 * np.log(2) * np.maximum(values, 0))
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    x, y = points.mean(0)
    return Ellipse(label, x, y, float(first), float(second), angle)


def binned(
    label: str,
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    bins: int = 5,
    support: tuple[float, float] = (-np.inf, np.inf),
) -> Curve | None:
    """Return the mean of y in bins of equally many points, ±2 standard errors; None where no bin has two points.

    The band is cut to `support`, the least and the greatest value that y can take.

    Examples
    --------
    >>> found = binned("all", np.array([0.0, 1.0, 8.0, 9.0]), np.array([0.0, 2.0, 5.0, 5.0]), bins=2)
    >>> [float(x) for x in found.x], [float(y) for y in found.y], [float(low) for low in found.low]  # 1 − 2 · √2 / √2
    ([0.5, 8.5], [1.0, 5.0], [-1.0, 5.0])
    """
    chosen = [each for each in np.array_split(np.argsort(x, kind="stable"), bins) if len(each) > 1]
    if not chosen:
        return None
    middle = np.array([y[each].mean() for each in chosen])
    half = np.array([2 * y[each].std(ddof=1) / np.sqrt(len(each)) for each in chosen])
    low, high = (tuple(np.clip(end, *support)) for end in (middle - half, middle + half))
    return Curve(label, tuple(x[each].mean() for each in chosen), tuple(middle), low, high)


def in_a_plane(
    groups: Mapping[str, NDArray[np.floating]], label: str, vectors: NDArray[np.floating]
) -> tuple[list[Ellipse], Cloud, float]:
    """Return groups of vectors as ellipses in the plane in which all of them vary most, and others as points of it.

    Parameters
    ----------
    groups : mapping of str to (n, D) array
        Those without a vector are left out.
    label : str
        Of the others.
    vectors : (m, D) array

    Returns
    -------
    ellipses : list of Ellipse
    cloud : Cloud
    kept : float
        Share of the groups' variance in that plane.

    Examples
    --------
    >>> flat = np.array([[2.0, 0.0, 7.0], [-2.0, 0.0, 7.0], [0.0, 1.0, 7.0], [0.0, -1.0, 7.0]])
    >>> ellipses, cloud, kept = in_a_plane({"flat": flat}, "noise", np.array([[0.0, 0.0, 9.0]]))
    >>> ellipses[0].label, len(cloud.x), round(kept, 4)  # in the third direction nothing varies
    ('flat', 1, 1.0)
    """
    known = {name: group.astype(np.float64) for name, group in groups.items() if len(group)}
    own = np.concatenate(list(known.values()))
    values, axes = np.linalg.eigh(np.cov(own.T))
    centre, plane = own.mean(0), axes[:, :-3:-1]
    ellipses = [ellipse_of(name, (group - centre) @ plane) for name, group in known.items()]
    cloud = Cloud(label, *((vectors[evenly(len(vectors), 200)] - centre) @ plane).T)
    return ellipses, cloud, float(values[-2:].sum() / values.sum())
