"""P(X > Y) against R: Brunner and Munzel, and the AUROC with DeLong's variance."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from why_bird.stats import superiority

from .reference import ENGINES, assert_close, each


@each("superiority")
def test_superiority(case):
    ours = superiority(case["x"], case["y"], "images")
    # R: brunner_munzel(), the formula of lawstat::brunner.munzel.test; below, pROC::auc and pROC::var
    assert_close([ours.value, ours.se, ours.df], [case["prob"], case["se"], case["df"]])
    assert_close([ours.value, ours.variance], [case["auc"], case["delong_variance"]])
    # R's are the plain t bounds; the engine widens them to those on the logit scale.
    plain, logits = stats.t(ours.df, ours.value, ours.se), stats.t(ours.df, logit(ours.value), logit_se(ours))
    golden = case["t_bounds"]
    for alpha, low, high in zip(golden["alpha"], golden["lower"], golden["upper"], strict=True):
        assert_close([plain.ppf(alpha), plain.isf(alpha)], [low, high])
        assert_close(ours.lower(alpha), max(min(low, expit(logits.ppf(alpha))), 0.0))
        assert_close(ours.upper(alpha), min(max(high, expit(logits.isf(alpha))), 1.0))
    for threshold, above, below in zip(*case["t_p"].values(), strict=True):
        assert_close(ours.p_above(threshold), max(above, logits.cdf(logit(threshold))))
        assert_close(ours.p_below(threshold), max(below, logits.sf(logit(threshold))))


def logit_se(estimate):
    return estimate.se / (estimate.value * (1 - estimate.value))


def test_superiority_of_the_published_example():
    # Brunner and Munzel's pain scores, the example of R's lawstat::brunner.munzel.test and of scipy's documentation.
    case = ENGINES["superiority"][0]
    ours = superiority(case["x"], case["y"], "patients")
    assert (ours.value - 0.5) / ours.se == pytest.approx(case["statistic"], rel=1e-9)
    # the protocol's known values, so that script and engine cannot be wrong together
    assert case["statistic"] == pytest.approx(3.1374674823, abs=1e-10)
    assert 2 * stats.t.cdf(0.5, ours.df, ours.value, ours.se) == pytest.approx(0.0057862087, abs=1e-10)


@each("separation")
def test_superiority_at_complete_separation(case):
    k = case["k"]
    ours = superiority(np.arange(k) + 1000.0, np.arange(k + 5.0), "images")
    # R: binom.test(k, k, alternative = "greater", conf.level = 1 - alpha)$conf.int[1]
    assert_close([ours.lower(alpha) for alpha in case["alpha"]], case["lower"])
