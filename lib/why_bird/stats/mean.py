"""The mean of one number a unit, by Student's t with a correction for skewness."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from why_bird.stats import student
from why_bird.stats.estimate import Mirrored
from why_bird.stats.validation import finite_sample, store_counts, store_finite


@dataclass(frozen=True, slots=True)
class PairedMean(Mirrored):
    """The mean of independent units, most often of a difference within each unit.

    Notes
    -----
    Bounds are mean ∓ (t + g(2t² + 1)/(6√n)) sd/√n with t = t(1 − α; n − 1), cut to the support; g is the skewness
    where it makes large errors on that side of the mean more frequent (negative below, positive above), else
    0: the correction widens and never narrows. Where all n units agree (sd = 0) the t
    interval would have no width. A value never seen in n units has a mass of at most 1 − α^(1/n), since a
    larger one would have stayed unseen with probability below α; in the worst case all of it sits at the
    support's far end, so lower(α) = mean − (1 − α^(1/n)) (mean − least value), and likewise above. That
    bound is exact. Without a known support the unseen values are unlimited and the interval is infinite.

    References
    ----------
    Johnson, N. J. (1978), Journal of the American Statistical Association 73, 536–544.
    """

    value: float
    sd: float
    """Mean and standard deviation (divisor n − 1) over the units; sd 0 where all units agree."""
    n: int
    """Number of units; one unit only with ``sd=0``."""
    unit: str
    support: tuple[float, float] | None = None
    """The least and the greatest value that a unit can take, where that is known."""
    null: float | None = 0.0
    """The mean where there is no effect."""
    skewness: float = 0.0
    """Third central moment over the units by the 3/2 power of the second."""

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        store_finite(self, "value", "null", "skewness")
        store_finite(self, "sd", minimum=0.0)
        if self.n == 1 and self.sd > 0.0:
            raise ValueError("one unit has no standard deviation")
        if self.support is not None:
            low, high = float(self.support[0]), float(self.support[1])
            if not low <= self.value <= high or not math.isfinite(high - low):
                raise ValueError(f"the mean {self.value!r} lies outside the support {self.support!r}")
            object.__setattr__(self, "support", (low, high))

    @property
    def method(self) -> str:
        """Name of the test."""
        return "t over units, widened for skewness" if self.sd > 0.0 else "mass never seen"

    @property
    def variance(self) -> float | None:
        """Squared standard error of the mean; None where all units agree."""
        return self.sd**2 / self.n if self.sd > 0.0 else None

    @property
    def note(self) -> str:
        """Which fallback bounds the mean where all units agree."""
        if self.sd > 0.0:
            return ""
        if self.support is None:
            return f"all {self.n} {self.unit} agree and what others could do is unlimited"
        return f"all {self.n} {self.unit} agree: bounded by the mass that could have stayed unseen"

    @property
    def _mirror(self) -> PairedMean:
        support = None if self.support is None else (-self.support[1], -self.support[0])
        return replace(self, value=-self.value, support=support, skewness=-self.skewness)

    @property
    def _student(self) -> tuple[float, float, float]:
        return self.value, self.sd / math.sqrt(self.n), self.n - 1

    def _lower(self, alpha: float) -> float:
        if self.sd > 0.0:
            return student.lower_bound(*self._student, alpha, student.tilt(-self.skewness, self.n))
        least = self.support[0] if self.support else -math.inf
        if self.value == least:
            return self.value
        return self.value + math.expm1(math.log(alpha) / self.n) * (self.value - least)

    def _p_above(self, threshold: float) -> float:
        if self.sd > 0.0:
            return student.p_above(*self._student, threshold, student.tilt(-self.skewness, self.n))
        least = self.support[0] if self.support else -math.inf
        if threshold >= self.value or math.isinf(least):
            return 1.0
        return ((threshold - least) / (self.value - least)) ** self.n


def paired_mean(
    values: ArrayLike, unit: str, support: tuple[float, float] | None = None, null: float | None = 0.0
) -> PairedMean:
    """Return the mean of one number a unit.

    Raises ValueError if a value is not finite or lies outside the support, or there is none.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        One number a unit.
    support : tuple of float, optional
        The least and the greatest value that a unit can take.
    null : float, optional
        The mean where there is no effect; None where no value means that.

    Examples
    --------
    >>> found = paired_mean([1, 2, 3, 4, 5], "images").interval(0.95)  # R: t.test(1:5)$conf.int is 1.0368, 4.9632
    >>> round(found.low, 4), round(found.high, 4)
    (1.0368, 4.9632)
    """
    sample = finite_sample("values", values)
    least, greatest = float(sample.min()), float(sample.max())
    if support is not None and not (support[0] <= least and greatest <= support[1]):
        raise ValueError(f"values from {least!r} to {greatest!r} lie outside the support {support!r}")
    if least == greatest:
        # Summing equal numbers leaves a spread of rounding errors that means nothing.
        return PairedMean(least, 0.0, sample.size, unit, support, null)
    mean = min(max(float(sample.mean()), least), greatest)
    # Scaled first, so that cubes of tiny or huge numbers stay finite.
    standardised = (sample - mean) / (greatest - least)
    skewness = float(np.mean(standardised**2 * standardised) / np.mean(standardised**2) ** 1.5)
    return PairedMean(mean, float(np.std(sample, ddof=1)), sample.size, unit, support, null, skewness)
