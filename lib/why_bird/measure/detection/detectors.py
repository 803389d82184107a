"""The detection scores that are compared, by name and in order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from why_bird.measure.detection.logit_scores import energy, max_logit, max_softmax
from why_bird.measure.detection.mahalanobis import fit_mahalanobis
from why_bird.measure.detection.nearest_training import fit_neighbours
from why_bird.measure.detection.training import Fit, Score
from why_bird.measure.detection.vim import fit_vim

LOGIT_DETECTORS: Mapping[str, Score] = MappingProxyType(
    {"MSP": max_softmax, "max logit": max_logit, "energy": energy},
)
"""Score images by their logits."""

FEATURE_DETECTORS: Mapping[str, Fit] = MappingProxyType(
    {"Mahalanobis": fit_mahalanobis, "kNN": fit_neighbours, "ViM": fit_vim},
)
"""Are fitted on training images, and give what scores images by their features."""

DETECTORS: tuple[str, ...] = (*LOGIT_DETECTORS, *FEATURE_DETECTORS)
"""All names, in the order of the rows of the stored scores. Every score is higher for what is less like an image."""
