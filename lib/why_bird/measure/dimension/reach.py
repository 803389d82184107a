"""How far a class reaches from its centre in feature space, and how far from there noise lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import as_points

REACH = 0.95
"""Share of a class's own images that lie within its radius."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ClassReach:
    """Distances from the centre of one class."""

    images: Array
    """(n,): from each image of the class to the mean of its other images."""
    noise: Array
    """(N,): from each noise image to the mean of all images of the class."""
    shift: float
    """Standard error of the centre along the way to noise."""


def class_reach(points: NDArray[np.floating], noise: NDArray[np.floating], name: str = "the points") -> ClassReach:
    """Return the distances of a class's images and of noise from the class's centre.

    Raises ValueError if there are too few points, the features differ in number, or numbers are not finite.

    Parameters
    ----------
    points : (n, p) array of float
        Of the class, two or more.
    noise : (N, p) array of float

    Notes
    -----
    The centre is the mean: K-means with one centre, which has no start to choose. ‖xᵢ − mean of the others‖ =
    n/(n − 1) ‖xᵢ − μ‖ puts an image of the class on an equal footing with noise, which had no part in the mean
    either. An error of the mean moves the distance of noise by its part along the direction v from μ to mean noise;
    the standard error of that is the standard deviation of v · x over the class by √n.

    Examples
    --------
    >>> found = class_reach(np.array([[-1.0], [1.0]]), np.array([[1.5], [3.0]]))
    >>> found.images.tolist(), found.noise.tolist()  # from each to the other, 2
    ([2.0, 2.0], [1.5, 3.0])
    """
    own = as_points(name, points, minimum=2)
    others = as_points("the noise images", noise, minimum=1, features=own.shape[1])
    n, mean = len(own), own.mean(0)
    away = others.mean(0) - mean
    length = float(np.linalg.norm(away))
    along = own @ (away / length) if length > 0.0 else np.zeros(n)
    return ClassReach(
        np.linalg.norm(own - mean, axis=1) * n / (n - 1),
        np.linalg.norm(others - mean, axis=1),
        float(along.std(ddof=1)) / float(np.sqrt(n)),
    )
