"""Bounds, p-values and verdicts of every engine invert one and the same test."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from why_bird.evidence.gate import planned_distance
from why_bird.stats import (
    Intersection,
    Jackknife,
    NetworkMean,
    Outcome,
    PairedDrop,
    PairedMean,
    PredictionEntropy,
    Proportion,
    ProportionDifference,
    Ratio,
    Superiority,
    decide,
    network_value,
    pool,
)

UNIT = "units"
finite = st.floats(-3, 3)
positive = st.floats(0.01, 2)
count = st.integers(0, 60)


@st.composite
def proportions(draw):
    n = draw(st.integers(1, 300))
    return Proportion(draw(st.integers(0, n)), n, UNIT)


@st.composite
def differences(draw):
    n1, n2 = draw(st.integers(1, 100)), draw(st.integers(1, 100))
    return ProportionDifference(draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2, UNIT)


@st.composite
def means(draw):
    support = draw(st.sampled_from([None, (-1.0, 2.0)]))
    mean = draw(st.floats(-1, 2))
    sd = draw(st.one_of(st.just(0.0), positive))
    skewness = draw(st.floats(-3, 3)) if sd else 0.0
    return PairedMean(mean, sd, draw(st.integers(2, 50)), UNIT, support, skewness=skewness)


@st.composite
def superiorities(draw):
    n1, n2 = draw(st.integers(2, 50)), draw(st.integers(2, 50))
    if draw(st.booleans()):
        return Superiority(draw(st.sampled_from([0.0, 0.5, 1.0])), 0.0, 0.0, n1, n2, UNIT)
    return Superiority(draw(st.floats(0.01, 0.99)), draw(st.floats(0.01, 0.3)), draw(st.floats(1, 90)), n1, n2, UNIT)


paired = st.builds(PairedDrop, st.integers(1, 60), count, count, count, st.just(UNIT))
jackknives = st.builds(
    Jackknife,
    st.floats(0.1, 3),
    st.one_of(st.just(0.0), positive),
    st.floats(1, 200),
    st.just(20),
    st.just(UNIT),
    st.sampled_from(["identity", "exp"]),
    skewness=st.floats(-3, 3),
    support=st.sampled_from([None, (0.0, 3.0)]),
)
entropies = st.builds(
    PredictionEntropy,
    st.lists(st.integers(0, 300), min_size=2, max_size=12).filter(any).map(tuple),
    st.just(UNIT),
)


ratios = st.builds(Ratio, proportions(), proportions().filter(lambda each: each.value > 0), st.just(UNIT))
networks = st.builds(
    NetworkMean,
    st.lists(finite, min_size=1, max_size=10).map(tuple),
    st.one_of(st.just(0.0), positive),
    st.just(UNIT),
    support=st.sampled_from([None, (-3.0, 3.0)]),
)
single = {
    "proportion": proportions(),
    "difference": differences(),
    "paired": paired,
    "mean": means(),
    "superiority": superiorities(),
    "jackknife": jackknives,
    "entropy": entropies,
    "networks": networks,
    "ratio": ratios,
}
intersections = st.lists(st.one_of(*single.values()), min_size=1, max_size=4).map(
    lambda parts: Intersection(tuple((str(i), part) for i, part in enumerate(parts)))
)
engines = pytest.mark.parametrize("name", [*single, "intersection"])
strategies = {**single, "intersection": intersections}
alphas = st.floats(1e-5, 0.4)
thresholds = st.floats(-1.2, 1.2)
quick = settings(max_examples=40)


def clear_of_rounding(*pairs):
    for a, b in pairs:
        assume(abs(a - b) > 1e-9 * (1 + abs(b)))


@engines
def test_the_scale_of_an_estimate_is_what_its_claim_was_planned_on(name):
    """With δ = .02 a share is planned .05 from it, P(X > Y) .04, and anything else δ."""
    expected = {"share": 0.05, "probability": 0.04, "standardised": 0.02, "difference": 0.02}

    @quick
    @given(strategies[name])
    def check(estimate):
        assert planned_distance(estimate.scale, 0.02, "above") == expected[estimate.scale]

    check()


@engines
def test_p_is_below_alpha_exactly_where_the_bound_is_past(name):
    @quick
    @given(strategies[name], alphas, thresholds)
    def check(estimate, alpha, threshold):
        above, below = estimate.p_value(threshold, "above"), estimate.p_value(threshold, "below")
        lower, upper = estimate.lower(alpha), estimate.upper(alpha)
        clear_of_rounding((above, alpha), (below, alpha), (lower, threshold), (upper, threshold))
        assert (above < alpha) == (lower > threshold)
        assert (below < alpha) == (upper < threshold)

    check()


@engines
def test_bounds_move_inwards_as_alpha_grows(name):
    @quick
    @given(strategies[name], alphas, alphas)
    def check(estimate, one, other):
        small, large = sorted((one, other))
        rounding = 1e-12
        assert estimate.lower(small) <= estimate.lower(large) + rounding
        assert estimate.upper(small) >= estimate.upper(large) - rounding
        assert estimate.lower(large) <= estimate.value + rounding
        assert estimate.upper(large) >= estimate.value - rounding
        assert estimate.interval(1 - 2 * small).low == pytest.approx(estimate.lower(small))

    check()


@engines
def test_the_interval_never_has_no_width(name):
    @quick
    @given(strategies[name], alphas)
    def check(estimate, alpha):
        interval = estimate.interval(1 - 2 * alpha)
        assert interval.high > interval.low

    check()


@engines
def test_no_bound_lies_outside_of_what_can_be(name):
    @quick
    @given(strategies[name], st.floats(1e-5, 0.99))
    def check(estimate, alpha):
        least, greatest = estimate.support or (-math.inf, math.inf)
        assert least <= estimate.lower(alpha) <= greatest
        assert least <= estimate.upper(alpha) <= greatest

    check()


def test_shares_of_networks_stay_shares():
    # Student's interval of these three would end at 1.10, and one more network's at 1.24.
    said = [network_value(Proportion(successes, 100, UNIT)) for successes in (90, 99, 100)]
    together = pool(said)
    assert together.interval(0.95).high == 1.0
    assert together.prediction(0.95).high == 1.0
    assert decide(together, 0.5, "above", 0.025).interval95.high == 1.0


@engines
def test_the_verdict_follows_the_bounds(name):
    sides = ["above"] if name == "intersection" else ["above", "below"]

    @quick
    @given(strategies[name], alphas, thresholds, st.sampled_from(sides))
    def check(estimate, alpha, threshold, side):
        verdict = decide(estimate, threshold, side, alpha)
        at_alpha = verdict.interval_at_alpha
        past = at_alpha.low > threshold if side == "above" else at_alpha.high < threshold
        short = at_alpha.high < threshold if side == "above" else at_alpha.low > threshold
        expected = Outcome.CONFIRMED if past else Outcome.REJECTED if short else Outcome.INCONCLUSIVE
        assert verdict.outcome is expected
        clear_of_rounding((verdict.p, alpha), (at_alpha.low, threshold), (at_alpha.high, threshold))
        assert verdict.confirmed == (verdict.p < alpha)

    check()


@quick
@given(intersections, alphas, thresholds)
def test_intersection_bounds(estimate, alpha, threshold):
    parts = [part for _, part in estimate.parts]
    assert estimate.value == min(part.value for part in parts)
    assert estimate.lower(alpha) == min(part.lower(alpha) for part in parts)
    assert estimate.upper(alpha) == min(part.upper(alpha / len(parts)) for part in parts)
    assert estimate.p_value(threshold, "above") == max(part.p_value(threshold, "above") for part in parts)


@pytest.mark.parametrize(
    "mirrored",
    [
        (PairedDrop(5, 7, 2, 9, UNIT), PairedDrop(5, 2, 7, 9, UNIT)),
        (ProportionDifference(8, 10, 3, 20, UNIT), ProportionDifference(3, 20, 8, 10, UNIT)),
        (PairedMean(0.3, 1.1, 9, UNIT), PairedMean(-0.3, 1.1, 9, UNIT)),
        (PairedMean(0.3, 1.1, 9, UNIT, skewness=0.8), PairedMean(-0.3, 1.1, 9, UNIT, skewness=-0.8)),
        (PairedMean(1.0, 0.0, 9, UNIT, (-1, 2)), PairedMean(-1.0, 0.0, 9, UNIT, (-2, 1))),
        (NetworkMean((0.1, 0.5, 0.4), 0.0), NetworkMean((-0.1, -0.5, -0.4), 0.0)),
        (NetworkMean((0.5,) * 9, 0.0, support=(-1, 2)), NetworkMean((-0.5,) * 9, 0.0, support=(-2, 1))),
    ],
)
def test_swapping_the_sides_mirrors_everything(mirrored):
    one, other = mirrored
    assert one.lower(0.02) == pytest.approx(-other.upper(0.02))
    assert one.p_value(0.2, "above") == pytest.approx(other.p_value(-0.2, "below"))


def test_within_takes_the_larger_p():
    estimate = Proportion(930, 1000, "images")
    p = estimate.p_value((0.91, 0.95), "within")
    assert p == max(estimate.p_value(0.91, "above"), estimate.p_value(0.95, "below"))


def test_tiny_p_values_keep_their_size():
    # Far past the threshold the bisection still answers on the normal scale.
    p = ProportionDifference(1900, 2000, 100, 2000, "noise images").p_value(0.5, "above")
    assert 0.0 < p < 1e-60
    assert not math.isclose(p, 1.0)
    assert np.isfinite(math.log(p))
