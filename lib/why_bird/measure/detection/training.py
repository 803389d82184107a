"""What a detection score is fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.readout import Head

Features = NDArray[np.float32]
"""(N, D) penultimate features."""

Logits = NDArray[np.float32]
"""(N, K) logits."""

Scores = NDArray[np.float32]
"""(N,) scores, higher for what is less like the training images."""

Score = Callable[[NDArray[np.float32]], Scores]
"""Scores images by their logits, or by their features."""


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Training images as a network saw them.

    Raises ValueError if the shapes do not fit together.
    """

    features: Features
    """(N, D): penultimate features."""
    truth: NDArray[np.int64]
    """(N,): true classes, places in ``classes``."""
    classes: tuple[str, ...]
    """tuple of K str."""
    head: Head
    """The last linear layer of the network."""

    def __post_init__(self) -> None:
        rows, columns = self.features.shape
        weight = self.head.weight.shape
        if self.truth.shape != (rows,) or weight != (len(self.classes), columns):
            raise ValueError(
                f"{rows} images with {columns} features, {self.truth.shape} classes of {len(self.classes)} and a head "
                f"of shape {weight} do not fit together"
            )


Fit = Callable[[Training], Score]
"""Fits a score of features; raises Unavailable where the training images do not determine it."""
