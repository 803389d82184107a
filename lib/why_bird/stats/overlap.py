"""Which of two fixed sets the top units of noise overlap with more, where the top is uncertain."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from why_bird.stats.estimate import Mirrored
from why_bird.stats.top_members import TopMembers
from why_bird.stats.validation import resampled_variance, store_finite

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

_NEITHER, _FIRST, _SECOND, _BOTH = range(4)
# Differences of two Jaccard indices that are equal may differ by rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class TopOverlap(Mirrored):
    """Jaccard(T, A) − Jaccard(T, B) of the m units T of the largest true means with two fixed sets A and B.

    Notes
    -----
    The difference has few values, and two units that are nearly level at the cut move it by a jump. Resampled values
    bound such a quantity badly, as they do a rank correlation. Therefore the *membership* is bounded: simultaneous
    intervals of the D means leave each unit certainly in T, certainly out of it, or open (see :class:`TopMembers`),
    and with probability 1 − α no unit that is certain is wrong. The bounds are the least and the greatest difference
    over all fills of the m places with open units. For J(t) = t/(m + |A| − t) with t units shared, only the numbers of
    open units in A alone, in B alone, in both and in neither matter: for each number taken from both, the least
    difference takes as many as it can from B alone, then from neither, and from A alone only what is still
    lacking. Of the exchanges of one unit of T for one outside that would lower the difference, the least certain one
    always counts as open, and so does the least certain of those that would raise it: the interval has a width
    on every side on which there is anything to exchange.
    """

    top: TopMembers
    """The m units of the largest sample means, and how certain each unit's membership is."""
    first: Mask
    second: Mask
    """(D,): A and B."""
    resampled: float
    """Variance of the difference over resamples. It bounds nothing, see the notes."""
    unit: str
    """What the means were taken over."""
    method: ClassVar[str] = "range over the top sets that simultaneous intervals allow"
    null: ClassVar[float] = 0.0
    support: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def __post_init__(self) -> None:
        store_finite(self, "resampled", minimum=0.0)
        for name in ("first", "second"):
            mask = np.array(getattr(self, name), dtype=bool)
            if mask.shape != self.top.chosen.shape:
                raise ValueError(f"{name} has the shape {mask.shape} for {self.top.chosen.size} units")
            mask.setflags(write=False)
            object.__setattr__(self, name, mask)

    @cached_property
    def value(self) -> float:
        """Difference for the units of the largest sample means."""
        taken = np.bincount(self._kinds[self.top.chosen], minlength=4)
        return float(self._difference(taken[_FIRST] + taken[_BOTH], taken[_SECOND] + taken[_BOTH]))

    @property
    def n(self) -> int:
        """Number of units that the means were taken over."""
        return self.top.n

    @property
    def variance(self) -> float | None:
        """Variance of the difference over resamples; None where no resample differs."""
        return self.resampled or None

    @property
    def note(self) -> str:
        """Whether the sets are one, and how many units never vary."""
        if np.array_equal(self.first, self.second):
            return "both sets are the same units, so their overlaps cannot differ"
        still = self.top.still
        return f"{still} of {self.top.chosen.size} units never vary over the {self.unit}" if still else ""

    @cached_property
    def _kinds(self) -> NDArray[np.intp]:
        return np.asarray(self.first * _FIRST + self.second * _SECOND, dtype=np.intp)

    def _difference(self, in_first: ArrayLike, in_second: ArrayLike) -> Array:
        """Return the difference where so many of the top units lie in A and in B."""
        m = int(self.top.chosen.sum())
        a, b = np.asarray(in_first, dtype=np.float64), np.asarray(in_second, dtype=np.float64)
        return np.asarray(a / (m + self.first.sum() - a) - b / (m + self.second.sum() - b))

    def _lower(self, alpha: float) -> float:
        return self._least(self._quantile(alpha))

    @cached_property
    def _mirror(self) -> TopOverlap:
        return TopOverlap(self.top, self.second, self.first, self.resampled, self.unit)

    @property
    def _tails(self) -> int:
        return 2 * self.top.chosen.size

    def _quantile(self, alpha: float) -> float:
        # The tail is below 1/2. Near the smallest number scipy's quantile of an odd df comes back with the wrong sign.
        return abs(float(stdtrit(self.n - 1, alpha / self._tails)))

    def _least(self, quantile: float) -> float:
        """Return the least difference where the means' intervals reach to a quantile of t."""
        kinds, chosen = self._kinds, self.top.chosen
        is_open = self.top.certain <= quantile
        is_open[self._lowering] = True
        taken = np.bincount(kinds[chosen & ~is_open], minlength=4)
        free = np.bincount(kinds[is_open], minlength=4)
        return min(self._least_fill(taken, free, int((chosen & is_open).sum())), self.value)

    def _least_fill(self, taken: Counts, free: Counts, places: int) -> float:
        others = int(free.sum() - free[_BOTH])
        both = np.arange(max(places - others, 0), min(free[_BOTH], places) + 1)
        second = np.minimum(free[_SECOND], places - both)
        first = np.maximum(places - both - second - free[_NEITHER], 0)
        shared = taken[_BOTH] + both
        return float(self._difference(taken[_FIRST] + shared + first, taken[_SECOND] + shared + second).min())

    @cached_property
    def _lowering(self) -> list[int]:
        """Return the least certain exchange that lowers the difference: a unit of the top, and one outside; or none."""
        kinds, chosen, certain = self._kinds, self.top.chosen, self.top.certain
        taken = np.bincount(kinds[chosen], minlength=4)
        in_first, in_second = taken[_FIRST] + taken[_BOTH], taken[_SECOND] + taken[_BOTH]
        weakest = [[_weakest(certain, (kinds == kind) & side) for kind in range(4)] for side in (chosen, ~chosen)]
        exchanges = []
        for out, leaving in enumerate(weakest[0]):
            for into, coming in enumerate(weakest[1]):
                if leaving is None or coming is None:
                    continue
                a = in_first + (into & _FIRST) - (out & _FIRST)
                b = in_second + ((into & _SECOND) - (out & _SECOND)) // _SECOND
                if self._difference(a, b) < self.value - _ROUNDING:
                    exchanges.append((max(certain[leaving], certain[coming]), leaving, coming))
        return list(min(exchanges)[1:]) if exchanges else []

    def _p_above(self, threshold: float) -> float:
        if self._least(math.inf) > threshold:
            return 0.0
        # The bound only moves where a unit becomes certain.
        steps = np.unique(self.top.certain)
        past = bisect_left(
            steps, 1, key=lambda step: int(not self._least(float(np.nextafter(step, -math.inf))) > threshold)
        )
        return min(float(stdtr(self.n - 1, -steps[past - 1])) * self._tails, 1.0) if past else 1.0


