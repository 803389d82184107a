"""The rule, its words, the gate's rule, and what is refused."""

import math

import numpy as np
import pytest

from why_bird.stats import (
    DriftOutcome,
    Exact,
    Intersection,
    Interval,
    Jackknife,
    NetworkMean,
    Outcome,
    PairedDrop,
    PairedMean,
    PredictionEntropy,
    Proportion,
    ProportionDifference,
    Superiority,
    Verdict,
    decide,
    drift,
    holm,
    inconclusive,
    jackknife,
    networks_needed,
    paired_drop,
    paired_mean,
    shares,
    superiority,
)


def mean(value, se, null=0.0):
    return PairedMean(value, se * 100.0, 10_000, "images", null=null)


@pytest.mark.parametrize(
    ("estimate", "threshold", "side", "outcome", "word"),
    [
        (mean(0.30, 0.01), 0.1, "above", "confirmed", "lies wholly above 0.1"),
        (mean(0.05, 0.01), 0.1, "above", "rejected", "Real but too small"),
        (mean(0.00, 0.01), 0.1, "above", "rejected", "Not shown"),
        (mean(-0.1, 0.01), 0.1, "above", "rejected", "Reversed"),
        (mean(0.10, 0.01), 0.1, "above", "inconclusive", "lies partly above 0.1"),
        (mean(0.40, 0.01, null=1.0), 0.5, "below", "confirmed", "lies wholly below 0.5"),
        (
            mean(0.70, 0.01, null=1.0),
            0.5,
            "below",
            "rejected",
            "lies below 1, the value of no effect, yet nowhere below 0.5",
        ),
        (mean(1.00, 0.01, null=1.0), 0.5, "below", "rejected", "Not shown"),
        (mean(1.30, 0.01, null=1.0), 0.5, "below", "rejected", "Reversed"),
        (mean(0.50, 0.01, null=None), 0.9, "above", "rejected", "Falls short"),
        (mean(0.95, 0.01, null=None), 0.9, "below", "rejected", "Falls short"),
        # where no effect would already be past the threshold, the words about it mean nothing
        (mean(-0.9, 0.01, null=0.0), -0.5, "above", "rejected", "Falls short"),
        (mean(0.93, 0.001), (0.91, 0.95), "within", "confirmed", "within 0.91 to 0.95"),
        (mean(0.89, 0.001), (0.91, 0.95), "within", "rejected", "Falls outside"),
        (mean(0.97, 0.001), (0.91, 0.95), "within", "rejected", "Falls outside"),
        (mean(0.95, 0.001), (0.91, 0.95), "within", "inconclusive", "lies partly within"),
        (mean(0.93, 0.100), (0.91, 0.95), "within", "inconclusive", "lies partly within"),
        (Exact(0.02, 10, "classes"), 0.01, "above", "confirmed", "exact value 0.02"),
        (Exact(0.01, 10, "classes"), 0.01, "above", "rejected", "exact value 0.01"),
        (Exact(0.0, 10, "classes", null=0.0), 0.01, "above", "rejected", "Not shown"),
    ],
)
def test_the_rule(estimate, threshold, side, outcome, word):
    verdict = decide(estimate, threshold, side, 0.025, 0.5)
    assert verdict.outcome == outcome
    assert word in verdict.reason
    assert [verdict.confirmed, verdict.rejected, verdict.inconclusive] == [
        outcome == "confirmed",
        outcome == "rejected",
        outcome == "inconclusive",
    ]
    assert verdict.reason.endswith(".")
    assert "\n" not in verdict.reason


@pytest.mark.parametrize(
    ("cat", "frog", "words"),
    [
        (
            0.30,
            -0.2,
            "Falls short (frog): the estimate -0.2 with its interval [-0.2196, -0.1776] lies wholly below 0, ",
        ),
        (0.30, -0.2, "the value of no effect; above 0.1: 1 of 2 parts."),
        (0.30, 0.00, "Falls short (frog): the estimate 0 with its interval [-0.0196, 0.02242] holds 0, "),
        (-0.1, -0.2, "Reversed: the estimate -0.2 with its interval [-0.2196, -0.1776] lies wholly below 0, "),
        (-0.1, -0.2, "the value of no effect, and so does each of its 2 parts (weakest: frog)."),
    ],
)
def test_an_intersection_says_by_which_part_it_fails_and_is_reversed_where_all_are(cat, frog, words):
    both = Intersection((("cat", mean(cat, 0.01)), ("frog", mean(frog, 0.01))))
    assert words in decide(both, 0.1, "above", 0.025).reason


