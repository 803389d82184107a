"""From several trained networks to the procedure that made them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from why_bird.stats import student
from why_bird.stats.estimate import Interval, Mirrored, Side, Threshold, limits
from why_bird.stats.mean import PairedMean
from why_bird.stats.validation import error_rate, finite_sample, store_finite

_MOST_ENUMERATED = 20
_SKEWNESS = 0.5


@dataclass(frozen=True, slots=True)
class NetworkMean(Mirrored):
    """The mean of one number a network, over networks of one recipe.

    Notes
    -----
    A t interval over the R numbers, widened on both sides for a skewness of up to ½ of either sign, the
    bound of what counts as fairly symmetrical (Bulmer 1979): mean ∓ (t + ½(2t² + 1)/(6√R)) s/√R; so few numbers
    cannot tell their own skewness. Their variance s² holds the sampling variance within a network
    beside the variation between networks, so it is never taken below `within`. With s² = 0 the bounds are those of a
    :class:`~why_bird.stats.mean.PairedMean` without variation, by the mass never seen; without a known support, and
    with one network, the interval is infinite.

    References
    ----------
    Johnson, N. J. (1978), Journal of the American Statistical Association 73, 536–544; Bulmer, M. G.
    (1979), Principles of Statistics, chapter 4.

    Examples
    --------
    >>> NetworkMean((0.31, 0.92, 0.85, 0.4, 0.77), 0.0).value
    0.65
    """

    values: tuple[float, ...]
    """One number a network."""
    within: float
    """Mean sampling variance of those numbers, each given its network."""
    unit: str = "networks"
    null: float | None = 0.0
    support: tuple[float, float] | None = None
    """The least and the greatest value that a network's number, and so their mean, can take."""
    method: ClassVar[str] = "t over networks, widened for skewness"

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
        return "" if self._variance_of_one > 0.0 else self._alike.note

    @property
    def _mirror(self) -> NetworkMean:
        support = None if self.support is None else (-self.support[1], -self.support[0])
        return replace(self, values=tuple(-value for value in self.values), support=support)

    @property
    def _alike(self) -> PairedMean:
        """What networks that do not differ say of others."""
        return PairedMean(self.value, 0.0, self.n, self.unit, self.support if self.n > 1 else None)

    def _lower(self, alpha: float) -> float:
        if not self.variance:
            return self._alike._lower(alpha)
        tilt = student.tilt(_SKEWNESS, self.n)
        return student.lower_bound(self.value, math.sqrt(self.variance), self.n - 1, alpha, tilt)

    def _p_above(self, threshold: float) -> float:
        if not self.variance:
            return self._alike._p_above(threshold)
        tilt = student.tilt(_SKEWNESS, self.n)
        return student.p_above(self.value, math.sqrt(self.variance), self.n - 1, threshold, tilt)

    def prediction(self, level: float) -> Interval:
        """Return where one more network of the recipe would fall: mean ± t·s·√(1 + 1/R), cut to the support."""
        alpha = error_rate((1.0 - level) / 2.0)
        spread = self._variance_of_one
        if spread == 0.0:
            return Interval(self._possible(-math.inf), self._possible(math.inf), level)
        half = -student.lower_bound(0.0, math.sqrt(spread * (1.0 + 1.0 / self.n)), self.n - 1, alpha)
        return Interval(self._possible(self.value - half), self._possible(self.value + half), level)

    def sign_flip(self, threshold: Threshold, side: Side) -> float | None:
        """Return the p-value of the exact sign-flip test, a check that leans on symmetry only.

        All 2ᴿ signs of the networks' distances from the threshold are enumerated; None for more than
        20 networks. It is shown beside the t test and decides nothing.

        Raises ValueError if the threshold does not fit the side.
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
