"""A labelled set of images, in an order that depends only on what the images are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


def digest_pixels(pixels: NDArray[np.uint8]) -> bytes:
    """Return the SHA-256 of one image, shape included.

    `pixels` is a (H, W, C) uint8 array.

    Examples
    --------
    >>> black = np.zeros((2, 3, 3), dtype=np.uint8)
    >>> digest_pixels(black) == digest_pixels(black.transpose(1, 0, 2))  # equal bytes of another shape
    False
    """
    shape = np.asarray(pixels.shape, dtype="<u4").tobytes()
    return hashlib.sha256(shape + np.ascontiguousarray(pixels).tobytes()).digest()


@dataclass(frozen=True, slots=False, eq=False)
class ImageSet:
    """Images of one split.

    They are ordered by class and then by content hash, so that the same images from any layout make
    the same set, and "the first n of a class" is a fixed sample that no file order decides.

    Raises ValueError if shapes or types do not fit, or a label names no class.
    """

    pixels: NDArray[np.uint8]
    """(N, H, W, C): read-only, usually memory-mapped. C is 3, and 1 of images in grey."""
    labels: NDArray[np.int64]
    """(N,): index into ``classes``."""
    digests: NDArray[np.uint8]
    """(N, 32): SHA-256 of each image."""
    classes: tuple[str, ...]
    """Class names."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], labels: NDArray[np.int64], classes: tuple[str, ...]) -> ImageSet:
        """Return one image or more that are in memory, with the content hash of each."""
        digests = np.array([np.frombuffer(digest_pixels(image), np.uint8) for image in pixels])
        return cls(pixels, labels, digests, classes)

    def __post_init__(self) -> None:
        n = len(self.labels)
        shapes = (self.pixels.shape, self.labels.shape, self.digests.shape)
        pixels = [(n, *self.pixels.shape[1:3], channels) for channels in (1, 3)]
        if shapes not in [(each, (n,), (n, 32)) for each in pixels]:
            raise ValueError("pixels {}, labels {}, digests {} do not fit".format(*shapes))
        types = tuple(str(values.dtype) for values in (self.pixels, self.labels, self.digests))
        if types != ("uint8", "int64", "uint8"):
            raise ValueError("pixels {}, labels {}, digests {} are not uint8, int64, uint8".format(*types))
        if n and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise ValueError(
                f"labels run from {self.labels.min()} to {self.labels.max()} in {len(self.classes)} classes"
            )

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of class names, labels and image hashes."""
        content = hashlib.sha256("\0".join(self.classes).encode())
        content.update(self.labels.astype("<i8").tobytes())
        content.update(np.ascontiguousarray(self.digests).tobytes())
        return content.hexdigest()

    def find(self, digests: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the (M,) places of the images with these content hashes.

        `digests` is a (M, 32) uint8 array. Raises ValueError if one is of no image of the set.
        """
        places = {digest.tobytes(): i for i, digest in enumerate(self.digests)}
        try:
            return np.array([places[digest.tobytes()] for digest in digests], dtype=np.int64)
        except KeyError:
            raise ValueError("a content hash is of no image of the set") from None

    def take(self, rows: NDArray[np.int64]) -> ImageSet:
        """Return some of the images, in memory, in the order given."""
        return ImageSet(self.pixels[rows], self.labels[rows], self.digests[rows], self.classes)


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Training and test images with what the report says about them."""

    train: ImageSet
    test: ImageSet
    name: str
    """What the set is called (``"cifar10"``, or the folder's name)."""
    origin: str
    """How it came here, for the report (``"folder of images"``, ``"CIFAR-10 batches"``)."""


_CHUNK = 4096


def channel_moments(images: ImageSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each channel over all pixels, on the [0, 1] scale.

    They are (C,) each; every image is read once, in blocks.
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
