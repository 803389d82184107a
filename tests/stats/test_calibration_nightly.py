"""The calibration of every engine at full size; run with `-m nightly`, it writes `docs/calibration.md`."""

import pytest

from why_bird.stats import FAMILY_ALPHA

from .calibration_figures import greatest_allowed, power, simulate, small_rates, smallest_alpha
from .calibration_page import ROW, row
from .calibration_scenarios import SCENARIOS

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(0)]

LEAST_COVERAGE, LEAST_POWER = 0.9417, 0.827


def hold(scenario, alphas, results, record_property):
    """Record how often verdicts were false at each error rate, then hold them to what is allowed."""
    results = [
        (alpha, found, greatest_allowed(found.simulations, alpha)) for alpha, found in zip(alphas, results, strict=True)
    ]
    for alpha, found, allowed in results:
        for check, count in (("false confirm", found.false_confirms), ("false reject", found.false_rejects)):
            record_property(ROW, row(scenario, check, alpha, count, found.simulations, allowed))
    if scenario.held:
        assert all(max(found.false_confirms, found.false_rejects) <= allowed for _, found, allowed in results)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_false_verdicts_and_coverage(scenario, record_property):
    # What takes too long for 100,000 simulations meets the small rates here, in the same samples.
    small = () if scenario.fast else small_rates(scenario.scope)
    (found, *rest) = simulate(scenario, 10_000, FAMILY_ALPHA, *small)
    record_property(ROW, row(scenario, "coverage", FAMILY_ALPHA, found.covered, 10_000, LEAST_COVERAGE))
    hold(scenario, (FAMILY_ALPHA, *small), (found, *rest), record_property)
    if scenario.held:
        assert found.covered / 10_000 >= LEAST_COVERAGE


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.fast], ids=str)
def test_false_verdicts_at_the_smallest_error_rate(scenario, record_property):
    alphas = small_rates(scenario.scope)
    hold(scenario, alphas, simulate(scenario, 100_000, *alphas), record_property)


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.planned], ids=str)
def test_power_where_it_is_planned(scenario, record_property):
    alpha = smallest_alpha(scenario.scope)
    confirmed = power(scenario, scenario.planned[1], 4_000, alpha)
    record_property(ROW, row(scenario, "power", alpha, confirmed, 4_000, LEAST_POWER))
    assert confirmed / 4_000 >= LEAST_POWER
