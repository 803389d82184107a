"""The families of noise: how one standardised image is drawn from a random generator, and what it is called.

- ``"gaussian"``: white, standard normal.
- ``"grey"``: as Gaussian, all three channels the same.
- ``"uniform"``, ``"rademacher"``: white, uniform on ±√3 and ±1 with equal odds; mean 0, variance 1.
- ``"spectral"``: Gaussian with a 1/f^β *power* spectrum, channels independent; mean 0 and variance 1
  in the ensemble (:func:`why_bird.images.spectra.amplitude`). β = 0 is white Gaussian noise.
- ``"blobs"``: 2b − 1, where b is Bernoulli(.7), blurred with σ = 1.5 pixels and set to 0 below .75, as
  in [1]_. Not standardised: with μ = σ = ½ the image is b itself.
- ``"salt_pepper"``: all channels of a pixel alike, −1/√p and +1/√p with probability p/2 each, else 0.

References
----------
.. [1] D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly detection with outlier exposure",
   ICLR 2019, code at github.com/hendrycks/outlier-exposure, ``CIFAR/test.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.images.spectra import shape_spectrum

Draw = Callable[[np.random.Generator, NDArray[np.float32], float], None]
"""Fills a (C, S, S) float32 array from a generator; the last argument is the family's own parameter."""


class Family(NamedTuple):
    """One family: how an image is drawn, and what its noise is called, with ``{beta}`` or ``{density}`` filled in."""

    draw: Draw
    words: str


def _gaussian(rng: np.random.Generator, out: NDArray[np.float32], _: float) -> None:
    rng.standard_normal(dtype=np.float32, out=out)


def _grey(rng: np.random.Generator, out: NDArray[np.float32], _: float) -> None:
    out[:] = rng.standard_normal(out.shape[1:], dtype=np.float32)


def _uniform(rng: np.random.Generator, out: NDArray[np.float32], _: float) -> None:
    rng.random(dtype=np.float32, out=out)
    out -= np.float32(0.5)
    out *= np.float32(np.sqrt(12))


def _rademacher(rng: np.random.Generator, out: NDArray[np.float32], _: float) -> None:
    words = np.frombuffer(rng.bytes(-(-out.size // 8)), dtype=np.uint8)
    bits = np.unpackbits(words, count=out.size).reshape(out.shape)
    np.multiply(bits, np.float32(2), out=out)
    out -= np.float32(1)


def _spectral(rng: np.random.Generator, out: NDArray[np.float32], beta: float) -> None:
    rng.standard_normal(dtype=np.float32, out=out)
    # White noise is left as drawn: a filter of ones would only add its rounding.
    # One image at a time, because a transform of many may round differently with their number.
    if beta:
        out[:] = shape_spectrum(out, beta)


def _blobs(rng: np.random.Generator, out: NDArray[np.float32], _: float) -> None:
    channels, rows, columns = out.shape
    seeds = (rng.random((rows, columns, channels), dtype=np.float32) < 0.7).astype(np.float64)
    # The published code blurs the H×W×3 array in all three axes, so the channels run together.
    blurred = scipy.ndimage.gaussian_filter(seeds, sigma=1.5, mode="nearest", truncate=4.0)
    blurred[blurred < 0.75] = 0
    out[:] = 2 * blurred.transpose(2, 0, 1) - 1


def _salt_pepper(rng: np.random.Generator, out: NDArray[np.float32], density: float) -> None:
    draw = rng.random(out.shape[1:], dtype=np.float32)
    out[:] = np.where(draw < density / 2, -1.0, np.where(draw < density, 1.0, 0.0)) / np.sqrt(density)


FAMILIES: dict[str, Family] = {
    "gaussian": Family(_gaussian, "white Gaussian noise"),
    "grey": Family(_grey, "white grey Gaussian noise"),
    "uniform": Family(_uniform, "white uniform noise"),
    "rademacher": Family(_rademacher, "white Rademacher noise"),
    "spectral": Family(_spectral, "Gaussian 1/f^{beta:g} noise"),
    "blobs": Family(_blobs, "blurred and thresholded blobs"),
    "salt_pepper": Family(_salt_pepper, "salt-and-pepper noise on {density:.0%} of the pixels"),
}
"""By name. All but blobs have mean 0 and variance 1 at every pixel."""
