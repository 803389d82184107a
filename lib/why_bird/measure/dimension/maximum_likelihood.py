"""Intrinsic dimension of a class by maximum likelihood from k nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.neighbours import nearest
from why_bird.measure.dimension.points import Degenerate, as_points, distinct

NEIGHBOURS = 20


def levina_bickel(points: NDArray[np.floating], k: int = NEIGHBOURS, name: str = "the points") -> float:
    """Return the intrinsic dimension by maximum likelihood.

    Parameters
    ----------
    points : (n, p) array of float
    k : int, default 20
        Neighbours of each point, 2 or more (Levina and Bickel average k from 10 to 20).
    name : str, default "the points"
        What they are, for messages.

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
