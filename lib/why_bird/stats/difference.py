"""The difference of two proportions of independent units, by a score test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from why_bird.stats.proportion import smoothed_variance
from why_bird.stats.score import Score, ScoreDifference
from why_bird.stats.validation import store_counts


@dataclass(frozen=True, slots=True)
class ProportionDifference(ScoreDifference):
    """First share minus second share of independent units, by Miettinen and Nurminen's score test.

    Notes
    -----
    With r₁ and r₂ the maximum-likelihood shares under r₁ − r₂ = Δ, vᵢ = rᵢ(1 − rᵢ)/nᵢ and N = n₁ + n₂, the
    score of Δ is p₁ − p₂ − Δ against the variance (v₁ + v₂) N/(N − 1), with the third moment
    v₁(1 − 2r₁)/n₁ − v₂(1 − 2r₂)/n₂; :class:`~why_bird.stats.score.Score` says how that widens it. The bounds invert the
    test by bisection. The variance under the constraint is positive also where a share is 0 or 1.

    References
    ----------
    Miettinen, O. and Nurminen, M. (1985), Statistics in Medicine 4, 213–226; Laud, P. J. (2017),
    Pharmaceutical Statistics 16, 334–348.

    Examples
    --------
    >>> found = ProportionDifference(56, 70, 48, 80, "units").interval(0.95)  # unwidened .0528, .3382 (Newcombe 1998)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0528, 0.3398)
    """

    successes1: int
    n1: int
    successes2: int
    n2: int
    """Counts of the two samples."""
    unit: str
    method: ClassVar[str] = "Miettinen–Nurminen score, widened for skewness"

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
    def variance(self) -> float:
        """Sum of the two smoothed binomial variances."""
        return smoothed_variance(self.successes1, self.n1) + smoothed_variance(self.successes2, self.n2)

    @property
    def _mirror(self) -> ProportionDifference:
        return ProportionDifference(self.successes2, self.n2, self.successes1, self.n1, self.unit)

    def score(self, difference: float) -> Score:
        """Return what the data say of a hypothetical difference of the shares, from −1 to 1."""
        first, second = self._constrained(difference)
        variances = first * (1.0 - first) / self.n1, second * (1.0 - second) / self.n2
        total = math.fsum(variances)
        excess = self.value - difference
        if total <= 0.0:
            return Score(excess, 0.0, 0.0)
        third = variances[0] * (1.0 - 2.0 * first) / self.n1 - variances[1] * (1.0 - 2.0 * second) / self.n2
        return Score(excess, math.sqrt(total * self.n / (self.n - 1)), third / total)

    def _constrained(self, difference: float) -> tuple[float, float]:
        """Return the shares of greatest likelihood that are `difference` apart, by Cardano's formula."""
        successes = self.successes1 + self.successes2
        cubic = 3.0 * self.n
        square = (self.n + self.n2) * difference - self.n - successes
        linear = (self.n2 * difference - self.n - 2 * self.successes2) * difference + successes
        constant = self.successes2 * difference * (1.0 - difference)
        offset = (square / cubic) ** 3 - linear * square / (2.0 * cubic * self.n) + constant / (2.0 * self.n)
        size = math.sqrt(max((square / cubic) ** 2 - linear / cubic, 0.0))
        size = math.copysign(size, offset)
        cosine = min(max(offset / size**3, -1.0), 1.0) if size**3 else 0.0
        second = 2.0 * size * math.cos((math.pi + math.acos(cosine)) / 3.0) - square / cubic
        second = min(max(second, 0.0, -difference), 1.0, 1.0 - difference)
        return second + difference, second
