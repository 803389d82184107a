"""Rankings of a few classes: which ones an uncertain order leaves, and how far they can agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from why_bird.ranks import midranks
from why_bird.stats.validation import finite_sample

_MOST_COUNTED = 12
_PERMUTATIONS = 100_000
_MOST_STEPS = 400
# Of a squared norm of ranks. Bounds are moved out by it, so that no rounding puts them past a value that is possible.
_ROUNDING = 1e-9

Floats = NDArray[np.float64]


def rank_intervals(certain: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the least and the greatest rank of each class, given the orders that are certain.

    `certain` is (m, k, k): for each ranking whether class i is certain to be below class j. The ranks, (m, k), are one
    more than the classes certain to be below, and k less those certain to be above.

    Examples
    --------
    >>> certain = np.zeros((1, 3, 3), dtype=bool)
    >>> certain[0, 0, 1] = certain[0, 1, 2] = True  # the first class is below the second, that below the third
    >>> [ranks.tolist() for ranks in rank_intervals(certain)]
    [[[1, 2, 3]], [[1, 2, 3]]]
    >>> [ranks.tolist() for ranks in rank_intervals(np.zeros((1, 3, 3), dtype=bool))]
    [[[1, 1, 1]], [[3, 3, 3]]]
    """
    classes = certain.shape[-1]
    below = certain.copy()
    for between in range(classes):
        # What is below a class that is below another is below that one too.
        below |= below[:, :, between, None] & below[:, None, between, :]
    return 1 + below.sum(axis=1), classes - below.sum(axis=2)


def least_concordance(low: NDArray[np.intp], high: NDArray[np.intp]) -> float:
    """Return a lower bound of Kendall's W over the rankings whose ranks lie within their intervals.

    `low` and `high` are (m, k), the least and greatest rank of each class in each ranking. It holds for all such
    rankings without ties, and a mixture of them reaches it.

    Notes
    -----
    With centred ranks r_a and T = (k³ − k)/12, W = ‖Σr_a‖² / (m²T): the least norm in a sum of polytopes,
    found by adding one vertex at a time (fully corrective Frank–Wolfe; a vertex is an assignment of ranks to
    classes) until the duality gap, which is taken off, is nothing.

    Examples
    --------
    >>> alike, least, most = np.array([[1, 2, 3]] * 2), np.full((2, 3), 1), np.full((2, 3), 3)
    >>> round(least_concordance(alike, alike), 4), round(least_concordance(least, most), 4)  # then nothing is known
    (1.0, 0.0)
    """
    rankings, classes = low.shape
    centre = (classes + 1) / 2.0

    def total(ranks: Floats) -> Floats:
        return np.asarray((ranks - centre).sum(axis=0))

    together = _least_squared_norm(low, high, total, lambda point: np.broadcast_to(point, low.shape))
    return float(together / (rankings**2 * _spread(classes)))


def greatest_concordance(low: NDArray[np.intp], high: NDArray[np.intp]) -> float:
    """Return an upper bound of Kendall's W over the rankings whose ranks lie within their intervals.

    Parameters and result are those of :func:`least_concordance`; since W = 1 − Σ‖r_a − r̄‖² / (mT), it is
    the least norm of the distances from the mean ranking that is looked for.

    Examples
    --------
    >>> opposite = np.array([[1, 2, 3], [3, 2, 1]])
    >>> round(greatest_concordance(opposite, opposite), 4)
    0.0
    """
    rankings, classes = low.shape

    def distances(ranks: Floats) -> Floats:
        return np.asarray((ranks - ranks.mean(axis=0)).ravel())

    apart = _least_squared_norm(low, high, distances, lambda point: point.reshape(low.shape))
    return float(1.0 - apart / (rankings * _spread(classes)))


def _spread(classes: int) -> float:
    """Return the squared norm of the centred ranks of k classes."""
    return float(classes**3 - classes) / 12.0


