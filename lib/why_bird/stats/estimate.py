"""What a claim computes: a value that can bound itself and answer for a threshold."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scipy.special import ndtr

from why_bird.stats.validation import error_rate

Side = Literal["above", "below", "within"]
Scale = Literal["share", "probability", "difference", "standardised"]
"""Kinds of quantity: a share of counted labels, P(X > Y), a difference of two such, an effect in its own spread."""
Threshold = float | tuple[float, float]

# The error rates that a p-value is searched between, as normal quantiles: 1 - 6e-16 and 6e-300.
_Z_LARGEST_P, _Z_SMALLEST_P = -8.0, 37.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Raises ValueError if an end is NaN, ``low > high``, or the level is not between 0 and 1.
    """

    low: float
    high: float
    """Ends, in the estimate's unit; they may be infinite."""
    level: float
    """Confidence, between 0 and 1."""

    def __post_init__(self) -> None:
        # Asked as what must hold, so that a NaN cannot pass.
        if not self.low <= self.high:
            raise ValueError(f"an interval needs low <= high, not [{self.low!r}, {self.high!r}]")
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"the level of an interval lies between 0 and 1, not {self.level!r}")


class Estimate(ABC):
    """An estimated quantity whose bounds and p-values invert one and the same test.

    A subclass is a frozen dataclass of raw counts or data summaries. It gives the one-sided bounds
    ``_lower`` and ``_upper``, which must move towards the value as the error rate grows, and may pass it;
    p-values follow by inversion, and a subclass overrides ``_p_above`` and ``_p_below`` only
    where the inverse has a closed form. It checks itself when it is made: TypeError where a count is no
    integer, ValueError where a number is not finite, out of its range, or does not fit the others.

    Attributes
    ----------
    value : float
        Point estimate.
    n : int
        Number of units behind it.
    unit : str
        What was counted (``"noise images"``, ``"networks"``).
    method : str
        Name of the test that is inverted.
    variance : float or None
        Sampling variance of `value`; None where the value is exact or the data show no variation.
    null : float or None
        The value where there is no effect: 0 for a difference, 1/2 for P(X > Y), None for a plain share.
    scale : {"share", "probability", "difference", "standardised"}
        What the value is read on, which says how far off counts as near: a share, or a difference of shares, of units
        counted; P(X > Y); a difference of two such; anything in a unit of its own, where nothing else is said.
    support : tuple of float or None
        The least and the greatest value that the quantity can take, where it has such. No bound lies outside.
    note : str
        What a reader should know about this interval (a fallback, the weakest part), or empty.
    """

    __slots__ = ()

    # For the type checker only: a real property here would become the default of the field that
    # a dataclass puts in its place.
    if TYPE_CHECKING:

        @property
        def value(self) -> float: ...  # noqa: D102
        @property
        def n(self) -> int: ...  # noqa: D102
        @property
        def unit(self) -> str: ...  # noqa: D102
        @property
        def method(self) -> str: ...  # noqa: D102
        @property
        def variance(self) -> float | None: ...  # noqa: D102
        @property
        def null(self) -> float | None: ...  # noqa: D102
        @property
        def scale(self) -> Scale: ...  # noqa: D102
        @property
        def support(self) -> tuple[float, float] | None: ...  # noqa: D102
    else:
        support = None
        scale = "standardised"

    @property
    def note(self) -> str:
        """What a reader should know about this interval, or empty."""
        return ""

    @abstractmethod
    def _lower(self, alpha: float) -> float: ...

    @abstractmethod
    def _upper(self, alpha: float) -> float: ...

    def lower(self, alpha: float) -> float:
        """Return the one-sided lower confidence bound at error rate `alpha`.

        Raises ValueError unless 0 < `alpha` < 1.
        """
        return self._possible(self._lower(error_rate(alpha)))

    def upper(self, alpha: float) -> float:
        """Return the one-sided upper confidence bound at error rate `alpha`.

        Raises ValueError unless 0 < `alpha` < 1.
        """
        return self._possible(self._upper(error_rate(alpha)))

    def _possible(self, bound: float) -> float:
        # An interval for a quantity holds it no less often without what the quantity cannot be.
        least, greatest = self.support or (-math.inf, math.inf)
        return min(max(bound, least), greatest)

    def interval(self, level: float) -> Interval:
        """Return the equal-tailed interval of confidence `level`."""
        alpha = (1.0 - level) / 2.0
        return Interval(self.lower(alpha), self.upper(alpha), level)

    def p_above(self, threshold: float) -> float:
        """Return the one-sided p-value of the claim that the quantity is above `threshold`."""
        least, greatest = self.support or (-math.inf, math.inf)
        return self._p_above(threshold) if least <= threshold < greatest else float(threshold >= greatest)

    def p_below(self, threshold: float) -> float:
        """Return the one-sided p-value of the claim that the quantity is below `threshold`."""
        least, greatest = self.support or (-math.inf, math.inf)
        return self._p_below(threshold) if least < threshold <= greatest else float(threshold <= least)

    def _p_above(self, threshold: float) -> float:
        return _smallest_alpha(lambda alpha: self._lower(alpha) > threshold)

    def _p_below(self, threshold: float) -> float:
        return _smallest_alpha(lambda alpha: self._upper(alpha) < threshold)

    def p_value(self, threshold: Threshold, side: Side) -> float | None:
        """Return the p-value of a claim; it is below alpha exactly where the bound at alpha is past the threshold.

        It is None for an exact value. Raises ValueError if the threshold is not finite or does not fit the side.

        Parameters
        ----------
        threshold : float or tuple of float
            What the claim is held against; a pair (low, high) for ``side="within"``.
        side : {"above", "below", "within"}
            Where the claim puts the quantity. *Within* takes the larger of its two p-values.
        """
        low, high = limits(threshold, side)
        if side == "above":
            return self.p_above(low)
        if side == "below":
            return self.p_below(high)
        return max(self.p_above(low), self.p_below(high))


