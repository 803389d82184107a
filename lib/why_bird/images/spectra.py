"""The amplitude filter that turns white noise into noise with a 1/f^β power spectrum."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=512)
def amplitude(size: int, beta: float) -> NDArray[np.float64]:
    r"""Return the filter whose output from white noise has power :math:`\propto 1/f^\beta`.

    The filter is :math:`a(f) = c\,f^{-\beta/2}` with :math:`f` the radial frequency in cycles per
    pixel. The pole at :math:`f = 0` is made finite by giving the constant component the power of the
    lowest frequency of the grid, :math:`f = 1/\mathrm{size}`: the filter stays flat at β = 0, and an
    image's mean varies as its slowest waves do. :math:`c` makes the mean power over the whole grid 1,
    so that white noise of variance 1 keeps, in the ensemble, variance exactly 1 at every pixel.

    The result is a (size, size // 2 + 1) float64 array, on the grid of :func:`numpy.fft.rfft2`, read-only.

    Parameters
    ----------
    size : int
        Height and width in pixels.
    beta : float
        Exponent of the power spectrum; 0 is white, 2 is about that of photographs.
    """
    rows = np.fft.fftfreq(size)
    radius = np.hypot(rows[:, None], rows[None, :])
    radius[0, 0] = 1 / size
    filt = radius ** (-beta / 2)
    filt /= np.sqrt(np.mean(filt**2))
    half = np.ascontiguousarray(filt[:, : size // 2 + 1])
    half.flags.writeable = False
    return half


def shape_spectrum(white: NDArray[np.float32], beta: float) -> NDArray[np.float64]:
    """Filter one image of white noise, each channel by itself, periodically.

    The result is a (C, S, S) float64 array, mean 0 and variance 1 in the ensemble.

    Parameters
    ----------
    white : (C, S, S) float32 array
        White noise of mean 0 and variance 1.
    beta : float
        Exponent of the power spectrum.

    Examples
    --------
    >>> white = np.random.default_rng(0).standard_normal((3, 32, 32), dtype=np.float32)
    >>> smooth = shape_spectrum(white, 2.0)
    >>> [round(float(np.corrcoef(each[..., :-1].ravel(), each[..., 1:].ravel())[0, 1])) for each in (white, smooth)]
    [0, 1]
    """
    size = white.shape[-1]
    spectrum = np.fft.rfft2(white.astype(np.float64))
    filtered: NDArray[np.float64] = np.fft.irfft2(spectrum * amplitude(size, beta), s=(size, size))
    return filtered
