"""Which share of one sample lies as near to the centre of another as most of that one's own points."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.pairs import PairedDrop
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
    The share errs by the points that are counted (Clopper–Pearson), and by the images, which place the radius and the
    centre. The radius r has the exact bounds of an order statistic
    (:class:`~why_bird.stats.quantiles.QuantileDifference`); with a shift s of the centre it goes down to
    r − √((r − r_L)² + (zs)²), and up likewise. The share within that radius is one bound; that of both sources is
    recovered from the two, L = p − √((p − p_N)² + (p − p_R)²) (Zou & Donner 2008). A share that is full at every
    such radius errs by its points alone.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693–1702.
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
    method: ClassVar[str] = "Clopper–Pearson and order statistics of the radius, by MOVER"
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
    def value(self) -> float:
        """Share of the points within the radius."""
        return self._share(self.radius)

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return len(self.noise) + len(self.images)

    @property
    def variance(self) -> float:
        """Sum of the squared errors of both sources, that of the radius as half of its way over two standard errors."""
        return self._counted.variance + self.variance_of_radius

    @property
    def variance_of_radius(self) -> float:
        """Square of half the way of the share over two standard errors of the radius."""
        return ((self.above(_ONE_SIGMA) + self.below(_ONE_SIGMA)) / 2.0) ** 2

    def below(self, alpha: float) -> float:
        """Return how far the share at the radius's lower bound is below the share; past alpha = 1/2, how far above."""
        return self.value - self._share(self.radius - self._away(quantile_below, alpha))

    def above(self, alpha: float) -> float:
        """Return how far the share at the radius's upper bound is above the share; past alpha = 1/2, how far below."""
        return self._share(self.radius + self._away(quantile_above, alpha)) - self.value

    def _away(self, side: Callable[[tuple[float, ...], float, float], float], alpha: float) -> float:
        return _together(alpha, side(self.images, self.probability, alpha), float(ndtri(alpha)) * self.shift)

    def _share(self, radius: float) -> float:
        return bisect_right(self.noise, radius) / len(self.noise)

    @property
    def _counted(self) -> Proportion:
        return Proportion(bisect_right(self.noise, self.radius), len(self.noise), self.unit)

    def _lower(self, alpha: float) -> float:
        return self.value - _together(alpha, self.value - self._counted.lower(alpha), self.below(alpha))

    def _upper(self, alpha: float) -> float:
        return self.value + _together(alpha, self._counted.upper(alpha) - self.value, self.above(alpha))


def _together(alpha: float, *ways: float) -> float:
    """Return the root of the sum of squares of ways that all turn round at alpha = 1/2."""
    return math.copysign(math.hypot(*ways), 0.5 - alpha)


@dataclass(frozen=True, slots=True)
class ReachDifference(Estimate):
    """How much more of N points lies within the radius of one class than within that of another.

    Notes
    -----
    The points, the images of the one class and those of the other err independently: the bounds of the difference are
    recovered from Tango's for the points and from those of the two radii, as for :class:`ShareWithin`.
    """

    drop: PairedDrop
    """Which points lie within the one radius, and which within the other."""
    first: ShareWithin
    second: ShareWithin
    """Of the same points."""
    method: ClassVar[str] = "Tango score and order statistics of the radii, by MOVER"
    null: ClassVar[float] = 0.0
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    @property
    def value(self) -> float:
        """Share within the first radius minus share within the second."""
        return self.drop.value

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
        """Sum of the squared errors of the three sources."""
        return self.drop.variance + self.first.variance_of_radius + self.second.variance_of_radius

    def _lower(self, alpha: float) -> float:
        ways = self.value - self.drop.lower(alpha), self.first.below(alpha), self.second.above(alpha)
        return self.value - _together(alpha, *ways)

    def _upper(self, alpha: float) -> float:
        ways = self.drop.upper(alpha) - self.value, self.first.above(alpha), self.second.below(alpha)
        return self.value + _together(alpha, *ways)
