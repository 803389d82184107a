"""Principal components of a class: the variance along them, and what of a point lies outside the first of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from why_bird.measure.dimension.points import Degenerate, Points, as_points, centred

DIRECTIONS = 10
GROUPS = 10
"""Into which a class's points are divided to see how its subspace varies: each is left out in turn."""

_ROUNDING = 1e-12
"""Relative error within which a share of the variance counts as reached, and share of a squared length, or of the
largest variance, below which a number is what rounding left."""


def principal_variances(points: NDArray[np.floating], name: str = "the points") -> NDArray[np.float64]:
    """Return the eigenvalues of the covariance matrix (divisor n − 1), largest first.

    Two points or more. The result is a (min(n, p),) float64 array. Raises
    Degenerate if all points are the same.

    Notes
    -----
    From the smaller of XXᵀ and XᵀX, whose eigenvalues other than 0 are the same.

    Examples
    --------
    >>> principal_variances(np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])).round(4).tolist()  # 8/3, 2/3
    [2.6667, 0.6667]
    """
    deviations = centred(name, as_points(name, points, minimum=2))
    n, p = deviations.shape
    product = deviations @ deviations.T if n <= p else deviations.T @ deviations
    return np.asarray(np.clip(np.linalg.eigvalsh(product)[::-1], 0, None) / (n - 1))