@pytest.mark.parametrize("side", ["below", "within"])
def test_an_intersection_has_one_side(side):
    both = Intersection((("a", Proportion(1, 100, "images")), ("b", Proportion(90, 100, "images"))))
    with pytest.raises(ValueError, match="turn the sign of each part"):
        decide(both, (0.3, 0.5) if side == "within" else 0.5, side, 0.025)


@pytest.mark.parametrize("value", [0.30, 0.10, 0.05, 0.0, -0.1])
def test_an_intersection_of_one_part_is_judged_as_that_part(value):
    alone = mean(value, 0.01)
    assert decide(Intersection((("cat", alone),)), 0.1, "above", 0.025) == decide(alone, 0.1, "above", 0.025)


def test_p_is_adjusted_by_the_share_of_the_budget():
    estimate = mean(0.13, 0.01)
    verdict = decide(estimate, 0.1, "above", 0.025 * 0.1, weight_share=0.1)
    assert verdict.p_adjusted == pytest.approx(10 * verdict.p)
    assert verdict.interval_at_alpha.level == pytest.approx(0.995)
    assert verdict.interval95.level == 0.95
    assert decide(estimate, 0.2, "above", 0.0025, 0.1).p_adjusted == 1.0


def test_an_exact_value_has_no_p():
    verdict = decide(Exact(0.02, 10, "classes"), 0.01, "above", 0.001, 0.1)
    assert verdict.p is None
    assert verdict.p_adjusted is None


def test_a_verdict_has_no_truth_value():
    with pytest.raises(TypeError, match="no truth value"):
        bool(decide(mean(0.3, 0.01), 0.1, "above", 0.025))


def test_inconclusive_keeps_what_was_measured_but_no_p():
    verdict = inconclusive("no collapse to explain", 0.01, Proportion(3, 10, "noise images"))
    assert verdict.inconclusive
    assert verdict.reason == "no collapse to explain"
    assert verdict.interval95 == Proportion(3, 10, "noise images").interval(0.95)
    assert verdict.p is None
    assert inconclusive("no images", 0.01).interval_at_alpha is None


def test_an_infinite_interval_says_why():
    verdict = decide(jackknife(0.5, [[0.5, 0.5, 0.5]], "images"), 0.02, "above", 0.025)
    assert verdict.inconclusive
    assert "no jackknife replicate differs" in verdict.reason


def contrasts(*values):
    return Intersection(tuple((f"class {i}", mean(value, 0.01)) for i, value in enumerate(values)))


def test_an_intersection_needs_all_and_falls_with_one():
    assert decide(contrasts(0.3, 0.2, 0.4), 0.1, "above", 0.025).confirmed
    assert decide(contrasts(0.3, 0.1, 0.4), 0.1, "above", 0.025).inconclusive
    fallen = decide(contrasts(0.3, 0.05, 0.4), 0.1, "above", 0.025)
    assert fallen.rejected
    assert "Falls short (class 1)" in fallen.reason
    # just short at alpha, yet not at alpha/3: the rejection is corrected for the choice
    assert decide(contrasts(0.078, 0.3, 0.3), 0.1, "above", 0.025).inconclusive
    assert decide(contrasts(0.078), 0.1, "above", 0.025).rejected
    assert contrasts(0.078, 0.3, 0.3).p_below(0.1) == pytest.approx(3 * contrasts(0.078).p_below(0.1))
    assert contrasts(0.3, 0.05).n == 10_000
    assert contrasts(0.3, 0.05).unit == "images"


def test_networks_that_say_nothing_about_their_spread():
    for estimate in (NetworkMean((0.5,), 0.1), NetworkMean((0.1,) * 10, 0.0)):
        assert estimate.interval(0.95) == Interval(-math.inf, math.inf, 0.95)
        assert estimate.prediction(0.95) == Interval(-math.inf, math.inf, 0.95)
        assert estimate.note
        assert estimate.p_value(0.0, "above") == 1.0
    for support in (None, (0.0, 1.0)):
        assert NetworkMean((0.5,), 0.1, support=support)._lower(0.025) == -math.inf
    assert NetworkMean(tuple(range(21)), 0.0).sign_flip(3.0, "above") is None


