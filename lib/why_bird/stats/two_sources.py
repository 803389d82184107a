"""A quantity whose error has two independent sources, such as images and noise, or images and sets of units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from numpy.typing import ArrayLike

from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.mean import PairedMean, paired_mean
from why_bird.stats.validation import store_finite

__all__ = ["TwoSources", "two_sources"]


@dataclass(frozen=True, slots=True)
class TwoSources(Estimate):
    r"""An estimate that errs by the sum of the errors of two independent means.

    Parameters
    ----------
    value : float
        The estimate.
    first, second : PairedMean
        How it varies with the units of each sample: one number a unit, whose mean errs as the estimate does when the
        other sample is held fixed.
    unit : str
        What was counted, both samples together.
    support : tuple of float, optional
        The least and the greatest value that the quantity can take.

    Notes
    -----
    Such is, to the first order, a U-statistic of two samples: with :math:`d_i` the placements of one and
    :math:`e_j` those of the other, :math:`\hat\theta - \theta \approx (\bar d - \theta) + (\bar e - \theta)` and
    :math:`SE^2 = s_d^2/m + s_e^2/n` (DeLong et al. 1988). The bounds are recovered from those of the two means
    at the same error rate, :math:`L = \hat\theta - \sqrt{(\bar d - L_d)^2 + (\bar e - L_e)^2}` and likewise above (Zou
    & Donner 2008), so that what widens each for its skewness, or where its units all agree, carries over. Of
    plain normal bounds this is :math:`\hat\theta \mp z \cdot SE`.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44, 837–845; Zou, G. Y. and
    Donner, A. (2008), Statistics in Medicine 27, 1693–1702.
    """

    value: float
    first: PairedMean
    second: PairedMean
    unit: str
    support: tuple[float, float] | None = None
    method: ClassVar[str] = "two sources of error, each by t widened for skewness"
    null: ClassVar[float] = 0.0
    scale: ClassVar[Scale] = "difference"

    def __post_init__(self) -> None:
        store_finite(self, "value")
        low, high = self.support or (-math.inf, math.inf)
        if not low <= self.value <= high:
            raise ValueError(f"the value {self.value!r} lies outside the support {self.support!r}")

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return self.first.n + self.second.n

    @property
    def variance(self) -> float | None:
        """Sum of the squared standard errors; None where neither sample varies."""
        return (self.first.variance or 0.0) + (self.second.variance or 0.0) or None

    @property
    def note(self) -> str:
        """Which fallback bounds a sample that does not vary."""
        return "; ".join(filter(None, (self.first.note, self.second.note)))

    def _lower(self, alpha: float) -> float:
        down = _together(*(mean.value - mean.lower(alpha) for mean in (self.first, self.second)))
        return self.value - down

    def _upper(self, alpha: float) -> float:
        up = _together(*(mean.upper(alpha) - mean.value for mean in (self.first, self.second)))
        return self.value + up


def _together(first: float, second: float) -> float:
    """Return the root of the sum of two squares that keep their sign: past alpha = 1/2 bounds cross the value."""
    if (first < 0.0) == (second < 0.0):
        return math.copysign(math.hypot(first, second), first)
    # The difference of the squares, in factors that cannot overflow.
    more, less = sorted((first, second), key=abs, reverse=True)
    between = math.sqrt(abs(more) - abs(less)) * math.sqrt(abs(more) + abs(less))
    return math.copysign(between, more)


def two_sources(
    value: float,
    first: ArrayLike,
    second: ArrayLike,
    units: tuple[str, str],
    support: tuple[float, float] = (-1.0, 1.0),
) -> TwoSources:
    """Return an estimate with what each unit of its two samples says of it.

    Parameters
    ----------
    value : float
    first, second : array_like of float, shapes (m,) and (n,)
        One number a unit; see :class:`TwoSources`.
    units : tuple of two str
        What was counted in each.
    support : tuple of float, default (-1, 1)
        The least and the greatest value of the quantity and of a unit of either sample.

    Raises
    ------
    ValueError
        If a number is not finite or lies outside the support, or a sample is empty.

    Examples
    --------
    >>> found = two_sources(0.1, [0.1, 0.2, 0.0, 0.1], [0.1, 0.05, 0.15, 0.1], ("images", "noise images"))
    >>> found.n, found.unit
    (8, 'images and noise images')
    """
    means = paired_mean(first, units[0], support), paired_mean(second, units[1], support)
    return TwoSources(float(value), *means, " and ".join(units), support)
