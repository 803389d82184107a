"""Interventions on an image: noise, blur or a flat fill at its border, or noise over the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.spectra import shape_spectrum
from why_bird.streams import generator

_RING = 4 / 32
_BLUR = 1 / 2
_FULL = 0.2
_BETA = 2.0

Array = NDArray[np.float64]


def border_ring(height: int, width: int) -> tuple[NDArray[np.bool_], int]:
    """Return where the ring at the border of an image is, and how many pixels wide it is.

    It is 4 pixels wide in an image of 32, and as many in proportion to the shorter side of another one: that side
    times 4 / 32, rounded, at least 1.

    Raises Unavailable if nothing is left inside the ring.

    Returns
    -------
    ring : (height, width) bool array
    wide : int
    """
    wide = max(1, round(_RING * min(height, width)))
    if min(height, width) <= 2 * wide:
        raise Unavailable(f"images of {width}×{height} pixels have no inside: a border needs 3 pixels or more")
    ring = np.ones((height, width), dtype=np.bool_)
    ring[wide:-wide, wide:-wide] = False
    return ring, wide


class Intervention(Protocol):
    """What is done to an image, in one or more conditions of the same strength."""

    conditions: ClassVar[tuple[str, ...]]

    def region(self, height: int, width: int) -> NDArray[np.bool_]:
        """Return the (height, width) pixels over which the root mean square is taken; no other one changes."""
        ...

    def changes(self, image: Array, content: str) -> tuple[float, Array]:
        """Return the full dose and what is then added to an image, (conditions, H, W, C)."""
        ...

    def key(self) -> dict[str, object]:
        """Return what the changes depend on beside the image, JSON-safe."""
        ...


@dataclass(frozen=True, slots=True)
class BorderDoses:
    """Noise, blur and a flat fill in the ring at the border, of the same root mean square (RMS) in each image.

    - ``noise``: white Gaussian, each pixel and channel by itself.
    - ``blur``: towards the image's Gaussian low-pass, whose σ is half the ring's width (2 pixels of 32); the image
      is continued by reflection.
    - ``flat``: towards the mean colour of the image's ring.

    The full dose of an image is the RMS change over the values of its ring, on the [0, 1] scale, that the weaker of
    blur and flat fill makes when nothing of the original ring is left. All three are scaled to it. An image whose
    ring has one colour has a full dose of 0.
    """

    seed: int
    """Seed of the run, 0 or more."""
    conditions: ClassVar[tuple[str, ...]] = ("noise", "blur", "flat")

    def region(self, height: int, width: int) -> NDArray[np.bool_]:
        """Return where the ring is; see :class:`Intervention`."""
        return border_ring(height, width)[0]

    def changes(self, image: Array, content: str) -> tuple[float, Array]:
        """Return full dose and changes of an (H, W, C) image; `content` (its digest) decides the draw."""
        ring, wide = border_ring(*image.shape[:2])
        sigma = _BLUR * wide
        raw = np.zeros((3, *image.shape))
        raw[0, ring] = generator(self.seed, "B2", content).standard_normal(image.shape)[ring]
        raw[1, ring] = (scipy.ndimage.gaussian_filter(image, (sigma, sigma, 0), mode="reflect") - image)[ring]
        raw[2, ring] = image[ring].mean(0) - image[ring]
        rms = root_mean_square(raw, ring)
        full = float(rms[1:].min())
        return full, _scaled(raw, rms, full)

    def key(self) -> dict[str, object]:
        """Return the identity; see :class:`Intervention`."""
        return {"border": 1, "conditions": list(self.conditions), "ring": _RING, "blur": _BLUR, "seed": self.seed}


@dataclass(frozen=True, slots=True)
class WholeDoses:
    """White Gaussian and 1/f² noise over the whole image, each draw scaled to the same root mean square (RMS).

    - ``white``: each pixel and channel by itself.
    - ``smooth``: the *power* spectrum falls as 1/f² (:func:`why_bird.images.spectra.amplitude`), channels independent.
      A large part of its power is the mean of the image, which counts towards the RMS.

    The full dose is an RMS of .2 over all values, on the [0, 1] scale. The two draws of an image are independent.
    """

    seed: int
    """Seed of the run, 0 or more."""
    conditions: ClassVar[tuple[str, ...]] = ("white", "smooth")

    def region(self, height: int, width: int) -> NDArray[np.bool_]:
        """Return all pixels; see :class:`Intervention`."""
        return np.ones((height, width), dtype=np.bool_)

    def changes(self, image: Array, content: str) -> tuple[float, Array]:
        """Return full dose and changes of an (H, W, C) image; `content` (its digest) decides the draws."""
        height, width, channels = image.shape
        white = generator(self.seed, "B5", f"white/{content}").standard_normal(image.shape)
        # A spectrum is isotropic on a square, so an oblong image gets a piece of one.
        square = (channels, max(height, width), max(height, width))
        drawn = generator(self.seed, "B5", f"smooth/{content}").standard_normal(square, dtype=np.float32)
        smooth = shape_spectrum(drawn, _BETA).transpose(1, 2, 0)[:height, :width]
        raw = np.stack([white, smooth])
        return _FULL, _scaled(raw, root_mean_square(raw, self.region(height, width)), _FULL)

    def key(self) -> dict[str, object]:
        """Return the identity; see :class:`Intervention`."""
        return {"whole": 1, "conditions": list(self.conditions), "full": _FULL, "beta": _BETA, "seed": self.seed}


def root_mean_square(changes: NDArray[np.floating], region: NDArray[np.bool_]) -> Array:
    """Return the root mean square of (..., H, W, C) changes over the values of a region, (...) float64.

    Examples
    --------
    >>> changes = np.array([[[3.0], [4.0]], [[9.0], [9.0]]])
    >>> root_mean_square(changes, np.array([[True, True], [False, False]])).round(4).tolist()  # √((9 + 16) / 2)
    3.5355
    """
    rms: Array = np.sqrt(np.square(changes[..., region, :].astype(np.float64)).mean((-2, -1)))
    return rms


def _scaled(raw: Array, rms: Array, full: float) -> Array:
    # What has no change cannot be scaled to one: only an image of full dose 0, whose changes are all 0.
    factor = np.divide(full, rms, out=np.zeros_like(rms), where=rms > 0)
    scaled: Array = raw * factor[:, None, None, None]
    return scaled