def test_networks_that_all_score_alike_are_bounded_by_the_mass_never_seen():
    alike = NetworkMean((1.0,) * 9, 0.0, null=None, support=(0.0, 1.0))
    # Were a share of 1 - q elsewhere, nine networks would all score 1 with probability q^9.
    assert alike.lower(0.01) == pytest.approx(0.01 ** (1 / 9))
    assert alike.upper(0.01) == 1.0
    assert alike.p_value(0.5, "above") == pytest.approx(0.5**9)
    assert "all 9 networks agree" in alike.note
    assert decide(alike, 0.5, "above", 0.01).confirmed
    assert decide(NetworkMean((0.0,) * 9, 0.0, null=None, support=(0.0, 1.0)), 0.5, "above", 0.01).rejected
    assert decide(NetworkMean((0.75,) * 9, 0.0, null=None, support=(0.0, 1.0)), 0.5, "above", 0.01).inconclusive


def test_drift_of_one_draw_against_another():
    accepted = Proportion(4900, 5000, "noise images")
    held = drift(accepted, Proportion(4893, 5000, "noise images"), 0.025)
    assert held.outcome is DriftOutcome.GREEN
    assert held.margin == 0.025
    assert held.difference == pytest.approx(-0.0014)
    moved = drift(accepted, Proportion(4500, 5000, "noise images"), 0.025)
    assert moved.outcome is DriftOutcome.RED
    assert drift(Proportion(4500, 5000, "noise images"), accepted, 0.025).outcome is DriftOutcome.RED
    assert drift(accepted, Proportion(4770, 5000, "noise images"), 0.025).outcome is DriftOutcome.AMBER


def test_drift_of_what_cannot_be_bounded_is_amber():
    flat = jackknife(0.5, [[0.5, 0.5, 0.5]], "images")
    assert drift(flat, flat, 0.1).outcome is DriftOutcome.AMBER


def test_the_margin_grows_with_the_error():
    small = drift(Proportion(9, 10, "noise images"), Proportion(8, 10, "noise images"), 0.025)
    se = math.sqrt(Proportion(9, 10, "u").variance + Proportion(8, 10, "u").variance)
    assert small.margin == pytest.approx(5.7 * se)


@pytest.mark.parametrize("seed", range(20))
def test_two_draws_of_one_network_are_never_red(seed):
    rng = np.random.default_rng(seed)
    a, b = (Proportion(int(rng.binomial(5000, 0.97)), 5000, "noise images") for _ in range(2))
    assert drift(a, b, 0.025).outcome is not DriftOutcome.RED


NAN = math.nan


