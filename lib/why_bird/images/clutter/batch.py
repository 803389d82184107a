"""A batch of images is checked once and then measured block by block, so that memory stays flat."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from why_bird.errors import BadInput

SMALLEST = 16
# Pixels in a block: 64 images of 32×32. A block takes some 40 MB while it is measured.
_BLOCK = 65_536
_THREADS = 8


def by_block(
    measure: Callable[[NDArray[np.uint8]], NDArray[np.float64]],
) -> Callable[[NDArray[np.uint8]], NDArray[np.float64]]:
    """Let a measure that is written for one block of images measure any number of them, in blocks of one size.

    A matrix product may round its last bit differently in a batch of another size. Blocks are therefore
    always full (the last is filled up with black images), and a value depends on its image alone. Several
    blocks are measured at once, one a core.

    The measure that it returns takes (N, H, W, 3) uint8 images, which may be memory-mapped, and gives (N,) float64. It
    refuses, as BadInput, images of another shape or type, or smaller than 16 pixels.

    Examples
    --------
    >>> brightest = by_block(lambda images: images.max((1, 2, 3)).astype(np.float64))
    >>> brightest(np.full((2, 16, 16, 3), 7, dtype=np.uint8)).tolist()
    [7.0, 7.0]
    """

    @wraps(measure)
    def measured(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
            raise BadInput(
                f"images are {images.dtype} of shape {images.shape}: they are measured as uint8 of shape (N, H, W, 3)"
            )
        height, width = images.shape[1:3]
        if min(height, width) < SMALLEST:
            raise BadInput(f"images are of {width}×{height} pixels: they are measured from {SMALLEST}×{SMALLEST} on")
        size = max(1, _BLOCK // (height * width))

        def of_block(start: int) -> NDArray[np.float64]:
            block = np.asarray(images[start : start + size])
            n = len(block)
            if n < size:
                block = np.concatenate([block, np.zeros((size - n, height, width, 3), dtype=np.uint8)])
            return measure(block)[:n]

        # Threads, because almost all the time is spent inside NumPy, SciPy and Pillow, which let others run. Theirs
        # would be in each other's way (twice the time on two cores), so each block has one.
        with threadpool_limits(limits=1), ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
            return np.concatenate([np.empty(0), *pool.map(of_block, range(0, len(images), size))])

    return measured
