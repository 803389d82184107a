"""Variance of a class along its principal components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import as_points, centred

_ROUNDING = 1e-12
"""Relative error within which a share of the variance counts as reached."""


def principal_variances(points: NDArray[np.floating], name: str = "the points") -> NDArray[np.float64]:
    """Return the eigenvalues of the covariance matrix (divisor n − 1), largest first.

    Parameters
    ----------
    points : (n, p) array of float
        Two points or more.
    name : str, default "the points"
        What they are, for messages.

    Returns
    -------
    (min(n, p),) float64 array

    Raises
    ------
    Degenerate
        If all points are the same.
    ValueError
        If there are fewer than two points, or numbers that are not finite.

    Notes
    -----
    From the smaller of XXᵀ and XᵀX, whose eigenvalues other than 0 are the same.
    """
    deviations = centred(name, as_points(name, points, minimum=2))
    n, p = deviations.shape
    product = deviations @ deviations.T if n <= p else deviations.T @ deviations
    return np.asarray(np.clip(np.linalg.eigvalsh(product)[::-1], 0, None) / (n - 1))


def components_for(variances: NDArray[np.float64], share: float = 0.90) -> int:
    """Return the smallest number of principal components that carry a share of the variance.

    Parameters
    ----------
    variances : (r,) float64 array
        From :func:`principal_variances`.
    share : float, default 0.90
        Above 0, at most 1.

    Raises
    ------
    ValueError
        If `share` is out of its range.
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    reached = np.cumsum(variances) / variances.sum()
    return int(np.argmax(reached >= share * (1 - _ROUNDING))) + 1
