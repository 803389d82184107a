"""The difference of two quantiles: resampling within strata, and bounds where resampling has none."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc

from why_bird.stats.estimate import Estimate
from why_bird.stats.multiplicity import FAMILY_ALPHA
from why_bird.stats.validation import finite_sample, store_finite


@dataclass(frozen=True, slots=True)
class QuantileDifference(Estimate):
    """The quantile of one sample minus that of another, independent one.

    Notes
    -----
    The quantile of n values is the k-th smallest, k = ⌈n · probability⌉. A single one has the exact,
    distribution-free bounds x₍ⱼ₎ with P(Bin(n, probability) <= j − 1) <= α below, and likewise above; where no
    rank j does, the bound is infinite. Those of the difference d are recovered from them:
    lower(α) = d − √((q₁ − lower₁)² + (upper₂ − q₂)²). Where ties would leave a quantile's bound on the quantile
    itself, the next value seen is taken, and infinity where there is none: α < 1/2 never gives a
    zero width. Past 1/2 the root is added, of the bounds that have passed. Ties around a quantile
    (between its bounds at α = .025) let both of its bounds be reached far more often than α, where the root is
    too small; the difference then has lower(α) = lower₁(α/2) − upper₂(α/2), which holds whatever the ties.

    The variance is that of the bootstrap within strata, taken to infinitely many replicates: a resampled
    quantile is x₍ⱼ₎ with probability I(j/n; k, n − k + 1) − I((j − 1)/n; k, n − k + 1).

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693–1702; David, H. A. and Nagaraja, H. N.
    (2003), Order Statistics, section 7.1; Maritz, J. S. and Jarrett, R. G. (1978), Journal of the American
    Statistical Association 73, 194–196, for the variance.
    """

    first: tuple[float, ...]
    second: tuple[float, ...]
    """The two samples, ascending, on the scale of the difference (logarithms for a ratio)."""
    probability: float
    """Of the quantile, between 0 and 1."""
    unit: str
    null: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        store_finite(self, "probability")
        if not 0.0 < self.probability < 1.0:
            raise ValueError(f"the probability of a quantile lies between 0 and 1, not {self.probability!r}")
        for name in ("first", "second"):
            sample = finite_sample(name, getattr(self, name))
            if np.any(np.diff(sample) < 0.0):
                raise ValueError(f"{name} must be ascending")
            object.__setattr__(self, name, tuple(sample.tolist()))

    @property
    def value(self) -> float:
        """Difference of the two quantiles."""
        return quantile(self.first, self.probability) - quantile(self.second, self.probability)

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return len(self.first) + len(self.second)

    @property
    def method(self) -> str:
        """Name of the test."""
        return "order statistics of each sample, " + ("Bonferroni" if self._tied else "difference by MOVER")

    @property
    def variance(self) -> float | None:
        """Variance of the bootstrap within strata; None where no resample differs."""
        parts = [_resampled_variance(sample, self.probability) for sample in (self.first, self.second)]
        return sum(parts) or None

    @property
    def note(self) -> str:
        """Which side is open whatever the error rate, where one is."""
        samples = self.first, self.second
        if not any(quantile(each, self.probability) in (each[0], each[-1]) for each in samples):
            return ""
        return f"no {self.unit} lie beyond a quantile on one side, so the interval is open there"

    @property
    def _tied(self) -> bool:
        return any(_is_tied(sample, self.probability) for sample in (self.first, self.second))

    def _lower(self, alpha: float) -> float:
        return self.value - self._away(self.first, self.second, alpha)

    def _upper(self, alpha: float) -> float:
        return self.value + self._away(self.second, self.first, alpha)

    def _away(self, low: tuple[float, ...], high: tuple[float, ...], alpha: float) -> float:
        """Return how far the bound is from the value, where `low` has its lower and `high` its upper bound."""
        if self._tied:
            return quantile_below(low, self.probability, alpha / 2) + quantile_above(high, self.probability, alpha / 2)
        away = math.hypot(quantile_below(low, self.probability, alpha), quantile_above(high, self.probability, alpha))
        return -away if alpha >= 0.5 else away


def quantile_difference(x: ArrayLike, y: ArrayLike, probability: float, unit: str) -> QuantileDifference:
    """Return the quantile of `x` minus the quantile of `y`.

    Raises ValueError if a value is not finite, a sample is empty, or the probability is out of its range.

    Parameters
    ----------
    x, y : array_like of float, shapes (n1,) and (n2,)
        Two independent samples, on the scale of the difference: logarithms for the logarithm of a ratio.
    probability : float
        Of the quantile, between 0 and 1.

    Examples
    --------
    >>> quantile_difference(range(100), range(50), 0.95, "images").value  # R: quantile(…, .95, type = 1)
    47.0
    """
    first, second = (tuple(np.sort(finite_sample(name, values)).tolist()) for name, values in (("x", x), ("y", y)))
    return QuantileDifference(first, second, probability, unit)


def _rank(n: int, probability: float) -> int:
    # 1,000 times .95 may come out a rounding error above 950.
    return min(max(math.ceil(n * probability - 1e-9 * n), 1), n)


def quantile(sample: tuple[float, ...], probability: float) -> float:
    """Return the k-th smallest of n values, k = ⌈n · probability⌉."""
    return sample[_rank(len(sample), probability) - 1]


@lru_cache(maxsize=64)
def _tails(n: int, probability: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return P(Bin <= j) and, ascending, P(Bin >= j), each for j = 0 … n."""
    below = np.arange(n)
    at_most = betaincc(below + 1, n - below, probability)
    at_least = betainc(n - below, below + 1, probability)
    return np.append(at_most, 1.0), np.append(at_least, 1.0)