def components_for(variances: NDArray[np.float64], share: float = 0.90) -> int:
    """Return the smallest number of principal components that carry a share of the variance.

    Raises ValueError if `share` is out of its range.

    Parameters
    ----------
    variances : (r,) float64 array
        From :func:`principal_variances`.
    share : float, default 0.90
        Above 0, at most 1.

    Examples
    --------
    >>> components_for(np.array([6.0, 3.0, 1.0])), components_for(np.array([6.0, 3.0, 1.0]), share=0.95)
    (2, 3)
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    reached = np.cumsum(variances) / variances.sum()
    return int(np.argmax(reached >= share * (1 - _ROUNDING))) + 1


@dataclass(frozen=True, slots=True, eq=False)
class ClassSubspaces:
    """Means and first principal directions of K classes."""

    means: Points
    """(K, p)."""
    directions: tuple[Points, ...]
    """(p, r) each: orthonormal columns, largest variance first. r is 10, or less where a class varies in fewer."""

    @property
    def origin(self) -> NDArray[np.float64]:
        """(p,) mean of the class means, μ₀: each class weighs the same."""
        return np.asarray(self.means.mean(0))

    def residuals(self, points: NDArray[np.floating], name: str = "the points") -> NDArray[np.float64]:
        """Return what lies outside of each class's subspace, as a share of the squared distance from μ₀.

        `points` is a (N, p) array of float. The result is a (N, K) float64 array: ‖(I − P_c)(f − μ_c)‖² / ‖f − μ₀‖². 0
        in the subspace; above 1 where the class is far away.

        Raises
        ------
        Degenerate
            If a point is μ₀.
        ValueError
            If the points have another number of features, or numbers that are not finite.
        """
        f = as_points(name, points, minimum=1, features=self.means.shape[1])
        outside = []
        for mean, directions in zip(self.means, self.directions, strict=True):
            deviations = f - mean
            # Not ‖f − μ‖² − ‖P(f − μ)‖²: near the subspace that is a difference of equal numbers.
            rest = deviations - (deviations @ directions) @ directions.T
            outside.append(np.einsum("ij,ij->i", rest, rest))
        lengths = np.einsum("ij,ij->i", f - self.origin, f - self.origin)
        if not (lengths > _ROUNDING * np.einsum("ij,ij->i", f, f)).all():
            raise Degenerate(f"one of {name} is the mean of the class means, so no share of its length exists")
        return np.asarray(np.stack(outside, axis=1) / lengths[:, None])


def _principal_directions(deviations: Points) -> Points:
    """Return (p, r) orthonormal columns, r at most :data:`DIRECTIONS`, from the smaller of the two product matrices."""
    n, p = deviations.shape
    wide = n <= p
    product = deviations @ deviations.T if wide else deviations.T @ deviations
    size = len(product)
    squared, vectors = scipy.linalg.eigh(product, subset_by_index=[max(0, size - DIRECTIONS), size - 1])
    varied = squared > _ROUNDING * squared[-1]
    squared, vectors = squared[varied][::-1], vectors[:, varied][:, ::-1]
    directions: Points = deviations.T @ vectors / np.sqrt(squared) if wide else vectors
    # Through the Gram matrix the columns of small variance are orthogonal to few digits.
    return np.linalg.qr(directions)[0] if wide else directions


def fit_subspaces(training: NDArray[np.floating], labels: NDArray[np.integer]) -> ClassSubspaces:
    """Fit the mean and the first ten principal directions of every class.

    Parameters
    ----------
    training : (N, p) array of float
    labels : (N,) array of int
        Classes 0 … K − 1, each with 11 points or more, so that they can vary in ten directions.

    Raises
    ------
    Degenerate
        If all points of a class are the same.
    ValueError
        If a class has fewer than 11 points, the labels are not one a point, or numbers are not finite.

    Notes
    -----
    Where p ≤ 10 a subspace is the whole space and every residual 0. Signs of the directions are
    arbitrary; the projections are not.

    Examples
    --------
    >>> along, still = np.arange(11.0), np.zeros(11)  # a class along either axis
    >>> found = fit_subspaces(np.concatenate([np.c_[along, still], np.c_[still, along]]), np.repeat([0, 1], 11))
    >>> found.means.tolist(), found.residuals(np.array([[9.0, 0.0]])).round(4).tolist()  # 0 and 9² / (6.5² + 2.5²)
    ([[5.0, 0.0], [0.0, 5.0]], [[0.0, 1.6701]])
    """
    name = "the training points"
    points = as_points(name, training, minimum=DIRECTIONS + 1)
    if labels.shape != (len(points),):
        raise ValueError(f"{name}: {len(points)} points need one label each, not an array of shape {labels.shape}")
    means, directions = [], []
    for c in range(int(labels.max()) + 1):
        title = f"{name} of class {c}"
        of_class = as_points(title, points[labels == c], minimum=DIRECTIONS + 1)
        means.append(of_class.mean(0))
        directions.append(_principal_directions(centred(title, of_class)))
    return ClassSubspaces(np.stack(means), tuple(directions))


def refitted_residuals(
    whole: ClassSubspaces, training: NDArray[np.floating], labels: NDArray[np.integer], points: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the mean residual of some points in each class's subspace, fitted without a tenth of its own points.

    Parameters
    ----------
    whole : ClassSubspaces
        Fitted on all of them.
    training, labels
        As for :func:`fit_subspaces`. The i-th point of a class belongs to its group i modulo 10.
    points : (N, p) array of float

    Returns
    -------
    (K, 10) float64 array
        Replicates of the delete-a-group jackknife, by class and group. μ₀, from which all lengths are measured, stays
        that of all points.

    Raises
    ------
    Degenerate
        If what is left of a class are points that are all the same.

    References
    ----------
    Kott, P. S. (2001), Journal of Official Statistics 17, 521–526.

    Examples
    --------
    >>> along, still = np.arange(20.0), np.zeros(20)  # a class along either axis, whichever points it has
    >>> points = np.concatenate([np.c_[along, still], np.c_[still, along]])
    >>> labels = np.repeat([0, 1], 20)
    >>> found = refitted_residuals(fit_subspaces(points, labels), points, labels, np.array([[9.0, 0.0]]))
    >>> found[:, 0].round(4).tolist()  # 0 and 9² / (4.25² + 4.75²)
    [0.0, 1.9938]
    """
    f = as_points("the points", points, minimum=1, features=whole.means.shape[1])
    weights = 1.0 / np.square(f - whole.origin).sum(axis=1) / len(f)
    # Ten small matrices a class: threads that share one of them wait for each other.
    with threadpool_limits(limits=1):
        return np.array(
            [_without_each_group(training[labels == c], mean, f, weights) for c, mean in enumerate(whole.means)]
        )


def _without_each_group(of_class: NDArray[np.floating], mean: Points, f: Points, weights: Points) -> list[float]:
    from_mean = f - mean
    # Second moments of the points about the class's mean stand for all of them, whichever directions are taken out.
    moments, total = (from_mean.T * weights) @ from_mean, weights @ from_mean
    found = []
    for g in range(GROUPS):
        kept = as_points("the class", of_class[np.arange(len(of_class)) % GROUPS != g], minimum=1)
        moved = kept.mean(axis=0) - mean
        about = moments - np.outer(total, moved) - np.outer(moved, total) + weights.sum() * np.outer(moved, moved)
        directions = _principal_directions(centred("a class without a tenth of its points", kept))
        found.append(float(np.trace(about) - np.sum(directions * (about @ directions))))
    return found
