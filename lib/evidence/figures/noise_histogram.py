"""What the post's noise is called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, listed, short
from lib.evidence.figures.shares import Share, whiskers
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, VERMILLION, percent_axis, plain_axes, rows
from lib.evidence.numbers import count

__all__ = ["NoiseHistogram", "draw", "gather"]

NAME = "noise-histogram"
THE_POSTS, NEARLY_ALL = "bird", 0.90
"""The post says that nearly all noise was called bird; claim P3 takes that for more than nine tenths."""

_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class NoiseHistogram:
    """Predictions on noise-B.

    Parameters
    ----------
    network : str
    n : int
        Noise images.
    shares : tuple of Share
        By class, the most frequent first; where there are many classes, the last one is of all others.
    """

    network: str
    n: int
    shares: tuple[Share, ...]

    @property
    def post(self) -> int | None:
        """Row of the post's class."""
        names = [share.name for share in self.shares]
        return names.index(THE_POSTS) if THE_POSTS in names else None


def gather(source: Sources) -> NoiseHistogram:
    """Count the predictions on noise-B by class."""
    labels, classes = source.subject.noise.labels, source.subject.classes
    n = len(labels)
    counts = np.bincount(labels, minlength=len(classes))
    order = [int(c) for c in np.argsort(-counts, kind="stable")]
    shown = order if len(order) <= _MOST_ROWS else order[: _MOST_ROWS - 1]
    shares = [Share.counted(classes[c], int(counts[c]), n) for c in shown]
    if len(shown) < len(order):
        rest = order[len(shown) :]
        shares.append(Share.counted(f"{len(rest)} others", int(counts[rest].sum()), n))
    return NoiseHistogram(source.network, n, tuple(shares))


def draw(data: NoiseHistogram) -> Drawing:
    """Return bars of the predictions."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "x")
        places = rows(axes, [short(share.name) for share in data.shares])
        axes.barh(places, [share.value for share in data.shares], color=BLUE, height=0.7)
        whiskers(axes, data.shares, places)
        if data.post is not None:
            axes.plot([NEARLY_ALL, 1], [data.post] * 2, color=VERMILLION, linewidth=3, marker="|", markersize=11)
            words = {"s": "the post: nearly all bird", "ha": "right", "va": "center"}
            # Of any class but the most frequent one the bar ends before the middle.
            x, y = (1.0, 0.95) if data.post == 0 else (NEARLY_ALL - 0.02, data.post)
            axes.text(x, y, **words)
        axes.set_xlim(0, 1.02)
        percent_axis(axes.xaxis)
        axes.set_xlabel(f"share of {count(data.n)} noise images")

    called = [f"{full(share.name)} {share.words}" for share in data.shares if share.value > 0]
    nothing = sum(share.value == 0 for share in data.shares)
    never = f" No noise is called one of the {nothing} other classes." if nothing else ""
    mark = "" if data.post is None else " The post found that nearly all of it was called bird (marked: over 90 %)."
    return Drawing(
        NAME,
        "test_noise_collapse",
        "What noise is called",
        f"Bar chart. Of {count(data.n)} images of noise, {data.network} calls {listed(called)}.{never}{mark}",
        f"Predictions of {data.network} on {count(data.n)} images of the post's noise (Gaussian, with the images' mean "
        f"and standard deviation). Whiskers: 95 % intervals by Clopper and Pearson.{mark}",
        paint,
        height=0.9 + 0.27 * max(len(data.shares), 4),
    )
