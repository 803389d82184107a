"""Which of many means are the m largest, and how certain that is of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from why_bird.stats.validation import finite_sample, store_counts

Array = NDArray[np.float64]

_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class TopMembers:
    """The m of D quantities with the largest sample means, and up to where each one's membership is certain."""

    chosen: NDArray[np.bool_]
    """(D,): whether the sample mean is among the m largest."""
    certain: Array
    """(D,): quantile of t up to which simultaneous intervals of the means leave no doubt that the quantity truly is
    among the m largest, or truly is not, as chosen says. 0 where they always do, infinite where they never do."""
    n: int
    """Number of units that the means were taken over."""
    still: int = 0
    """How many of the D never vary."""

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=2)
        store_counts(self, "still")
        chosen, certain = np.array(self.chosen, dtype=bool), np.array(self.certain, dtype=np.float64)
        if chosen.ndim != 1 or chosen.shape != certain.shape or not chosen.any():
            raise ValueError(
                f"members {chosen.shape} and their certainty {certain.shape} do not fit, or none is chosen"
            )
        if not (certain >= 0.0).all():
            raise ValueError("a quantile up to which a membership is certain is 0 or more")
        for name, array in (("chosen", chosen), ("certain", certain)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def top_members(
    means: ArrayLike,
    errors: ArrayLike,
    skewness: ArrayLike,
    n: int,
    m: int,
    support: tuple[ArrayLike, ArrayLike] | None = None,
) -> TopMembers:
    """Return which means are the m largest, and how certain that is.

    Raises ValueError if a number is not finite or out of its range, or the shapes differ.

    Parameters
    ----------
    means, errors, skewness : array_like of float, shape (D,)
        Sample means, standard errors and skewness of the n values of each quantity; an error of 0 where all agree.
    n : int
        Number of units, two or more.
    m : int
        From 1 to D. Of equal means the first is taken.
    support : tuple of two array_like of float, shape (D,), optional
        The least and the greatest value that each quantity can take, infinite where there is no limit. It is asked
        of quantities that never vary.

    Notes
    -----
    At the quantile t the interval of a mean reaches from mean − (t + g(2t² + 1)) se to mean + (t + h(2t² + 1)) se. The
    tilts g = max(−γ, 0) / (6√n) and h = max(γ, 0) / (6√n) are those of its skewness γ (Johnson 1978), as for one mean.
    The intervals of all D hold at once with probability 1 − α for t = t(1 − α/(2D); n − 1) (Bonferroni), whatever the
    dependence between them. Where they hold, a quantity whose lower end exceeds the upper ends of D − m others
    is among the m largest, and one whose upper end is below the lower ends of m others is not.

    Where all n values agree, t knows no error. A value never seen then has a mass of at most 1 − a^(1/n) at a tail a,
    and it may all lie at the end of the support, d away. With a = P(T > t),

        1 − a^(1/n) ≤ −log(a)/n ≤ (log 2 + √(2/π) t + t²/2)/n,

    since the tail of t is above the normal's, whose hazard is at most t + √(2/π). So the interval reaches
    d (log 2 + √(2/π) t + t²/2)/n far; without a support, everywhere. All ends are polynomials of the second
    degree in t: where two intervals part is the root of one.

    References
    ----------
    Johnson, N. J. (1978), Journal of the American Statistical Association 73, 536–544.

    Examples
    --------
    >>> found = top_members([3, 1, 0], [0.1, 0.1, 0.1], [0, 0, 0], 100, 1)
    >>> found.chosen.tolist(), found.certain.tolist()
    ([True, False, False], [10.0, 10.0, 15.0])
    """
    middle, se, skew = (
        finite_sample(name, values) for name, values in (("means", means), ("errors", errors), ("skewness", skewness))
    )
    width = middle.size
    if not middle.shape == se.shape == skew.shape or (se < 0.0).any():
        raise ValueError(f"{width} means, {se.size} errors, {skew.size} skewnesses do not fit, or an error is negative")
    if not 1 <= m <= width or n < 2:
        raise ValueError(f"the top {m} of {width} means over {n} units: from 1 to {width} can be taken, over 2 or more")
    least, greatest = (np.asarray(end, dtype=np.float64) for end in support or (middle - math.inf, middle + math.inf))
    if not (least.shape == greatest.shape == middle.shape and (least <= middle).all() and (middle <= greatest).all()):
        raise ValueError("a support needs an end on either side of each mean")
    below = _reach(se, -skew, middle - least, n)
    above = _reach(se, skew, greatest - middle, n)
    chosen = np.zeros(width, dtype=bool)
    chosen[np.argsort(-middle, kind="stable")[:m]] = True
    certain = np.empty(width)
    for rows in np.split(np.flatnonzero(chosen), range(_ROWS, m, _ROWS)):
        certain[rows] = _certain(rows, middle, below, above, width - m)
    for rows in np.split(np.flatnonzero(~chosen), range(_ROWS, width - m, _ROWS)):
        certain[rows] = _certain(rows, -middle, above, below, m)
    return TopMembers(chosen, certain, n, int((se == 0.0).sum()))


def _reach(se: Array, tilting: Array, room: Array, n: int) -> Array:
    """Return (3, D) coefficients of 1, t and t² of how far an interval reaches to one side."""
    tilt = np.maximum(tilting, 0.0) / (6.0 * math.sqrt(n))
    varying = np.stack([tilt * se, se, 2.0 * tilt * se])
    unseen = np.outer([math.log(2.0), math.sqrt(2.0 / math.pi), 0.5], room / n)
    return np.where(se > 0.0, varying, unseen)


def _certain(rows: NDArray[np.intp], means: Array, below: Array, above: Array, passed: int) -> Array:
    """Return for some quantities up to which t their lower ends exceed the upper ends of so many others."""
    if passed == 0:
        return np.full(rows.size, math.inf)
    constant, slope, square = below[:, rows, None] + above[:, None, :]
    beyond = means[rows, None] - means - constant
    # The root of slope·t + square·t² = beyond, without cancellation; exact intervals never meet again.
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 2.0 * beyond / (slope + np.sqrt(slope**2 + 4.0 * square * beyond))
    parting = np.where(beyond > 0.0, root, 0.0)
    return np.asarray(np.partition(parting, -passed, axis=1)[:, -passed])
