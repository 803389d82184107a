"""The one-sided score test, widened for skewness, shared by the two differences of proportions."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from scipy.special import ndtr, ndtri

from why_bird.stats.estimate import Mirrored, Scale


@dataclass(frozen=True, slots=True)
class Score:
    """What the data and one hypothetical value say of each other.

    Notes
    -----
    By Cornish and Fisher the excess passes se·z + third·(z² − 1)/6 with probability 1 − Φ(z), to the
    second order. The second term is used where it makes the test stricter (third > 0, z > 1), and never
    where it would make it laxer: the test is nowhere more liberal than the plain score test.

    References
    ----------
    Gart, J. J. and Nam, J. (1988), Biometrics 44, 323–338; Laud, P. J. (2017), Pharmaceutical
    Statistics 16, 334–348.
    """

    excess: float
    """Estimate minus hypothetical value."""
    se: float
    """Standard error of the estimate where that value is true; 0 only where it allows one outcome."""
    third: float
    """Third central moment of the estimate there, divided by its variance; 0 where `se` is 0."""

    def is_past(self, z: float) -> bool:
        """Return whether the excess is beyond its quantile 1 − Φ(−z)."""
        widening = max(self.third, 0.0) * (z * z - 1.0) / 6.0 if z > 1.0 else 0.0
        return self.excess > z * self.se + widening

    @property
    def p(self) -> float:
        """Probability of such an excess or a larger one, the inverse of :meth:`is_past`."""
        if self.se == 0.0:
            return 0.5 if self.excess == 0.0 else float(self.excess < 0.0)
        tilt = max(self.third, 0.0) / 6.0
        if self.excess <= self.se or tilt == 0.0:
            return float(ndtr(-self.excess / self.se))
        # The positive root of tilt·z² + se·z = excess + tilt, without cancellation.
        total = self.excess + tilt
        return float(ndtr(-2.0 * total / (self.se + math.sqrt(self.se**2 + 4.0 * tilt * total))))


class ScoreDifference(Mirrored):
    """A difference of two shares whose bounds invert a score test, by bisection."""

    __slots__ = ()

    null: ClassVar[float] = 0.0
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    @abstractmethod
    def score(self, difference: float) -> Score:
        """Return what the data say of a hypothetical difference of the shares, from −1 to 1."""

    def _lower(self, alpha: float) -> float:
        z = -float(ndtri(alpha))
        low, high = (-1.0, self.value) if z >= 0.0 else (self.value, 1.0)
        for _ in range(60):
            middle = 0.5 * (low + high)
            if self.score(middle).is_past(z):
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def _p_above(self, threshold: float) -> float:
        return 1.0 if threshold == -1.0 == self.value else self.score(threshold).p
