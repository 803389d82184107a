"""Clutter of single images: seven measures, each of its image alone, and their composite."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.composite import COMPONENTS, Pool, composite
from why_bird.images.clutter.congestion import feature_congestion
from why_bird.images.clutter.edges import edge_density
from why_bird.images.clutter.fine_detail import high_frequency_energy
from why_bird.images.clutter.flatness import spectral_flatness
from why_bird.images.clutter.local_entropy import local_entropy
from why_bird.images.clutter.lossless import codec, lossless_size
from why_bird.images.clutter.subband_entropy import subband_entropy

__all__ = [
    "COMPONENTS", "MEASURES", "Pool", "codec", "composite", "edge_density", "feature_congestion",
    "high_frequency_energy", "local_entropy", "lossless_size", "spectral_flatness", "subband_entropy",
]  # fmt: skip

MEASURES: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.float64]]] = {
    "edge density": edge_density,
    "local entropy": local_entropy,
    "high-frequency energy": high_frequency_energy,
    "lossless size": lossless_size,
    "feature congestion": feature_congestion,
    "subband entropy": subband_entropy,
    "spectral flatness": spectral_flatness,
}
