"""Images in grey, for networks that take one channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import Images, ImageSet


def to_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return luma in 8 bits, as Pillow's ``convert("L")`` and torchvision's ``Grayscale`` make it.

    :math:`Y = 0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601), in whole numbers: the same bytes as theirs, so that a
    network sees what it was trained on. Of a file of one channel, which is read as three equal ones, it is that one.

    `pixels` is a (..., 3) uint8 array. The result is a (..., 1) uint8 array.

    Examples
    --------
    >>> to_grey(np.array([[255, 0, 0], [7, 7, 7]], dtype=np.uint8)).tolist()
    [[76], [7]]
    """
    weighted = pixels @ np.array([19595, 38470, 7471], dtype=np.uint32)
    return ((weighted + 0x8000) >> 16).astype(np.uint8)[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class _GreyPixels:
    """The grey of pixels that lie in a file, made of those that are asked for when they are asked for."""

    colour: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.colour.shape[:-1], 1)

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        return self.colour.dtype

    def __len__(self) -> int:
        return len(self.colour)

    def __getitem__(self, which: Any) -> NDArray[np.uint8]:
        """Return images by their places: a number, a slice or an array of numbers."""
        return to_grey(self.colour[which])


def in_grey(images: Images) -> Images:
    """Return the same images in one channel. Order, labels and content hashes are those of the images as they are.

    Nothing is read yet, and no copy is kept: memory does not grow with the number of images.
    """
    return replace(images, train=_in_grey(images.train), test=_in_grey(images.test))


def _in_grey(images: ImageSet) -> ImageSet:
    # Whoever reads images takes them by their places, which is all of an array that is needed.
    pixels = cast("NDArray[np.uint8]", _GreyPixels(images.pixels))
    return ImageSet(pixels, images.labels, images.digests, images.classes)
