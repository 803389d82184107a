"""Intrinsic dimension of a class from the nearest neighbours of its points: TwoNN, and maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import Degenerate, Points, as_points, distinct

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

    Raises ValueError if `k` is out of its range.

    Parameters
    ----------
    points : (n, p) float64 array
    k : int
        From 1 to n − 1.

    Notes
    -----
    ‖x − y‖² = ‖x‖² + ‖y‖² − 2⟨x, y⟩, by matrix products. Where that is small beside its terms its digits are
    lost, and the distance to the neighbour found is taken from the difference.

    Examples
    --------
    >>> found = nearest(np.array([[0.0], [1.0], [4.0]]), 1)
    >>> found.indices.ravel().tolist(), found.distances.ravel().round(4).tolist()
    ([1, 0, 1], [1.0, 1.0, 3.0])
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


Array = NDArray[np.float64]

DISCARDED = 0.1
"""Share of the largest ratios left out of the fit, as Facco et al. do: they depart most from the law."""

_EXPECTED = 32
"""Neighbours expected in a subsample among those listed; fewer than two of them has a chance below 1e-11."""


def _slope(ratios: Array, name: str) -> float:
    kept = int(len(ratios) * (1 - DISCARDED))
    x = np.log(np.sort(ratios)[:kept])
    y = -np.log1p(-np.arange(1, kept + 1) / len(ratios))
    if not x[-1] > 0.0:
        raise Degenerate(f"{name} have first and second neighbours at equal distances, so TwoNN has no value")
    return float((x @ y) / (x @ x))


def two_nn(points: NDArray[np.floating], name: str = "the points") -> float:
    """Return the intrinsic dimension by TwoNN.

    Raises Degenerate if fewer than three points are distinct, or nearly all have
    both neighbours at the same distance.

    Notes
    -----
    With r₁ and r₂ the distances to the first and second neighbour, μ = r₂/r₁ follows F(μ) = 1 − μ⁻ᵈ where
    the density is constant over r₂. d is the slope, through the origin, of −ln(1 − i/n) on ln μ₍ᵢ₎ over the
    smallest 90 % of the ratios. A point given several times counts once: its distance of 0 says nothing
    about dimension (scikit-dimension drops all its copies but still lets them be neighbours of others).

    References
    ----------
    Facco, E., d'Errico, M., Rodriguez, A. and Laio, A. (2017), "Estimating the intrinsic dimension of
    datasets by a minimal neighborhood information", Scientific Reports 7, 12140.

    Examples
    --------
    >>> plane = np.random.default_rng(0).random((1000, 2)) @ np.eye(2, 9)
    >>> round(two_nn(plane))
    2
    """
    once = _at_least_three(points, name)
    distances = nearest(once, 2).distances
    return _slope(distances[:, 1] / distances[:, 0], name)


def two_nn_subsamples(
    points: NDArray[np.floating], size: int, count: int, rng: np.random.Generator, name: str = "the points"
) -> Array:
    """Return TwoNN of random subsamples, drawn without replacement from the distinct points.

    A bootstrap sample repeats points, whose distances of 0 break any estimate from nearest neighbours.

    The result is a (count,) float64 array.

    Parameters
    ----------
    points : (n, p) array of float
    size : int
        Points in a subsample, m: from 3 to the number of distinct points.
    count : int
        Number of subsamples.
    rng : numpy.random.Generator
        From :func:`why_bird.streams.generator`.

    Raises
    ------
    Degenerate
        As for :func:`two_nn`.
    ValueError
        As for :func:`two_nn`, or if `size` or `count` is out of its range.

    Notes
    -----
    The two nearest neighbours in a subsample are the first two of a point's neighbours that were drawn, so
    distances are computed once for all subsamples.

    The squared standard error of the estimate from all n points is the subsamples' variance times
    m/(n − m) (the delete-d jackknife with d = n − m). It is too large where m is large, as estimates from
    half of the points share fewer neighbours than points: for Gaussians the standard error comes out 1.3
    times too large at m = n/2, and right within a tenth at m = n/10, between which m has to be chosen. The
    mean of the subsamples is no estimate from n points: m points lie further apart. So a replicate of the
    estimate is θ + (θ* − mean of θ*) √(m/(n − m)).

    References
    ----------
    Politis, D. N. and Romano, J. P. (1994), "Large sample confidence regions based on subsamples under
    minimal assumptions", Annals of Statistics 22, 2031–2050; Shao, J. and Wu, C. F. J. (1989), "A general
    theory for jackknife variance estimation", Annals of Statistics 17, 1176–1197.

    Examples
    --------
    >>> plane = np.random.default_rng(0).random((1000, 2)) @ np.eye(2, 9)
    >>> found = two_nn_subsamples(plane, 500, 4, np.random.default_rng(0))
    >>> found.shape, round(float(found.mean()))
    ((4,), 2)
    """
    once = _at_least_three(points, name)
    n = len(once)
    if not 3 <= size <= n:
        raise ValueError(f"a subsample of {name} must hold from 3 to {n} of the distinct points, not {size}")
    if count < 1:
        raise ValueError(f"count must be 1 or more, not {count}")
    near = nearest(once, min(n - 1, math.ceil(_EXPECTED * n / size)))
    values = np.empty(count)
    for replicate in range(count):
        drawn = np.zeros(n, dtype=bool)
        drawn[rng.choice(n, size, replace=False)] = True
        inside = drawn[near.indices[drawn]]
        if inside.sum(1).min() < 2:
            near = nearest(once, n - 1)
            inside = drawn[near.indices[drawn]]
        rows, distances = np.arange(size), near.distances[drawn]
        first = inside.argmax(1)
        inside[rows, first] = False
        values[replicate] = _slope(distances[rows, inside.argmax(1)] / distances[rows, first], name)
    return values


def _at_least_three(points: NDArray[np.floating], name: str) -> Array:
    once = distinct(as_points(name, points, minimum=3))
    if len(once) < 3:
        raise Degenerate(f"{name} are only {len(once)} distinct points, and TwoNN needs at least 3")
    return once


NEIGHBOURS = 20


def levina_bickel(points: NDArray[np.floating], k: int = NEIGHBOURS, name: str = "the points") -> float:
    """Return the intrinsic dimension by maximum likelihood.

    Parameters
    ----------
    points : (n, p) array of float
    k : int, default 20
        Neighbours of each point, 2 or more (Levina and Bickel average k from 10 to 20).

    Raises
    ------
    Degenerate
        If no more than `k` points are distinct, or each has all its neighbours at the same distance.
    ValueError
        If there are no more than `k` points, numbers that are not finite, or `k` is below 2.

    Notes
    -----
    With Tⱼ(x) the distance from x to its j-th neighbour,

        1/d = Σₓ Σⱼ₌₁ᵏ⁻¹ ln(Tₖ(x)/Tⱼ(x)) / (n (k − 1)):

    Levina and Bickel's likelihood at each point, maximised over all points at once (MacKay and Ghahramani),
    as averaging the points' own estimates is biased high. A point given several times counts once.

    References
    ----------
    Levina, E. and Bickel, P. J. (2004), "Maximum likelihood estimation of intrinsic dimension", NIPS 17;
    MacKay, D. J. C. and Ghahramani, Z. (2005), "Comments on 'Maximum likelihood estimation of intrinsic
    dimension' by E. Levina and P. Bickel".

    Examples
    --------
    >>> line = np.random.default_rng(0).random((500, 1)) @ np.ones((1, 9))
    >>> round(levina_bickel(line))
    1
    """
    if k < 2:
        raise ValueError(f"k must be 2 or more, not {k}")
    once = distinct(as_points(name, points, minimum=k + 1))
    if len(once) <= k:
        raise Degenerate(f"{name} are only {len(once)} distinct points, and {k} neighbours need at least {k + 1}")
    distances = nearest(once, k).distances
    logs = np.log(distances[:, -1:] / distances[:, :-1])
    if not logs.any():
        raise Degenerate(f"{name} have all their neighbours at equal distances, so the likelihood has no maximum")
    return float(1 / logs.mean())
