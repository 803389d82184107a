"""Differences of two proportions: of independent units, and of the same units twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from lib.stats.estimate import Estimate
from lib.stats.proportion import smoothed_variance
from lib.stats.validation import store_counts

__all__ = ["PairedDrop", "ProportionDifference", "paired_drop"]


@dataclass(frozen=True, slots=True)
class ProportionDifference(Estimate):
    """First share minus second share of independent units, by Newcombe's hybrid score interval.

    Parameters
    ----------
    successes1, n1, successes2, n2 : int
        Counts of the two samples.
    unit : str
        What was counted.

    Raises
    ------
    TypeError
        If a count is not an integer.
    ValueError
        If the counts do not fit each other.

    Notes
    -----
    With Wilson bounds (l, u) of either share at the same error rate, lower(α) = d − √((p₁ − l₁)² + (u₂ − p₂)²).
    The p-value inverts that bound by bisection. A share of 0 or 1 keeps a Wilson interval of its own, so the
    width is never 0.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873–890, method 10.
    """

    successes1: int
    n1: int
    successes2: int
    n2: int
    unit: str

    def __post_init__(self) -> None:
        store_counts(self, "successes1", "successes2")
        store_counts(self, "n1", "n2", minimum=1)
        if self.successes1 > self.n1 or self.successes2 > self.n2:
            raise ValueError(f"{self.successes1}/{self.n1} and {self.successes2}/{self.n2} are not two shares")

    @property
    def value(self) -> float:
        """First share minus second share."""
        return self.successes1 / self.n1 - self.successes2 / self.n2

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return self.n1 + self.n2

    @property
    def method(self) -> str:
        """Name of the test."""
        return "Newcombe hybrid score"

    @property
    def variance(self) -> float:
        """Sum of the two smoothed binomial variances."""
        return smoothed_variance(self.successes1, self.n1) + smoothed_variance(self.successes2, self.n2)

    @property
    def null(self) -> float:
        """No difference."""
        return 0.0

    def _lower(self, alpha: float) -> float:
        return self._bound(alpha, sign=-1.0)

    def _upper(self, alpha: float) -> float:
        return self._bound(alpha, sign=1.0)

    def _bound(self, alpha: float, sign: float) -> float:
        # Past the middle the lower bound at alpha is the upper bound at 1 - alpha.
        z = -float(ndtri(alpha))
        sign = math.copysign(sign, sign * z)
        low1, high1 = _wilson(self.successes1, self.n1, abs(z))
        low2, high2 = _wilson(self.successes2, self.n2, abs(z))
        p1, p2 = self.successes1 / self.n1, self.successes2 / self.n2
        if sign < 0:
            return self.value - math.hypot(p1 - low1, high2 - p2)
        return self.value + math.hypot(high1 - p1, p2 - low2)


def _wilson(successes: int, n: int, z: float) -> tuple[float, float]:
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return min(centre - half, p), max(centre + half, p)


@dataclass(frozen=True, slots=True)
class PairedDrop(Estimate):
    """How much more often the first condition holds than the second, on the same units.

    Parameters
    ----------
    both, first_only, second_only, neither : int
        The two-by-two table of the paired units.
    unit : str
        What was counted.

    Raises
    ------
    TypeError
        If a count is not an integer.
    ValueError
        If a count is negative or the table is empty.

    Notes
    -----
    Tango's score test of p(first) − p(second) = Δ, with b and c the discordant counts:
    z(Δ) = (b − c − nΔ) / √(n (2q + Δ(1 − Δ))), where q, the constrained maximum-likelihood estimate of
    the probability of *second only*, is (√(B² − 4AC) − B) / 2A with A = 2n, B = −b − c + (2n − b + c)Δ,
    C = −cΔ(1 − Δ). The bounds invert it by bisection. The variance under the constraint is positive
    also where no pair is discordant.

    References
    ----------
    Tango, T. (1998), Statistics in Medicine 17, 891–908.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    unit: str

    def __post_init__(self) -> None:
        store_counts(self, "both", "first_only", "second_only", "neither")
        if self.n == 0:
            raise ValueError("a paired table needs at least one pair")

    @property
    def value(self) -> float:
        """Share of the first condition minus share of the second."""
        return (self.first_only - self.second_only) / self.n

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def method(self) -> str:
        """Name of the test."""
        return "Tango score"

    @property
    def variance(self) -> float:
        """Multinomial variance with one pair added to either discordant cell, so that it is never 0."""
        total = self.n + 2
        first, second = (self.first_only + 1) / total, (self.second_only + 1) / total
        return (first + second - (first - second) ** 2) / self.n

    @property
    def null(self) -> float:
        """No difference."""
        return 0.0

    def _lower(self, alpha: float) -> float:
        return _tango_lower(self.first_only, self.second_only, self.n, alpha)

    def _upper(self, alpha: float) -> float:
        return -_tango_lower(self.second_only, self.first_only, self.n, alpha)

    def p_above(self, threshold: float) -> float:
        """Return the p-value of the score test that the difference is above `threshold`."""
        return _tango_p(self.first_only, self.second_only, self.n, threshold)

    def p_below(self, threshold: float) -> float:
        """Return the p-value of the score test that the difference is below `threshold`."""
        return _tango_p(self.second_only, self.first_only, self.n, -threshold)


