"""Over how many directions the points of a class are spread, whatever their distances from its mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.participation import ParticipationRatio
from why_bird.measure.dimension.points import Degenerate, as_points, centred


def directional_participation(points: NDArray[np.floating], name: str = "the points") -> ParticipationRatio:
    """Return the participation ratio of the directions of points from their mean, with delete-one replicates.

    Parameters
    ----------
    points : (n, p) array of float
        Four points or more.
    name : str, default "the points"
        What they are, for messages.

    Raises
    ------
    Degenerate
        If the points have no directions: all are the same, or every two deviations are at right angles.
    ValueError
        If there are fewer than four points, or numbers that are not finite.

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
