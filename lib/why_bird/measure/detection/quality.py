"""How well a score tells noise from images: the usual numbers of out-of-distribution detection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Quality:
    """What a score is worth, each number from 0 to 1."""

    auroc: float
    """P(noise scores higher than an image) + P(they tie)/2."""
    aupr_in: float
    aupr_out: float
    """Area under the precision–recall curve with noise, or with images, as the positives. Images and noise weigh the
    same, as in ODIN, however many of each were drawn: a useless score then has .5."""
    fpr95_images: float
    """Share of noise that passes for images where 95 % of images do (images are the positives; ODIN)."""
    fpr95_noise: float
    """Share of images taken for noise where 95 % of noise is (noise is the positives; Outlier Exposure, OpenOOD)."""


def measure_quality(images: ArrayLike, noise: ArrayLike) -> Quality:
    """Return what a score is worth.

    Scores of images and of noise are (m,) and (n,), higher for noise. Raises ValueError if there is none of either, or
    a score is not finite, as in every function here.

    Examples
    --------
    >>> apart = measure_quality([0, 1, 2], [3, 4])
    >>> apart.auroc, apart.aupr_in, apart.fpr95_noise
    (1.0, 1.0, 0.0)
    """
    of_images, of_noise = _sample(images), _sample(noise)
    return Quality(
        auroc(of_images, of_noise),
        aupr(-of_images, -of_noise),
        aupr(of_noise, of_images),
        fpr_at_tpr(-of_images, -of_noise),
        fpr_at_tpr(of_noise, of_images),
    )


def auroc(images: ArrayLike, noise: ArrayLike) -> float:
    """Return P(noise > image) + P(noise = image)/2, of the samples of :func:`measure_quality`.

    Examples
    --------
    >>> auroc([0, 1, 2], [1, 3])  # R: pROC::auc
    0.75
    """
    of_images, of_noise = np.sort(_sample(images)), _sample(noise)
    twice = np.searchsorted(of_images, of_noise, "left") + np.searchsorted(of_images, of_noise, "right")
    return float(twice.mean()) / (2 * of_images.size)


def aupr(positives: ArrayLike, negatives: ArrayLike, prevalence: float = 0.5) -> float:
    """Return the area under the precision–recall curve, as average precision (no interpolation).

    Raises ValueError if `prevalence` is not between 0 and 1.

    Parameters
    ----------
    positives, negatives : array_like of float, shapes (m,) and (n,)
        Scores, higher for the positives.
    prevalence : float, default 0.5
        Share of positives that precision is calculated for; what a useless score has.

    Examples
    --------
    >>> aupr([1, 3], [0, 2])  # ½ · 1 for the first positive found, and for the second ½ · 1 / (1 + ½)
    0.8333333333333333
    """
    if not 0.0 < prevalence < 1.0:
        raise ValueError(f"prevalence must lie between 0 and 1, not {prevalence!r}")
    found, reached = np.unique(_sample(positives), return_counts=True)
    true = np.cumsum(reached[::-1]) / reached.sum()
    false = _share_from(found[::-1], _sample(negatives))
    precision = prevalence * true / (prevalence * true + (1.0 - prevalence) * false)
    return float(np.diff(true, prepend=0.0) @ precision)


def fpr_at_tpr(positives: ArrayLike, negatives: ArrayLike, tpr: float = 0.95) -> float:
    """Return the least share of negatives above a threshold that a share `tpr` of positives or more reaches.

    Samples as for :func:`aupr`; ValueError where `tpr` is not above 0 and at most 1.

    Examples
    --------
    >>> fpr_at_tpr([1, 3], [0, 2]), fpr_at_tpr([1, 3], [0, 2], tpr=0.5)
    (0.5, 0.0)
    """
    if not 0.0 < tpr <= 1.0:
        raise ValueError(f"tpr must be above 0 and at most 1, not {tpr!r}")
    ordered = np.sort(_sample(positives))[::-1]
    reached = np.arange(1, ordered.size + 1) / ordered.size >= tpr
    return float(_share_from(ordered[np.argmax(reached)], _sample(negatives)))


def _sample(scores: ArrayLike) -> NDArray[np.float64]:
    sample = np.asarray(scores, dtype=np.float64)
    if sample.ndim != 1 or not sample.size or not np.isfinite(sample).all():
        raise ValueError(f"scores must be one-dimensional, finite and at least one, not of shape {sample.shape}")
    return sample


def _share_from(thresholds: ArrayLike, sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of a sample at or above each threshold."""
    return np.asarray((sample.size - np.searchsorted(np.sort(sample), thresholds, "left")) / sample.size)
