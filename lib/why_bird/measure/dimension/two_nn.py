"""Intrinsic dimension of a class from the two nearest neighbours of each point."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.neighbours import nearest
from why_bird.measure.dimension.points import Degenerate, as_points, distinct

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

    Parameters
    ----------
    points : (n, p) array of float
    name : str, default "the points"
        What they are, for messages.

    Raises
    ------
    Degenerate
        If fewer than three points are distinct, or nearly all have both neighbours at the same distance.
    ValueError
        If there are fewer than three points, or numbers that are not finite.

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
    """
    once = _at_least_three(points, name)
    distances = nearest(once, 2).distances
    return _slope(distances[:, 1] / distances[:, 0], name)


def two_nn_subsamples(
    points: NDArray[np.floating], size: int, count: int, rng: np.random.Generator, name: str = "the points"
) -> Array:
    """Return TwoNN of random subsamples, drawn without replacement from the distinct points.

    A bootstrap sample repeats points, whose distances of 0 break any estimate from nearest neighbours.

    Parameters
    ----------
    points : (n, p) array of float
    size : int
        Points in a subsample, m: from 3 to the number of distinct points.
    count : int
        Number of subsamples.
    rng : numpy.random.Generator
        From :func:`why_bird.streams.generator`.
    name : str, default "the points"
        What they are, for messages.

    Returns
    -------
    (count,) float64 array

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
