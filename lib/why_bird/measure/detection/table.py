"""What every score is worth on every noise, beside what was published."""

from __future__ import annotations

from dataclasses import dataclass

from why_bird.measure.detection.detectors import DETECTORS
from why_bird.measure.detection.published_numbers import Published, published_for
from why_bird.measure.detection.quality import Quality, measure_quality
from why_bird.measure.detection.scores import DetectionScores


@dataclass(frozen=True, slots=True)
class Row:
    """One score on one noise."""

    detector: str
    noise: str
    quality: Quality
    published: tuple[Published, ...]
    """What others found with this score on the noise that comes nearest."""


def detection_table(scores: DetectionScores) -> tuple[Row, ...]:
    """Return a row for each noise and, within it, for each detector that could be asked.

    Examples
    --------
    >>> import numpy as np
    >>> from why_bird.measure.detection.scores import DetectionScores
    >>> apart = DetectionScores(np.zeros((6, 2)), {"noise-B": np.ones((6, 3))}, {"ViM": "too few features"})
    >>> [(row.detector, row.quality.auroc) for row in detection_table(apart)][:2]
    [('MSP', 1.0), ('max logit', 1.0)]
    >>> len(detection_table(apart))
    5
    """
    return tuple(
        Row(
            detector,
            noise,
            measure_quality(scores.of_images(detector), scores.of_noise(noise, detector)),
            published_for(detector, noise),
        )
        for noise in scores.noises
        for detector in DETECTORS
        if detector not in scores.reasons
    )
