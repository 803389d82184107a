"""Distances from every point of a class to its nearest others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import Points

_ENTRIES = 2**24
"""Distances held at a time (128 MiB)."""

_CANCELLED = 1e-4
"""Share of ‖x‖² + ‖y‖² below which ‖x − y‖² has less than twelve digits left."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest other points of each point, nearest first."""

    distances: NDArray[np.float64]
    """(n, k): Euclidean."""
    indices: NDArray[np.int64]
    """(n, k)."""


def nearest(points: Points, k: int) -> Neighbours:
    """Return the k nearest others of each point.

    Parameters
    ----------
    points : (n, p) float64 array
    k : int
        From 1 to n − 1.

    Raises
    ------
    ValueError
        If `k` is out of its range.

    Notes
    -----
    ‖x − y‖² = ‖x‖² + ‖y‖² − 2⟨x, y⟩, by matrix products. Where that is small beside its terms its digits are
    lost, and the distance to the neighbour found is taken from the difference.
    """
    n = len(points)
    if not 1 <= k < n:
        raise ValueError(f"{n} points have from 1 to {n - 1} neighbours each, not {k}")
    moved = points - points.mean(0)
    lengths = np.einsum("ij,ij->i", moved, moved)
    indices, squares = np.empty((n, k), dtype=np.int64), np.empty((n, k))
    for rows in np.array_split(np.arange(n), -(-n * n // _ENTRIES)):
        squared = lengths[rows, None] + lengths - 2 * (moved[rows] @ moved.T)
        squared[np.arange(len(rows)), rows] = np.inf
        indices[rows] = np.argpartition(squared, k - 1, axis=1)[:, :k]
        squares[rows] = np.take_along_axis(squared, indices[rows], 1)
    cancelled = squares < _CANCELLED * (lengths[:, None] + lengths[indices])
    for column in np.flatnonzero(cancelled.any(0)):
        rows = np.flatnonzero(cancelled[:, column])
        difference = points[rows] - points[indices[rows, column]]
        squares[rows, column] = np.einsum("ij,ij->i", difference, difference)
    distances = np.sqrt(squares)
    order = np.argsort(distances, axis=1, kind="stable")
    return Neighbours(np.take_along_axis(distances, order, 1), np.take_along_axis(indices, order, 1))
