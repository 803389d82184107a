"""Images without fine detail, without a border of their own, without colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.colour import luma
from why_bird.images.exchange import low_pass
from why_bird.images.interventions import border_ring

_CHUNK = 4096


def without_fine_detail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the low-passed images, rounded and clipped to 0 to 255.

    Parameters
    ----------
    pixels : (N, H, W, 3) uint8 array
    """
    return _by_chunks(pixels, lambda block: np.rint(low_pass(block)).clip(0, 255))


def flat_border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose ring of 4 pixels at the border (of 32; in proportion) has its mean colour.

    Parameters
    ----------
    pixels : (N, H, W, 3) uint8 array
    """
    ring, _ = border_ring(*pixels.shape[1:3])
    changed = np.array(pixels)
    colours = np.stack([channel[:, ring].mean(axis=1) for channel in np.moveaxis(changed, 3, 0)], axis=1)
    changed[:, ring] = np.rint(colours)[:, None, :]
    return changed


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose three channels are their luma.

    Parameters
    ----------
    pixels : (N, H, W, 3) uint8 array
    """
    return _by_chunks(pixels, lambda block: np.rint(luma(block) * 255)[..., None].repeat(3, axis=-1))


def _by_chunks(
    pixels: NDArray[np.uint8], change: Callable[[NDArray[np.uint8]], NDArray[np.floating]]
) -> NDArray[np.uint8]:
    changed = np.empty_like(pixels)
    for start in range(0, len(pixels), _CHUNK):
        changed[start : start + _CHUNK] = change(pixels[start : start + _CHUNK])
    return changed
