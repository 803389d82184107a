"""How near noise is to each class, and how much of it lies inside the cluster of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.columns import columns, share_bars
from lib.evidence.figures.distances import RESAMPLES, resampled_distances
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import enough_room, full
from lib.evidence.figures.shares import Share
from lib.evidence.figures.stored import Sources
from lib.evidence.numbers import count, number

__all__ = ["Cluster", "draw", "gather"]

NAME = "noise-in-clusters"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Noise among K classes, the nearest first.

    Parameters
    ----------
    network : str
    n : int
        Noise images.
    classes : tuple of K str
    distances, errors : (K,) float64 arrays
        ½(1 − cos) between the centred mean features of noise and of the class, and its standard error.
    inside : tuple of K Share
        Of noise within the radius of the class's nearest centre.
    target : int
        Place of the class of noise.
    """

    network: str
    n: int
    classes: tuple[str, ...]
    distances: Array
    errors: Array
    inside: tuple[Share, ...]
    target: int


def gather(source: Sources) -> Cluster:
    """Put the distances of claim X1 beside the shares of claim D3.

    Raises
    ------
    Unavailable
        If there are no features, the geometry was not measured, or there are too many classes.
    """
    subject = source.subject
    classes = enough_room(subject.classes)
    inside = subject.geometry.inside
    found = resampled_distances(source, centred=True)
    to_noise = found.values[-1, :-1]
    errors = found.resampled[:, -1, :-1].std(0, ddof=1)
    order = np.argsort(to_noise, kind="stable")
    return Cluster(
        source.network,
        len(inside),
        tuple(classes[c] for c in order),
        to_noise[order],
        errors[order],
        tuple(Share.of(classes[c], inside[:, c]) for c in order),
        int(np.flatnonzero(order == subject.target.index)[0]),
    )


def draw(data: Cluster) -> Drawing:
    """Return two columns, a row a class."""

    def paint(canvas: Canvas) -> None:
        left, right, places, colors, markers = columns(canvas, data.classes, data.target)
        for place, color, marker in zip(places, colors, markers, strict=True):
            error = 2 * data.errors[place]
            left.errorbar(data.distances[place], place, xerr=error, fmt=marker, color=color, capsize=3)
        left.set_xlim(0, None)
        share_bars(right, data.inside, places, colors)
        left.set_xlabel("distance from noise\n½(1 − cos)")
        right.set_xlabel("noise inside the\nclass's radius")

    nearest, target = full(data.classes[0]), full(data.classes[data.target])
    fullest = max(data.inside, key=lambda share: share.value)
    own = data.inside[data.target]
    most = "" if fullest is own else f"; most lies inside that of {full(fullest.name)}, {fullest.words}"
    message = (
        f"{nearest} is nearest to noise ({number(data.distances[0])}); the class of noise, {target}, is at "
        f"{number(data.distances[data.target])} (place {data.target + 1} of {len(data.classes)}). Inside the radius of "
        f"{target} lies {own.words} of the noise{most}."
    )
    return Drawing(
        NAME,
        "test_clutter",
        "Noise among the clusters of the classes",
        f"Dot plot and bar chart with a row for each class. {message}",
        f"Left: centred cosine distance between the mean features of {count(data.n)} noise images and of each class in "
        f"{data.network}, ±2 standard errors from {RESAMPLES} resamples. Right: share of the noise within the K-means "
        f"radius of the class, 95 % intervals by Clopper and Pearson. Diamond: {target}, the class of noise.",
        paint,
        height=1.15 + 0.275 * max(len(data.classes), 4),
    )
