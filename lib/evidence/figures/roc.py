"""How well six scores tell noise from test images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import listed
from lib.evidence.figures.shares import LEVEL
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILLION, percent_axis, plain_axes
from lib.evidence.numbers import count
from lib.measure.detection.detectors import DETECTORS
from lib.stats import superiority

__all__ = ["Curves", "Roc", "draw", "gather", "roc_points"]

NAME = "roc"
NOISE = "noise-B"
_LEAST = 0.001
"""Where the axis begins: most of every curve lies below a tenth of the images."""

_LOOKS = (
    (INK, "-", "o"),
    (GREEN, "--", "s"),
    (BLUE, "-", "^"),
    (VERMILLION, "-.", "D"),
    (PURPLE, (0, (5, 1)), "v"),
    (ORANGE, ":", "P"),
)
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """One score.

    Parameters
    ----------
    detector : str
    false, true : (T,) float64 arrays
        Share of test images, and of noise, that score at least a threshold, from none to all.
    auroc, low, high : float
        Area, with its 95 % interval.
    """

    detector: str
    false: Array
    true: Array
    auroc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """All scores.

    Parameters
    ----------
    network : str
    images, noises : int
        How many of each.
    curves : tuple of Roc
    reasons : dict of str to str
        Why a score could not be asked.
    """

    network: str
    images: int
    noises: int
    curves: tuple[Roc, ...]
    reasons: dict[str, str]


def roc_points(images: NDArray[np.floating], noise: NDArray[np.floating], steps: int = 100) -> tuple[Array, Array]:
    """Return points of the curve at thresholds that split the test images, and the noise, evenly.

    Parameters
    ----------
    images, noise : (m,) and (n,) arrays
        Scores, higher for noise.
    steps : int, default 100
        Thresholds from each.
    """
    levels = np.linspace(0, 1, steps + 1)
    cuts = np.unique(np.concatenate([np.quantile(each, levels, method="inverted_cdf") for each in (images, noise)]))[
        ::-1
    ]
    false, true = (1 - np.searchsorted(np.sort(each), cuts, side="left") / len(each) for each in (images, noise))
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


def gather(source: Sources) -> Curves:
    """Take the scores of claims O1 to O3.

    Raises
    ------
    Unavailable
        If no score was measured.
    """
    scores = source.subject.detection
    curves = []
    for detector in DETECTORS:
        if detector in scores.reasons:
            continue
        images, noise = scores.of_images(detector), scores.of_noise(NOISE, detector)
        area = superiority(noise, images, "test and noise images")
        ends = area.interval(LEVEL)
        curves.append(Roc(detector, *roc_points(images, noise), area.value, ends.low, ends.high))
    if not curves:
        raise Unavailable("; ".join(f"{name}: {reason}" for name, reason in scores.reasons.items()))
    return Curves(
        source.network, scores.images.shape[1], scores.noises[NOISE].shape[1], tuple(curves), dict(scores.reasons)
    )


def draw(data: Curves) -> Drawing:
    """Return the curves, the areas in the legend."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "both")
        chance = np.geomspace(_LEAST, 1, 50)
        axes.plot(chance, chance, color=INK, alpha=0.35, linewidth=1)
        for i, (curve, (color, line, marker)) in enumerate(zip(data.curves, _LOOKS, strict=False)):
            words = f"{curve.detector} {curve.auroc:.3f} ±{(curve.high - curve.low) / 2:.3f}"
            where = (0.03 * i + 0.02, 0.18)
            look = {"color": color, "linestyle": line, "marker": marker, "markevery": where, "clip_on": False}
            # What lies left of the axis is drawn along it.
            axes.plot(np.maximum(curve.false, _LEAST), curve.true, label=words, linewidth=1.6, **look)
        axes.set_xscale("log")
        axes.set_xlim(_LEAST, 1)
        axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
        axes.minorticks_off()
        axes.set_ylim(0, 1)
        percent_axis(axes.yaxis)
        axes.set_xlabel("test images taken for noise")
        axes.set_ylabel("noise found")
        canvas.legend(loc="outside upper center", ncols=2, columnspacing=1, handlelength=3)

    best = max(data.curves, key=lambda curve: curve.auroc)
    areas = listed([f"{c.detector} {c.auroc:.3f} ({c.low:.3f} to {c.high:.3f})" for c in data.curves])
    left_out = "".join(f" {name} could not be asked." for name in data.reasons)
    return Drawing(
        NAME,
        "test_ood_detection",
        "Telling noise from images",
        f"ROC curves of {len(data.curves)} scores. Area under the curve with its 95 % interval: {areas}. "
        f"{best.detector} tells noise best; 0.5 is chance.{left_out}",
        f"Share of {count(data.noises)} noise images found against the share of {count(data.images)} test images taken "
        f"for noise (logarithmic), by scores of {data.network}. In the legend: area under the curve ± half of its 95 % "
        f"interval. Faint: chance.{left_out}",
        paint,
        height=4.4,
    )
