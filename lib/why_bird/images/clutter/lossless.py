"""Lossless size: how many bytes an image needs."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, __version__, features

from why_bird.images.clutter.batch import by_block


@by_block
def lossless_size(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the bytes of each image as a PNG file, in colour.

    The size of a compressed file bounds the information in an image from above; Donderi (2006) finds it
    to follow judged complexity and search times. The size is deterministic for one Pillow and one zlib,
    and may move by some bytes with another: keep :func:`codec` beside what was measured, and compare only
    within one.

    One number an image (:func:`.by_block`): in bytes, the file's header of 57 bytes included.

    References
    ----------
    Donderi (2006), Visual complexity: a review, Psychological Bulletin 132(1):73–97.

    Examples
    --------
    >>> flat = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    >>> noise = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    >>> bool(lossless_size(flat)[0] < 100), bool(lossless_size(noise)[0] > 32 * 32 * 3)
    (True, True)
    """
    return np.array([_size(image) for image in images], dtype=np.float64)


def codec() -> str:
    """Return the versions of Pillow and of its zlib, on which the sizes depend.

    Examples
    --------
    >>> codec().startswith("PNG, Pillow ")
    True
    """
    fork = "zlib-ng" if features.check_feature("zlib_ng") else "zlib"
    return f"PNG, Pillow {__version__}, {fork} {features.version_feature('zlib_ng') or features.version_codec('zlib')}"


def _size(image: NDArray[np.uint8]) -> int:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.tell()
