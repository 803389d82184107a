"""Mean and standard deviation of the pixels of an image set, channel by channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet

_CHUNK = 4096


def channel_moments(images: ImageSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each channel over all pixels, on the [0, 1] scale.

    Parameters
    ----------
    images : ImageSet
        Read in blocks, each image once.

    Returns
    -------
    mean, std : (C,) float64 arrays
    """
    # Counted as whole numbers: any image set that fits on a disk fits into 64 bits without rounding, the square of a
    # pixel into 16, and a block of them into 32.
    *_, height, width, channels = images.pixels.shape
    total, squares = np.zeros(channels, dtype=np.int64), np.zeros(channels, dtype=np.int64)
    for start in range(0, len(images), _CHUNK):
        block = images.pixels[start : start + _CHUNK].reshape(-1, height * width * channels)
        total += _by_channel(block, channels)
        squares += _by_channel(np.square(block, dtype=np.uint16), channels)
    n = len(images) * height * width
    mean = total / n
    # Of images of one colour, the difference may come out below zero by a rounding error.
    return mean / 255, np.sqrt(np.maximum(squares / n - mean**2, 0)) / 255


def _by_channel(block: NDArray[np.unsignedinteger], channels: int) -> NDArray[np.int64]:
    # Over the images first, where whole rows are added at once.
    added: NDArray[np.int64] = block.sum(0, dtype=np.uint32).reshape(-1, channels).sum(0, dtype=np.int64)
    return added
