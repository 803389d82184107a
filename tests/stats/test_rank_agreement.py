"""Rank agreement: against R and scipy, over all rankings by force, and in worlds with classes that are level."""

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, stats

from why_bird.stats import FAMILY_ALPHA, RankAgreement, decide, permutation_p, spearman
from why_bird.stats.ranking import greatest_concordance, least_concordance, rank_intervals
from why_bird.streams import generator

from .golden.reference import LATER, assert_close

SIMULATIONS, ALLOWED, RESAMPLES = 1_000, 45, 100
SMALLEST = FAMILY_ALPHA / 58
CLASSES = np.arange(10.0)
# With the classes in their order ρ is .2606; each swap of neighbours below raises it.
OTHER = np.array([2.0, 9.0, 4.0, 0.0, 3.0, 1.0, 8.0, 7.0, 6.0, 5.0])
RAISING = [(1, 2), (4, 5), (6, 7), (8, 9)]


def resample(rng, scores, error):
    return scores + error * rng.normal(size=(RESAMPLES, *scores.shape))


def level(*pairs):
    """Return true scores in steps of 10 standard errors, but neighbours of `pairs` all but level."""
    truth = 10.0 * CLASSES
    for low, high in pairs:
        truth[high] = truth[low] + 1e-6
    return truth


def sample(truth, rng):
    x, y = truth + rng.normal(size=10), OTHER + 0.01 * rng.normal(size=10)
    return spearman(x, y, resample(rng, x, 1.0), resample(rng, y, 0.01), 1000, "images")


# Of "all level" the order is the same, and no sample shows it.
WORLDS = {
    "one level pair": level(RAISING[0]),
    "four level pairs": level(*RAISING),
    "steps of two errors": 2.0 * CLASSES,
    "all level": 1e-6 * CLASSES,
}
TRUTH = float(stats.spearmanr(CLASSES, OTHER).statistic)


def test_the_worlds_are_as_they_say():
    assert round(TRUTH, 4) == 0.2606
    for low, high in RAISING:
        swapped = CLASSES.copy()
        swapped[[low, high]] = swapped[[high, low]]
        assert stats.spearmanr(swapped, OTHER).statistic > TRUTH
    for truth in WORLDS.values():
        assert stats.spearmanr(truth, OTHER).statistic == pytest.approx(TRUTH)


def test_against_r():
    exact, tied = LATER["spearman"]["exact"], LATER["spearman"]["tied"]
    rng = generator(0, "stats", "agreement")
    for case in (exact, tied):
        x, y = np.array(case["x"], dtype=float), np.array(case["y"], dtype=float)
        ours = spearman(x, y, resample(rng, x, 1.0), resample(rng, y, 1.0), 10, "images")
        # R: cor.test(x, y, method = "spearman", alternative = "greater")
        assert_close(ours.value, case["rho"])
    assert_close(permutation_p(exact["x"], exact["y"]), exact["p_greater"])


def test_permutations_are_counted_with_ties():
    x, y = [1.0, 1.0, 2.0, 3.0, 5.0, 4.0], [2.0, 1.0, 2.0, 2.0, 9.0, 5.0]
    observed = stats.spearmanr(x, y).statistic
    rhos = [stats.spearmanr(x, list(shuffled)).statistic for shuffled in itertools.permutations(y)]
    assert permutation_p(x, y) == pytest.approx(np.mean(np.array(rhos) >= observed - 1e-12))


def test_permutations_of_ten_classes():
    # 10! in all, of which one is as good as the order itself; critical values of ρ: .564 at .05 one-sided (Zar 1972)
    assert permutation_p(CLASSES, CLASSES) == pytest.approx(1 / math.factorial(10))
    just = np.array([0.0, 5.0, 1.0, 2.0, 6.0, 3.0, 9.0, 4.0, 8.0, 7.0])
    rho = stats.spearmanr(CLASSES, just).statistic
    assert (permutation_p(CLASSES, just) < 0.05) == (rho >= 0.564)
    assert permutation_p(CLASSES, -CLASSES) == 1.0


