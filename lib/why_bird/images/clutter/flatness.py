"""Spectral flatness: how much like white noise the spectrum of an image is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import luma


@by_block
def spectral_flatness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return the geometric mean of an image's power spectrum by its arithmetic mean (Wiener entropy).

    :math:`\exp(\overline{\ln P}) / \overline{P}`, with P the periodogram of the luma at every frequency but 0. One wave
    alone gives 0, a flat spectrum 1; white noise, whose periodogram scatters, gives :math:`e^{-\gamma} = .561`.

    One number an image (:func:`.by_block`): from 0 to 1; 0 of a constant image, in which nothing is like noise.

    References
    ----------
    Gray, A. H. and Markel, J. D. (1974), IEEE Transactions on Acoustics, Speech, and Signal Processing 22, 207–217.

    Examples
    --------
    >>> noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 1), dtype=np.uint8).repeat(3, axis=3)
    >>> bool(abs(spectral_flatness(noise).mean() - np.exp(-np.euler_gamma)) < 0.01)
    True
    """
    shade = luma(images)
    # From the first pixel on: a constant image is then zero to the last bit.
    power = np.abs(np.fft.fft2(shade - shade[:, :1, :1])) ** 2
    power = power.reshape(len(images), -1)[:, 1:]
    mean = power.mean(axis=1)
    varies = mean > 0
    # Waves that an image lacks come out as rounding errors of no size of their own; below them all is nothing.
    floor = mean[:, None] * np.finfo(np.float64).eps
    logs = np.log(np.where(varies[:, None], np.maximum(power, floor), 1)).mean(axis=1)
    return np.asarray(np.where(varies, np.exp(logs) / np.where(varies, mean, 1), 0))
