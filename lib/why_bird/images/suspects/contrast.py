"""Images that all have the same contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet
from why_bird.images.suspects.cross_spectrum import give_cross_spectra
from why_bird.images.suspects.plain import by_chunks

_ROUNDS = 3
_CHUNK = 4096


def contrasts(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the contrast of images: the standard deviation of all their values about their mean colour.

    The result is a (N,) float64 array, in grey levels, 0 to 255.

    Examples
    --------
    >>> pixels = np.array([[[0, 20]], [[5, 5]]], dtype=np.uint8)[..., None].repeat(3, axis=3)
    >>> contrasts(pixels).tolist()
    [10.0, 0.0]
    """
    blocks = np.split(pixels, range(_CHUNK, len(pixels), _CHUNK))
    return np.concatenate([np.sqrt(block.astype(np.float64).var(axis=(1, 2)).mean(axis=1)) for block in blocks])


def equal_contrast(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose contrast is the root mean square of all, their mean colours kept.

    Rounded and clipped to whole numbers from 0 to 255, which takes contrast away again where much is clipped: the step
    is made three times. An image of one colour stays as it is.

    Examples
    --------
    >>> pixels = np.array([[[100, 120]], [[100, 160]]], dtype=np.uint8)[..., None].repeat(3, axis=3)
    >>> contrasts(pixels).tolist(), contrasts(equal_contrast(pixels)).tolist()  # √((10² + 30²) / 2), but for rounding
    ([10.0, 30.0], [22.0, 22.0])
    """
    wanted = np.sqrt(np.mean(contrasts(pixels) ** 2))

    def scaled(block: NDArray[np.uint8]) -> NDArray[np.float64]:
        found = contrasts(block)
        gain = np.where(found > 0, wanted / np.where(found > 0, found, 1), 1)
        mean = block.astype(np.float64).mean(axis=(1, 2), keepdims=True)
        return np.asarray(mean + (block - mean) * gain[:, None, None, None])

    for _ in range(_ROUNDS):
        pixels = by_chunks(pixels, scaled)
    return pixels


def equal_spectrum_and_contrast(images: ImageSet) -> NDArray[np.uint8]:
    """Return training images whose classes share one cross-spectrum and which all have one contrast.

    Each undoes a little of the other, so the two are made in turn, three times; contrast comes last.
    """
    pixels = images.pixels
    for _ in range(_ROUNDS):
        same = ImageSet(equal_contrast(pixels), images.labels, images.digests, images.classes)
        pixels = give_cross_spectra(same, None)
    return equal_contrast(pixels)
