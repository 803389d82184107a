"""Means against R: over units, several contrasts at once, over networks."""

import numpy as np
import pytest

from why_bird.stats import Intersection, NetworkMean, PairedMean, paired_mean

from .reference import ENGINES, assert_bounds, assert_close, assert_p, each


def plain_t(values):
    return PairedMean(float(np.mean(values)), float(np.std(values, ddof=1)), len(values), "images")


def test_t_of_pairs():
    case = ENGINES["paired_mean"]["paired"]
    ours = plain_t(np.subtract(case["x"], case["y"]))
    interval = ours.interval(0.95)
    # R: t.test(x, y, paired = TRUE)
    assert_close([ours.value, interval.low, interval.high], [case["mean"], case["low95"], case["high95"]])


samples = pytest.mark.parametrize(
    "case", ENGINES["paired_mean"]["samples"], ids=lambda case: f"n={len(case['values'])}"
)


@samples
def test_t(case):
    ours = plain_t(case["values"])
    # R: t.test(values, mu, alternative, conf.level = 1 - alpha)
    assert_bounds(ours, case["plain"]["bounds"])
    assert_p(ours, case["plain"]["p"])


@samples
def test_paired_mean(case):
    # R: widened_t(), t.test with Johnson's term for the skewness
    ours = paired_mean(case["values"], "images")
    assert_bounds(ours, case["widened"]["bounds"])
    assert_p(ours, case["widened"]["p"])


def test_paired_mean_where_all_units_agree():
    case = ENGINES["paired_mean"]["all_ones"]
    ours = paired_mean([1.0] * case["n"], "images", support=(0.0, 1.0))
    # R: binom.test(59, 59, alternative = "greater", conf.level = 1 - alpha)$conf.int[1]
    assert_close([ours.lower(alpha) for alpha in case["alpha"]], case["lower"])


@each("within")
def test_within(case):
    # R: the larger p of t.test(mu = low, "greater") and t.test(mu = high, "less"), as TOSTER::t_TOST
    ours = plain_t(case["values"]).p_value((case["low"], case["high"]), "within")
    assert_close(ours, case["p"], atol=0.0)


def test_intersection():
    case = ENGINES["intersection"]
    # R: t.test of each: the least of the bounds (of the upper ones at alpha / 3), the largest p
    ours = Intersection(tuple((name, plain_t(values)) for name, values in case["contrasts"].items()))
    assert_bounds(ours, case["bounds"])
    assert_p(ours, case["p"])


over_networks = pytest.mark.parametrize("case", ENGINES["network_mean"], ids=lambda case: f"R={len(case['values'])}")


@over_networks
def test_network_mean(case):
    # 0, and a sampling variance that the variance between networks holds already
    for within in (0.0, 0.5 * case["variance"]):
        # R: widened_t(values, mu, alternative, conf.level = 1 - alpha)
        ours = NetworkMean(tuple(case["values"]), within)
        assert_bounds(ours, case["widened"]["bounds"])
        assert_p(ours, case["widened"]["p"])


@over_networks
def test_network_mean_on_the_floor_of_its_variance(case):
    # R: widened_t(), with the variance on its floor
    ours = NetworkMean(tuple(case["values"]), case["floor"])
    golden = case["widened_on_the_floor"]
    assert_bounds(ours, golden["bounds"])
    assert_p(ours, golden["p"])


@over_networks
def test_sign_flips(case):
    ours = NetworkMean(tuple(case["values"]), 0.0)
    # R: exactRankTests::perm.test(values, threshold, paired = TRUE, exact = TRUE, alternative)
    flips = case["flips"]
    for threshold, above, below in zip(flips["threshold"], flips["above"], flips["below"], strict=True):
        assert_close(ours.sign_flip(threshold, "above"), above)
        assert_close(ours.sign_flip(threshold, "below"), below)


@over_networks
def test_prediction(case):
    ours = NetworkMean(tuple(case["values"]), 0.0)
    # R: predict(lm(values ~ 1), interval = "prediction", level)
    for level, low, high in zip(*(case["prediction"][key] for key in ("level", "low", "high")), strict=True):
        interval = ours.prediction(level)
        assert_close([interval.low, interval.high], [low, high])
