"""High-frequency energy: how much of an image a slight blur takes away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import luma
from why_bird.images.clutter.filters import as_lines, correlation, filter_both, gaussian

SIGMA = 1.0
_TAPS = gaussian(SIGMA, 4)


def fine_detail(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return images minus their Gaussian low-pass of σ = 1 pixel.

    The filter is :func:`scipy.ndimage.gaussian_filter` at its defaults: cut off at 4 σ, the image
    continued by reflection with the last pixel.

    `planes` is a (N, H, W) float64 array. The result is a (N, H, W) float64 array.

    Examples
    --------
    >>> impulse = np.zeros((1, 9, 9))
    >>> impulse[0, 4, 4] = 1.0
    >>> round(float(fine_detail(impulse)[0, 4, 4]), 3)  # 1 − 1 / (2π), about
    0.841
    """
    height, width = planes.shape[1:]
    low = filter_both(as_lines(planes), correlation(height, _TAPS, "symmetric"), correlation(width, _TAPS, "symmetric"))
    return np.asarray(planes - low.transpose(1, 0, 2))


@by_block
def high_frequency_energy(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return the root mean square of an image's fine detail.

    :math:`\sqrt{\overline{(Y - G_1 * Y)^2}}`, with Y the luma in [0, 1] and :math:`G_1` a Gaussian of
    σ = 1 pixel; see :func:`fine_detail`. White noise of standard deviation s gives about .87 s.

    One number an image (:func:`.by_block`): on the scale of luma; 0 of a constant image.

    References
    ----------
    The residual of a Gaussian low-pass is the finest level of the Laplacian pyramid of Burt & Adelson (1983), IEEE
    Transactions on Communications 31(4):532–540.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(128, 25.5, (20, 32, 32, 1)).astype(np.uint8).repeat(3, axis=3)
    >>> round(float(high_frequency_energy(noise).mean()), 2)  # .87 · .1
    0.09
    """
    shade = luma(images)
    # From the first pixel on: a constant image is then zero to the last bit.
    detail = fine_detail(shade - shade[:, :1, :1])
    return np.asarray(np.sqrt((detail**2).mean((1, 2))))
