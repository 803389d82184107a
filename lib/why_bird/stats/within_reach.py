"""Which share of one sample lies as near to the centre of another as most of that one's own points."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.proportion import Proportion
from why_bird.stats.quantiles import quantile, quantile_above, quantile_below
from why_bird.stats.validation import finite_sample, store_finite

_ONE_SIGMA = 0.158655
"""One-sided error rate at which a normal bound is one standard error away."""


@dataclass(frozen=True, slots=True)
class ShareWithin(Estimate):
    """The share of N points, of noise, within the radius of a class: the quantile of its own points' distances.

    Notes
    -----
    The share errs by the points that are counted, and by the images, which place the radius and the centre; each has
    half of α. The radius r has the exact bounds of an order statistic
    (:class:`~why_bird.stats.quantiles.QuantileDifference`); a shift s of the centre adds to its way as distances do,
    r_L = r − √((r − r_L)² + (zs)²), and up likewise. lower(α) is Clopper–Pearson's lower bound of the share within r_L,
    upper(α) the upper one within r_U: both sources at their worst, which by Bonferroni is enough however fast or slowly
    the share grows with the radius. No bound passes the value, also where α exceeds 1/2.
    """

    noise: tuple[float, ...]
    images: tuple[float, ...]
    """Distances from the centre, ascending: of the points that are counted, and of the n of the class."""
    shift: float
    """Standard error by which an error of the centre moves the distances of the points that are counted."""
    probability: float
    """Of the quantile, between 0 and 1."""
    unit: str
    """What was counted, both samples together."""
    method: ClassVar[str] = "Clopper–Pearson and order statistics of the radius, Bonferroni"
    null: ClassVar[None] = None
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        store_finite(self, "shift", minimum=0.0)
        for name in ("noise", "images"):
            object.__setattr__(self, name, tuple(np.sort(finite_sample(name, getattr(self, name))).tolist()))
        if not 0.0 < self.probability < 1.0:
            raise ValueError(f"the probability of a quantile lies between 0 and 1, not {self.probability!r}")

    @property
    def radius(self) -> float:
        """The quantile of the class's own distances."""
        return quantile(self.images, self.probability)

    @property
    def counted(self) -> Proportion:
        """The share as if the radius were known."""
        return self._within(self.radius)

    @property
    def value(self) -> float:
        """Share of the points within the radius."""
        return self.counted.value

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return len(self.noise) + len(self.images)

    @property
    def variance(self) -> float:
        """Sum of the squared errors of both sources."""
        return self.counted.variance + self.variance_of_radius

    @property
    def variance_of_radius(self) -> float:
        """Square of half the way of the share over two standard errors of the radius."""
        way = self._within(self._farther(_ONE_SIGMA)).value - self._within(self._nearer(_ONE_SIGMA)).value
        return (way / 2.0) ** 2

    def _nearer(self, alpha: float) -> float:
        below = quantile_below(self.images, self.probability, alpha)
        return self.radius - math.hypot(below, float(ndtri(alpha)) * self.shift)

    def _farther(self, alpha: float) -> float:
        above = quantile_above(self.images, self.probability, alpha)
        return self.radius + math.hypot(above, float(ndtri(alpha)) * self.shift)

    def _within(self, radius: float) -> Proportion:
        return Proportion(bisect_right(self.noise, radius), len(self.noise), self.unit)

    def _lower(self, alpha: float) -> float:
        return self._within(self._nearer(alpha / 2)).lower(alpha / 2)

    def _upper(self, alpha: float) -> float:
        return self._within(self._farther(alpha / 2)).upper(alpha / 2)


@dataclass(frozen=True, slots=True)
class ReachDifference(Estimate):
    """How much more of N points lies within the radius of one class than within that of another.

    Notes
    -----
    Each share has half of α: lower(α) = lower₁(α/2) − upper₂(α/2), which holds however the two err together.
    """

    first: ShareWithin
    second: ShareWithin
    """Of the same points."""
    method: ClassVar[str] = "Clopper–Pearson and order statistics of the radii, Bonferroni"
    null: ClassVar[float] = 0.0
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    @property
    def value(self) -> float:
        """Share within the first radius minus share within the second."""
        return self.first.value - self.second.value

    @property
    def n(self) -> int:
        """Units in all three samples together."""
        return self.first.n + len(self.second.images)

    @property
    def unit(self) -> str:
        """What was counted."""
        return self.first.unit

    @property
    def variance(self) -> float:
        """Sum of the squared errors of the radii and of what is counted, as if both counts erred by the same points."""
        counts = math.sqrt(self.first.counted.variance) + math.sqrt(self.second.counted.variance)
        return counts**2 + self.first.variance_of_radius + self.second.variance_of_radius

    def _lower(self, alpha: float) -> float:
        return self.first.lower(alpha / 2) - self.second.upper(alpha / 2)

    def _upper(self, alpha: float) -> float:
        return self.first.upper(alpha / 2) - self.second.lower(alpha / 2)