@pytest.mark.parametrize(
    "make",
    [
        lambda: Interval(NAN, 1, 0.95),
        lambda: Interval(0, NAN, 0.95),
        lambda: Interval(1, 0, 0.95),
        lambda: Interval(0, 1, NAN),
        lambda: Interval(0, 1, 1),
        lambda: Proportion(3, 2, "u"),
        lambda: Proportion(0, 0, "u"),
        lambda: Proportion(-1, 2, "u"),
        lambda: ProportionDifference(3, 2, 0, 1, "u"),
        lambda: PairedDrop(0, 0, 0, 0, "u"),
        lambda: PairedDrop(-1, 3, 0, 0, "u"),
        lambda: PairedMean(NAN, 1, 3, "u"),
        lambda: PairedMean(0, NAN, 3, "u"),
        lambda: PairedMean(0, -1, 3, "u"),
        lambda: PairedMean(0, 1, 1, "u"),
        lambda: PairedMean(2, 1, 3, "u", (0, 1)),
        lambda: PairedMean(0, 1, 3, "u", (NAN, 1)),
        lambda: PairedMean(0, 1, 3, "u", null=NAN),
        lambda: Superiority(NAN, 0.1, 9, 5, 5, "u"),
        lambda: Superiority(1.1, 0.1, 9, 5, 5, "u"),
        lambda: Superiority(0.6, 0.1, NAN, 5, 5, "u"),
        lambda: Jackknife(NAN, 1, 3, 4, "u"),
        lambda: Jackknife(1, math.inf, 3, 4, "u"),
        lambda: Jackknife(1, 1, NAN, 4, "u"),
        lambda: Jackknife(-1, 1, 3, 4, "u", "exp"),
        lambda: Jackknife(1, 1, 3, 4, "u", "log"),
        lambda: PredictionEntropy((5,), "u"),
        lambda: PredictionEntropy((0, 0), "u"),
        lambda: PredictionEntropy((-1, 3), "u"),
        lambda: Exact(NAN, 1, "u"),
        lambda: NetworkMean((0.1, NAN), 0),
        lambda: NetworkMean((), 0),
        lambda: NetworkMean((0.1, 0.2), NAN),
        lambda: Intersection(()),
        lambda: Intersection((("a", Proportion(1, 2, "u")), ("a", Proportion(1, 2, "u")))),
        lambda: Intersection((("a", Proportion(1, 2, "u")), ("b", Proportion(1, 2, "v")))),
        lambda: Verdict(Outcome.CONFIRMED, " ", None, None, 0.1, 0.1, 0.01),
        lambda: Verdict(Outcome.CONFIRMED, "so", None, None, NAN, 0.1, 0.01),
        lambda: Verdict(Outcome.CONFIRMED, "so", None, None, 0.1, 0.1, NAN),
        lambda: Verdict("maybe", "so", None, None, 0.1, 0.1, 0.01),
        lambda: paired_drop(np.array([True]), np.array([True, False])),
        lambda: paired_drop(np.array([1.0, NAN]), np.array([True, False])),
        lambda: paired_drop(np.array([], bool), np.array([], bool)),
        lambda: paired_mean([0.1, NAN], "u"),
        lambda: paired_mean([], "u"),
        lambda: paired_mean([0.1, 1.2], "u", support=(0, 1)),
        lambda: superiority([1, 2], [1, NAN], "u"),
        lambda: superiority([1], [1, 2], "u"),
        lambda: jackknife(NAN, [[0.1, 0.2]], "u"),
        lambda: jackknife(0.1, [[0.1, NAN]], "u"),
        lambda: jackknife(0.1, [[0.1]], "u"),
        lambda: jackknife(0.1, [], "u"),
        lambda: shares({}),
        lambda: shares({"a": 0}),
        lambda: networks_needed(NAN),
        lambda: holm([0.1, NAN]),
        lambda: drift(Proportion(1, 2, "u"), Proportion(1, 2, "u"), NAN),
        lambda: drift(Proportion(1, 2, "u"), Proportion(1, 2, "u"), 0.0),
        lambda: Proportion(1, 2, "u").lower(NAN),
        lambda: Proportion(1, 2, "u").upper(0.0),
        lambda: Proportion(1, 2, "u").p_value(NAN, "above"),
        lambda: Proportion(1, 2, "u").p_value(0.5, "over"),
        lambda: Proportion(1, 2, "u").p_value(0.5, "within"),
        lambda: Proportion(1, 2, "u").p_value((0.1, 0.5), "above"),
        lambda: Proportion(1, 2, "u").p_value((0.5, 0.1), "within"),
        lambda: decide(Proportion(1, 2, "u"), NAN, "above", 0.025),
        lambda: decide(Proportion(1, 2, "u"), 0.5, "above", NAN),
        lambda: decide(Proportion(1, 2, "u"), 0.5, "above", 0.5),
        lambda: decide(Proportion(1, 2, "u"), 0.5, "above", 0.025, NAN),
        lambda: decide(Proportion(1, 2, "u"), 0.5, "above", 0.025, 0.0),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(ValueError):  # noqa: PT011 - each message is its own
        make()


def test_counts_are_whole():
    with pytest.raises(TypeError):
        Proportion(1.5, 3, "u")
    kept = Proportion(np.int64(1), np.int32(3), "u")
    assert type(kept.successes) is int
    assert type(kept.n) is int


def test_a_ratio_is_above_every_threshold_that_no_ratio_can_have():
    ratio = jackknife(math.log(2.0), [np.log([1.9, 2.0, 2.1, 2.2])], "units", "exp")
    for threshold in (0.0, -1.0):
        assert ratio.p_value(threshold, "above") == 0.0
        assert ratio.p_value(threshold, "below") == 1.0