class Mirrored(Estimate):
    """An estimate whose upper bound is the lower one of the same data seen from the other side.

    A subclass gives ``_mirror``, the estimate of −θ, with ``_lower`` and ``_p_above``.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def _mirror(self) -> Estimate: ...

    def _upper(self, alpha: float) -> float:
        return -self._mirror._lower(alpha)

    def _p_below(self, threshold: float) -> float:
        return self._mirror._p_above(-threshold)


def limits(threshold: Threshold, side: Side) -> tuple[float, float]:
    """Return the open region that a claim speaks of, as (low, high) with infinite ends where it has none.

    Raises ValueError if the threshold is not finite or does not fit the side.
    """
    given = threshold if isinstance(threshold, tuple) else (threshold,)
    if not all(math.isfinite(end) for end in given):
        raise ValueError(f"a threshold must be finite, not {threshold!r}")
    if side == "within":
        if len(given) != 2 or not given[0] < given[1]:
            raise ValueError(f"side 'within' needs a threshold (low, high) with low < high, not {threshold!r}")
        return float(given[0]), float(given[1])
    if side not in ("above", "below"):
        raise ValueError(f"side must be 'above', 'below' or 'within', not {side!r}")
    if len(given) != 1:
        raise ValueError(f"side {side!r} needs one number as its threshold, not {threshold!r}")
    return (float(given[0]), math.inf) if side == "above" else (-math.inf, float(given[0]))


def _smallest_alpha(is_past: Callable[[float], bool]) -> float:
    """Bisect for the error rate from which on the bound is past the threshold, on the normal scale."""
    small, large = _Z_SMALLEST_P, _Z_LARGEST_P
    if is_past(float(ndtr(-small))):
        return 0.0
    if not is_past(float(ndtr(-large))):
        return 1.0
    for _ in range(54):
        middle = 0.5 * (small + large)
        if is_past(float(ndtr(-middle))):
            large = middle
        else:
            small = middle
    return float(ndtr(-large))
