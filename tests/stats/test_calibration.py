"""At the threshold itself, false verdicts stay within the budget: many worlds a scenario through `decide`."""

import math

import pytest

from why_bird.stats import FAMILY_ALPHA, Exact, Proportion, decide
from why_bird.streams import generator

from .calibration_figures import greatest_allowed, simulate, smallest_alpha
from .calibration_scenarios import SCENARIOS


def worlds(scenario):
    """How many; of what takes long fewer, as at full size."""
    return 1_000 if scenario.fast else 250


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.held], ids=str)
def test_false_verdicts_stay_within_the_budget(scenario):
    (found,) = simulate(scenario, worlds(scenario), FAMILY_ALPHA)
    allowed = greatest_allowed(worlds(scenario), FAMILY_ALPHA)
    assert found.false_confirms <= allowed
    assert found.false_rejects <= allowed


def test_a_world_past_its_threshold_is_confirmed_and_one_short_of_it_rejected():
    # The same machinery is no dead gauge.
    rng = generator(65547, "calibration", "power")
    past = [Proportion(int(rng.binomial(2000, 0.95)), 2000, "noise images") for _ in range(200)]
    short = [Proportion(int(rng.binomial(2000, 0.85)), 2000, "noise images") for _ in range(200)]
    assert sum(decide(each, 0.9, "above", FAMILY_ALPHA).confirmed for each in past) > 190
    assert sum(decide(each, 0.9, "above", FAMILY_ALPHA).rejected for each in short) > 190


def test_an_exact_value_is_past_its_threshold_or_not():
    past = Exact(math.nextafter(0.01, 1), 10, "classes")
    assert decide(past, 0.01, "above", FAMILY_ALPHA).confirmed
    assert decide(Exact(0.01, 10, "classes"), 0.01, "above", FAMILY_ALPHA).rejected


def test_the_nightly_bounds():
    # by hand: 58 weights share .025, six procedures .025, 16 weights of the line-up .05;
    # binomial(100,000, .025/58) has mean 43.1 and sd 6.6
    assert smallest_alpha("images") == pytest.approx(0.025 / 58)
    assert smallest_alpha("procedure") == pytest.approx(0.05 / 16)
    assert 43 + 3.5 * 6.6 < greatest_allowed(100_000, 0.025 / 58) < 43 + 4.5 * 6.6
