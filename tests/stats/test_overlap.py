"""Overlap of an uncertain top with two sets: by force over all fills, by hand, and in worlds level at the cut."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from why_bird.stats.estimate import Estimate
from why_bird.stats.multiplicity import FAMILY_ALPHA
from why_bird.stats.overlap import TopOverlap, top_overlap
from why_bird.stats.top_members import TopMembers, top_members
from why_bird.stats.verdict import decide
from why_bird.streams import generator

SMALLEST = FAMILY_ALPHA / 58
UNIT = "noise images"
SIMULATIONS = 150


def jaccards(top, first, second):
    """Second implementation, by sets of Python."""
    of_first, of_second = (len(top & each) / len(top | each) for each in (first, second))
    return of_first - of_second


def overlap(means, first, second, m, *, errors=1e-3, n=100, skewness=0.0, support=None, resampled=None):
    means = np.asarray(means, dtype=float)
    errors, skewness = np.broadcast_to(errors, means.shape), np.broadcast_to(skewness, means.shape)
    top = top_members(means, errors, skewness, n, m, support)
    drawn = np.stack([means, means]) if resampled is None else resampled
    return top_overlap(top, sorted(first), sorted(second), drawn, UNIT)


sets_of_seven = st.frozensets(st.integers(0, 6), min_size=1)


def uncertain(chosen, certain, first, second):
    masks = [np.isin(np.arange(len(certain)), sorted(each)) for each in (chosen, first, second)]
    return TopOverlap(TopMembers(masks[0], np.array(certain, dtype=float), 50), masks[1], masks[2], 0.0, UNIT)


@settings(max_examples=60)
@given(
    st.frozensets(st.integers(0, 6), min_size=1, max_size=7),
    st.lists(st.sampled_from([0.0, 1.0, 3.0, 4.0, 9.0, math.inf]), min_size=7, max_size=7),
    sets_of_seven,
    sets_of_seven,
    st.sampled_from([0.9, 0.3, 0.01, 1e-4]),
)
def test_bounds_are_those_of_all_fills(chosen, certain, first, second, alpha):
    ours = uncertain(chosen, certain, first, second)
    value = jaccards(set(chosen), first, second)
    assert ours.value == pytest.approx(value, abs=1e-12)
    quantile = stats.t(49).isf(alpha / 14)
    exchanges = [
        (max(certain[out], certain[into]), jaccards(set(chosen) - {out} | {into}, first, second), (out, into))
        for out in chosen
        for into in set(range(7)) - chosen
    ]
    for bound, sign in ((ours.lower(alpha), 1), (ours.upper(alpha), -1)):
        moving = [(t, pair) for t, moved, pair in exchanges if sign * moved < sign * value - 1e-12]
        reachable = []
        # Of exchanges that are as uncertain as each other any may be the open one.
        for pair in [pair for t, pair in moving if t == min(moving)[0]] or [()]:
            free = {unit for unit in range(7) if certain[unit] <= quantile} | set(pair)
            fixed = set(chosen) - free
            fills = itertools.combinations(sorted(free), len(chosen) - len(fixed))
            reachable.append(min(sign * jaccards(fixed | set(fill), first, second) for fill in fills))
        assert any(sign * bound == pytest.approx(each, abs=1e-12) for each in reachable)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0.0, 2.0, -3.0]))
def test_a_membership_is_certain_as_far_as_intervals_say(seed, m, skew):
    """Second implementation: the intervals themselves, on either side of the quantile that is given."""
    rng = generator(seed, "stats", "members")
    means, errors = rng.normal(size=12), rng.uniform(0.01, 0.1, size=12)
    skewness = np.where(rng.random(12) < 0.5, skew, 0.0)
    top = top_members(means, errors, skewness, 40, m)
    assert set(np.flatnonzero(top.chosen)) == set(np.argsort(-means)[:m])
    for unit, until in enumerate(top.certain):
        for t, expected in ((until * 0.999, True), (until * 1.001, False)):
            if not 0 < t < math.inf:
                continue
            lean = (2 * t * t + 1) * np.abs(skewness) / (6 * math.sqrt(40))
            low = means - (t + np.where(skewness < 0, lean, 0)) * errors
            high = means + (t + np.where(skewness > 0, lean, 0)) * errors
            is_in = np.sum(high[np.arange(12) != unit] >= low[unit]) <= m - 1
            is_out = np.sum(low > high[unit]) >= m
            assert bool(is_in if top.chosen[unit] else is_out) == expected


def test_by_hand():
    # The top is 0, 1, 2 and shares two with A, none with B: 2/(3 + 2 − 2) − 0. All is certain but the last exchange.
    ours = overlap([9.0, 8.0, 7.0, 1.0, 0.0], {0, 1}, {3, 4}, 3)
    assert ours.value == pytest.approx(2 / 3)
    # 3 for 2: still two of A, and one of B.
    assert ours.lower(SMALLEST) == pytest.approx(2 / 3 - 1 / 4)
    assert ours.upper(SMALLEST) == pytest.approx(2 / 3)


def test_the_exchange_that_would_lower_it_least_certainly_stays_open():
    # All are certain far beyond the quantile. First 2, which is in neither, is the least so, then 1, which is in A.
    ours = uncertain({0, 1, 2}, [99, 98, 94, 95, 96], {0, 1}, {3})
    assert ours.lower(SMALLEST) == pytest.approx(2 / 3 - 1 / 3)
    ours = uncertain({0, 1, 2}, [99, 94, 98, 95, 96], {0, 1}, {3})
    assert ours.lower(SMALLEST) == pytest.approx(1 / 4 - 1 / 3)


def test_nothing_is_a_point_where_there_is_anything_to_exchange():
    ours = overlap(np.arange(20.0), set(range(12, 20)), set(range(4)), 4, errors=1e-9)
    assert ours.variance is None
    for alpha in (1e-12, SMALLEST, 0.4):
        assert ours.lower(alpha) < ours.value <= ours.upper(alpha)


def test_a_top_of_all_units_and_one_set_twice_are_exact():
    everything = overlap([2.0, 1.0, 0.0], {0}, {1, 2}, 3)
    assert everything.lower(0.01) == everything.value == everything.upper(0.01) == pytest.approx(1 / 3 - 2 / 3)
    same = overlap([2.0, 1.0, 1.0], {0, 1}, {0, 1}, 1, errors=5.0)
    assert (same.lower(1e-6), same.value, same.upper(1e-6)) == (0.0, 0.0, 0.0)
    assert "same units" in same.note
    one = overlap([3.0], {0}, {0}, 1)
    assert one.lower(0.01) == one.upper(0.01) == 0.0


def test_units_that_are_all_alike_leave_everything_open():
    ours = overlap(np.ones(6), {0, 1}, {4, 5}, 2)
    assert ours.value == 1.0
    assert (ours.lower(0.4), ours.upper(0.4)) == (-1.0, 1.0)
    assert decide(ours, 0.1, "above", FAMILY_ALPHA).inconclusive


def test_a_unit_that_never_varies_is_bounded_by_its_support_or_not_at_all():
    means, errors = [5.0, 4.0, 0.0, 0.0], np.array([1e-3, 1e-3, 1e-3, 0.0])
    first, second = {0, 1}, {3}
    without = overlap(means, first, second, 2, errors=errors)
    assert without.lower(0.4) == pytest.approx(1 / 3 - 1 / 2)
    assert without.note == "1 of 4 units never vary over the noise images"
    least, greatest = np.full(4, -1.0), np.full(4, 6.0)
    # Exchanges that lower the value: 3 for 1, as ever; no more where the support bounds the mass never seen.
    within = overlap(means, first, second, 2, errors=errors, n=1000, support=(least, greatest))
    assert within.top.certain[3] > stats.t(999).isf(SMALLEST / 8)
    # At 20 images a tenth of the mass could be unseen, 60 away.
    few = overlap(means, first, second, 2, errors=errors, n=20, support=(least, greatest * 10))
    assert few.top.certain[3] < stats.t(19).isf(FAMILY_ALPHA / 8)


@pytest.mark.parametrize("n", [2, 5, 50, 5000])
def test_the_mass_never_seen_is_not_underrated(n):
    t = np.linspace(0.0, 8.0, 200)
    exact = -np.expm1(stats.t(n - 1).logsf(t) / n)
    assert np.all(exact <= (math.log(2) + math.sqrt(2 / math.pi) * t + t**2 / 2) / n + 1e-15)


def planted(rng, n=200, *, skewed=False):
    """Return D = 24 units of which 4 are the top: two far ahead, and five that are all but level for two places.

    A holds those far ahead and two of the five, B another two: by the true means the top are the units 0 to 3.
    """
    truth = np.concatenate([[3.0, 2.5], 1.0 + 1e-6 * np.arange(5, 0, -1), np.linspace(0.2, -1.0, 17)])
    drawn = rng.gamma(1.0, size=(n, 24)) - 1.0 if skewed else rng.normal(size=(n, 24))
    # Units that fire together: one factor common to all.
    drawn = truth + 0.8 * drawn + 0.6 * (rng.gamma(1.0, size=(n, 1)) - 1.0 if skewed else rng.normal(size=(n, 1)))
    return truth, drawn


def estimate(drawn, first, second, m):
    n = len(drawn)
    centred = drawn - drawn.mean(0)
    squares = np.mean(centred**2, axis=0)
    top = top_members(drawn.mean(0), np.sqrt(squares / (n - 1)), np.mean(centred**3, axis=0) / squares**1.5, n, m)
    return top_overlap(
        top, sorted(first), sorted(second), np.stack([drawn[: n // 2].mean(0), drawn[n // 2 :].mean(0)]), UNIT
    )


# The five level units are 2 to 6, of which 2 and 3 are truly in: samples mostly have others.
WORLDS = {
    "the truth is low": ({0, 1, 4, 5}, {2, 3, 7, 8}),
    "the truth is high": ({0, 1, 2, 3}, {4, 5, 7, 8}),
    "in between": ({0, 2, 4}, {1, 3, 5}),
}


@pytest.mark.parametrize("skewed", [False, True], ids=["normal", "skewed"])
@pytest.mark.parametrize("world", WORLDS)
def test_false_verdicts_stay_within_the_budget(world, skewed):
    first, second = WORLDS[world]
    rng = generator(65547, "calibration", f"overlap, {world}, {skewed}")
    verdicts = {FAMILY_ALPHA: [0, 0], SMALLEST: [0, 0]}
    wrong = 0
    for _ in range(SIMULATIONS):
        means, drawn = planted(rng, skewed=skewed)
        truth = jaccards(set(np.argsort(-means)[:4].tolist()), first, second)
        ours = estimate(drawn, first, second, 4)
        wrong += ours.value != pytest.approx(truth)
        for alpha, counts in verdicts.items():
            counts[0] += ours.lower(alpha) > truth + 1e-9
            counts[1] += ours.upper(alpha) < truth - 1e-9
    # Samples do have the wrong top, or the bounds would have nothing to hold.
    assert wrong > SIMULATIONS / 3
    # 45 of 1,000 in the protocol, at the same binomial bound for fewer.
    assert max(verdicts[FAMILY_ALPHA]) <= stats.binom.isf(1e-4, SIMULATIONS, FAMILY_ALPHA)
    assert max(verdicts[SMALLEST]) <= 3


def test_an_overlap_well_past_its_threshold_is_judged():
    rng = generator(65547, "calibration", "overlap, judged")
    drawn = np.concatenate([np.full(5, 3.0), np.zeros(55)]) + rng.normal(size=(5000, 60))
    confirmed = estimate(drawn, set(range(5)), {0, *range(10, 14)}, 5)
    assert decide(confirmed, 0.1, "above", SMALLEST).confirmed
    rejected = estimate(drawn, set(range(10, 15)), {0, 1, 2, *range(30, 32)}, 5)
    assert decide(rejected, 0.1, "above", SMALLEST).rejected


@pytest.mark.parametrize("world", WORLDS)
def test_p_is_below_alpha_exactly_where_the_bound_is_past(world):
    drawn = np.linspace(2.0, 0.0, 24) + generator(0, "stats", "overlap, p").normal(size=(300, 24))
    ours = estimate(drawn, *WORLDS[world], 4)
    assert isinstance(ours, Estimate)
    alphas = (1e-200, 1e-30, 1e-6, SMALLEST, 0.02, 0.3, 0.9)
    bounds = [(ours.lower(alpha), ours.upper(alpha)) for alpha in alphas]
    assert [low for low, _ in bounds] == sorted(low for low, _ in bounds)
    assert [high for _, high in bounds] == sorted((high for _, high in bounds), reverse=True)
    assert len(set(bounds)) > 1
    for alpha in alphas:
        for threshold in (-1.5, -1.0, -0.4, 0.0, 0.1, 0.3, 0.35, 0.6, 1.0, 1.5):
            assert (ours.p_above(threshold) < alpha) == (ours.lower(alpha) > threshold)
            assert (ours.p_below(threshold) < alpha) == (ours.upper(alpha) < threshold)
    for step in {ours.p_above(low - 1e-9) for low, _ in bounds} - {0.0, 1.0}:
        assert ours.lower(step * (1 + 1e-6)) > ours.lower(step * (1 - 1e-6))


def test_the_order_of_the_units_decides_nothing():
    rng = generator(0, "stats", "overlap, order")
    _, drawn = planted(rng, skewed=True)
    first, second = WORLDS["in between"]
    order = rng.permutation(24)
    place = np.argsort(order)
    plain = estimate(drawn, first, second, 4)
    other = estimate(drawn[:, order], {place[u] for u in first}, {place[u] for u in second}, 4)
    assert (plain.value, plain.interval(0.95)) == (other.value, other.interval(0.95))
    assert plain.variance == pytest.approx(other.variance)


def test_the_variance_is_that_of_the_resamples():
    resampled = np.array([[2.0, 1.0, 0.0], [2.0, 0.0, 1.0], [0.0, 2.0, 1.0]])
    ours = overlap([2.0, 1.0, 0.0], {0}, {1}, 1, resampled=resampled)
    assert ours.variance == pytest.approx(np.var([1.0, 1.0, -1.0], ddof=1))


def test_bad_input():
    with pytest.raises(ValueError, match="top 4 of 3"):
        overlap(np.zeros(3), {0}, {1}, 4)
    with pytest.raises(ValueError, match="top 0 of 3"):
        overlap(np.zeros(3), {0}, {1}, 0)
    with pytest.raises(ValueError, match="not finite"):
        overlap([0.0, np.nan], {0}, {1}, 1)
    with pytest.raises(ValueError, match="error is negative"):
        overlap(np.zeros(3), {0}, {1}, 1, errors=-1.0)
    with pytest.raises(ValueError, match="either side"):
        overlap(np.zeros(3), {0}, {1}, 1, support=(np.ones(3), np.ones(3)))
    with pytest.raises(ValueError, match="resampled means"):
        overlap(np.zeros(3), {0}, {1}, 1, resampled=np.zeros((2, 4)))
    with pytest.raises(ValueError, match="at least 2"):
        TopMembers(np.array([True]), np.array([1.0]), 1)
    with pytest.raises(ValueError, match="0 or more"):
        TopMembers(np.array([True]), np.array([np.nan]), 10)
    with pytest.raises(ValueError, match="for 1 units"):
        TopOverlap(TopMembers(np.array([True]), np.array([1.0]), 9), np.ones(2), np.ones(2), 0.0, UNIT)