def _least_squared_norm(
    low: NDArray[np.intp],
    high: NDArray[np.intp],
    image: Callable[[Floats], Floats],
    gradient: Callable[[Floats], Floats],
) -> float:
    """Return a lower bound, sharp up to rounding, of ‖image(ranks)‖² over all mixtures of the rankings."""
    ranks = np.arange(1.0, low.shape[1] + 1.0)
    forbidden = (ranks < low[:, :, None]) | (ranks > high[:, :, None])

    def least(slopes: Floats) -> Floats:
        costs = np.where(forbidden, np.inf, slopes[:, :, None] * ranks)
        return np.array([ranks[scipy.optimize.linear_sum_assignment(cost)[1]] for cost in costs])

    vertices = [image(least(np.zeros(low.shape)))]
    bound = 0.0
    for _ in range(_MOST_STEPS):
        corners = np.array(vertices)
        # min ‖w·corners‖² over w >= 0 with Σw = 1: the direction of the least squares solution with a row of ones.
        system = np.vstack([corners.T, np.ones(len(vertices))])
        try:
            weights, _ = scipy.optimize.nnls(
                system, np.append(np.zeros(corners.shape[1]), 1.0), maxiter=100 * len(vertices)
            )
        except RuntimeError:
            # Among nearly equal corners it may go in circles, by rounding. The bound holds at every step.
            break
        point = weights @ corners / weights.sum()
        further = image(least(gradient(point)))
        gap = max(float(point @ (point - further)), 0.0)
        bound = max(bound, float(point @ point) - 2.0 * gap)
        if gap < _ROUNDING:
            break
        vertices.append(further)
    return max(bound - _ROUNDING, 0.0)


def permutation_p(x: ArrayLike, y: ArrayLike, rng: np.random.Generator | None = None) -> float:
    """Return the one-sided p-value of Spearman's ρ when the classes of `y` are permuted.

    It is the share of the permutations whose ρ is at least the observed one; drawn ones count the observed too. Raises
    ValueError if a score is not finite, the lengths differ, or permutations must be drawn and there is no `rng`.

    Parameters
    ----------
    x, y : array_like of float, shape (k,)
        Two scores of each class, two classes or more.
    rng : numpy.random.Generator, optional
        For more than 12 classes, where 100,000 permutations are drawn; up to 12 all k! are counted.

    Notes
    -----
    ρ grows with Σ 2r·2s, an integer also for midranks. The permutations are counted by that sum, one class of x
    after the other, for each set of classes of y in use (Held and Karp's recursion).

    Examples
    --------
    >>> round(permutation_p([1, 2, 3, 4], [1, 2, 4, 3]), 4)  # R: cor.test(…, method = "s", alternative = "g")
    0.1667
    """
    first, second = finite_sample("x", x, minimum=2), finite_sample("y", y, minimum=2)
    if first.size != second.size:
        raise ValueError(f"x and y need one length, not {first.size} and {second.size}")
    a, b = (np.rint(2.0 * midranks(scores)).astype(np.int64) for scores in (first, second))
    observed = int(a @ b)
    if first.size > _MOST_COUNTED:
        if rng is None:
            raise ValueError(f"the permutations of {first.size} classes are drawn, which needs a generator")
        hits = sum(int(a @ rng.permutation(b)) >= observed for _ in range(_PERMUTATIONS))
        return (1 + hits) / (1 + _PERMUTATIONS)
    greatest = int(np.sort(a) @ np.sort(b))
    counts = np.zeros((2**first.size, greatest + 1), dtype=np.int64)
    counts[0, 0] = 1
    for used in range(1, 2**first.size):
        rank = a[used.bit_count() - 1]
        for last in range(first.size):
            if used >> last & 1:
                step = int(rank * b[last])
                counts[used, step:] += counts[used ^ (1 << last), : greatest + 1 - step]
    return float(counts[-1, observed:].sum() / counts[-1].sum())
