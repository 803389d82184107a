"""The slope of one number on another within groups, by least squares with robust errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from why_bird.stats import student
from why_bird.stats.estimate import Mirrored
from why_bird.stats.validation import finite_sample, store_counts, store_finite


@dataclass(frozen=True, slots=True)
class Slope(Mirrored):
    """The common slope of y on x, each group with an intercept of its own.

    Notes
    -----
    Bounds are slope ∓ (t + g(2t² + 1)/(6√n)) se with t = t(1 − α; df); g is the skewness where it makes large
    errors on that side of the slope more frequent, else 0: the correction widens and never narrows. A
    standard error of 0 gives an infinite interval.

    References
    ----------
    Long, J. S. and Ervin, L. H. (2000), The American Statistician 54, 217–224, for HC3; Johnson, N. J.
    (1978), Journal of the American Statistical Association 73, 536–544.
    """

    value: float
    """Least-squares slope, in units of y per unit of x; 0, the smallest solution, where x does not vary."""
    se: float
    """HC3 standard error; 0 where the data tell nothing about the error."""
    df: float
    """Degrees of freedom of the t quantile."""
    n: int
    """Number of units."""
    unit: str
    skewness: float = 0.0
    """Of the units' influences on the slope."""
    null: ClassVar[float] = 0.0
    method: ClassVar[str] = "OLS with group effects, HC3, t widened for skewness"

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        store_finite(self, "value", "skewness")
        store_finite(self, "se", minimum=0.0)
        if self.se > 0.0:
            store_finite(self, "df", minimum=1e-9)

    @property
    def variance(self) -> float | None:
        """Squared standard error; None where the data tell nothing about it."""
        return self.se**2 if self.se > 0.0 else None

    @property
    def note(self) -> str:
        """Why the interval is infinite, where it is."""
        if self.se > 0.0:
            return ""
        return "x does not vary within groups, or one unit alone decides the slope, or every unit lies on the line"

    @property
    def _mirror(self) -> Slope:
        return replace(self, value=-self.value, skewness=-self.skewness)

    def _lower(self, alpha: float) -> float:
        if self.se == 0.0:
            return -math.inf
        return student.lower_bound(self.value, self.se, self.df, alpha, student.tilt(-self.skewness, self.n))

    def _p_above(self, threshold: float) -> float:
        if self.se == 0.0:
            return 1.0
        return student.p_above(self.value, self.se, self.df, threshold, student.tilt(-self.skewness, self.n))


def slope(y: ArrayLike, x: ArrayLike, groups: ArrayLike, unit: str) -> Slope:
    """Return the slope of `y` on `x` within groups.

    Raises ValueError if a value is not finite, the lengths differ, or there is no unit.

    Parameters
    ----------
    y, x : array_like of float, shape (n,)
        One number a unit.
    groups : array_like, shape (n,)
        Label of each unit's group (its class).

    Notes
    -----
    With x centred within its groups, residuals e, leverages h and influences dᵢ = xᵢeᵢ / ((1 − hᵢ) Σx²), HC3 is
    se² = Σd². Its degrees of freedom are n − k − 1 for k groups, but at most Satterthwaite's 2(Σd²)² / Σd⁴, so
    that a standard error which few units carry is trusted as few; the skewness is √n Σd³ / (Σd²)^(3/2).
    A unit alone in its group says nothing about the slope and is left out. Scales that x and y were
    divided by count as known.

    References
    ----------
    Imbens, G. W. and Kolesár, M. (2016), Review of Economics and Statistics 98, 701–712, for degrees of
    freedom of robust errors.

    Examples
    --------
    >>> found = slope([0, 1.2, 1.9, 3.1, 4], [0, 1, 2, 3, 4], [0] * 5, "images")
    >>> round(found.value, 4), round(found.se, 4)  # R: sandwich::vcovHC(lm(y ~ x), "HC3")
    (0.99, 0.0395)
    """
    outcome, given = finite_sample("y", y), finite_sample("x", x)
    labels = np.asarray(groups)
    if not outcome.shape == given.shape == labels.shape:
        raise ValueError(f"y, x and groups need one length, not {outcome.shape}, {given.shape}, {labels.shape}")
    _, member, size = np.unique(labels, return_inverse=True, return_counts=True)
    shared = size[member] > 1
    outcome, given = outcome[shared], given[shared]
    # Renumbered without the groups of one.
    _, member, size = np.unique(member[shared], return_inverse=True, return_counts=True)
    nothing = Slope(0.0, 0.0, 0.0, labels.size, unit)
    centred, rounding = _within(given, member, size)
    if not np.any(np.abs(centred) > rounding):
        return nothing
    response, noise = _within(outcome, member, size)
    # Both are centred first, which leaves slope, residuals and leverages as they are, and large offsets harmless.
    total = float(centred @ centred)
    found = float(centred @ response) / total
    residuals = response - found * centred
    free = 1.0 - 1.0 / size[member] - centred**2 / total
    df = float(response.size - size.size - 1)
    decided = bool(np.min(free) < 1e-9)
    if decided or df < 1.0 or not np.any(np.abs(residuals) > noise):
        return Slope(found, 0.0, 0.0, labels.size, unit)
    influence = centred * residuals / free
    se = float(np.linalg.norm(influence)) / total
    # Scaled, so that fourth powers of tiny numbers do not underflow.
    influence /= np.max(np.abs(influence))
    second = float(np.sum(influence**2))
    df = min(df, 2.0 * second**2 / float(np.sum((influence**2) ** 2)))
    skewness = math.sqrt(labels.size) * float(np.sum(influence**2 * influence)) / second**1.5
    return Slope(found, se, df, labels.size, unit, skewness)


def _within(
    values: NDArray[np.float64], member: NDArray[np.intp], size: NDArray[np.intp]
) -> tuple[NDArray[np.float64], float]:
    """Return `values` less their group's mean, and what of that is rounding."""
    means = np.bincount(member, values, minlength=size.size) / size
    return values - means[member], 32.0 * np.finfo(np.float64).eps * float(np.max(np.abs(values), initial=0.0))
