"""The points of one class, as every measure of this package takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable

Points = NDArray[np.float64]

_ROUNDING = 1e-24
"""Share of the squared length below which a spread about the mean is what rounding left of a difference."""


class Degenerate(Unavailable, ValueError):
    """The points have too little spread for the measure to exist, so the claim is inconclusive."""


def as_points(name: str, values: NDArray[np.floating], *, minimum: int, features: int | None = None) -> Points:
    """Return points in double precision.

    Raises ValueError if the array has another shape, too few points, or numbers that are not finite.

    Parameters
    ----------
    name : str
        What the points are, for the message.
    values : (n, p) array of float
    minimum : int
        Fewest points that will do.
    features : int, optional
        What p has to be.

    Examples
    --------
    >>> as_points("the points", np.zeros((3, 2), dtype=np.float32), minimum=2).dtype.name
    'float64'
    """
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] == 0:
        raise ValueError(f"{name} must be points × features, not of shape {points.shape}")
    if len(points) < minimum:
        raise ValueError(f"{name}: {len(points)} points were given, and this measure needs at least {minimum}")
    if features is not None and points.shape[1] != features:
        raise ValueError(f"{name} have {points.shape[1]} features, and those they are compared with have {features}")
    if not np.isfinite(points).all():
        raise ValueError(f"{name} hold {int((~np.isfinite(points)).sum())} numbers that are not finite")
    return points


def centred(name: str, points: Points) -> Points:
    """Return points minus their mean.

    Raises Degenerate if all are the same point, up to rounding.

    Examples
    --------
    >>> centred("the points", np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    deviations: Points = points - points.mean(0)
    if not np.vdot(deviations, deviations) > _ROUNDING * np.vdot(points, points):
        raise Degenerate(f"{name} are all the same point, so they have no dimension")
    return deviations


def distinct(points: Points) -> Points:
    """Return each point once, in an order that depends on the points alone.

    Examples
    --------
    >>> distinct(np.array([[2.0], [1.0], [2.0]])).shape
    (2, 1)
    """
    # Adding 0 turns −0 into 0, which is the same point.
    place = {row.tobytes(): i for i, row in enumerate(points + 0.0)}
    return points[[place[key] for key in sorted(place)]]


def in_order(points: Points) -> Points:
    """Return all points in an order that depends on the points alone, so that what is drawn from them does too.

    Examples
    --------
    >>> first, second = np.array([[2.0], [1.0], [2.0]]), np.array([[1.0], [2.0], [2.0]])
    >>> in_order(first).tolist() == in_order(second).tolist()
    True
    """
    keys = [row.tobytes() for row in points + 0.0]
    return points[sorted(range(len(points)), key=keys.__getitem__)]
