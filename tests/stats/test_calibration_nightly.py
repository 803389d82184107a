"""The calibration of every engine at full size; run with `-m nightly`, it writes `docs/calibration.md`."""

import pytest

from why_bird.stats import FAMILY_ALPHA

from .calibration_figures import CLASSES, greatest_allowed, power, simulate, smallest_alpha
from .calibration_page import ROW, row
from .calibration_scenarios import SCENARIOS

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(0)]

GREATEST_OF_10_000, LEAST_COVERAGE, LEAST_POWER = 310, 0.9417, 0.827


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_false_verdicts_and_coverage(scenario, record_property):
    (found,) = simulate(scenario, 10_000, FAMILY_ALPHA)
    record_property(ROW, row(scenario, "false confirm", FAMILY_ALPHA, found.false_confirms, 10_000, GREATEST_OF_10_000))
    record_property(ROW, row(scenario, "false reject", FAMILY_ALPHA, found.false_rejects, 10_000, GREATEST_OF_10_000))
    record_property(ROW, row(scenario, "coverage", FAMILY_ALPHA, found.covered, 10_000, LEAST_COVERAGE))
    if scenario.held:
        assert found.false_confirms <= GREATEST_OF_10_000
        assert found.false_rejects <= GREATEST_OF_10_000
        assert found.covered / 10_000 >= LEAST_COVERAGE


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.fast], ids=str)
def test_false_verdicts_at_the_smallest_error_rate(scenario, record_property):
    smallest = smallest_alpha(scenario.scope)
    alphas = smallest, smallest / (CLASSES - 1)
    results = list(zip(alphas, simulate(scenario, 100_000, *alphas), strict=True))
    for alpha, found in results:
        allowed = greatest_allowed(100_000, alpha)
        record_property(ROW, row(scenario, "false confirm", alpha, found.false_confirms, 100_000, allowed))
        record_property(ROW, row(scenario, "false reject", alpha, found.false_rejects, 100_000, allowed))
    for alpha, found in results:
        if scenario.held:
            assert max(found.false_confirms, found.false_rejects) <= greatest_allowed(100_000, alpha)


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.planned], ids=str)
def test_power_where_it_is_planned(scenario, record_property):
    alpha = smallest_alpha(scenario.scope)
    confirmed = power(scenario, scenario.planned[1], 4_000, alpha)
    record_property(ROW, row(scenario, "power", alpha, confirmed, 4_000, LEAST_POWER))
    assert confirmed / 4_000 >= LEAST_POWER
