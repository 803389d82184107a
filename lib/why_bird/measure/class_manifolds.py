"""The manifold of each class in one space: dimensions, radius, and what an estimate of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.dimension.clusters import fit_clusters
from why_bird.measure.dimension.neighbours import levina_bickel, two_nn, two_nn_subsamples
from why_bird.measure.dimension.participation import ParticipationRatio, participation_ratio
from why_bird.measure.dimension.points import Degenerate
from why_bird.measure.dimension.subspace import components_for, principal_variances
from why_bird.progress import SILENT, Progress
from why_bird.streams import generator, stream

Array = NDArray[np.float64]
Pair = tuple[NDArray[np.floating], NDArray[np.floating]]

RESAMPLES = 200
_SUBSAMPLE = 5
"""A subsample for TwoNN holds one in so many points: from n/10 to n/4 its spread gives the right standard error."""
LEAST = 25
"""Test points that a class needs."""

DEFINITIONS = ("participation ratio", "components to 90 %", "TwoNN", "maximum likelihood", "K-means radius")
"""Names of the definitions."""
RESAMPLED = DEFINITIONS[::2]
"""Of these it is known how they vary where test points are resampled."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassManifolds:
    """The manifolds of K classes in one space: the cloud of points that each forms."""

    values: dict[str, Array]
    """(K,) each, by definition, in the order of :data:`DEFINITIONS`."""
    resampled: dict[str, Array]
    """(B, K) each, by :data:`RESAMPLED`: test points resampled within their class (for TwoNN subsampled, and spread so
    that their variance is that of the value)."""
    participation: tuple[ParticipationRatio, ...]
    """K, with delete-one replicates."""
    distances: tuple[Array, ...]
    """K, from each test point to the nearest of its class's centres."""

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the value from what :func:`measure_manifolds` gave to the store."""
        ends = np.cumsum(arrays["sizes"])[:-1]
        replicates, distances = (
            np.split(np.array(arrays[name], np.float64), ends) for name in ("replicates", "distances")
        )
        values = dict(zip(DEFINITIONS, np.array(arrays["values"]), strict=True))
        resampled = dict(zip(RESAMPLED, np.array(arrays["resampled"], dtype=np.float64), strict=True))
        ratios = map(
            ParticipationRatio, values[DEFINITIONS[0]].tolist(), replicates, np.array(arrays["plain"]).tolist()
        )
        return cls(values, resampled, tuple(ratios), tuple(distances))


def measure_manifolds(
    pairs: Iterable[Pair],
    classes: tuple[str, ...],
    seed: int,
    space: str,
    progress: Progress = SILENT,
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a :class:`ClassManifolds`.

    Raises Unavailable if a class has too few points, or they do not differ.

    Parameters
    ----------
    pairs : iterable of (training, test)
        Points of each class in turn, (m, p) and (n, p) arrays: centres are fitted on the first, all else is
        measured on the second.
    seed : int
        Root of all randomness.
    space : str
        Name of the space, for the random streams and for messages.

    Examples
    --------
    >>> plane = np.random.default_rng(0).random((100, 2)) @ np.eye(2, 9)
    >>> found = measure_manifolds([(plane, plane)], ("flat",), 0, "pixels")
    >>> found["values"][:4, 0].round().tolist()  # four definitions of its dimension
    [2.0, 2.0, 2.0, 2.0]
    """
    rows, kept, resampled = [], [], []
    with progress(f"manifold of each class in {space}", len(classes)) as advance:
        for name, (training, test) in zip(classes, pairs, strict=True):
            if len(test) < LEAST or len(training) < LEAST:
                raise Unavailable(
                    f"the class {name} has {len(training)} training and {len(test)} test images: its manifold in "
                    f"{space} needs {LEAST} of each"
                )
            try:
                ratio = participation_ratio(test, name)
                # Centres are those of the images: fresh noise, which the seed draws, must not move them.
                clusters = fit_clusters(training, test, stream(0, "K-means", f"{space}/{name}"), name)
                twin = two_nn(test, name)
                likely = levina_bickel(test, name=name)
                spread = _resampled(test, clusters.distances, twin, seed, f"{space}/{name}")
            except Degenerate as error:
                raise Unavailable(f"the manifold of a class in {space}: {error}") from None
            components = components_for(principal_variances(test, name))
            rows.append((ratio.value, components, twin, likely, clusters.radius))
            kept.append((ratio, clusters.distances))
            resampled.append(spread)
            advance(1)
    return {
        "values": np.array(rows, dtype=np.float64).T,
        "plain": np.array([ratio.plain for ratio, _ in kept]),
        "sizes": np.array([len(distances) for _, distances in kept], dtype=np.int64),
        "replicates": np.concatenate([ratio.replicates for ratio, _ in kept]),
        "distances": np.concatenate([distances for _, distances in kept]),
        # (definitions, B, K); only how they vary is used.
        "resampled": np.stack(resampled, axis=-1).astype(np.float32),
    }


def _resampled(points: NDArray[np.floating], distances: Array, twin: float, seed: int, role: str) -> Array:
    """Return (3, B) resampled participation ratios, TwoNN and radii of one class."""
    n = len(points)
    rng = generator(seed, "resamples", role)
    drawn = rng.integers(n, size=(RESAMPLES, n))
    counts = np.stack([np.bincount(row, minlength=n) for row in drawn]) / n
    radii = np.quantile(distances[drawn], 0.95, axis=1)
    # Of copies TwoNN takes one.
    n = len(np.unique(points, axis=0))
    size = n // _SUBSAMPLE
    subsamples = two_nn_subsamples(points, size, RESAMPLES, rng, role)
    # A subsample holds fewer points, which lie further apart: only its spread says something, on their scale.
    spread = (subsamples - subsamples.mean()) * np.sqrt(size / (n - size))
    return np.stack([_participation(points, counts), twin + spread, radii])


def _participation(points: NDArray[np.floating], weights: Array) -> Array:
    """Return the corrected participation ratio under each row of weights, which sum to 1.

    With G the Gram matrix and m the weights, C = Σᵢ mᵢ xᵢxᵢᵀ − x̄x̄ᵀ has tr C = Σ mᵢgᵢᵢ − mᵀGm and
    tr C² = Σᵢⱼ mᵢmⱼgᵢⱼ² − 2 Σᵢ mᵢ(Gm)ᵢ² + (mᵀGm)².
    """
    centred = points.astype(np.float64) - points.mean(0, dtype=np.float64)
    gram = centred @ centred.T
    towards = weights @ gram
    length = np.einsum("bi,bi->b", towards, weights)
    trace = weights @ np.diag(gram) - length
    squared = (
        np.einsum("bi,bi->b", weights @ gram**2, weights) - 2 * np.einsum("bi,bi->b", weights, towards**2) + length**2
    )
    return np.asarray(1 / (squared / trace**2 - 1 / len(points)))
