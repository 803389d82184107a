"""Luma and CIELab of 8-bit sRGB images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LUMA = (2125, 7154, 721)
_STEPS = 10_000 * 255
# Rec. 709 primaries under D65, as in scikit-image.
_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_D65 = np.array([0.95047, 1.0, 1.08883])
_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES > 0.04045, ((_CODES + 0.055) / 1.055) ** 2.4, _CODES / 12.92)
_TO_LAB = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])

PUBLISHED_WHITE = 100.0


def luma(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return luma, :math:`(0.2125\,R + 0.7154\,G + 0.0721\,B) / 255`.

    The weights of Rec. 709 on gamma-coded values, as :func:`skimage.color.rgb2gray`. Summed as whole
    numbers: a grey pixel of value v gives v / 255 exactly.

    `images` is a (N, H, W, 3) uint8 array. The result is a (N, H, W) float64 array, in [0, 1].

    Examples
    --------
    >>> luma(np.array([[[[255, 255, 255], [255, 0, 0], [51, 51, 51]]]], dtype=np.uint8)).round(4).tolist()
    [[[1.0, 0.2125, 0.2]]]
    """
    red, green, blue = (images[..., c].astype(np.int32) * weight for c, weight in enumerate(_LUMA))
    shade: NDArray[np.float64] = (red + green + blue) / _STEPS
    return shade


def lab(images: NDArray[np.uint8], white: float = 1.0) -> NDArray[np.float64]:
    r"""Return CIELab of sRGB images under D65 (CIE 15:2004).

    :math:`L = 116 f(Y/Y_n) - 16`, :math:`a = 500 (f(X/X_n) - f(Y/Y_n))`,
    :math:`b = 200 (f(Y/Y_n) - f(Z/Z_n))`, with :math:`f(t) = t^{1/3}` above 0.008856 and
    :math:`7.787 t + 16/116` below.

    The result is a (3, N, H, W) float64 array: L, a, b.

    Parameters
    ----------
    images : (N, H, W, 3) uint8 array
    white : float
        Luminance of white. At 1, CIELab. At :data:`PUBLISHED_WHITE` (100), what the program published with
        Rosenholtz et al. (2007) computes: it divides XYZ on the 0–1 scale by a white of 100, so that all
        but the brightest colours fall on the straight part of f and L is about 9 Y.

    Examples
    --------
    >>> red = np.array([[[[255, 0, 0]]]], dtype=np.uint8)
    >>> lab(red).ravel().round(1).tolist()  # skimage.color.rgb2lab gives the same
    [53.2, 80.1, 67.2]
    """
    linear = _LINEAR[np.moveaxis(images, -1, 0)]
    relative = np.tensordot(_XYZ / (white * _D65[:, None]), linear, 1)
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    values: NDArray[np.float64] = np.tensordot(_TO_LAB, f, 1)
    values[0] -= 16
    return values
