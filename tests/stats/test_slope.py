"""The slope within groups: against R, where nothing can be told, and calibrated."""

import math

import numpy as np
import pytest

from why_bird.stats import FAMILY_ALPHA, Slope, decide, slope
from why_bird.streams import generator

from .golden.reference import LATER, assert_bounds, assert_close, assert_p

SIMULATIONS, ALLOWED = 1_000, 45
GROUPS = np.repeat(np.arange(9), 40)


def normal(rng):
    x = rng.normal(size=360)
    return x, rng.normal(size=360)


def skewed(rng):
    # skewness 1, of x and of the error
    return (rng.gamma(4.0, 0.5, 360) - 2.0), rng.gamma(4.0, 0.5, 360) - 2.0


def spreading(rng):
    # The error grows with x.
    x = rng.gamma(4.0, 0.5, 360) - 2.0
    return x, rng.normal(size=360) * np.exp(0.3 * x)


WORLDS = {"normal": normal, "skewness 1": skewed, "spread that grows with x": spreading}


def sample(world, rng, effect=0.1):
    x, error = WORLDS[world](rng)
    # Groups differ in both, against the slope, so that only the slope within them is `effect`.
    return slope(effect * x + error - 0.5 * GROUPS, x + GROUPS, GROUPS, "images")


def test_against_r_before_it_is_widened():
    case = LATER["hc3"]
    ours = slope(case["y"], case["x"], case["group"], "images")
    # R: lmtest::coeftest and coefci, with sandwich::vcovHC(lm(y ~ x + factor(group)), type = "HC3")
    assert_close([ours.value, ours.se], [case["slope"], case["se"]])
    assert ours.df <= case["df"]
    plain = Slope(ours.value, ours.se, case["df"], ours.n, "images")
    assert_bounds(plain, case["bounds"])
    assert_p(plain, case["p"])
    assert 2 * plain.p_above(0.0) == pytest.approx(case["p_two_sided"], rel=1e-9)
    for alpha in (0.3, 0.025, 1e-5):
        assert ours.lower(alpha) <= plain.lower(alpha)
        assert ours.upper(alpha) >= plain.upper(alpha)


def test_degrees_of_freedom_and_skewness_by_hand():
    # A balanced x of ±1 in one group: h = 1/4 + 1/4, e = (-1, 1, 0, 0) * 1/2 about the means 1/2 and 0.
    # d is proportional to x·e: (1/2, -1/2, 0, 0), so 2(Σd²)²/Σd⁴ = 2(1/2)²/(1/8) = 4, and n − k − 1 = 2.
    ours = slope([0.0, 1.0, 0.0, 0.0], [-1.0, -1.0, 1.0, 1.0], np.zeros(4), "images")
    assert (ours.value, ours.df, ours.skewness) == pytest.approx((-0.25, 2.0, 0.0))
    # HC3: Σd² with d = x e / (1 − h) / Σx² = ±(1/2)/(1/2)/4
    assert ours.se == pytest.approx(math.sqrt(2 * 0.25**2))


def test_few_influential_units_lower_the_degrees_of_freedom():
    rng = generator(0, "stats", "slope")
    x = rng.normal(size=400)
    spread = np.where(np.abs(x) > 2, 20.0, 1.0)
    ours = slope(rng.normal(size=400) * spread, x, np.zeros(400), "images")
    assert 1.0 < ours.df < 40.0


def test_a_skewed_influence_widens_one_side():
    plain, leaning = Slope(0.2, 0.1, 50.0, 100, "images"), Slope(0.2, 0.1, 50.0, 100, "images", skewness=2.0)
    assert leaning.lower(0.01) == plain.lower(0.01)
    assert leaning.upper(0.01) > plain.upper(0.01)
    mirrored = Slope(-0.2, 0.1, 50.0, 100, "images", skewness=-2.0)
    assert mirrored.lower(0.01) == pytest.approx(-leaning.upper(0.01))


def test_offsets_and_singletons_change_nothing():
    rng = generator(0, "stats", "slope offsets")
    x, groups = rng.normal(size=60), np.repeat(["a", "b", "c"], 20)
    y = 0.3 * x + rng.normal(size=60)
    ours = slope(y, x, groups, "images")
    moved = slope(np.append(y + 1e4, 7.0), np.append(x - 1e5, 1e5), np.append(groups, "alone"), "images")
    assert (moved.value, moved.se, moved.df) == pytest.approx((ours.value, ours.se, ours.df), rel=1e-6)
    assert moved.n == ours.n + 1


@pytest.mark.parametrize(
    ("y", "x", "groups"),
    [
        ([0.3, 0.1, 0.2, 0.5], [0.1, 0.1, 0.3, 0.3], [0, 0, 1, 1]),  # x does not vary within groups
        ([0.3, 0.1, 0.2, 0.5], [0.1, 0.2, 0.3, 0.4], [0, 1, 2, 3]),  # every unit alone
        ([0.3, 0.1, 0.2, 0.5, 0.7], [0.0, 0.0, 0.0, 1.0, 0.0], [0] * 5),  # a leverage of 1
        ([0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 4.0], [0] * 4),  # all on the line
        ([0.1, 0.5, 0.3], [1.0, 2.0, 3.0], [0, 0, 1]),  # no degree of freedom
    ],
)
def test_where_nothing_can_be_told_the_interval_is_infinite(y, x, groups):
    ours = slope(y, x, groups, "images")
    assert (ours.lower(0.4), ours.upper(0.4), ours.variance) == (-math.inf, math.inf, None)
    assert ours.note
    assert decide(ours, 0.1, "above", FAMILY_ALPHA).inconclusive
    assert ours.p_above(0.1) == ours.p_below(0.1) == 1.0


def test_bad_input():
    with pytest.raises(ValueError, match="one length"):
        slope([1.0, 2.0], [1.0, 2.0, 3.0], [0, 0], "images")
    with pytest.raises(ValueError, match="not finite"):
        slope([1.0, math.nan], [1.0, 2.0], [0, 0], "images")


@pytest.mark.parametrize("alpha", [0.3, 0.01, 1e-5])
@pytest.mark.parametrize("threshold", [-0.2, 0.1, 0.35])
def test_p_is_below_alpha_exactly_where_the_bound_is_past(alpha, threshold):
    for skewness in (-2.0, 0.0, 2.0):
        ours = Slope(0.1, 0.05, 30.0, 200, "images", skewness)
        assert (ours.p_above(threshold) < alpha) == (ours.lower(alpha) > threshold)
        assert (ours.p_below(threshold) < alpha) == (ours.upper(alpha) < threshold)


@pytest.mark.parametrize("world", WORLDS)
def test_false_verdicts_stay_within_the_budget(world):
    rng = generator(65547, "calibration", f"slope, {world}")
    verdicts = [decide(sample(world, rng), 0.1, "above", FAMILY_ALPHA) for _ in range(SIMULATIONS)]
    assert sum(verdict.confirmed for verdict in verdicts) <= ALLOWED
    assert sum(verdict.rejected for verdict in verdicts) <= ALLOWED


def test_twice_the_threshold_is_confirmed():
    rng = generator(65547, "calibration", "slope, power")
    # 360 units: (.5 - .1) is 7.6 standard errors
    assert sum(decide(sample("normal", rng, 0.5), 0.1, "above", 4e-4).confirmed for _ in range(50)) >= 48
