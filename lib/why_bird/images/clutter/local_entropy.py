"""Local entropy: how mixed the grey levels are around a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import luma

LEVELS = 8
WINDOW = 5
_COUNTS = np.arange(WINDOW**2 + 1)
_TERM = _COUNTS * np.log2(np.maximum(_COUNTS, 1))


@by_block
def local_entropy(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return the mean over pixels of the entropy of the grey levels around each.

    :math:`H = -\sum_k p_k \log_2 p_k` with :math:`p_k` the share of grey level k of 8 in the window of
    5×5 pixels around a pixel, cut off at the image's border; as :func:`skimage.filters.rank.entropy` of the
    image in 8 levels. Eight, so that 25 pixels can fill a histogram.

    One number an image (:func:`.by_block`): in bits, from 0 (constant) to 3.

    References
    ----------
    Shannon (1948), Bell System Technical Journal 27:379–423. As a local measure of texture: Gonzalez &
    Woods (2008), Digital Image Processing, 3rd ed., section 11.3.3.

    Examples
    --------
    >>> stripes = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    >>> stripes[:, ::2] = 255
    >>> round(float(local_entropy(stripes)[0]), 2)  # nearly one bit: black and white
    0.97
    """
    levels = grey_levels(images)
    # As float64: the logarithm of uint8 comes in half precision.
    pixels = _window_sums(np.ones((1, *levels.shape[1:]), dtype=np.uint8)).astype(np.float64)
    terms = np.zeros(levels.shape)
    for level in range(LEVELS):
        terms += _TERM[_window_sums((levels == level).view(np.uint8))]
    entropy: NDArray[np.float64] = (np.log2(pixels) - terms / pixels).mean((1, 2))
    # Of one grey level only, the two terms may differ in the last bit.
    return np.maximum(entropy, 0)


def grey_levels(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return luma in 8 levels of equal width.

    `images` is a (N, H, W, 3) uint8 array. The result is a (N, H, W) uint8 array, from 0 to 7.

    Examples
    --------
    >>> greys = np.array([0, 31, 32, 255], dtype=np.uint8)[None, None, :, None].repeat(3, axis=3)
    >>> grey_levels(greys).tolist()
    [[[0, 0, 1, 7]]]
    """
    return np.minimum(luma(images) * LEVELS, LEVELS - 1).astype(np.uint8)


def _window_sums(marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    reach = WINDOW // 2
    height, width = marks.shape[1:]
    padded = np.pad(marks, ((0, 0), (reach, reach), (reach, reach)))
    rows = padded[:, :height].copy()
    for i in range(1, WINDOW):
        rows += padded[:, i : i + height]
    sums = rows[:, :, :width].copy()
    for i in range(1, WINDOW):
        sums += rows[:, :, i : i + width]
    return sums
