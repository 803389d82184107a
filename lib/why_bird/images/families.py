"""The families of noise: how one standardised image is drawn from a random generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from why_bird.images.spectra import shape_spectrum

__all__ = ["FAMILIES", "Draw"]

Draw = Callable[[np.random.Generator, NDArray[np.float32], float], None]
"""Fills a (C, S, S) float32 array from a generator; the last argument is the family's own parameter."""


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
    blurred = gaussian_filter(seeds, sigma=1.5, mode="nearest", truncate=4.0)
    blurred[blurred < 0.75] = 0
    out[:] = 2 * blurred.transpose(2, 0, 1) - 1


def _salt_pepper(rng: np.random.Generator, out: NDArray[np.float32], density: float) -> None:
    draw = rng.random(out.shape[1:], dtype=np.float32)
    out[:] = np.where(draw < density / 2, -1.0, np.where(draw < density, 1.0, 0.0)) / np.sqrt(density)


FAMILIES: dict[str, Draw] = {
    "gaussian": _gaussian,
    "grey": _grey,
    "uniform": _uniform,
    "rademacher": _rademacher,
    "spectral": _spectral,
    "blobs": _blobs,
    "salt_pepper": _salt_pepper,
}
"""By name. All but blobs have mean 0 and variance 1 at every pixel."""
