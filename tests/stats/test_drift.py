"""What is kept of an estimate is enough to hold it, and what cannot be held."""

import math

import pytest

from why_bird.stats import Interval, Proportion, drift
from why_bird.stats.drift import GATE_LEVEL, Measured, drift_of, measured


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
