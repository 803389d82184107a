"""The difference of two quantiles: exact for one, bootstrap variance, ties, and calibration."""

import math

import numpy as np
import pytest
from scipy import stats

from why_bird.stats import FAMILY_ALPHA, Intersection, decide, quantile_difference
from why_bird.stats.quantiles import QuantileDifference
from why_bird.streams import generator

SIMULATIONS, ALLOWED = 1_000, 45
SMALLEST = FAMILY_ALPHA / 58 / 9
Z95 = float(stats.norm.ppf(0.95))


def lognormal(rng, scale=0.0):
    # 95th percentiles apart by .1 + scale, of two samples with unequal spreads
    return rng.normal(0.1 + scale, 0.3, 1000) + 0.1 * Z95, rng.normal(0.0, 0.4, 1000)


def heavy(rng, scale=0.0):
    return rng.exponential(1.0, 1000) + math.log(20) * -0.7 + 0.1 + scale, rng.exponential(0.3, 1000)


def distances(rng, scale=0.0):
    # Norms of vectors, of two sizes: the logarithm of the ratio of their 95th percentiles is .1 + scale.
    return np.log(rng.gamma(20.0, math.exp(0.1 + scale), 1000)), np.log(rng.gamma(20.0, 1.0, 400))


def rounded(rng, scale=0.0):
    # One decimal: the percentiles are 1.6 and 1.2, and nearly every other sample has 1.7 or 1.1.
    one, other = (rng.normal(size=600) + scale).round(1), (0.7 * rng.normal(size=600)).round(1)
    return one, other


WORLDS = {"log-normal": lognormal, "heavy": heavy, "distances": distances, "rounded": rounded}
THRESHOLDS = {"log-normal": 0.1, "heavy": 0.1, "distances": 0.1, "rounded": 0.4}


def sample(world, rng, scale=0.0):
    return quantile_difference(*WORLDS[world](rng, scale), 0.95, "images")


def test_the_worlds_have_the_differences_they_are_named_for():
    normal = stats.norm.cdf
    assert normal(1.55) < 0.95 < normal(1.65)
    assert normal(1.15 / 0.7) < 0.95 < normal(1.25 / 0.7)
    gamma = stats.gamma(20.0).ppf(0.95)
    assert math.log(gamma * math.exp(0.1)) - math.log(gamma) == pytest.approx(0.1)
    assert math.isclose(0.1 + 0.3 * Z95 + 0.1 * Z95 - 0.4 * Z95, 0.1)
    assert math.isclose(math.log(20) - 0.7 * math.log(20) + 0.1 - 0.3 * math.log(20), 0.1)


def test_one_quantile_has_the_exact_order_statistics():
    # Against a second sample that is all but a point, the bounds are the first one's order statistics.
    x = np.arange(1.0, 1001.0)
    point = 1e-12 * np.arange(1000)
    for alpha in (0.3, 0.025, SMALLEST):
        ours = quantile_difference(x, point, 0.95, "images")
        below, above = round(ours.lower(alpha)), round(ours.upper(alpha))
        # P(x_(j) > q) = P(Bin <= j - 1): the bound's rank keeps it, the next one does not.
        assert stats.binom.cdf(below - 1, 1000, 0.95) <= alpha < stats.binom.cdf(below, 1000, 0.95)
        assert stats.binom.sf(above - 1, 1000, 0.95) <= alpha < stats.binom.sf(above - 2, 1000, 0.95)
    assert quantile_difference(x, point, 0.95, "images").value == pytest.approx(950.0)


def test_the_variance_is_the_bootstraps():
    rng = generator(0, "stats", "bootstrap")
    x, y = rng.exponential(size=60), rng.normal(size=90)
    ours = quantile_difference(x, y, 0.8, "images")
    quantiles = [
        np.quantile(rng.choice(each, (20_000, each.size)), 0.8, axis=1, method="inverted_cdf") for each in (x, y)
    ]
    assert ours.value == np.quantile(x, 0.8, method="inverted_cdf") - np.quantile(y, 0.8, method="inverted_cdf")
    # 20,000 replicates know a variance to about 1 %, with tails heavier than a normal's to 2.
    assert ours.variance == pytest.approx(np.var(quantiles[0] - quantiles[1]), rel=0.06)