def _weakest(certain: Array, among: Mask) -> int | None:
    places = np.flatnonzero(among)
    return int(places[certain[places].argmin()]) if places.size else None


def top_overlap(top: TopMembers, first: ArrayLike, second: ArrayLike, resampled: ArrayLike, unit: str) -> TopOverlap:
    """Return how much more the top units overlap with one fixed set than with another.

    Raises ValueError if the shapes do not fit, a number is not finite, or there are fewer than two resamples.

    Parameters
    ----------
    first, second : array_like of int
        Units of A and of B.
    resampled : array_like of float, shape (B, D)
        The means of B resamples. Only how the difference varies over them is used.
    unit : str
        What the means were taken over.

    Examples
    --------
    >>> from why_bird.stats import top_members
    >>> means = np.array([9.0, 8.0, 1.0, 0.0])
    >>> top = top_members(means, [0.1] * 4, [0] * 4, 100, 2)
    >>> top_overlap(top, [0, 1], [1, 2], [means, means], "images").value  # 2 of 2 units, and 1 of 3
    0.6666666666666667
    """
    width = top.chosen.size
    drawn = np.asarray(resampled, dtype=np.float64)
    if drawn.ndim != 2 or drawn.shape[1] != width or len(drawn) < 2 or not np.isfinite(drawn).all():
        raise ValueError(f"resampled means need the shape (2 or more, {width}) and finite numbers, not {drawn.shape}")
    a, b = (np.isin(np.arange(width), np.asarray(units)) for units in (first, second))
    m = int(top.chosen.sum())
    tops = np.argsort(-drawn, axis=1, kind="stable")[:, :m]
    estimate = TopOverlap(top, a, b, 0.0, unit)
    values = estimate._difference(a[tops].sum(1), b[tops].sum(1))
    return TopOverlap(top, a, b, resampled_variance(values), unit)
