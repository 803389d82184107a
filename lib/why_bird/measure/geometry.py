"""Classes and noise in feature space: the manifold of each class at every stage, and where noise lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.class_manifolds import ClassManifolds, measure_manifolds
from why_bird.measure.dimension.points import Degenerate
from why_bird.measure.dimension.subspace import fit_subspaces, refitted_residuals
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.passes import Pass, answers, spaces, stage_entries
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import PENULTIMATE
from why_bird.networks.network import Network

VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """Where noise lies among the classes of a network."""

    manifolds: dict[str, ClassManifolds]
    """By stage, the penultimate features last."""
    residuals: NDArray[np.float64]
    """(N, K): of each noise-B image: what of its distance lies outside each class's subspace (see
    ``ClassSubspaces``)."""
    refitted: NDArray[np.float64]
    """(K, 10): their mean, where the class's subspace is fitted without a tenth of its images (see
    ``refitted_residuals``)."""

    @property
    def penultimate(self) -> ClassManifolds:
        """The manifold of each class in penultimate features."""
        return self.manifolds[PENULTIMATE]

    def nearer(self, own: int, other: int) -> tuple[float, list[NDArray[np.float64]]]:
        """Return how much more of noise lies outside one class's subspace than outside that of class `own`.

        With its jackknife replicates: without each noise image, and without each group of training images of either
        class. The subspaces are fitted on a sample of its images, which moves the difference more than the noise does.
        """
        more = self.residuals[:, other] - self.residuals[:, own]
        outside, value = self.residuals.mean(axis=0), float(more.mean())
        of_noise = (more.sum() - more) / (len(more) - 1)
        return value, [of_noise, outside[other] - self.refitted[own], self.refitted[other] - outside[own]]


def measure_geometry(
    network: Network, training: Pass, test: Pass, noise: Pass, classes: tuple[str, ...], seed: int
) -> Stored[Geometry]:
    """Return the entry of a network's geometry, of which images that are missing, or too few of a class, leave none.

    Parameters
    ----------
    training, test, noise : Pass
        Centres and subspaces are fitted on the first; the classes' manifolds are those of the second.
    seed : int
        Root of all randomness.
    """
    training_said, test_said, noise_said = (answers(network, each) for each in (training, test, noise))

    def compute(store: Store, _scratch: Path) -> Arrays:
        fitted, tested, draws = (said.get(store) for said in (training_said, test_said, noise_said))
        arrays: dict[str, NDArray[Any]] = {}
        of_training, of_test = spaces(network, training, store), spaces(network, test, store)
        for space, points in of_test.items():
            centres = of_training[space]
            pairs = ((centres[fitted.truth == c], points[tested.truth == c]) for c in range(len(classes)))
            found = measure_manifolds(pairs, classes, seed, space, store.progress)
            arrays |= {f"{space}.{name}": array for name, array in found.items()}
        try:
            subspaces = fit_subspaces(fitted.features, fitted.truth)
            arrays["residuals"] = subspaces.residuals(draws.features, "the noise images").astype(np.float32)
            arrays["refitted"] = refitted_residuals(subspaces, fitted.features, fitted.truth, draws.features)
        except Degenerate as error:
            raise Unavailable(f"the subspace of a class: {error}") from None
        arrays["spaces"] = np.array([name.encode() for name in of_test], dtype="S16")
        return arrays

    sources: dict[str, Any] = {"images": test.source, "training": training.source, "noise": noise.source}
    stages = (*stage_entries(network, training), *stage_entries(network, test))
    needs: tuple[Stored[Any], ...] = (training_said, test_said, noise_said, *stages)
    return Stored(Key("geometry", VERSION, {"network": network.key, **sources}), _read, compute, needs=needs)


def _read(arrays: Arrays) -> Geometry:
    manifolds = {}
    for space in (name.decode() for name in np.array(arrays["spaces"])):
        mine = {name.removeprefix(f"{space}."): a for name, a in arrays.items() if name.startswith(f"{space}.")}
        manifolds[space] = ClassManifolds.read(mine)
    return Geometry(manifolds, *(np.array(arrays[name], dtype=np.float64) for name in ("residuals", "refitted")))
