"""Random sets of units that are like a given set in mean activation and in weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from why_bird.errors import Unavailable
from why_bird.streams import generator

Array = NDArray[np.float64]

SETS = 200
UNIT_TOLERANCE = 0.5
"""Each random unit lies within so many standard deviations, over all units, of the unit that it stands for."""
AVERAGE_TOLERANCE = 0.25
"""The average of a random set lies within so many of them of the given set's (Rubin 2001)."""
COVARIATES = ("mean activation", "weight norm")

_TRIES = 20_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class MatchedSets:
    """S random sets matched with a given set of m units, and how well."""

    sets: NDArray[np.int64]
    """(S, m): column j stands for unit j of the given set: the first k columns are matched with its first k units."""
    differences: Array
    """(S, 2): average of a set − average of the given set, in standard deviations over all units: mean activation,
    weight norm."""


def unit_covariates(weight: Array, balanced: Array) -> Array:
    """Return (D, 2) what sets are matched in: balanced mean activation, and length of the weights to all classes.

    Parameters
    ----------
    weight : (K, D) float64 array
    balanced : (D,) float64 array

    Examples
    --------
    >>> unit_covariates(np.array([[3.0, 0.0], [4.0, 1.0]]), np.array([0.5, 2.0])).tolist()
    [[0.5, 5.0], [2.0, 1.0]]
    """
    return np.stack([balanced, np.linalg.norm(weight, axis=0)], axis=1)


def matched_sets(units: NDArray[np.int64], covariates: Array, seed: int, count: int = SETS) -> MatchedSets:
    """Return random sets of units outside a given set, matched with it in both covariates.

    Parameters
    ----------
    units : (m,) int array
        The given set, each unit once.
    covariates : (D, 2) float64 array
        See :func:`unit_covariates`.
    count : int, default 200
        S.

    Raises
    ------
    Unavailable
        If a unit has nothing like it outside the set, the units cannot all be matched at once, or too few of 20,000
        drawn sets have averages near those of the given one.
    ValueError
        If the given set is empty.

    Notes
    -----
    The tolerances are :data:`UNIT_TOLERANCE` for each unit and :data:`AVERAGE_TOLERANCE` for the averages of a set, in
    both covariates. Of a set, the unit with the fewest candidates draws first, each uniformly among its candidates that
    are not taken yet. Where one has none left, or an average is too far off, the whole set is drawn again. Sets are
    independent of each other and may repeat. They are not quite uniform over all matched sets: one is drawn with a
    probability that is the product of 1/(candidates left) over its turns, so that sets whose units take candidates
    from each other are somewhat more likely. A unit with a single candidate has it in every set.

    The order of the units decides nothing but draws between units that are equal in both covariates.

    References
    ----------
    Rubin, D. B. (2001), "Using propensity scores to help design observational studies", Health Services and Outcomes
    Research Methodology 2, 169–188.

    Examples
    --------
    >>> covariates = np.array([[0.0, 0.0], [0.0, 0.1], [9.0, 9.0], [9.0, 9.1]])
    >>> matched_sets(np.array([0]), covariates, seed=0, count=2).sets.tolist()  # only unit 1 is like unit 0
    [[1], [1]]
    """
    if not len(units):
        raise ValueError("an empty set has nothing to match")
    places, outside, near = _near(units, covariates)
    candidates = near.sum(1)
    _demand_candidates(units, near)
    rng = generator(seed, "U1", "matched sets")
    turns = np.lexsort((*places[units].T[::-1], candidates))
    found: list[NDArray[np.int64]] = []
    held, tries, complete, near_average = 0, 0, 0, np.zeros(2, dtype=np.int64)
    while held < count and tries < _TRIES:
        sets = outside[_draw(near, turns, _AT_ONCE, rng)]
        close = np.abs(_differences(places, sets, units)) <= AVERAGE_TOLERANCE
        found.append(sets[close.all(1)])
        tries, complete, near_average = tries + _AT_ONCE, complete + len(sets), near_average + close.sum(0)
        held += len(found[-1])
    if held < count:
        raise Unavailable(
            f"{count} random sets matched with the {len(units)} units are needed, and {tries:,} draws gave {held}: "
            f"{complete:,} found a match for every unit, of which {near_average[0]:,} had an average "
            f"{COVARIATES[0]} and {near_average[1]:,} an average {COVARIATES[1]} within {AVERAGE_TOLERANCE} sd"
        )
    sets = np.concatenate(found)[:count]
    return MatchedSets(sets, _differences(places, sets, units))


def _near(units: NDArray[np.int64], covariates: Array) -> tuple[Array, NDArray[np.int64], NDArray[np.bool_]]:
    """Return covariates in standard deviations, the units outside a set, and which of them are near which in it."""
    # Equal numbers have a standard deviation of rounding errors.
    scale = np.where(np.ptp(covariates, axis=0) > 0, covariates.std(0), 1.0)
    places = covariates / scale
    outside = np.setdiff1d(np.arange(len(places)), units)
    # By their covariates, so that the same draws find the same units however these are numbered.
    outside = outside[np.lexsort(places[outside].T[::-1])]
    return places, outside, np.abs(places[units][:, None] - places[outside]).max(2, initial=0.0) <= UNIT_TOLERANCE


def _differences(places: Array, sets: NDArray[np.int64], units: NDArray[np.int64]) -> Array:
    return np.asarray(places[sets].mean(1) - places[units].mean(0))


def _demand_candidates(units: NDArray[np.int64], near: NDArray[np.bool_]) -> None:
    """Raise Unavailable unless all units can be matched at once, each with a unit of its own."""
    lonely = units[~near.any(1)]
    like = f"within {UNIT_TOLERANCE} sd in {' and '.join(COVARIATES)}"
    if len(lonely):
        raise Unavailable(
            f"{len(lonely)} of the {len(units)} units cannot be matched, for want of another unit {like}: "
            f"{_numbers(lonely)}"
        )
    pairs = maximum_bipartite_matching(csr_matrix(near), perm_type="column")
    matched = int((pairs >= 0).sum())
    if matched < len(units):
        raise Unavailable(
            f"only {matched} of the {len(units)} units can be matched at once, each with a unit of its own {like}; "
            f"left over: {_numbers(units[pairs < 0])}"
        )


def _numbers(units: NDArray[np.int64]) -> str:
    named = ", ".join(str(unit) for unit in units[:5]) + (", …" if len(units) > 5 else "")
    return f"number {named}" if len(units) == 1 else f"numbers {named}"


def _draw(near: NDArray[np.bool_], turns: NDArray[np.int64], tries: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (T, m) places of drawn units, T of `tries` for which no unit was left without a candidate."""
    units, others = near.shape
    taken = np.zeros((tries, others), dtype=bool)
    drawn = np.empty((tries, units), dtype=np.int64)
    whole = np.ones(tries, dtype=bool)
    rows = np.arange(tries)
    for unit in turns:
        choices = np.flatnonzero(near[unit])
        keys = np.where(taken[:, choices], -1.0, rng.random((tries, len(choices))))
        best = keys.argmax(1)
        whole &= keys[rows, best] >= 0
        drawn[:, unit] = choices[best]
        taken[rows, drawn[:, unit]] = True
    return drawn[whole]
