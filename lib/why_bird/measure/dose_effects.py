"""How strongly a dose pushes towards a class: slopes of margins and contrasts, one number an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from why_bird.errors import Unavailable
from why_bird.images.doses import DOSES
from why_bird.measure.dose_response import DoseResponse
from why_bird.measure.margins import contrast, contrast_sd, margin, margin_sd, of_neither
from why_bird.measure.passes import Answers
from why_bird.ranks import midranks

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trend:
    """Page's test that a margin grows with the dose, in ranks within each image."""

    statistic: float
    """Page's L."""
    p_value: float
    """One-sided, from the normal approximation."""
    n: int
    """Images."""


@dataclass(frozen=True, slots=True, eq=False)
class DoseEffects:
    """What the doses do to the margin of a class, in its standard deviations, on n images that are used."""

    slopes: dict[str, Array]
    """(n,) each, by condition: slope of the margin per full dose."""
    differences: dict[str, Array]
    """(n,) each, by each other condition: the first condition's slope minus its."""
    contrasts: dict[str, Array]
    """(m,) each, by each other class: slope, under the first condition, of the contrast with it, in the contrast's
    standard deviations, on the m images of neither class."""
    curves: dict[str, Array]
    """(D,) each, by condition: mean margin at each dose."""
    curve_errors: dict[str, Array]
    """(D,) each: standard error of its change from dose 0; NaN on one image."""
    trend: Trend
    """Of the margin under the first condition, a secondary line."""
    sd: float
    """The unit, in logits."""
    left_out: int
    """Images whose full dose is too weak."""


def slopes(values: Array) -> Array:
    """Return the least-squares slope of values on the doses 0, ¼, ½, 1 through each image's own four points.

    `values` is a (..., 4) array. The result is a (...) float64 array, per full dose.

    Examples
    --------
    >>> slopes(np.array([1.0, 1.5, 2.0, 3.0]))  # 2 per full dose
    array(2.)
    """
    centred = np.array(DOSES) - np.mean(DOSES)
    return np.asarray(values @ (centred / (centred @ centred)))


def measure_effects(response: DoseResponse, target: int, classes: tuple[str, ...], test: Answers) -> DoseEffects:
    """Return what the doses do to a class's margin and to its contrasts with each other class.

    Parameters
    ----------
    response : DoseResponse
        Images of the class itself are left out: on them, damage is taken for a pull away from it.
    target : int
        The class.
    test : Answers
        On all clean test images, for the standard deviations.

    Raises
    ------
    Unavailable
        If every image's full dose is too weak, the network has two classes, no image is of neither of two classes,
        or the clean logits have no spread within classes.

    Examples
    --------
    >>> logits, doses, hashes = np.zeros((2, 1, 4, 3)), np.ones((2, 1, 4)), np.zeros((2, 32), dtype=np.uint8)
    >>> logits[..., 0] = 6 * np.array(DOSES)
    >>> response = DoseResponse(("noise",), logits, np.array([1, 2]), hashes, np.ones(2), doses, 0 * doses)
    >>> test = Answers(np.array([[1, 0, 0], [3, 0, 0], [1, 0, 0], [3, 0, 0]]), None, np.array([1, 1, 2, 2]))
    >>> found = measure_effects(response, 0, ("bird", "cat", "dog"), test)
    >>> found.slopes["noise"].round(4).tolist(), round(found.sd, 4)  # 6 logits, in units of √2
    ([4.2426, 4.2426], 1.4142)
    """
    kept = response.kept & (response.truth != target)
    if not kept.any():
        raise Unavailable(f"the full dose is too weak on all of the {len(kept)} images")
    logits, truth = response.logits[kept], response.truth[kept]
    sd = margin_sd(test.logits, test.truth, target)
    margins = margin(logits, truth, target) / sd
    per_dose = slopes(margins)
    changes = margins - margins[..., :1]
    n = len(margins)
    errors = changes.std(0, ddof=1) / np.sqrt(n) if n > 1 else np.full(changes.shape[1:], np.nan)
    return DoseEffects(
        {name: per_dose[:, c] for c, name in enumerate(response.conditions)},
        {name: per_dose[:, 0] - per_dose[:, c] for c, name in enumerate(response.conditions) if c},
        {
            classes[c]: _contrast_slopes(logits[:, 0], truth, target, c, classes, test)
            for c in range(len(classes))
            if c != target
        },
        {name: margins[:, c].mean(0) for c, name in enumerate(response.conditions)},
        {name: errors[c] for c, name in enumerate(response.conditions)},
        _trend(margins[:, 0]),
        sd,
        response.left_out,
    )


def _contrast_slopes(
    logits: NDArray[np.float32], truth: NDArray[np.int64], target: int, c: int, classes: tuple[str, ...], test: Answers
) -> Array:
    """Return the slopes of target − c on the images of neither, (m,)."""
    neither = of_neither(truth, target, c)
    if not neither.any():
        raise Unavailable(f"no test image is of another class than {classes[target]} and {classes[c]}")
    return slopes(contrast(logits[neither], target, c) / contrast_sd(test.logits, test.truth, target, c))


def _trend(margins: Array) -> Trend:
    if len(margins) < 2:
        raise Unavailable("one image is too few for a trend over the doses")
    n, k = margins.shape
    statistic = float(midranks(margins).sum(0) @ np.arange(1, k + 1))
    expected, variance = n * k * (k + 1) ** 2 / 4, n * k**2 * (k + 1) * (k**2 - 1) / 144
    return Trend(statistic, float(ndtr((expected - statistic) / variance**0.5)), n)
