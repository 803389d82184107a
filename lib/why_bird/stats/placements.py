"""How each unit's score is placed in the other sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from why_bird.stats.validation import finite_sample

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


def _shares_below(points: Array, sample: Array) -> Array:
    """Return for each point the share of the sample below it, ties counting half."""
    ordered = np.sort(sample)
    twice = np.searchsorted(ordered, points, "left") + np.searchsorted(ordered, points, "right")
    return np.asarray(twice / (2 * sample.size))
