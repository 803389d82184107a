"""Which score of features is compared with softmax: the best on noise and images that do not test it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.detection.detectors import FEATURE_DETECTORS
from why_bird.measure.detection.quality import auroc
from why_bird.measure.detection.scores import DetectionScores


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The score that was chosen, and the images that are left to test it on."""

    name: str
    aurocs: dict[str, float]
    """What every candidate reached where it was chosen from."""
    tests: NDArray[np.bool_]
    """(N,): the images that had no part in the choice."""


def halves(truth: NDArray[np.integer]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which images are in either half: every other image of each class, in the order given.

    `truth` is a (N,) int array: classes of the images, which lie in content-hash order within a class.

    Returns
    -------
    first, second : (N,) bool arrays
        Of a class with an odd number of images, the first half has one more.

    Examples
    --------
    >>> first, second = halves(np.array([0, 0, 0, 1, 1]))
    >>> first.tolist()
    [True, False, True, True, False]
    """
    first = np.zeros(len(truth), dtype=np.bool_)
    for c in np.unique(truth):
        first[np.flatnonzero(truth == c)[0::2]] = True
    return first, ~first


def choose_score(scores: DetectionScores, truth: NDArray[np.integer], noise: str) -> Choice:
    """Choose the score of features with the largest AUROC on the first half of the images.

    Parameters
    ----------
    truth : (N,) int array
        Classes of the images.
    noise : str
        Name of the noise that chooses, noise-A.

    Returns
    -------
    Choice
        Of equal scores, the first in the order of ``FEATURE_DETECTORS``. One that could not be calculated is no
        candidate.

    Raises
    ------
    Unavailable
        If no score of features could be calculated, or an image is alone in its class throughout.
    ValueError
        If there is not one class for each image.

    Examples
    --------
    >>> scores = np.array([[0.0] * 4] * 5 + [[0.0, 1.0, 2.0, 3.0]])  # only ViM's differ
    >>> found = DetectionScores(scores, {"noise-A": np.array([[0.0] * 2] * 5 + [[2.5, 9.0]])}, {})
    >>> chosen = choose_score(found, np.array([0, 0, 1, 1]), "noise-A")
    >>> chosen.name, chosen.aurocs, chosen.tests.tolist()
    ('ViM', {'Mahalanobis': 0.5, 'kNN': 0.5, 'ViM': 1.0}, [False, True, False, True])
    """
    if len(truth) != scores.images.shape[1]:
        raise ValueError(f"{len(truth)} classes do not fit to {scores.images.shape[1]} images")
    chooses, tests = halves(truth)
    if not tests.any():
        raise Unavailable("no class has two test images, so none are left to test a score that others chose")
    candidates = [name for name in FEATURE_DETECTORS if name not in scores.reasons]
    if not candidates:
        raise Unavailable("; ".join(f"{name}: {scores.reasons[name]}" for name in FEATURE_DETECTORS))
    aurocs = {name: auroc(scores.of_images(name)[chooses], scores.of_noise(noise, name)) for name in candidates}
    return Choice(max(aurocs, key=aurocs.__getitem__), aurocs, tests)
