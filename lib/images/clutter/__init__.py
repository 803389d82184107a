"""Clutter of single images: six measures, each of its image alone, and their composite."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lib.images.clutter.composite import COMPONENTS, Pool, composite
from lib.images.clutter.congestion import feature_congestion
from lib.images.clutter.edges import edge_density
from lib.images.clutter.fine_detail import high_frequency_energy
from lib.images.clutter.local_entropy import local_entropy
from lib.images.clutter.lossless import codec, lossless_size
from lib.images.clutter.subband_entropy import subband_entropy

__all__ = [
    "COMPONENTS",
    "MEASURES",
    "Pool",
    "codec",
    "composite",
    "edge_density",
    "feature_congestion",
    "high_frequency_energy",
    "local_entropy",
    "lossless_size",
    "subband_entropy",
]

MEASURES: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.float64]]] = {
    "edge density": edge_density,
    "local entropy": local_entropy,
    "high-frequency energy": high_frequency_energy,
    "lossless size": lossless_size,
    "feature congestion": feature_congestion,
    "subband entropy": subband_entropy,
}
