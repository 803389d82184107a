"""Whether a group lands on one point: how much of its squared length about the origin is its mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.group_means import Products, group_means

Array = NDArray[np.float64]

_ROUNDING = 1e-12
"""Share of the squared length below which a spread about μ₀ is what rounding left of a difference."""


@dataclass(frozen=True, slots=True, eq=False)
class ConstantShare:
    """Share of the mean squared length about μ₀ that a group's mean carries."""

    shares: Array
    """(K + 1,): for each class, then for noise. 1: all vectors are one point; 0: no common direction."""
    replicates: tuple[Array, ...]
    """(n_g, K + 1) each: the same with each image left out in turn, stratum by stratum."""


def _shares(products: Products) -> Array:
    """Return the shares, of groups in the order: first halves of the K classes and noise, then second halves."""
    half = products.gram.shape[-1] // 2
    weights = np.zeros(2 * half)
    weights[: half - 1] = weights[half : 2 * half - 1] = 0.5 / (half - 1)
    origin = products.gram @ weights
    squared_origin = (origin @ weights)[..., None]
    first, second = origin[..., :half], origin[..., half:]
    across = np.diagonal(products.gram[..., :half, half:], axis1=-2, axis2=-1)
    common = across - first - second + squared_origin
    total = products.square[..., half:] - 2 * second + squared_origin
    if not (total > _ROUNDING * products.square[..., half:]).all():
        raise Unavailable("the feature vectors of a class or of noise are all the mean of the class means")
    return np.asarray(common / total)


def measure_constant_share(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    noise_a: NDArray[np.floating],
    noise_b: NDArray[np.floating],
) -> ConstantShare:
    """Measure ⟨μ_A − μ₀, μ_B − μ₀⟩ / mean‖f_B − μ₀‖² for noise and for each class.

    A and B are two independent draws of noise, or the two halves (every other one) of a class's test
    images: with one sample in place of two, the squared length of the mean would be biased upwards.
    μ₀ is the mean of the classes' means (of the two halves' means, each weighing the same).

    Parameters
    ----------
    features : (N, D) array
        Of test images.
    labels : (N,) array
        True classes, 0 … K − 1, each at least four times.
    noise_a, noise_b : (M, D) and (M', D) arrays

    Raises
    ------
    Unavailable
        If a group does not differ from μ₀ at all.
    ValueError
        If a class has fewer than four images, or noise fewer than two.

    Examples
    --------
    >>> apart, point = [[1.0, 1.0], [1.0, 1.0], [1.0, -1.0], [1.0, -1.0]], [[-1.0, 0.0]] * 4
    >>> features, labels, noise = np.array(apart + point), np.repeat([0, 1], 4), np.array([[0.0, 3.0]] * 2)
    >>> measure_constant_share(features, labels, noise, noise).shares.round(4).tolist()  # of class 0: 1 of 1 + 1
    [0.5, 1.0, 1.0]
    """
    by_class = [features[labels == c] for c in range(int(labels.max()) + 1)]
    groups = group_means([*(f[0::2] for f in by_class), noise_a, *(f[1::2] for f in by_class), noise_b])
    return ConstantShare(_shares(groups.products), tuple(_shares(products) for products in groups.left_out()))
