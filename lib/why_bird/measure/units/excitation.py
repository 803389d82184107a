"""How strongly images excite each penultimate unit, and what the units share with a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.units.unit_means import UnitMeans
from why_bird.streams import generator

Array = NDArray[np.float64]

RESAMPLES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Excitation:
    """How far some images excite each of D units above its balanced mean."""

    means: Array
    """(D,): mean over the images of activation − μ₀."""
    errors: Array
    """(D,): standard errors; exactly 0 for a unit that is the same on all images."""
    skewness: Array
    """(D,): third central moment by the 3/2 power of the second; 0 for a unit that is the same on all images."""
    resampled: Array
    """(B, D): means of resampled images; only how they vary is used."""
    n: int
    """Number of images."""


def measure_excitation(
    features: NDArray[np.floating], balanced: Array, seed: int, resamples: int = RESAMPLES
) -> Excitation:
    """Return how far images excite each unit above its balanced mean.

    The images are drawn again, with replacement, as often as `resamples` says. Raises ValueError if there are fewer
    than two images.

    Examples
    --------
    >>> found = measure_excitation(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([1.0, 1.0]), seed=0, resamples=10)
    >>> found.means.tolist(), found.errors.tolist()  # of 1 and 3, sd √2 by √2
    ([1.0, 4.0], [1.0, 0.0])
    """
    n = len(features)
    if n < 2:
        raise ValueError(f"a standard error needs two images, not {n}")
    raised = features.astype(np.float64) - balanced
    # Summing equal numbers leaves a spread of rounding errors that means nothing.
    still = np.ptp(features, axis=0) == 0
    means = np.where(still, raised[0], raised.mean(0))
    deviations = np.where(still, 0.0, raised - means)
    squared = deviations**2
    squares = np.mean(squared, axis=0)
    scale = np.where(squares > 0, squares, 1.0) ** 1.5
    # The images that a resample holds, as how often each was drawn.
    drawn = generator(seed, "U2", "images").multinomial(n, np.full(n, 1 / n), size=resamples) / n
    return Excitation(
        means,
        np.sqrt(squares / (n - 1)),
        np.mean(squared * deviations, axis=0) / scale,
        means + drawn @ deviations,
        n,
    )


def activation_support(features: NDArray[np.floating], known: UnitMeans) -> tuple[Array, Array]:
    """Return the least and the greatest value of activation − μ₀ that each unit is taken to be capable of.

    `features` are those of noise, and what is known is of training images.

    Returns
    -------
    least, greatest : (D,) float64 arrays
        Least: an activation of 0 where no feature and no class mean is negative, as after a rectifier, else −∞.
        Greatest: the strongest activation over training images and noise. That noise never seen would not excite
        a unit beyond it is an assumption; it only bounds units that are the same on all noise.

    Examples
    --------
    >>> none = np.zeros((2, 1, 32), dtype=np.uint8)
    >>> known = UnitMeans(np.array([[1.0, 2.0]]), np.array([1]), none, np.array([[4.0], [5.0]]), none[:, :, 0])
    >>> least, greatest = activation_support(np.array([[6.0, 0.0]]), known)
    >>> least.tolist(), greatest.tolist()
    ([-1.0, -2.0], [5.0, 3.0])
    """
    rectified = features.min() >= 0 and known.means.min() >= 0
    least = -known.balanced if rectified else np.full(features.shape[1], -np.inf)
    strongest = np.maximum(features.max(0), known.activations[:, 0])
    return least, strongest - known.balanced


def jaccard(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return |A ∩ B| / |A ∪ B| of two sets of units.

    Raises ValueError if both are empty.

    Examples
    --------
    >>> jaccard(np.array([1, 2, 3]), np.array([2, 3, 4]))
    0.5
    """
    shared, union = len(np.intersect1d(first, second)), len(np.union1d(first, second))
    if not union:
        raise ValueError("two empty sets have no overlap")
    return shared / union


def matched_p(excited: NDArray[np.int64], units: NDArray[np.int64], sets: NDArray[np.int64]) -> float:
    """Return how often random sets share as much with the units that images excite as a given set does.

    It is (1 + random sets, (S, m), whose Jaccard with the `excited` units is at least that of `units`) / (1 + S).

    Examples
    --------
    >>> excited, units = np.array([0, 1]), np.array([1, 2])
    >>> matched_p(excited, units, np.array([[0, 1], [3, 4], [5, 6]]))  # itself and one of the three
    0.5
    """
    own = jaccard(excited, units)
    return float((1 + sum(jaccard(excited, each) >= own for each in sets)) / (1 + len(sets)))