def test_many_classes_are_permuted_at_random():
    rng = generator(0, "stats", "agreement, many")
    x, y = rng.normal(size=30), rng.normal(size=30)
    x += 0.5 * y
    with pytest.raises(ValueError, match="generator"):
        permutation_p(x, y)
    expected = stats.spearmanr(x, y, alternative="greater").pvalue
    # 100,000 permutations: 4 standard errors, and what the t approximation is off
    assert permutation_p(x, y, rng) == pytest.approx(expected, abs=4 * math.sqrt(expected / 1e5) + 1e-3)


def possible(low, high):
    return [
        np.array(ranks, dtype=float)
        for ranks in itertools.permutations(range(1, len(low) + 1))
        if np.all(low <= ranks) and np.all(ranks <= high)
    ]


@pytest.mark.parametrize("case", range(12))
def test_no_ranking_is_out_of_range(case):
    rng = generator(0, "stats", "ranking", case)
    rankings = 2 + case % 2
    certain = np.zeros((rankings, 5, 5), dtype=bool)
    for a in range(rankings):
        order = rng.permutation(5)
        for i, j in itertools.combinations(range(5), 2):
            certain[a, order[i], order[j]] = rng.random() < 0.6
    low, high = rank_intervals(certain)
    least, greatest = least_concordance(low, high), greatest_concordance(low, high)
    choices = [possible(low[a], high[a]) for a in range(rankings)]
    totals = [sum(chosen) for chosen in itertools.product(*choices)]
    w = [12 * np.sum((total - total.mean()) ** 2) / (rankings**2 * (5**3 - 5)) for total in totals]
    assert least <= min(w)
    assert max(w) <= greatest
    # Mixtures of rankings go further than rankings, but not without end.
    assert min(w) - least < 0.15
    assert greatest - max(w) < 0.15


def test_the_range_by_hand():
    # Only two neighbours of the second ranking are open: its mixtures go from ρ = 1 to one swap, 1 − 6·2/(5·24) = .9.
    low, high = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 4]]), np.array([[1, 2, 3, 4, 5], [1, 2, 3, 5, 5]])
    least, greatest = least_concordance(low, high), greatest_concordance(low, high)
    assert (2 * least - 1, 2 * greatest - 1) == pytest.approx((0.9, 1.0), abs=1e-6)
    free = np.ones((2, 5), dtype=int)
    assert least_concordance(free, 5 * free) == pytest.approx(0.0, abs=1e-6)
    assert greatest_concordance(free, 5 * free) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("solved", [0, 1, 3])
def test_the_range_holds_where_its_search_is_given_up(solved, monkeypatch):
    left, solve = [solved], optimize.nnls

    def circling(*problem, **options):
        if not left[0]:
            raise RuntimeError("Maximum number of iterations reached.")
        left[0] -= 1
        return solve(*problem, **options)

    monkeypatch.setattr(optimize, "nnls", circling)
    # The second ranking has its last two in either order, and the others are as the first's.
    low, high = np.array([[1, 2, 3, 4, 5], [5, 4, 3, 1, 1]]), np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 2]])
    true = [stats.spearmanr(low[0], last).statistic for last in ([5, 4, 3, 2, 1], [5, 4, 3, 1, 2])]
    least = least_concordance(low, high)
    left[0] = solved
    greatest = greatest_concordance(low, high)
    assert 2 * least - 1 <= min(true)
    assert max(true) <= 2 * greatest - 1


def test_what_is_below_the_lower_is_below():
    certain = np.zeros((1, 4, 4), dtype=bool)
    certain[0, 0, 1] = certain[0, 1, 2] = True
    low, high = rank_intervals(certain)
    assert low.tolist() == [[1, 2, 3, 1]]
    assert high.tolist() == [[2, 3, 4, 4]]


def test_an_order_is_certain_by_its_p_value():
    rng = generator(0, "stats", "agreement, orders")
    x = np.array([0.0, 1.0, 3.0])
    drawn = rng.normal(size=(50, 3))
    ours = spearman(x, x, x + drawn, x + drawn, 100, "images")
    se = np.std(drawn[:, 1] - drawn[:, 0], ddof=1)
    assert ours.orders[0][0][1] == pytest.approx(stats.t(49).sf(1 / se))
    assert ours.orders[0][1][0] == 1.0


