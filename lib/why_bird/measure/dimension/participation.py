"""Participation ratio of a class: over how many directions its variance is spread, or its directions are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import Degenerate, Points, as_points, centred

Array = NDArray[np.float64]

_CANCELLED = 1e-6
"""Share of tr S² below which a difference has lost so many digits that it is counted again."""


@dataclass(frozen=True, slots=True, eq=False)
class ParticipationRatio:
    """Participation ratio, corrected for the number of points, and the same with each point left out."""

    value: float
    """Between 1 and n (n − 1); where the points are few for their dimension it may exceed p."""
    replicates: Array
    """(n,): with each point left out in turn, in the order given, corrected for the n − 1 left."""
    plain: float
    """Not corrected, between 1 and min(p, n − 1)."""


def _squares(deviations: Points) -> tuple[Array, Array]:
    """Return ‖xᵢ‖² and xᵢᵀ S xᵢ, S = XᵀX, through the smaller of the two product matrices."""
    lengths = np.einsum("ij,ij->i", deviations, deviations)
    n, p = deviations.shape
    if n <= p:
        gram = deviations @ deviations.T
        return lengths, np.einsum("ij,ij->i", gram, gram)
    scatter = deviations.T @ deviations
    return lengths, np.einsum("ij,ij->i", deviations @ scatter, deviations)


def participation_ratio(points: NDArray[np.floating], name: str = "the points") -> ParticipationRatio:
    """Return the bias-corrected participation ratio of a class with its delete-one jackknife replicates.

    Three points or more. Raises Degenerate if all points, or all but one, are the
    same.

    Notes
    -----
    PR = (tr C)² / tr C² with C the covariance matrix of the points: d for equal variance in d directions
    (Gao et al. 2017). From n points it is biased low. With deviations xᵢ from the mean and gᵢⱼ = ⟨xᵢ, xⱼ⟩,

        1/PR = Σᵢⱼ gᵢⱼ² / (Σᵢ gᵢᵢ)²,

    in which the n terms i = j add up to (1 + v)/n, v the squared coefficient of variation of ‖xᵢ‖², and
    say nothing about directions. The correction takes off 1/n (Chun et al. 2025, E[1/PR] ≈ 1/PR∞ + 1/n):

        corrected = 1 / (1/PR − 1/n).

    It always exists, since PR ≤ n − 1. What is left is a bias of about PR∞ v/n of the value downwards, and
    a relative error of the order of 1/n (p = 1 gives n/(n − 1)).

    Leaving xᵢ out changes S = Σⱼ xⱼxⱼᵀ to S − a xᵢxᵢᵀ with a = n/(n − 1), so tr S falls by a gᵢᵢ and tr S² by
    2a Σⱼ gᵢⱼ² − a² gᵢᵢ²: all n replicates cost one product matrix, O(n p min(n, p)), and no eigenvalue.

    References
    ----------
    Gao, P. et al. (2017), "A theory of multineuronal dimensionality, dynamics and measurement",
    bioRxiv 214262; Chun, C., Canatar, A., Chung, S. and Lee, D. (2025), "Estimating dimensionality of
    neural representations from finite samples", arXiv:2509.26560.

    Examples
    --------
    >>> cross = np.array([[1, 0], [-1, 0], [0, 1], [0, -1.0]])
    >>> participation_ratio(cross).plain  # two directions of equal variance
    2.0
    """
    given = as_points(name, points, minimum=3)
    deviations = centred(name, given)
    # Powers of a fourth degree: without a unit scale they would over- or underflow first.
    deviations = deviations / np.abs(deviations).max()
    lengths, quadratic = _squares(deviations)
    n, trace, squared = len(given), float(lengths.sum()), float(quadratic.sum())
    a = n / (n - 1)
    traces = trace - a * lengths
    squares = squared - 2 * a * quadratic + (a * lengths) ** 2
    for i in np.flatnonzero(squares <= _CANCELLED * squared):
        kept = centred(f"{name} but one", np.delete(given, i, axis=0))
        of_kept, quadratic_of_kept = _squares(kept / np.abs(kept).max())
        traces[i], squares[i] = of_kept.sum(), quadratic_of_kept.sum()
    plain = trace**2 / squared
    replicates: Array = 1 / (squares / traces**2 - 1 / (n - 1))
    return ParticipationRatio(1 / (1 / plain - 1 / n), replicates, plain)


def log_ratio(first: ParticipationRatio, second: ParticipationRatio) -> tuple[float, tuple[Array, Array]]:
    """Return log PR(first) − log PR(second), and its replicates with each class a stratum of its own.

    Returns
    -------
    value : float
    replicates_by_stratum : tuple of (n_first,) and (n_second,) float64 arrays
        One point of the one class left out and all of the other kept: what a stratified jackknife takes.

    Examples
    --------
    >>> cross = np.array([[1, 0], [-1, 0], [0, 1], [0, -1.0]])
    >>> line = np.array([[1, 0], [-1, 0], [2, 0], [-2, 0.0]])
    >>> value, replicates = log_ratio(participation_ratio(cross), participation_ratio(line))
    >>> value > 0, [len(each) for each in replicates]
    (True, [4, 4])
    """
    above, below = np.log(first.value), np.log(second.value)
    return float(above - below), (np.log(first.replicates) - below, above - np.log(second.replicates))


def directional_participation(points: NDArray[np.floating], name: str = "the points") -> ParticipationRatio:
    """Return the participation ratio of the directions of points from their mean, with delete-one replicates.

    Four points or more. Raises Degenerate if the points have no directions: all
    are the same, or every two deviations are at right angles.

    Notes
    -----
    With u = (x − μ)/‖x − μ‖, the spatial sign of a point, PR = 1 / E[(u · u′)²] over two points: the participation
    ratio of the spatial sign covariance matrix, d for equal variance in d directions. The plain ratio weighs each point
    by the fourth power of its distance, so that one far point of a thousand can decide it; here each counts alike. The
    mean over pairs i ≠ j of (uᵢ · uⱼ)² is free of the bias from the terms i = j, which `plain` holds.

    With S = Σ uᵢuᵢᵀ and qᵢ = uᵢᵀSuᵢ the mean is Q = (Σq − n)/(n(n − 1)). Leaving a point out takes its pairs off,
    Σq − n − 2(qᵢ − 1), and moves the centre by (μ − xᵢ)/(n − 1), which to the first order adds that times
    ∇Q = −4/(n(n − 1)) Σⱼ (Suⱼ − qⱼuⱼ)/‖xⱼ − μ‖. A point at the mean has no direction and counts as one at right angles
    to all others.

    References
    ----------
    Visuri, S., Koivunen, V. and Oja, H. (2000), "Sign and rank covariance matrices", Journal of Statistical Planning
    and Inference 91, 557–575; Gao, P. et al. (2017), bioRxiv 214262, for the ratio.

    Examples
    --------
    >>> cross = np.array([[1, 0], [-1, 0], [0, 9], [0, -9.0]])
    >>> directional_participation(cross).plain  # two directions, whatever the lengths
    2.0
    """
    given = as_points(name, points, minimum=4)
    deviations = centred(name, given)
    n, lengths = len(given), np.linalg.norm(deviations, axis=1)
    signs = deviations / np.where(lengths > 0.0, lengths, np.inf)[:, None]
    towards = signs @ (signs.T @ signs)
    squares = np.einsum("ij,ij->i", towards, signs)
    own = (lengths > 0.0).astype(np.float64)
    pairs = float(squares.sum() - own.sum())
    per_length = 1.0 / np.where(lengths > 0.0, lengths, np.inf)
    slope = -4.0 / (n * (n - 1)) * per_length @ (towards - squares[:, None] * signs)
    kept = (pairs - 2.0 * (squares - own)) / ((n - 1) * (n - 2)) - deviations @ slope / (n - 1)
    mean = pairs / (n * (n - 1))
    if not (mean > 1e-12 and (kept > 1e-12).all()):
        raise Degenerate(f"{name} lie at right angles about their mean, so that their directions cannot be counted")
    return ParticipationRatio(1.0 / mean, 1.0 / kept, n**2 / float(squares.sum()))
