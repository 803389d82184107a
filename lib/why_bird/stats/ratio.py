"""How large one probability is beside another of the same units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from why_bird.stats.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Ratio(Estimate):
    """The ratio of two quantities that are not negative, each with bounds of its own.

    Notes
    -----
    lower(α) = first.lower(α/2) / second.upper(α/2), upper(α) = first.upper(α/2) / second.lower(α/2). Where each of two
    bounds fails with a probability of at most α/2, one of them fails with at most α, however the two hang together
    (Bonferroni). Where they rise and fall together, as mistakes on the same images do, that is on the safe side. The
    upper bound is infinite where the second quantity could be 0.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> found = Ratio(Proportion(10, 1000, "images"), Proportion(100, 1000, "images"), "images").interval(0.95)
    >>> round(found.low, 3), round(found.high, 3)  # from .0044 / .1235 to .0195 / .0794
    (0.035, 0.246)
    """

    first: Estimate
    second: Estimate
    """Of the same units; the second's value is above 0."""
    unit: str
    null: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if not (self.first.value >= 0.0 and self.second.value > 0.0):
            raise ValueError(f"{self.first.value!r} to {self.second.value!r} is no ratio of what is not negative")

    @property
    def value(self) -> float:
        """The ratio of the two values."""
        return self.first.value / self.second.value

    @property
    def n(self) -> int:
        """Units behind the first quantity."""
        return self.first.n

    @property
    def method(self) -> str:
        """Name of the test."""
        return f"{self.second.method}, ratio of two by Bonferroni"

    @property
    def variance(self) -> float | None:
        """To the first order, as if the two were independent; None where neither varies."""
        first, second = (each.variance or 0.0 for each in (self.first, self.second))
        return (first + self.value**2 * second) / self.second.value**2 or None

    @property
    def note(self) -> str:
        """What is to be known of either's bounds."""
        return "; ".join(dict.fromkeys(filter(None, (self.first.note, self.second.note))))

    def _lower(self, alpha: float) -> float:
        return max(self.first.lower(alpha / 2), 0.0) / self.second.upper(alpha / 2)

    def _upper(self, alpha: float) -> float:
        least = self.second.lower(alpha / 2)
        return self.first.upper(alpha / 2) / least if least > 0.0 else math.inf