def test_by_mover():
    rng = generator(0, "stats", "bootstrap, mover")
    x, y = np.sort(rng.normal(size=100)), np.sort(rng.normal(size=100))
    ours = quantile_difference(x, y, 0.5, "images")
    # R: qbinom(.025, 100, .5) = 40, so the bounds of a median of 100 are the 40th and the 61st.
    assert ours.value == x[49] - y[49]
    assert ours.lower(0.025) == ours.value - math.hypot(x[49] - x[39], y[60] - y[49])
    assert ours.upper(0.025) == ours.value + math.hypot(x[60] - x[49], y[49] - y[39])


@pytest.mark.parametrize(
    ("x", "y", "lower", "upper"),
    [
        ([1.0] * 50, [0.0] * 50, -math.inf, math.inf),
        ([1.0] * 49 + [9.0], [0.0] * 49 + [9.0], -math.inf, math.inf),
        ([0.0] * 5 + [1.0] * 40 + [2.0] * 5, [0.0] * 5 + [1.0] * 40 + [2.0] * 5, -2.0, 2.0),
    ],
)
def test_ties_never_give_a_width_of_zero(x, y, lower, upper):
    ours = quantile_difference(x, y, 0.5, "images")
    for alpha in (0.025, 0.4):
        assert (ours.lower(alpha), ours.upper(alpha)) == pytest.approx((lower, upper))
    if ours.variance is None:
        assert ours.note
        assert decide(ours, 0.1, "above", FAMILY_ALPHA).inconclusive


def test_too_few_units_leave_a_side_open():
    # .95^50 = .077: the largest of 50 may well be below the percentile.
    rng = generator(0, "stats", "bootstrap, few")
    x, y = rng.normal(size=50), rng.normal(size=1000)
    ours = quantile_difference(x, y, 0.95, "images")
    assert ours.upper(FAMILY_ALPHA) == math.inf
    assert math.isfinite(ours.lower(FAMILY_ALPHA))
    assert math.isfinite(ours.upper(0.08))


def test_bad_input():
    with pytest.raises(ValueError, match="ascending"):
        QuantileDifference((2.0, 1.0), (1.0,), 0.5, "images")
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_difference([1.0], [1.0], 95, "images")
    with pytest.raises(ValueError, match="not finite"):
        quantile_difference([-math.inf, 1.0], [1.0], 0.5, "images")


@pytest.mark.parametrize("world", WORLDS)
def test_p_is_below_alpha_exactly_where_the_bound_is_past(world):
    ours = sample(world, generator(0, "stats", "bootstrap, p"))
    bounds = [ours.lower(alpha) for alpha in (SMALLEST, 0.02, 0.3, 0.5, 0.7)]
    assert bounds == sorted(bounds)
    for alpha in (SMALLEST, 0.02, 0.3):
        for threshold in (-0.2, 0.0, 0.1, 0.3):
            assert (ours.p_above(threshold) < alpha) == (ours.lower(alpha) > threshold)
            assert (ours.p_below(threshold) < alpha) == (ours.upper(alpha) < threshold)


def test_swapping_the_samples_mirrors_everything():
    rng = generator(0, "stats", "bootstrap, mirror")
    x, y = rng.normal(size=200), rng.exponential(size=300)
    one, other = quantile_difference(x, y, 0.9, "images"), quantile_difference(y, x, 0.9, "images")
    assert one.lower(0.02) == pytest.approx(-other.upper(0.02))
    assert one.variance == pytest.approx(other.variance)


@pytest.mark.parametrize("world", WORLDS)
def test_false_verdicts_stay_within_the_budget(world):
    rng = generator(65547, "calibration", f"quantiles, {world}")
    confirmed = rejected = covered = 0
    for _ in range(SIMULATIONS):
        verdict = decide(sample(world, rng), THRESHOLDS[world], "above", FAMILY_ALPHA)
        confirmed += verdict.confirmed
        rejected += verdict.rejected
        covered += verdict.interval95.low <= THRESHOLDS[world] <= verdict.interval95.high
    assert confirmed <= ALLOWED
    assert rejected <= ALLOWED
    # .95 less 4.4 standard errors
    assert covered >= 920


def test_nine_larger_radii_are_confirmed_at_the_smallest_error_rate():
    rng = generator(65547, "calibration", "quantiles, power")
    confirmed = 0
    for _ in range(20):
        bird = rng.normal(0.4, 0.3, 1000)
        others = [quantile_difference(bird, rng.normal(0.0, 0.3, 1000), 0.95, "images") for _ in range(9)]
        contrasts = Intersection(tuple((str(i), part) for i, part in enumerate(others)))
        confirmed += decide(contrasts, math.log(1.1), "above", FAMILY_ALPHA / 58).confirmed
    assert confirmed >= 18
