"""How far a claim was planned to be able to see: the scale of its drift margin."""

from __future__ import annotations

from lib.stats import Side, Threshold
from lib.stats.estimate import limits

__all__ = ["is_counted", "margin_floor", "planned_distance"]

# By the first words of the test that a record names.
_SHARES = (
    "Clopper–Pearson",
    "simultaneous Clopper–Pearson",
    "Miettinen–Nurminen",
    "Tango",
)
_PROBABILITIES = ("Brunner–Munzel",)
_STANDARDISED = (
    "t over units",
    "t over networks",
    "stratified jackknife",
    "OLS",
    "order statistics",
    "range over the rankings",
    "range over the top sets",
    "exact",
)
# A fall of a share beside others (U1), or a difference of two AUROCs (O3).
_DIFFERENCES = ("two sources of error",)
# Two engines fall back on it: P(X > Y) and the mean over units.
_EITHER = ("mass never seen",)
_SHARE, _PROBABILITY = 0.05, 0.04


def planned_distance(test: str, threshold: Threshold, side: Side) -> float:
    """Return the distance from a claim's threshold δ to the effect θ₁ that it was planned to see.

    Parameters
    ----------
    test : str
        As recorded.
    threshold : float or tuple of float
    side : {"above", "below", "within"}

    Returns
    -------
    float
        .05 for a share or a difference of shares, .04 for P(X > Y), |δ| for a standardised effect (θ₁ = 2δ; of a
        claim that something is smaller, |δ|/2, since θ₁ = δ/2). Where 2δ would be past 1 it is a quantity between 0
        and 1 and planned as a share. Where a test serves two kinds it is the lesser. Of a claim *within* two limits
        it is half their distance, if that is less: θ₁ is then the middle.

    Raises
    ------
    ValueError
        If the test is of no known engine: a new engine has to say here what its claims were planned to see.
    """
    low, high = limits(threshold, side)
    delta = abs(high if side == "below" else low)
    standardised = _SHARE if delta > 0.5 else delta / 2 if side == "below" else delta
    if test.startswith(_SHARES):
        distance = _SHARE
    elif test.startswith(_PROBABILITIES):
        distance = _PROBABILITY
    elif test.startswith(_STANDARDISED):
        distance = standardised
    elif test.startswith(_DIFFERENCES):
        distance = min(_SHARE, standardised)
    elif test.startswith(_EITHER):
        distance = min(_PROBABILITY, standardised)
    else:
        raise ValueError(f"no planned effect is known of the test {test!r}")
    return min(distance, (high - low) / 2) if side == "within" else distance


def margin_floor(test: str, threshold: Threshold, side: Side) -> float:
    """Return the least drift margin: half the distance from the threshold to the planned effect.

    Raises
    ------
    ValueError
        If the test is of no known engine, or the threshold is 0, which says nothing about what matters.
    """
    floor = planned_distance(test, threshold, side) / 2
    if not floor > 0.0:
        raise ValueError(f"a threshold of {threshold!r} says nothing about how far a finding may move")
    return floor


def is_counted(test: str) -> bool:
    """Whether the test is of counts of labels, which only a changed label changes."""
    return test.startswith(_SHARES)
