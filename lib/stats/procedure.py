"""From several trained networks to the procedure that made them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.stats import student
from lib.stats.estimate import Estimate, Interval, Side, Threshold, limits
from lib.stats.intersection import Intersection
from lib.stats.validation import error_rate, finite_sample, store_finite

__all__ = ["NetworkMean", "pool"]

_MOST_ENUMERATED = 20


@dataclass(frozen=True, slots=True)
class NetworkMean(Estimate):
    """The mean of one number a network, over networks of one recipe.

    Parameters
    ----------
    values : tuple of float
        One number a network.
    within : float
        Mean sampling variance of those numbers, each given its network.
    unit : str, default "networks"
        What was counted.
    null : float, optional
        The value where there is no effect.

    Raises
    ------
    ValueError
        If a number is not finite, `within` is negative, or there is no network.

    Notes
    -----
    A t interval over the R numbers. Their variance s² holds the sampling variance within a network
    beside the variation between networks, so it is never taken below `within`. With one network, or
    with s² = 0, the interval is infinite.
    """

    values: tuple[float, ...]
    within: float
    unit: str = "networks"
    null: float | None = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(finite_sample("values", self.values).tolist()))
        store_finite(self, "within", minimum=0.0)
        store_finite(self, "null")

    @property
    def value(self) -> float:
        """Mean over the networks."""
        return math.fsum(self.values) / self.n

    @property
    def n(self) -> int:
        """Number of networks."""
        return len(self.values)

    @property
    def method(self) -> str:
        """Name of the test."""
        return "t over networks"

    @property
    def _variance_of_one(self) -> float:
        if self.n == 1:
            return 0.0
        differ = max(self.values) > min(self.values)
        return max(float(np.var(self.values, ddof=1)) if differ else 0.0, self.within)

    @property
    def variance(self) -> float | None:
        """Variance of the mean over the networks; None where it cannot be estimated."""
        return self._variance_of_one / self.n or None

    @property
    def note(self) -> str:
        """Why the interval is infinite, where it is."""
        if self.n == 1:
            return "one network says nothing about how networks differ"
        return "" if self._variance_of_one > 0.0 else f"the {self.n} {self.unit} do not differ at all"

    def _lower(self, alpha: float) -> float:
        return self._bound(self.value, alpha)

    def _upper(self, alpha: float) -> float:
        return -self._bound(-self.value, alpha)

    def _bound(self, location: float, alpha: float) -> float:
        spread = self._variance_of_one
        return student.lower_bound(location, math.sqrt(spread / self.n), self.n - 1, alpha) if spread else -math.inf

    def p_above(self, threshold: float) -> float:
        """Return the p-value of the claim that the mean is above `threshold`."""
        return self._p(self.value, threshold)

    def p_below(self, threshold: float) -> float:
        """Return the p-value of the claim that the mean is below `threshold`."""
        return self._p(-self.value, -threshold)

    def _p(self, location: float, threshold: float) -> float:
        spread = self._variance_of_one
        return student.p_above(location, math.sqrt(spread / self.n), self.n - 1, threshold) if spread else 1.0

    def prediction(self, level: float) -> Interval:
        """Return where one more network of the recipe would fall: mean ± t·s·√(1 + 1/R)."""
        alpha = error_rate((1.0 - level) / 2.0)
        spread = self._variance_of_one
        if spread == 0.0:
            return Interval(-math.inf, math.inf, level)
        half = -student.lower_bound(0.0, math.sqrt(spread * (1.0 + 1.0 / self.n)), self.n - 1, alpha)
        return Interval(self.value - half, self.value + half, level)

    def sign_flip(self, threshold: Threshold, side: Side) -> float | None:
        """Return the p-value of the exact sign-flip test, a check that leans on symmetry only.

        All 2ᴿ signs of the networks' distances from the threshold are enumerated; None for more than
        20 networks. It is shown beside the t test and decides nothing.

        Raises
        ------
        ValueError
            If the threshold does not fit the side.
        """
        low, high = limits(threshold, side)
        if self.n > _MOST_ENUMERATED:
            return None
        data = np.array(self.values)
        tails = []
        if side != "below":
            tails.append(_share_of_flips(data - low))
        if side != "above":
            tails.append(_share_of_flips(high - data))
        return max(tails)


def _share_of_flips(distances: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the share of sign patterns whose sum is at least the observed one."""
    sums = np.zeros(1)
    for distance in distances:
        sums = np.concatenate([sums + distance, sums - distance])
    rounding = 1e-12 * float(np.abs(distances).sum())
    return float(np.mean(sums >= distances.sum() - rounding))


def pool(estimates: Sequence[Estimate], unit: str = "networks") -> NetworkMean | Intersection:
    """Return the estimate for a procedure from the estimates of its networks.

    Parameters
    ----------
    estimates : sequence of Estimate
        One a network, all of one recipe and one kind.
    unit : str, default "networks"
        What is counted now.

    Returns
    -------
    NetworkMean or Intersection
        Intersections are pooled a contrast at a time, and then tested together again.

    Raises
    ------
    ValueError
        If there is no estimate, or some are intersections of other contrasts than the rest.
    """
    if not estimates:
        raise ValueError("there is no network to pool")
    intersections = [each for each in estimates if isinstance(each, Intersection)]
    if intersections:
        names = [tuple(name for name, _ in each.parts) for each in intersections]
        if len(intersections) < len(estimates) or len(set(names)) > 1:
            raise ValueError("networks can be pooled only where all were asked for the same contrasts")
        columns = zip(*(each.parts for each in intersections), strict=True)
        return Intersection(
            tuple((column[0][0], _network_mean([part for _, part in column], unit)) for column in columns)
        )
    return _network_mean(estimates, unit)


def _network_mean(estimates: Sequence[Estimate], unit: str) -> NetworkMean:
    within = math.fsum(each.variance or 0.0 for each in estimates) / len(estimates)
    return NetworkMean(tuple(each.value for each in estimates), within, unit, estimates[0].null)
