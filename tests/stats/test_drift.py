"""Drift between several networks, against second implementations, and what cannot be held."""

import math

import pytest
from scipy.stats import t, ttest_ind

from why_bird.stats import DriftOutcome, Interval, NetworkMean, Proportion, drift
from why_bird.stats.drift import GATE_LEVEL, Measured, drift_of, measured, predicted, welch

FIRST, SECOND = (0.95, 0.96, 0.97, 0.98, 0.96), (0.91, 0.97, 0.94)


def mean(values):
    return NetworkMean(values, 0.0)


def test_welch_is_welchs():
    # R: t.test(c(.91, .97, .94), c(.95, .96, .97, .98, .96)) has the interval of scipy's unequal variances
    theirs = ttest_ind(SECOND, FIRST, equal_var=False).confidence_interval(0.95)
    ours = welch(mean(FIRST), mean(SECOND), 0.01)
    assert (ours.interval95.low, ours.interval95.high) == pytest.approx((theirs.low, theirs.high))
    assert ours.difference == pytest.approx(0.94 - 0.964)
    # by hand: s² = .00013 and .0009
    assert ours.margin == pytest.approx(5.7 * math.sqrt(0.00013 / 5 + 0.0009 / 3))


def test_one_more_network_is_predicted():
    se = math.sqrt(0.00013 * (1 + 1 / 5))
    edge = 0.964 - t.isf(1e-4, 4) * se
    assert predicted(mean(FIRST), edge - 1e-6, 0.01).outcome is DriftOutcome.RED
    assert predicted(mean(FIRST), edge + 1e-6, 0.01).outcome is DriftOutcome.AMBER
    assert predicted(mean(FIRST), 0.965, 0.025).outcome is DriftOutcome.GREEN
    # outside of the prediction, and within what matters
    assert predicted(mean(FIRST), edge - 1e-6, 0.5).outcome is DriftOutcome.GREEN


def test_networks_that_do_not_differ_at_all_say_nothing():
    same = mean((0.5, 0.5, 0.5))
    assert welch(same, same, 0.1).outcome is DriftOutcome.AMBER
    assert predicted(same, 0.5, 0.1).outcome is DriftOutcome.AMBER
    assert welch(mean((0.5,)), mean(FIRST), 0.1).outcome is DriftOutcome.AMBER


@pytest.mark.parametrize(("old", "new"), [(4900, 4893), (4900, 4770), (4900, 4500), (5000, 5000), (0, 5000)])
def test_what_is_kept_of_an_estimate_is_enough(old, new):
    accepted, fresh = (Proportion(each, 5000, "noise images") for each in (old, new))
    assert drift_of(measured(accepted), measured(fresh), 0.025) == drift(accepted, fresh, 0.025)


@pytest.mark.parametrize(
    ("value", "variance", "levels"),
    [
        (math.nan, 0.1, (0.95, GATE_LEVEL)),
        (0.5, math.nan, (0.95, GATE_LEVEL)),
        (0.5, -0.1, (0.95, GATE_LEVEL)),
        (0.5, 0.1, (0.9, GATE_LEVEL)),
        (0.5, 0.1, (0.95, 0.99)),
    ],
)
def test_what_cannot_be_held_is_refused(value, variance, levels):
    ends = [Interval(0.4, 0.6, level) for level in levels]
    with pytest.raises(ValueError, match="held"):
        Measured(value, variance, *ends)
