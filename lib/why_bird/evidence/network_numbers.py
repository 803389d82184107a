"""What is kept of a network whatever the claim: accuracy, recall, and where its noise falls."""

from __future__ import annotations

import numpy as np

from why_bird.evidence.replicates import PLAIN, ReplicateNetwork
from why_bird.measure.passes import Answers
from why_bird.measure.subject import Subject

__all__ = ["arm_of", "numbers_of"]


def arm_of(subject: Subject) -> str:
    """Return how a network's training images were changed; a file that does not say is taken for plain."""
    return subject.network.metadata.get("arm", PLAIN)


def numbers_of(subject: Subject) -> ReplicateNetwork:
    """Return the numbers of a network, measured where they are not stored.

    Raises
    ------
    Unavailable
        If test images are needed and are not there.
    """
    network = subject.network
    draws = {"A": subject.noise_a, "B": subject.noise, "A before training": subject.untrained.noise_a}
    return ReplicateNetwork(
        network.hash,
        network.name,
        network.seed_of_initialisation,
        arm_of(subject),
        subject.accuracy,
        _recall(subject),
        {draw: _counts(answers, subject.classes) for draw, answers in draws.items()},
    )


def _recall(subject: Subject) -> dict[str, float]:
    test = subject.test_images
    right = test.labels == test.truth
    return {name: float(right[test.truth == c].mean()) for c, name in enumerate(subject.classes)}


def _counts(answers: Answers, classes: tuple[str, ...]) -> dict[str, int]:
    counts = np.bincount(answers.labels, minlength=len(classes))
    return {name: int(n) for name, n in zip(classes, counts, strict=True)}
