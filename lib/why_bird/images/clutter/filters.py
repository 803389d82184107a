"""Short one-dimensional filters as matrices, borders included.

A 32-pixel line is so short that filtering it is one small matrix product. Images are filtered along
rows and columns in turn; as the line is held in the first and last axis of (H, N, W), both are one
product over the whole batch, with nothing to transpose.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Border = Literal["reflect", "symmetric"]


def gaussian(sigma: float, half: int, centre: float = 0.0) -> tuple[float, ...]:
    """Return a sampled Gaussian of sum 1.

    Sigma, and the centre off the middle tap, are in pixels; `half` taps lie to each side.
    """
    taps = np.exp(-((np.arange(-half, half + 1) - centre) ** 2) / (2 * sigma**2))
    return tuple(float(tap) for tap in taps / taps.sum())


@lru_cache(maxsize=256)
def correlation(size: int, taps: tuple[float, ...], border: Border) -> NDArray[np.float64]:
    """Return the matrix that correlates a line with a filter of odd length.

    The result is a (size, size) float64 array, read-only.

    Parameters
    ----------
    size : int
        Pixels in the line.
    border : {"reflect", "symmetric"}
        As in :func:`numpy.pad`: reflected without or with the last pixel.
    """
    half = len(taps) // 2
    source = np.pad(np.arange(size), half, mode=border)
    matrix = np.zeros((size, size))
    for i in range(size):
        np.add.at(matrix[i], source[i : i + len(taps)], taps)
    matrix.flags.writeable = False
    return matrix


@lru_cache(maxsize=256)
def overlap(size: int, taps: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the matrix of a filter that counts only where it overlaps the line.

    The weights that fall inside are scaled to the sum of all.

    The result is a (size, size) float64 array, read-only.

    Parameters
    ----------
    size : int
        Pixels in the line.
    taps : tuple of float
        Of odd length.
    """
    half = len(taps) // 2
    padded = np.zeros((size, size + 2 * half))
    for i in range(size):
        padded[i, i : i + len(taps)] = taps
    inside = padded[:, half : half + size]
    matrix: NDArray[np.float64] = inside * (sum(taps) / inside.sum(1, keepdims=True))
    matrix.flags.writeable = False
    return matrix


def as_lines(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return planes (N, H, W) as (H, N, W).

    Examples
    --------
    >>> as_lines(np.zeros((2, 3, 4))).shape
    (3, 2, 4)
    """
    return np.ascontiguousarray(planes.transpose(1, 0, 2))


def filter_both(
    planes: NDArray[np.float64], down: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Apply one matrix to the columns and another to the rows of each plane.

    The result is a (H', N, W') float64 array.

    Parameters
    ----------
    planes : (H, N, W) float64 array
    down : (H', H) float64 array
    across : (W', W) float64 array

    Examples
    --------
    >>> plane = np.array([[[1.0, 2.0]], [[3.0, 4.0]]])  # two rows of one plane
    >>> filter_both(plane, np.array([[1.0, 1.0]]), np.eye(2)).tolist()  # the sum of the rows
    [[[4.0, 6.0]]]
    """
    height, n, width = planes.shape
    rows = (planes.reshape(height * n, width) @ across.T).reshape(height, n * len(across))
    filtered: NDArray[np.float64] = (down @ rows).reshape(len(down), n, len(across))
    return filtered