def _tango_parts(b: int, c: int, n: int, delta: float) -> tuple[float, float]:
    """Return numerator and standard error of the score statistic at `delta`."""
    linear = -b - c + (2 * n - b + c) * delta
    root = math.sqrt(max(linear * linear + 8 * n * c * delta * (1 - delta), 0.0))
    # The root without cancellation: the product of the two roots is known.
    constant = -c * delta * (1 - delta)
    q = (root - linear) / (4 * n) if linear <= 0 else -2 * constant / (root + linear)
    return b - c - n * delta, math.sqrt(max(n * (2 * q + delta * (1 - delta)), 0.0))


def _tango_lower(b: int, c: int, n: int, alpha: float) -> float:
    z = -float(ndtri(alpha))
    estimate = (b - c) / n
    low, high = (-1.0, estimate) if z >= 0 else (estimate, 1.0)
    # Only the sign of numerator - z * se is asked: the statistic itself is 0/0 at the ends.
    for _ in range(60):
        middle = 0.5 * (low + high)
        numerator, se = _tango_parts(b, c, n, middle)
        if numerator > z * se:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _tango_p(b: int, c: int, n: int, threshold: float) -> float:
    if threshold < -1.0:
        return 0.0
    if threshold >= 1.0 or (threshold == -1.0 and c == n):
        return 1.0
    numerator, se = _tango_parts(b, c, n, threshold)
    if se == 0.0:
        return 0.5 if numerator == 0 else float(numerator < 0)
    return float(ndtr(-numerator / se))


def paired_drop(first: ArrayLike, second: ArrayLike, unit: str = "noise images") -> PairedDrop:
    """Return how much more often `first` holds than `second` on the same units.

    Parameters
    ----------
    first, second : array_like of bool, shape (n,)
        Whether the condition holds for each unit, in the same order.
    unit : str, default "noise images"
        What was counted.

    Returns
    -------
    PairedDrop

    Raises
    ------
    ValueError
        If the two are not boolean, one-dimensional, not empty and equally long.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.dtype != np.bool_ or b.dtype != np.bool_ or a.ndim != 1 or a.shape != b.shape or a.size == 0:
        raise ValueError(
            "paired_drop needs two boolean arrays of one length, "
            f"not {a.dtype} of shape {a.shape} and {b.dtype} of shape {b.shape}"
        )
    return PairedDrop(
        both=int(np.count_nonzero(a & b)),
        first_only=int(np.count_nonzero(a & ~b)),
        second_only=int(np.count_nonzero(~a & b)),
        neither=int(np.count_nonzero(~a & ~b)),
        unit=unit,
    )