def quantile_below(sample: tuple[float, ...], probability: float, alpha: float) -> float:
    """Return how far the quantile's one-sided lower bound is below it; from alpha = 1/2 on, above it."""
    at = quantile(sample, probability)
    rank = int(np.searchsorted(_tails(len(sample), probability)[0], alpha, side="right"))
    if alpha >= 0.5:
        return max(sample[min(rank, len(sample)) - 1] - at, 0.0) if rank else 0.0
    # The ranks of what is smaller than the quantile end here.
    rank = min(rank, bisect_left(sample, at))
    return at - sample[rank - 1] if rank else math.inf


def quantile_above(sample: tuple[float, ...], probability: float, alpha: float) -> float:
    """Return how far the quantile's one-sided upper bound is above it; from alpha = 1/2 on, below it."""
    n, at = len(sample), quantile(sample, probability)
    rank = n + 1 - int(np.searchsorted(_tails(n, probability)[1], alpha, side="right"))
    if alpha >= 0.5:
        return max(at - sample[max(rank, 1) - 1], 0.0) if rank <= n else 0.0
    rank = max(rank, bisect_right(sample, at) + 1)
    return sample[rank - 1] - at if rank <= n else math.inf


def _is_tied(sample: tuple[float, ...], probability: float) -> bool:
    """Return whether values repeat between the quantile's bounds at the error rate of the whole family."""
    lower, upper = (int(np.searchsorted(tail, FAMILY_ALPHA, side="right")) for tail in _tails(len(sample), probability))
    window = sample[max(lower - 1, 0) : len(sample) + 1 - upper]
    return len(set(window)) < len(window)


def _resampled_variance(sample: tuple[float, ...], probability: float) -> float:
    n, k = len(sample), _rank(len(sample), probability)
    weights = np.diff(betainc(k, n - k + 1, np.arange(n + 1) / n))
    # Differences from the quantile itself, which are exactly 0 where nothing varies.
    values = np.array(sample) - quantile(sample, probability)
    return float(weights @ (values - weights @ values) ** 2)
