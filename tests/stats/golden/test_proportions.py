"""Shares against R: one, two independent, two paired, over several classes; and R against published numbers."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import xlogy

from why_bird.stats import PairedDrop, PredictionEntropy, Proportion, ProportionDifference, drift

from .reference import ENGINES, NORMAL, assert_bounds, assert_close, assert_p, each


@each("proportion")
def test_proportion(case):
    # R: binom.test(successes, n, p, alternative, conf.level = 1 - alpha)
    ours = Proportion(case["successes"], case["n"], "units")
    assert_bounds(ours, case["bounds"])
    assert_p(ours, case["p"])


@each("two_proportions")
def test_proportion_difference(case):
    ours = ProportionDifference(case["successes1"], case["n1"], case["successes2"], case["n2"], "units")
    # R: two_score(), at a difference of 0 and without its factor N / (N - 1) prop.test(c(x1, x2), c(n1, n2))
    golden = case["miettinen_nurminen_widened"]
    assert_bounds(ours, golden["bounds"])
    assert_p(ours, golden["p"])


@each("paired_drop")
def test_paired_drop(case):
    b, c, n = case["first_only"], case["second_only"], case["n"]
    ours = PairedDrop(0, b, c, n - b - c, "units")
    # R: tango(), the formula of PropCIs::scoreci.mp
    golden = case["tango_widened"]
    assert_bounds(ours, golden["bounds"])
    assert_p(ours, golden["p"])


@pytest.mark.parametrize("case", ENGINES["entropy"], ids=lambda case: "-".join(map(str, case["counts"])))
def test_entropy(case):
    ours = PredictionEntropy(tuple(case["counts"]), "noise images")
    # R: entropy_bounds(), in the box of binom.test(count, n, conf.level = 1 - alpha / K)
    assert_close(ours.value, case["value"])
    assert_bounds(ours, case["bounds"])


@each("drift")
def test_drift(case):
    accepted = Proportion(case["successes1"], case["n1"], "noise images")
    ours = drift(accepted, Proportion(case["successes2"], case["n2"], "noise images"), 0.01)
    # R: Zou and Donner's formula on binom.test(successes, n)$conf.int of either draw
    assert_close(ours.difference, case["difference"])
    assert_close([ours.interval95.low, ours.interval95.high], [case["low95"], case["high95"]])


def score_of_two_proportions(x1, n1, x2, n2, delta, factor):
    """Return Miettinen and Nurminen's z, the constrained estimate by the roots of their cubic."""
    n, x = n1 + n2, x1 + x2
    linear = (n2 * delta - n - 2 * x2) * delta + x
    p2 = np.roots([n, (n1 + 2 * n2) * delta - n - x, linear, x2 * delta * (1 - delta)]).real
    p2 = np.clip(p2, max(0.0, -delta), min(1.0, 1.0 - delta))
    cells = np.array([p2 + delta, 1 - p2 - delta, p2, 1 - p2])
    p2 = p2[np.argmax(xlogy([[x1], [n1 - x1], [x2], [n2 - x2]], np.maximum(cells, 0.0)).sum(0))]
    variance = (p2 + delta) * (1 - p2 - delta) / n1 + p2 * (1 - p2) / n2
    return (x1 / n1 - x2 / n2 - delta) / math.sqrt(variance * factor)


@each("two_proportions")
@pytest.mark.parametrize("variant", ["miettinen_nurminen", "mee"])
def test_r_score_of_two_proportions(case, variant):
    # Not against statsmodels: its score for a difference other than 0 has a wrong coefficient (issue 10269).
    counts = [case[key] for key in ("successes1", "n1", "successes2", "n2")]
    n = case["n1"] + case["n2"]
    factor = n / (n - 1) if variant == "miettinen_nurminen" else 1.0
    golden = case[variant]
    for delta, above in zip(golden["p"]["threshold"], golden["p"]["above"], strict=True):
        if above != 0.5:  # there 0/0 or 0
            ours = stats.norm.sf(score_of_two_proportions(*counts, delta, factor))
            # np.roots is exact to about 1e-8 where two roots meet
            np.testing.assert_allclose(ours, above, rtol=1e-6, atol=NORMAL)
    for alpha, low, high in zip(*(golden["bounds"][key] for key in ("alpha", "lower", "upper")), strict=True):
        for bound, sign in ((low, 1), (high, -1)):
            if abs(bound) < 1:
                ours = stats.norm.sf(sign * score_of_two_proportions(*counts, bound, factor))
                np.testing.assert_allclose(ours, alpha, rtol=1e-6)


def at_95(case, variant):
    bounds = case[variant]["bounds"]
    usual = bounds["alpha"].index(0.025)
    return bounds["lower"][usual], bounds["upper"][usual]


@pytest.mark.parametrize(
    ("counts", "mee", "miettinen_nurminen", "newcombe"),
    [
        # Newcombe 1998, table II, methods 5, 6 and 10
        ((56, 70, 48, 80), (0.0533, 0.3377), (0.0528, 0.3382), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1821, 0.8370), (0.1700, 0.8406), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0544, 0.8478), (0.0342, 0.8534), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0313, 0.1926), (-0.0326, 0.1933), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775), (-0.2879, 0.2879), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.7225, 1.0), (0.7156, 1.0), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6777, 1.0), (0.6636, 1.0), (0.6075, 1.0)),
    ],
)
def test_r_two_proportions_as_published(counts, mee, miettinen_nurminen, newcombe):
    names = ("successes1", "n1", "successes2", "n2")
    (case,) = (case for case in ENGINES["two_proportions"] if tuple(case[name] for name in names) == counts)
    assert at_95(case, "mee") == pytest.approx(mee, abs=6e-5)
    assert at_95(case, "miettinen_nurminen") == pytest.approx(miettinen_nurminen, abs=6e-5)
    assert at_95(case, "newcombe") == pytest.approx(newcombe, abs=6e-5)


def tango(first_only, second_only, n):
    (case,) = (
        case
        for case in ENGINES["paired_drop"]
        if (case["first_only"], case["second_only"], case["n"]) == (first_only, second_only, n)
    )
    return case


def test_r_tango_as_published():
    # Fagerland et al. 2014, airway hyper-responsiveness: -0.517 to -0.026
    assert at_95(tango(1, 7, 21), "tango") == pytest.approx((-0.517, -0.026), abs=6e-4)
    # R's PropCIs::scoreci.mp(25, 28, 618, 0.90), published output for (28 - 25)/618: -0.0148 0.0247
    bounds = tango(28, 25, 618)["tango"]["bounds"]
    usual = bounds["alpha"].index(0.05)
    assert (bounds["lower"][usual], bounds["upper"][usual]) == pytest.approx((-0.0148, 0.0247), abs=6e-5)


@pytest.mark.parametrize("n", [40, 5000])
def test_r_tango_without_discordance_in_closed_form(n):
    z2 = stats.norm.isf(0.025) ** 2
    assert_close(at_95(tango(0, 0, n), "tango"), (-z2 / (n + z2), z2 / (n + z2)))


@pytest.mark.parametrize("n", [30, 5000])
def test_r_tango_with_nothing_else_in_closed_form(n):
    z2 = stats.norm.isf(0.025) ** 2
    assert_close(at_95(tango(n, 0, n), "tango"), ((n - z2) / (n + z2), 1.0))