def test_resamples_that_change_no_rank_still_leave_a_width():
    rng = generator(0, "stats", "agreement, certain")
    x, y = CLASSES, OTHER
    ours = spearman(x, y, resample(rng, x, 1e-3), resample(rng, y, 1e-3), 1000, "images")
    assert ours.variance is None
    for alpha in (SMALLEST, 0.4):
        assert ours.lower(alpha) <= ours.value <= ours.upper(alpha)
        # one swap of neighbours moves ρ by 12·(difference of the other ranks)/990
        assert 0.012 < ours.upper(alpha) - ours.lower(alpha) < 0.11


def test_scores_that_never_vary_leave_everything_open():
    fixed = np.tile(CLASSES, (RESAMPLES, 1))
    ours = spearman(CLASSES, CLASSES, fixed, fixed, 1000, "images")
    assert (ours.lower(0.4), ours.upper(0.4)) == pytest.approx((-1.0, 1.0), abs=1e-6)
    assert ours.note
    assert decide(ours, 0.3, "above", FAMILY_ALPHA).inconclusive


@pytest.mark.parametrize("world", WORLDS)
def test_p_is_below_alpha_exactly_where_the_bound_is_past(world):
    ours = sample(WORLDS[world], generator(0, "stats", "agreement, p"))
    bounds = [(ours.lower(alpha), ours.upper(alpha)) for alpha in (1e-6, SMALLEST, 0.02, 0.3, 0.9)]
    assert [low for low, _ in bounds] == sorted(low for low, _ in bounds)
    assert [high for _, high in bounds] == sorted((high for _, high in bounds), reverse=True)
    for alpha in (1e-6, SMALLEST, 0.02, 0.3):
        for threshold in (-1.5, -0.4, 0.1, 0.25, 0.3, 0.35, 0.6, 1.5):
            assert (ours.p_above(threshold) < alpha) == (ours.lower(alpha) > threshold)
            assert (ours.p_below(threshold) < alpha) == (ours.upper(alpha) < threshold)


def test_bad_input():
    rng = generator(0, "stats", "agreement, bad")
    x, drawn = CLASSES, resample(rng, CLASSES, 1.0)
    with pytest.raises(ValueError, match="says nothing of them"):
        spearman(0 * x, x, drawn, drawn, 10, "images")
    with pytest.raises(ValueError, match="not finite"):
        spearman(np.where(x == 0.0, np.nan, x), x, drawn, drawn, 10, "images")
    with pytest.raises(ValueError, match="resamples, scores, classes"):
        spearman(x, x, x, x, 10, "images")
    with pytest.raises(ValueError, match="one shape"):
        spearman(x, x[:9], drawn, drawn, 10, "images")
    with pytest.raises(ValueError, match="shape"):
        RankAgreement(0.5, (((1.0, 0.1), (1.0, 1.0)),) * 3, 0.0, 10, "images")


@pytest.mark.parametrize("world", [world for world in WORLDS if world != "one level pair"])
def test_false_verdicts_stay_within_the_budget(world):
    rng = generator(65547, "calibration", f"agreement, {world}")
    verdicts = [decide(sample(WORLDS[world], rng), TRUTH, "above", FAMILY_ALPHA) for _ in range(SIMULATIONS)]
    assert sum(verdict.confirmed for verdict in verdicts) <= ALLOWED
    assert sum(verdict.rejected for verdict in verdicts) <= ALLOWED


def test_a_standard_error_would_confirm_what_is_not_so():
    # Why orders are bounded: one level pair, and value − 1.96 se over resamples is past the truth in most of
    # the half of all samples that have it the wrong way round.
    rng = generator(65547, "calibration", "agreement, by standard error")
    estimates = [sample(WORLDS["one level pair"], rng) for _ in range(200)]
    past = [each.value - 1.96 * math.sqrt(each.variance or 0.0) > TRUTH for each in estimates]
    assert np.mean(past) > 0.3


def test_agreement_well_past_its_threshold_is_confirmed():
    rng = generator(65547, "calibration", "agreement, power")
    order = np.array([1.0, 0.0, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 7.0, 9.0])
    confirmed = 0
    for _ in range(40):
        x, y = 10 * CLASSES + rng.normal(size=10), 10 * order + rng.normal(size=10)
        rho = spearman(x, y, resample(rng, x, 1.0), resample(rng, y, 1.0), 1000, "images")
        confirmed += decide(rho, 0.3, "above", SMALLEST).confirmed
    assert confirmed >= 38
