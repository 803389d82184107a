"""How noisy the borders of the images are, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.columns import columns, share_bars
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import enough_room, full
from lib.evidence.figures.shares import Share
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import INK, VERMILLION
from lib.evidence.numbers import count
from lib.images.borders import RING
from lib.measure.imagery import BORDER

__all__ = ["BorderNoise", "draw", "gather"]

NAME = "border-noise"
BIRD, ALWAYS = "bird", 0.90
"""Whose borders the post suspected, and what claim B0 asks of "always"."""

_QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, eq=False)
class BorderNoise:
    """Noise levels at the border of training images of K classes, the class of most noisy borders first.

    Parameters
    ----------
    n : int
        Images.
    classes : tuple of K str
    quartiles : (K, 3) float64 array
        Of the levels of each class, as standard deviations of luma on [0, 1].
    median : float
        Of the levels of all images.
    above : tuple of K Share
        Of the images of a class above that median.
    bird : int or None
        Place of the post's class, where there is one.
    """

    n: int
    classes: tuple[str, ...]
    quartiles: NDArray[np.float64]
    median: float
    above: tuple[Share, ...]
    bird: int | None


def gather(source: Sources) -> BorderNoise:
    """Put the levels of claim B1 beside the shares of claim B0.

    Raises
    ------
    Unavailable
        If the images were not measured, or there are too many classes.
    """
    classes = enough_room(source.imagery.classes)
    scores = source.imagery.training_scores
    median = float(np.median(scores.values[BORDER]))
    levels = [scores.of(BORDER, c) for c in range(len(classes))]
    shares = [Share.of(name, own > median) for name, own in zip(classes, levels, strict=True)]
    order = sorted(range(len(classes)), key=lambda c: -shares[c].value)
    names = tuple(classes[c] for c in order)
    return BorderNoise(
        len(scores.labels),
        names,
        np.array([np.quantile(levels[c], _QUARTERS) for c in order]),
        median,
        tuple(shares[c] for c in order),
        names.index(BIRD) if BIRD in names else None,
    )


def draw(data: BorderNoise) -> Drawing:
    """Return two columns, a row a class."""

    def paint(canvas: Canvas) -> None:
        left, right, places, colors, markers = columns(canvas, data.classes, data.bird)
        left.axvline(data.median, color=INK, linestyle="--", linewidth=1)
        for place, color, marker, quartiles in zip(places, colors, markers, data.quartiles, strict=True):
            low, middle, high = quartiles
            left.plot([low, high], [place, place], color=color, linewidth=3, solid_capstyle="butt")
            left.plot([middle], [place], marker=marker, color=color)
        left.set_xlim(0, None)
        share_bars(right, data.above, places, colors)
        right.axvline(0.5, color=INK, linestyle="--", linewidth=1)
        if data.bird is not None:
            right.plot([ALWAYS], [data.bird], marker=">", color=VERMILLION, linestyle="none")
        left.set_xlabel("noise at the border\n(sd of luma, 0 to 1)")
        right.set_xlabel("images noisier than\nthe median image")

    noisiest, calmest = data.above[0], data.above[-1]
    said = f"Most of them are above the median in {full(noisiest.name)}, {noisiest.words}, and fewest in "
    said += f"{full(calmest.name)}, {calmest.words}."
    if data.bird is not None:
        own = data.above[data.bird]
        said += (
            f" Of {BIRD} it is {own.words}, place {data.bird + 1} of {len(data.classes)}; “always” asks for over 90 %."
        )
    asked = f" Diamond: {BIRD}; triangle: what “always” asks of it." if data.bird is not None else ""
    return Drawing(
        NAME,
        "test_background_noise",
        "Noise at the border of the images, by class",
        f"Interval plot and bar chart with a row for each class of {count(data.n)} training images. {said}",
        f"Left: noise level in the outer {RING} pixels of {count(data.n)} training images, median and middle half of "
        "each class; dashed: the median image. Right: share of a class's images above it, 95 % intervals by Clopper "
        f"and Pearson.{asked}",
        paint,
        height=1.15 + 0.275 * max(len(data.classes), 4),
    )
