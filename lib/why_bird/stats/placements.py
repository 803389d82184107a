"""How each unit's score is placed in the other sample: what the areas under two ROC curves differ by, unit by unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from why_bird.stats.validation import finite_sample

__all__ = ["placement_differences", "placements"]

Array = NDArray[np.float64]


def placements(images: ArrayLike, noise: ArrayLike) -> tuple[Array, Array]:
    r"""Return the placement of each image among the noise, and of each noise among the images, in O(n log n).

    Parameters
    ----------
    images, noise : array_like of float, shapes (m,) and (n,)
        Scores, higher for noise.

    Returns
    -------
    of_images : (m,) float64 array
        :math:`V_i = \frac{1}{n} \sum_j [Y_j > X_i] + \frac12 [Y_j = X_i]`: the share of noise above image i.
    of_noise : (n,) float64 array
        The share of images below noise j, ties counting half. The mean of either is the AUROC.

    Raises
    ------
    ValueError
        If there is none of either, or a score is not finite.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44, 837–845; from ranks as in Sun, X. and
    Xu, W. (2014), IEEE Signal Processing Letters 21, 1389–1393.

    Examples
    --------
    >>> of_images, of_noise = placements([0, 1, 2], [1, 3])
    >>> of_images.tolist(), of_noise.tolist()  # either has the AUROC as its mean
    ([1.0, 0.75, 0.5], [0.5, 1.0])
    """
    x, y = finite_sample("images", images), finite_sample("noise", noise)
    return 1.0 - _shares_below(x, y), _shares_below(y, x)


def placement_differences(
    images_1: ArrayLike, noise_1: ArrayLike, images_2: ArrayLike, noise_2: ArrayLike
) -> tuple[Array, Array]:
    r"""Return by how much the placements of each unit differ between two scores of the same units.

    Parameters
    ----------
    images_1, images_2 : array_like of float, shapes (m,)
        What the first and the second score say of the same images, in the same order.
    noise_1, noise_2 : array_like of float, shapes (n,)
        The same of noise.

    Returns
    -------
    of_images : (m,) float64 array
    of_noise : (n,) float64 array
        First minus second, from −1 to 1. The mean of either is the difference of the two AUROCs, whose variance
        DeLong's formula gives as :math:`s^2_\text{images}/m + s^2_\text{noise}/n`, with the sample variances of
        the two arrays: the images and the noise are independent of each other, and the covariance of the
        two areas, each unit being scored twice, is in the differences.

    Raises
    ------
    ValueError
        If the two scores are not of as many units, there are none, or a score is not finite.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44, 837–845.
    """
    first, second = placements(images_1, noise_1), placements(images_2, noise_2)
    for what, one, other in zip(("images", "noise draws"), first, second, strict=True):
        if one.size != other.size:
            raise ValueError(f"the two scores are of {one.size} and of {other.size} {what}, and have to be of the same")
    return first[0] - second[0], first[1] - second[1]


def _shares_below(points: Array, sample: Array) -> Array:
    """Return for each point the share of the sample below it, ties counting half."""
    ordered = np.sort(sample)
    twice = np.searchsorted(ordered, points, "left") + np.searchsorted(ordered, points, "right")
    return np.asarray(twice / (2 * sample.size))
