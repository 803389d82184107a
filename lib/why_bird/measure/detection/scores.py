"""Detection scores of test images and of noise, fitted on training images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.detection.detectors import DETECTORS, FEATURE_DETECTORS, LOGIT_DETECTORS
from why_bird.measure.detection.training import Score, Scores, Training
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.passes import Answers, Pass, answers
from why_bird.measure.readout import Head
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.networks.network import Network

VERSION = 1
IMAGES = "the test images"


@dataclass(frozen=True, slots=True, eq=False)
class DetectionScores:
    """What every detector says of test images and of noise; higher is less like an image."""

    images: NDArray[np.float32]
    """(S, N): scores of the test images by the S detectors in the order of ``DETECTORS``; NaN where one could not be
    asked."""
    noises: Mapping[str, NDArray[np.float32]]
    """(S, M) each: the same of each noise."""
    reasons: Mapping[str, str]
    """Why a detector could not be asked, by its name."""

    def of_images(self, detector: str) -> Scores:
        """Return the (N,) scores of the test images.

        Raises Unavailable if the detector could not be asked; ValueError if there is none of that name.
        """
        return self._row(self.images, detector)

    def of_noise(self, noise: str, detector: str) -> Scores:
        """Return the (M,) scores of a noise.

        Raises Unavailable if the detector could not be asked; ValueError if there is no noise or no detector of that
        name.
        """
        if noise not in self.noises:
            raise ValueError(f"no noise is named {noise!r}: there are {', '.join(self.noises)}")
        return self._row(self.noises[noise], detector)

    def _row(self, scores: NDArray[np.float32], detector: str) -> Scores:
        if detector not in DETECTORS:
            raise ValueError(f"no detector is named {detector!r}: there are {', '.join(DETECTORS)}")
        if detector in self.reasons:
            raise Unavailable(f"{detector}: {self.reasons[detector]}")
        row: Scores = scores[DETECTORS.index(detector)]
        return row


def measure_detection(
    network: Network, training: Pass, test: Pass, noises: Mapping[str, Pass]
) -> Stored[DetectionScores]:
    """Return the entry of the detection scores.

    A detector that could not be fitted, or gave a number that is not finite, has the reason in place of scores.

    Parameters
    ----------
    training : Pass
        What the scores of features are fitted on; not passed through a network without a linear head.
    test : Pass
        Test images.
    noises : mapping of str to Pass
        By name.
    """
    asked = {name: answers(network, each) for name, each in {IMAGES: test, **noises}.items()}
    fitted_on = answers(network, training)

    def compute(store: Store, _scratch: Path) -> Arrays:
        said = {name: entry.get(store) for name, entry in asked.items()}
        fitted, reasons = _fit(network, fitted_on, store)
        rows: dict[str, dict[str, Scores]] = {}
        with store.progress("detection scores", len(fitted) * sum(map(len, said.values()))) as advance:
            for detector, score in fitted.items():
                try:
                    rows[detector] = {}
                    for name, each in said.items():
                        rows[detector][name] = _asked(detector, score, name, each)
                        advance(len(each))
                except Unavailable as reason:
                    reasons[detector] = str(reason)
        arrays: dict[str, NDArray[Any]] = {}
        for place, (name, each) in enumerate(said.items()):
            scores = np.full((len(DETECTORS), len(each)), np.nan, dtype=np.float32)
            for row, detector in enumerate(DETECTORS):
                if detector not in reasons:
                    scores[row] = rows[detector][name]
            arrays[f"scores.{place}"] = scores
        arrays["reasons"] = np.array([reasons.get(detector, "").encode() for detector in DETECTORS])
        return arrays

    def read(arrays: Arrays) -> DetectionScores:
        told = (text.decode() for text in np.array(arrays["reasons"]))
        reasons = {detector: text for detector, text in zip(DETECTORS, told, strict=True) if text}
        scores = [np.array(arrays[f"scores.{place}"]) for place in range(1 + len(noises))]
        return DetectionScores(scores[0], dict(zip(noises, scores[1:], strict=True)), reasons)

    parts: dict[str, Any] = {
        "network": network.key,
        "images": test.source,
        "training": training.source,
        "noises": [[name, noise.source] for name, noise in noises.items()],
        "detectors": list(DETECTORS),
    }
    needs = (*asked.values(), fitted_on) if network.head else tuple(asked.values())
    return Stored(Key("detection", VERSION, parts), read, compute, needs=needs)


def _fit(network: Network, training: Stored[Answers], store: Store) -> tuple[dict[str, Score], dict[str, str]]:
    """Return the scores that could be fitted, and of the others why not."""
    fitted: dict[str, Score] = dict(LOGIT_DETECTORS)
    try:
        head = Head.of(network)
    except Unavailable as reason:
        return fitted, dict.fromkeys(FEATURE_DETECTORS, str(reason))
    # Outside of what is caught below: images that are missing are no property of a score.
    seen = training.get(store)
    reasons: dict[str, str] = {}
    for detector, fit in FEATURE_DETECTORS.items():
        try:
            fitted[detector] = fit(Training(seen.features, seen.truth, network.classes, head))
        except Unavailable as reason:
            reasons[detector] = str(reason)
    return fitted, reasons


def _asked(detector: str, score: Score, name: str, said: Answers) -> Scores:
    scores = score(said.logits if detector in LOGIT_DETECTORS else said.features)
    if not np.isfinite(scores).all():
        raise Unavailable(f"{(~np.isfinite(scores)).sum()} of {len(scores)} scores of {name} are not finite")
    return scores
