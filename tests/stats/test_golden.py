"""Engines against published numbers and independent implementations; golden/ has those against R."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import entr
from statsmodels.stats.proportion import proportion_confint

from why_bird.stats import (
    PairedDrop,
    PairedMean,
    PredictionEntropy,
    Proportion,
    jackknife,
    jackknife_from_spreads,
    networks_needed,
    paired_drop,
    paired_mean,
    shares,
    superiority,
)
from why_bird.streams import generator


def test_clopper_pearson_at_the_end():
    # the protocol's known value; in closed form .025^(1/5000) = 0.9992624962
    interval = Proportion(5000, 5000, "noise images").interval(0.95)
    assert interval.low == pytest.approx(0.9992624962, abs=1e-10)
    assert interval.high == 1.0


@pytest.mark.parametrize(("x", "n"), [(0, 7), (1, 7), (3, 7), (7, 7), (930, 1000)])
def test_clopper_pearson_against_scipy_and_statsmodels(x, n):
    ours = Proportion(x, n, "units")
    theirs = stats.binomtest(x, n).proportion_ci(0.9)
    assert (ours.lower(0.05), ours.upper(0.05)) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert (ours.lower(0.05), ours.upper(0.05)) == pytest.approx(proportion_confint(x, n, 0.1, "beta"), abs=1e-9)
    assert ours.p_above(0.6) == pytest.approx(stats.binomtest(x, n, 0.6, alternative="greater").pvalue, abs=1e-12)
    assert ours.p_below(0.6) == pytest.approx(stats.binomtest(x, n, 0.6, alternative="less").pvalue, abs=1e-12)


def test_paired_drop_counts_the_table():
    first = np.array([True, True, True, False, False])
    second = np.array([True, False, False, True, False])
    assert paired_drop(first, second, "images") == PairedDrop(1, 2, 1, 1, "images")


def test_brunner_munzel_against_scipy():
    rng = generator(0, "stats", "brunner-munzel")
    x, y = rng.normal(0.3, 1, 40).round(1), rng.normal(0, 2, 55).round(1)
    theirs = stats.brunnermunzel(y, x, alternative="greater")
    ours = superiority(x, y, "images")
    assert stats.t.sf((0.5 - ours.value) / ours.se, ours.df) == pytest.approx(theirs.pvalue, abs=1e-12)
    assert ours.value == pytest.approx(np.mean((x[:, None] > y) + 0.5 * (x[:, None] == y)), abs=1e-12)


def test_complete_separation_and_complete_ties():
    above = superiority([4, 5, 6, 7], [1, 2, 3], "images")
    assert above.value == 1.0
    assert above.lower(0.025) == pytest.approx(0.025 ** (1 / 3))
    assert superiority([1, 2, 3], [4, 5, 6, 7], "images").upper(0.025) == pytest.approx(1 - 0.025 ** (1 / 3))
    tied = superiority([2, 2, 2], [2, 2], "images").interval(0.95)
    assert (tied.low, tied.high) == pytest.approx((0.5 * 0.025**0.5, 1 - 0.5 * 0.025**0.5))


def test_one_overlap_is_not_more_evidence_than_separation():
    nearly = superiority(np.r_[np.arange(100, 119), 49.5], np.r_[np.arange(30, 49), 50.0], "images")
    separated = superiority(np.arange(100, 120), np.arange(30, 50), "images")
    assert 0.99 < nearly.value < 1.0
    assert nearly.lower(0.025) <= separated.lower(0.025)
    assert nearly.p_above(0.9) >= separated.p_above(0.9)


def test_fifty_thousand_ranks():
    x = generator(0, "stats", "large").normal(size=50_000)
    estimate = superiority(x + 0.1, x[::-1], "images")
    assert estimate.value == pytest.approx(stats.norm.cdf(0.1 / math.sqrt(2)), abs=0.01)


def test_t_against_scipy():
    x = generator(0, "stats", "t").normal(0.4, 1, 23)
    test = stats.ttest_1samp(x, 0.2, alternative="greater")
    ours = PairedMean(float(x.mean()), float(x.std(ddof=1)), 23, "images")
    assert ours.p_above(0.2) == pytest.approx(test.pvalue, rel=1e-12)
    interval = stats.ttest_1samp(x, 0.2).confidence_interval(0.95)
    assert (ours.lower(0.025), ours.upper(0.025)) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("n", [2, 3, 4, 6, 10])
def test_a_bound_at_the_smallest_error_rates_is_far_out(n):
    # scipy 1.17's stdtrit(3, 1e-300) is +inf.
    for alpha in (1e-100, 1e-300):
        for skewness in (0.0, -1.0, 1.0):
            ours = PairedMean(0.0, 1.0, n, "images", skewness=skewness)
            assert ours.lower(alpha) < -1e8
            assert ours.upper(alpha) > 1e8


def test_mean_without_variation():
    # 0.95 ** 58 = 0.0510, 0.95 ** 59 = 0.0485: a value of mass .05 stays unseen in 59 units with p < .05
    known = paired_mean([1.0] * 59, "images", support=(0.0, 1.0))
    assert known.lower(0.95**59) == pytest.approx(0.95)
    assert known.upper(0.025) == 1.0
    assert known.p_above(0.95) == pytest.approx(0.95**59)
    middle = paired_mean([0.25] * 10, "images", support=(0.0, 1.0)).interval(0.95)
    unseen = 1 - 0.025**0.1
    assert (middle.low, middle.high) == pytest.approx((0.25 - unseen * 0.25, 0.25 + unseen * 0.75))
    unknown = paired_mean([0.1] * 10, "images")
    assert unknown.interval(0.95).low == -math.inf
    assert unknown.interval(0.95).high == math.inf
    assert "unlimited" in unknown.note


def test_jackknife_of_means_is_the_welch_test():
    rng = generator(0, "stats", "welch")
    x, y = rng.normal(1, 1, 12), rng.normal(0, 3, 30)
    leave_x = [np.delete(x, i).mean() - y.mean() for i in range(12)]
    leave_y = [x.mean() - np.delete(y, i).mean() for i in range(30)]
    spreads = [float(np.sum((each - np.mean(each)) ** 2)) for each in (leave_x, leave_y)]
    ours = jackknife_from_spreads(x.mean() - y.mean(), spreads, [12, 30], "images")
    theirs = stats.ttest_ind(x, y, equal_var=False).confidence_interval(0.95)
    assert (ours.lower(0.025), ours.upper(0.025)) == pytest.approx((theirs.low, theirs.high))
    assert ours.n == 42
    assert ours.null == 0.0


def test_jackknife_on_the_log_scale_is_shown_as_a_ratio():
    replicates = [math.log(0.4) + np.array([-0.01, 0.0, 0.02, -0.02])]
    log, ratio = jackknife(math.log(0.4), replicates, "images"), jackknife(math.log(0.4), replicates, "images", "exp")
    assert ratio.value == pytest.approx(0.4)
    assert ratio.lower(0.01) == pytest.approx(math.exp(log.lower(0.01)))
    assert ratio.p_below(0.5) == pytest.approx(log.p_below(math.log(0.5)))
    assert ratio.null == 1.0


@pytest.mark.parametrize("transform", ["identity", "exp"])
def test_jackknife_without_variation_is_infinite(transform):
    # replicates that differ by rounding only
    flat = jackknife(0.3, [[0.1 + 0.2, 0.3, 0.3]], "images", transform)
    assert flat.se == 0.0
    assert flat.variance is None
    assert flat.upper(0.4) == math.inf
    assert flat.lower(0.4) == (-math.inf if transform == "identity" else 0.0)
    assert "no jackknife replicate differs" in flat.note
    assert flat.p_above(0.1) == flat.p_below(9.0) == 1.0


@pytest.mark.parametrize("counts", [(3, 1), (20, 5, 0), (7, 7, 7), (60, 3, 2, 1, 0), (0, 0, 9), (10, 20, 30, 40)])
@pytest.mark.parametrize("alpha", [0.025, 0.5])
def test_entropy_bounds_against_exhaustive_optimisation(counts, alpha):
    k, n = len(counts), sum(counts)
    box = [(Proportion(c, n, "u").lower(alpha / (2 * k)), Proportion(c, n, "u").upper(alpha / (2 * k))) for c in counts]
    # The least entropy is at a vertex of box and simplex: all coordinates but one at an end.
    least = math.inf
    for free in range(k):
        for ends in itertools.product(*(box[j] for j in range(k) if j != free)):
            rest = 1 - sum(ends)
            if box[free][0] - 1e-12 <= rest <= box[free][1] + 1e-12:
                least = min(least, sum(entr(list(ends))) + entr(max(rest, 0.0)))
    ours = PredictionEntropy(counts, "noise images")
    lower, upper = ours.lower(alpha) * math.log(k), ours.upper(alpha) * math.log(k)
    assert lower <= least + 1e-9
    assert lower >= least - 0.25  # the dual gap: at most one class between its ends
    level = brentq(lambda tau: sum(min(max(tau, lo), hi) for lo, hi in box) - 1, 0, 1)
    assert upper == pytest.approx(sum(entr([min(max(level, lo), hi) for lo, hi in box])), abs=1e-9)
    # and no random distribution of the box exceeds it
    draws = generator(0, "stats", "entropy").dirichlet(np.full(k, 2.0), 4000)
    inside = np.all((draws >= [lo for lo, _ in box]) & (draws <= [hi for _, hi in box]), axis=1)
    values = entr(draws[inside]).sum(axis=1)
    assert np.all((values <= upper + 1e-9) & (values >= lower - 1e-9))


def test_entropy_values():
    assert PredictionEntropy((5, 5), "noise images").value == pytest.approx(1.0)
    assert PredictionEntropy((5000, *[0] * 9), "noise images").value == 0.0
    assert PredictionEntropy((3, 1), "noise images").value == pytest.approx(stats.entropy([3, 1], base=2))


def test_shares_and_networks():
    assert shares({"Z1": 1, "Z2": 2, "Z3": 1}) == {"Z1": 0.25, "Z2": 0.5, "Z3": 0.25}
    # the protocol: six equal claims share .025, so alpha = .0042 and R >= 8
    assert networks_needed(0.025 / 6) == 8
    assert networks_needed(0.125) == 3
    assert networks_needed(np.nextafter(0.125, 0)) == 4
