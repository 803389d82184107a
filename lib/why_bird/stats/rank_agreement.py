"""How well rankings of a few fixed classes agree, where the scores that rank them are uncertain."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from why_bird.ranks import midranks
from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.ranking import greatest_concordance, least_concordance, rank_intervals
from why_bird.stats.validation import resampled_variance, store_counts, store_finite

__all__ = ["RankAgreement", "kendall_w", "spearman"]

Statistic = Literal["spearman", "kendall"]
Orders = tuple[tuple[tuple[float, ...], ...], ...]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankAgreement(Estimate):
    """Spearman's ρ of two, or Kendall's W of several, rankings of the same classes.

    Parameters
    ----------
    statistic : {"spearman", "kendall"}
        Which of the two.
    value : float
        Of the scores as they are.
    orders : tuple of tuple of tuple of float, shape (m, k, k)
        For each ranking the one-sided p-value of "class i is truly below class j"; 1 where i does not score less
        than j, or where nothing is known of the error.
    resampled : float
        Variance of the statistic over resamples. It bounds nothing, see the notes.
    n : int
        Number of units that the scores were made from.
    unit : str
        What was counted.

    Notes
    -----
    The quantity is the statistic of the classes' true scores, one of finitely many values, and two classes that
    are nearly level move it by a jump. Resampled values bound it badly then: where such a pair truly stands the
    wrong way round, half of all samples have it the right way, and most of those with a standard error so
    small that value − z·se is past the truth; resampled ranks are also noisier than the ranks.

    Therefore orders are bounded, and not the statistic. Of all P = m·k(k − 1)/2 pairs, an order is certain at α where
    its p-value is below α/P (Bonferroni): with probability 1 − α no certain order is wrong, however many
    classes are level. Certain orders leave each class an interval of ranks, and the bounds are the least and the
    greatest value over the rankings within those intervals and their mixtures. The least certain order
    of neighbours always counts as open, so that the interval has a width.

    References
    ----------
    Klein, M., Wright, T. and Wieczorek, J. (2020), Journal of the Royal Statistical Society A 183, 589–606.
    """

    statistic: Statistic
    value: float
    orders: Orders
    resampled: float
    n: int
    unit: str
    method: ClassVar[str] = "range over the rankings that the certain orders allow"
    scale: ClassVar[Scale] = "standardised"

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        store_finite(self, "value")
        store_finite(self, "resampled", minimum=0.0)
        if self.statistic not in ("spearman", "kendall"):
            raise ValueError(f"statistic must be 'spearman' or 'kendall', not {self.statistic!r}")
        orders = np.asarray(self.orders, dtype=np.float64)
        if orders.ndim != 3 or orders.shape[1] != orders.shape[2] or min(orders.shape) < 2:
            raise ValueError(f"orders need the shape (rankings, classes, classes), two at least, not {orders.shape}")
        if self.statistic == "spearman" and len(orders) != 2:
            raise ValueError(f"Spearman's correlation is of two rankings, not of {len(orders)}")
        if not ((orders >= 0.0) & (orders <= 1.0)).all() or not -1.0 <= self.value <= 1.0:
            raise ValueError("p-values lie between 0 and 1, and an agreement between −1 and 1")

    @property
    def variance(self) -> float | None:
        """Variance of the statistic over resamples; None where no resample differs."""
        return self.resampled or None

    @property
    def null(self) -> float:
        """0 for ρ; 1/m for W, its mean over independent rankings."""
        return 0.0 if self.statistic == "spearman" else 1.0 / len(self.orders)

    @property
    def note(self) -> str:
        """Whether there is a ranking of whose error nothing is known."""
        if all(min(min(row) for row in ranking) < 1.0 for ranking in self.orders):
            return ""
        return f"no score of a ranking changes when {self.unit} are resampled, which says nothing about its error"

    @property
    def _pairs(self) -> int:
        classes = len(self.orders[0])
        return len(self.orders) * classes * (classes - 1) // 2

    def _lower(self, alpha: float) -> float:
        return self._least(alpha / self._pairs)

    def _upper(self, alpha: float) -> float:
        return self._greatest(alpha / self._pairs)

    def _least(self, limit: float) -> float:
        """Return the lower bound where the orders of a p-value below `limit` are certain."""
        low, high = _open_ranks(self.orders, limit)
        # Rankings without ties are searched, and the value may be of some with.
        return min(self._shown(_least_of(low, high, len(self.orders))), self.value)

    def _greatest(self, limit: float) -> float:
        low, high = _open_ranks(self.orders, limit)
        return max(self._shown(_greatest_of(low, high, len(self.orders))), self.value)

    def _shown(self, w: float) -> float:
        # Of two rankings W = (1 + ρ)/2.
        return 2.0 * w - 1.0 if self.statistic == "spearman" else w

    def _p_above(self, threshold: float) -> float:
        """Return the p-value of the claim that the agreement is above `threshold`."""
        return self._p(lambda limit: self._least(limit) > threshold)

    def _p_below(self, threshold: float) -> float:
        """Return the p-value of the claim that the agreement is below `threshold`."""
        return self._p(lambda limit: self._greatest(limit) < threshold)

    def _p(self, is_past: Callable[[float], bool]) -> float:
        """Return the least error rate from which on a bound is past; it only moves where an order becomes certain."""
        if not is_past(1.0 / self._pairs):
            return 1.0
        if is_past(0.0):
            return 0.0
        steps = np.unique(np.asarray(self.orders))
        first = bisect_left(steps, 1, key=lambda step: int(is_past(float(np.nextafter(step, 1.0)))))
        return min(float(steps[first]) * self._pairs, 1.0)


def spearman(
    x: ArrayLike, y: ArrayLike, resampled_x: ArrayLike, resampled_y: ArrayLike, n: int, unit: str
) -> RankAgreement:
    """Return Spearman's rank correlation of two scores of the same classes.

    Parameters
    ----------
    x, y : array_like of float, shape (k,)
        Two scores of each class.
    resampled_x, resampled_y : array_like of float, shape (B, k)
        The scores of B resamples, drawn within classes.
    n, unit
        As for :func:`kendall_w`.

    Raises
    ------
    ValueError
        As for :func:`kendall_w`.

    Examples
    --------
    >>> drawn = [[1, 2, 3, 4], [1, 2, 3, 4.1]]
    >>> round(spearman([1, 2, 3, 4], [1, 2, 4, 3], drawn, drawn, 10, "images").value, 4)  # R: cor(…, method = "s")
    0.8
    """
    shapes = [np.shape(each) for each in (x, y, resampled_x, resampled_y)]
    if shapes[0] != shapes[1] or shapes[2] != shapes[3]:
        raise ValueError(f"both scores need one shape, and both resampled ones, not {shapes}")
    return _agreement("spearman", np.stack([x, y]), np.stack([resampled_x, resampled_y], axis=-2), n, unit)


def kendall_w(scores: ArrayLike, resampled: ArrayLike, n: int, unit: str) -> RankAgreement:
    """Return Kendall's coefficient of concordance of several scores of the same classes.

    Parameters
    ----------
    scores : array_like of float, shape (m, k)
        Each row ranks the k classes.
    resampled : array_like of float, shape (B, m, k)
        The scores of B resamples, drawn within classes. Only how they vary is used: where they come from
        subsamples of b of n units, give scores + √(b/n)·(resampled − their mean).
    n : int
        Number of units that the scores were made from.
    unit : str
        What was counted.

    Raises
    ------
    ValueError
        If a number is not finite, shapes do not fit, there are fewer than two resamples, or a row gives all
        classes the same score.

    Notes
    -----
    With midranks r_ai and their mean c, W = Σᵢ(Σₐ(r_ai − c))² / (m Σₐᵢ(r_ai − c)²), which is corrected for ties. The
    p-value of an order is that of (sⱼ − sᵢ)/se with B − 1 degrees of freedom, se the standard deviation of the
    resampled difference: the scores are taken to be normal, and the resamples to be few.

    References
    ----------
    Kendall, M. G. and Babington Smith, B. (1939), Annals of Mathematical Statistics 10, 275–287.
    """
    return _agreement("kendall", scores, resampled, n, unit)


def _agreement(statistic: Statistic, scores: ArrayLike, resampled: ArrayLike, n: int, unit: str) -> RankAgreement:
    given, drawn = np.asarray(scores, dtype=np.float64), np.asarray(resampled, dtype=np.float64)
    if given.ndim != 2 or min(given.shape) < 2 or drawn.ndim != 3 or drawn.shape[1:] != given.shape or len(drawn) < 2:
        raise ValueError(
            f"scores need the shape (rankings, classes) and resampled ones (resamples, rankings, classes), two of each "
            f"at least, not {given.shape} and {drawn.shape}"
        )
    if not (np.isfinite(given).all() and np.isfinite(drawn).all()):
        raise ValueError("a score or a resampled score is not finite")
    if np.any(np.ptp(given, axis=1) == 0.0):
        raise ValueError("a ranking gives all classes the same score, so that it ranks nothing")
    orders = tuple(
        tuple(tuple(row) for row in _orders(row_scores, drawn[:, a]).tolist()) for a, row_scores in enumerate(given)
    )
    variance = resampled_variance(_agreement_of(statistic, drawn))
    return RankAgreement(statistic, float(_agreement_of(statistic, given)), orders, variance, n, unit)


def _agreement_of(statistic: Statistic, scores: Floats) -> Floats:
    """Return ρ or W of scores of the shape (..., m, k)."""
    ranks = midranks(scores) - (scores.shape[-1] + 1) / 2.0
    if statistic == "spearman":
        squares = np.sum(ranks**2, axis=-1)
        # A resample without any order agrees with nothing.
        scale = np.sqrt(np.maximum(squares[..., 0] * squares[..., 1], 1.0))
        return np.asarray(np.clip(np.sum(ranks[..., 0, :] * ranks[..., 1, :], axis=-1) / scale, -1.0, 1.0))
    spread = np.maximum(np.sum(ranks**2, axis=(-2, -1)), 1.0)
    return np.asarray(np.sum(np.sum(ranks, axis=-2) ** 2, axis=-1) / (ranks.shape[-2] * spread))


def _orders(scores: Floats, drawn: Floats) -> Floats:
    """Return for each pair (i, j) the p-value of "i is truly below j", of one ranking."""
    covariance = np.atleast_2d(np.cov(drawn, rowvar=False))
    own = np.diag(covariance)
    variance = own[:, None] + own - 2.0 * covariance
    # What is left of equal variances is rounding, and says nothing about the error.
    known = variance > 1e-12 * (own[:, None] + own)
    ahead = scores - scores[:, None]
    t = ahead / np.sqrt(np.where(known, variance, 1.0))
    return np.where(known & (ahead > 0.0), stdtr(len(drawn) - 1, -t), 1.0)


def _open_ranks(orders: Orders, limit: float) -> tuple[bytes, bytes]:
    """Return the rank intervals where the orders of a p-value below `limit` are certain, to look results up by."""
    p = np.array(orders)
    less = p < 1.0
    neighbours = less & ~(less @ less)
    certain = p < limit
    if neighbours.any():
        certain[np.unravel_index(np.argmax(np.where(neighbours, p, -1.0)), p.shape)] = False
    low, high = rank_intervals(certain)
    return low.tobytes(), high.tobytes()


# Error rates that make the same orders certain have the same range, and an inverted test asks for many.
@lru_cache(maxsize=4096)
def _least_of(low: bytes, high: bytes, rankings: int) -> float:
    return least_concordance(*_intervals(low, high, rankings))


@lru_cache(maxsize=4096)
def _greatest_of(low: bytes, high: bytes, rankings: int) -> float:
    return greatest_concordance(*_intervals(low, high, rankings))


def _intervals(low: bytes, high: bytes, rankings: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    least, greatest = (np.frombuffer(each, dtype=np.intp).reshape(rankings, -1) for each in (low, high))
    return least, greatest
