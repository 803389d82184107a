"""Training images of one class whose fine detail comes from images of other classes."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet
from why_bird.streams import generator

Kind = Literal["detail", "border"]
CUT = math.sqrt(math.log(2) / 2) / math.pi
"""Highest frequency of what is coarse, in cycles per pixel."""
_RING = 4
_CHUNK = 512


def low_pass(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return images without their fine detail: their cosine waves of up to .187 cycles per pixel, channel by channel.

    That is the frequency at which a Gaussian low-pass of σ = 1 pixel lets half of an amplitude pass, √(ln 2 / 2) / π;
    waves of about five pixels and more stay. The cut is sharp, in the orthonormal cosine transform (DCT-II), which
    continues an image by reflection, so that opposite borders do not meet.

    `pixels` is a (N, H, W, 3) array: on any scale. The result is a (N, H, W, 3) float32 array, on the same scale.
    Applied twice, it is the same.

    Examples
    --------
    >>> board = np.indices((32, 32)).sum(0) % 2 * 255
    >>> smooth = low_pass(np.repeat(board[None, :, :, None], 3, axis=3))
    >>> round(float(smooth.mean()), 1), bool(np.ptp(smooth) < 255 / 4)
    (127.5, True)
    """
    rows, columns = (np.arange(length) / (2 * length) for length in pixels.shape[1:3])
    coarse = np.hypot(rows[:, None], columns[None, :]) <= CUT
    waves = scipy.fft.dctn(pixels.astype(np.float32), axes=(1, 2), norm="ortho")
    smooth: NDArray[np.float32] = scipy.fft.idctn(waves * coarse[None, :, :, None], axes=(1, 2), norm="ortho")
    return smooth.astype(np.float32, copy=False)


def exchange_pixels(images: ImageSet, kind: Kind, class_name: str, seed: int) -> NDArray[np.uint8]:
    """Return the pixels of all images, those of one class with the fine detail of images of other classes.

    Each image :math:`x` of the class becomes :math:`L x + (y - L y)` with :math:`L` the :func:`low_pass` and
    :math:`y` a donor: an image drawn, with replacement, from all images of all other classes. The result is
    rounded and clipped to whole numbers from 0 to 255. The donors stay as they are.

    Raises BadInput if the class, or all others, have no images.

    Parameters
    ----------
    images : ImageSet
        Its own order, which no file order decides, is that in which donors are drawn.
    kind : {"detail", "border"}
        ``detail`` exchanges the fine detail of the whole image, ``border`` only in the ring of 4 pixels at its border.
    class_name : str
        The class whose images are changed.
    seed : int
        Of the network that is trained; it decides the donors.

    Returns
    -------
    (N, H, W, 3) uint8 array
        New. Images of other classes are as they were, and so is what lies inside the ring if only that is changed.

    Notes
    -----
    A gradual low-pass would not do. Two images that have nothing to do with each other add up in power: where it lets
    the share g of an amplitude pass, g² + (1 − g)² of the power would be left, half of it at g = 1/2, and the changed
    class would be marked as the one with the least detail. With a sharp cut every wave comes from one image, whole.
    """
    own = np.array([name == class_name for name in images.classes])[images.labels]
    changed, others = np.flatnonzero(own), np.flatnonzero(~own)
    if not len(changed) or not len(others):
        raise BadInput(
            f"{kind}:{class_name} needs images of {class_name!r} and of another class: there are "
            f"{len(changed)} and {len(others)} among {', '.join(images.classes)}"
        )
    donors = others[generator(seed, "exchange", f"{kind}:{class_name}").integers(len(others), size=len(changed))]
    where = np.ones(images.pixels.shape[1:3], dtype=bool)
    if kind == "border":
        where[_RING:-_RING, _RING:-_RING] = False
    pixels = np.array(images.pixels)
    for start in range(0, len(changed), _CHUNK):
        pick, donor = changed[start : start + _CHUNK], images.pixels[donors[start : start + _CHUNK]]
        mixed = low_pass(pixels[pick]) + (donor - low_pass(donor))
        block = pixels[pick]
        block[:, where] = np.rint(mixed[:, where]).clip(0, 255)
        pixels[pick] = block
    return pixels
