"""Distances between the classes and noise, with images drawn again within their class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.evidence.figures.stored import Sources
from lib.measure.group_means import Products
from lib.measure.proximity import cosine_distances
from lib.streams import generator

__all__ = ["RESAMPLES", "Distances", "resampled_distances"]

RESAMPLES = 200
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """½(1 − cos) between the mean features of K classes and of noise, which is the last.

    Parameters
    ----------
    values : (K + 1, K + 1) float64 array
    resampled : (B, K + 1, K + 1) float64 array
        Of resamples with replacement, within each class and within noise.
    """

    values: Array
    resampled: Array


def resampled_distances(source: Sources, *, centred: bool) -> Distances:
    """Return the distances of the stored features.

    Parameters
    ----------
    source : Sources
    centred : bool
        See :func:`lib.measure.proximity.cosine_distances`.

    Raises
    ------
    Unavailable
        If there are no features, a class has no test image, or a mean has no direction.
    """
    subject = source.subject
    subject.network.require_head()
    test, noise = subject.test_images, subject.noise
    if test.features is None or test.truth is None or noise.features is None:
        raise Unavailable("no features were kept of this network")
    groups = [test.features[test.truth == c] for c in range(len(subject.classes))]
    if min(map(len, groups)) < 2:
        raise Unavailable("a class has fewer than two test images")
    means, drawn = [], []
    for g, group in enumerate([*groups, noise.features]):
        vectors, n = group.astype(np.float64), len(group)
        rng = generator(subject.inputs.seed, "figures", "distances", g)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
        means.append(vectors.mean(0))
        drawn.append(weights @ vectors)
    return Distances(_distances(np.stack(means), centred=centred), _distances(np.stack(drawn, axis=1), centred=centred))


def _distances(means: Array, *, centred: bool) -> Array:
    gram = means @ np.swapaxes(means, -1, -2)
    return cosine_distances(Products(gram, np.diagonal(gram, axis1=-2, axis2=-1)), centred=centred)
