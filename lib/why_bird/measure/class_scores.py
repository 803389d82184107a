"""What different definitions of clutter say of each class, resampled so that their agreement can be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.class_manifolds import RESAMPLED, RESAMPLES, ClassManifolds
from why_bird.measure.imagery import COMPOSITE, Scores
from why_bird.streams import generator

Array = NDArray[np.float64]

PER_IMAGE = (COMPOSITE, "feature congestion", "subband entropy", "spectral flatness")


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of K classes under m definitions."""

    names: tuple[str, ...]
    """tuple of m str."""
    scores: Array
    """(m, K)."""
    resampled: Array
    """(B, m, K): images resampled within their class; only how they vary is used."""


def class_scores(
    scores: Scores,
    held: tuple[str, ...],
    classes: tuple[str, ...],
    pixels: ClassManifolds,
    features: ClassManifolds,
    seed: int,
) -> ClassScores:
    """Return the closed list of claim C5: four measures of single images, and three of a class in two spaces.

    Raises Unavailable if a class of the network is not among the images'.

    Parameters
    ----------
    scores : Scores
        Of test images.
    held : tuple of str
        Class names of the images.
    classes : tuple of K str
        Those of the network; every one of them has to be among the images'.
    pixels, features : ClassManifolds
        Of the image set's classes, and of the network's.
    """
    if not set(classes) <= set(held):
        raise Unavailable(f"the images hold no {', '.join(sorted(set(classes) - set(held)))}, which the network knows")
    order = [held.index(name) for name in classes]
    means, drawn = [], []
    for name, label in zip(classes, order, strict=True):
        of_class = np.stack([scores.of(measure, label) for measure in PER_IMAGE])
        n = of_class.shape[1]
        picks = generator(seed, "C5", f"images of {name}").integers(n, size=(RESAMPLES, n))
        # How often each image was drawn: a product with that is faster than the means of the values that were.
        times = np.stack([np.bincount(each, minlength=n) for each in picks])
        means.append(of_class.mean(1))
        drawn.append(of_class @ times.T / n)
    names, rows, resamples = list(PER_IMAGE), [np.stack(means, axis=1)], [np.stack(drawn, axis=-1)]
    for space, manifolds, place in (("pixels", pixels, order), ("penultimate", features, list(range(len(classes))))):
        for definition in RESAMPLED:
            names.append(f"{definition}, {space}")
            rows.append(manifolds.values[definition][None, place])
            resamples.append(manifolds.resampled[definition][None][:, :, place])
    return ClassScores(tuple(names), np.concatenate(rows), np.concatenate(resamples).transpose(1, 0, 2))
