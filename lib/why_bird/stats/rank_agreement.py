"""How well two rankings of a few fixed classes agree, where the scores that rank them are uncertain."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from why_bird.ranks import midranks
from why_bird.stats.estimate import Estimate
from why_bird.stats.ranking import greatest_concordance, least_concordance, rank_intervals
from why_bird.stats.validation import require_scores, resampled_variance, store_counts, store_finite

Orders = tuple[tuple[tuple[float, ...], ...], ...]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankAgreement(Estimate):
    """Spearman's ρ of two rankings of the same classes.

    Notes
    -----
    The quantity is the statistic of the classes' true scores, one of finitely many values, and two classes that
    are nearly level move it by a jump. Resampled values bound it badly then: where such a pair truly stands the
    wrong way round, half of all samples have it the right way, and most of those with a standard error so
    small that value − z·se is past the truth; resampled ranks are also noisier than the ranks.

    Therefore orders are bounded, and not the statistic. Of all P = k(k − 1) pairs, an order is certain at α where
    its p-value is below α/P (Bonferroni): with probability 1 − α no certain order is wrong, however many
    classes are level. Certain orders leave each class an interval of ranks, and the bounds are the least and the
    greatest value over the rankings within those intervals and their mixtures. The least certain order
    of neighbours always counts as open, so that the interval has a width.

    References
    ----------
    Klein, M., Wright, T. and Wieczorek, J. (2020), Journal of the Royal Statistical Society A 183, 589–606.
    """

    value: float
    """Of the scores as they are."""
    orders: Orders
    """tuple of tuple of tuple of float, shape (2, k, k): for each ranking the one-sided p-value of "class i is truly
    below class j"; 1 where i does not score less than j, or where nothing is known of the error."""
    resampled: float
    """Variance of the statistic over resamples. It bounds nothing, see the notes."""
    n: int
    """Number of units that the scores were made from."""
    unit: str
    method: ClassVar[str] = "range over the rankings that the certain orders allow"
    null: ClassVar[float] = 0.0
    support: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        store_finite(self, "value")
        store_finite(self, "resampled", minimum=0.0)
        orders = np.asarray(self.orders, dtype=np.float64)
        if orders.ndim != 3 or orders.shape[1] != orders.shape[2] or min(orders.shape) < 2 or len(orders) != 2:
            raise ValueError(f"orders need the shape (2, classes, classes), two classes at least, not {orders.shape}")
        if not ((orders >= 0.0) & (orders <= 1.0)).all() or not -1.0 <= self.value <= 1.0:
            raise ValueError("p-values lie between 0 and 1, and an agreement between −1 and 1")

    @property
    def variance(self) -> float | None:
        """Variance of the statistic over resamples; None where no resample differs."""
        return self.resampled or None

    @property
    def note(self) -> str:
        """Whether there is a ranking of whose error nothing is known."""
        if all(min(min(row) for row in ranking) < 1.0 for ranking in self.orders):
            return ""
        return f"no score of a ranking changes when {self.unit} are resampled, which says nothing about its error"

    @property
    def _pairs(self) -> int:
        classes = len(self.orders[0])
        return classes * (classes - 1)

    def _lower(self, alpha: float) -> float:
        return self._least(alpha / self._pairs)

    def _upper(self, alpha: float) -> float:
        return self._greatest(alpha / self._pairs)

    def _least(self, limit: float) -> float:
        """Return the lower bound where the orders of a p-value below `limit` are certain."""
        low, high = _open_ranks(self.orders, limit)
        # Rankings without ties are searched, and the value may be of some with.
        return min(_least_of(low, high), self.value)

    def _greatest(self, limit: float) -> float:
        low, high = _open_ranks(self.orders, limit)
        return max(_greatest_of(low, high), self.value)

    def _p_above(self, threshold: float) -> float:
        return self._p(lambda limit: self._least(limit) > threshold)

    def _p_below(self, threshold: float) -> float:
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
    n : int
        Number of units that the scores were made from.

    Raises
    ------
    ValueError
        If a number is not finite, shapes do not fit, there are fewer than two resamples, or a score is the same for all
        classes.

    Notes
    -----
    The p-value of an order is that of (sⱼ − sᵢ)/se with B − 1 degrees of freedom, se the standard deviation of the
    resampled difference: the scores are taken to be normal, and the resamples to be few.

    Examples
    --------
    >>> drawn = [[1, 2, 3, 4], [1, 2, 3, 4.1]]
    >>> round(spearman([1, 2, 3, 4], [1, 2, 4, 3], drawn, drawn, 10, "images").value, 4)  # R: cor(…, method = "s")
    0.8
    """
    shapes = [np.shape(each) for each in (x, y, resampled_x, resampled_y)]
    if shapes[0] != shapes[1] or shapes[2] != shapes[3]:
        raise ValueError(f"both scores need one shape, and both resampled ones, not {shapes}")
    given, drawn = np.stack([x, y]).astype(np.float64), np.stack([resampled_x, resampled_y], axis=-2).astype(np.float64)
    require_scores(given, drawn)
    orders = tuple(
        tuple(tuple(row) for row in _orders(row_scores, drawn[:, a]).tolist()) for a, row_scores in enumerate(given)
    )
    return RankAgreement(float(_rho(given)), orders, resampled_variance(_rho(drawn)), n, unit)


def _rho(scores: Floats) -> Floats:
    """Return ρ of scores of the shape (..., 2, k)."""
    ranks = midranks(scores) - (scores.shape[-1] + 1) / 2.0
    squares = np.sum(ranks**2, axis=-1)
    # A resample without any order agrees with nothing.
    scale = np.sqrt(np.maximum(squares[..., 0] * squares[..., 1], 1.0))
    return np.asarray(np.clip(np.sum(ranks[..., 0, :] * ranks[..., 1, :], axis=-1) / scale, -1.0, 1.0))


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
def _least_of(low: bytes, high: bytes) -> float:
    # Of two rankings Kendall's W is (1 + ρ)/2.
    return 2.0 * least_concordance(*_intervals(low, high)) - 1.0


@lru_cache(maxsize=4096)
def _greatest_of(low: bytes, high: bytes) -> float:
    return 2.0 * greatest_concordance(*_intervals(low, high)) - 1.0


def _intervals(low: bytes, high: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    least, greatest = (np.frombuffer(each, dtype=np.intp).reshape(2, -1) for each in (low, high))
    return least, greatest
