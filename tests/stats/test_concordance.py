"""Concordance of standardised scores: against scipy, with sampling error, and in worlds with classes that are level."""

import math

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from why_bird.stats import FAMILY_ALPHA, decide
from why_bird.stats import concordance as of
from why_bird.streams import generator

RESAMPLES, SMALLEST = 200, FAMILY_ALPHA / 58
CLASSES = np.arange(10.0)


def concordance(scores, error, rng):
    """Return what is found of scores whose sampling error is known, which they do not have themselves."""
    return of(scores, scores + error * rng.normal(size=(RESAMPLES, *scores.shape)), 1000, "images")


def test_of_ranks_it_is_kendalls_coefficient():
    rng = generator(0, "stats", "concordance, ranks")
    ranks = rng.permuted(np.stack([CLASSES] * 4), axis=1)
    found = concordance(ranks, 1e-6, rng)
    # W = χ²/(m(k − 1)) of Friedman's test: scipy's, as the ties of R's case in golden/ are not standardised alike.
    assert found.value == pytest.approx(friedmanchisquare(*ranks.T).statistic / (4 * 9), rel=1e-6)
    assert found.null == 1 / 4


def test_sampling_error_does_not_pass_for_disagreement():
    rng = generator(0, "stats", "concordance, error")
    truth = np.stack([CLASSES] * 4) / CLASSES.std()
    found, naive = [], []
    for _ in range(100):
        scores = truth + 0.5 * rng.normal(size=truth.shape)
        found.append(concordance(scores, 0.5, rng).value)
        standard = (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)
        naive.append((standard.mean(0) ** 2).mean())
    assert np.mean(naive) < 0.87
    assert np.mean(found) > 0.95


def test_the_standard_error_is_that_of_fresh_samples():
    rng = generator(0, "stats", "concordance, spread")
    truth = np.stack([CLASSES, CLASSES[::-1], np.roll(CLASSES, 3)]) / CLASSES.std()
    found = [concordance(truth + 0.1 * rng.normal(size=truth.shape), 0.1, rng) for _ in range(300)]
    assert np.mean([each.se for each in found]) == pytest.approx(np.std([each.value for each in found]), rel=0.1)


@pytest.mark.parametrize(("shared", "verdict"), [(3.0, "confirmed"), (0.0, "rejected")])
def test_level_classes_leave_it_to_be_decided(shared, verdict):
    # Two classes are level by every definition, which leaves an order of ranks open whatever the number of images.
    rng = generator(0, "stats", "concordance, level")
    scores = shared * CLASSES + rng.permuted(np.stack([CLASSES] * 9), axis=1)
    scores[:, 1] = scores[:, 0]
    found = [concordance(scores + 0.3 * rng.normal(size=scores.shape), 0.3, rng) for _ in range(20)]
    assert {decide(each, 0.5, "above", SMALLEST).outcome.value for each in found} == {verdict}


def test_a_definition_of_which_most_is_error_leaves_it_open():
    rng = generator(0, "stats", "concordance, open")
    scores = np.stack([CLASSES, CLASSES, 0.1 * CLASSES])
    found = concordance(scores, np.array([[0.1], [0.1], [0.25]]), rng)
    assert (found.lower(0.4), found.upper(0.4)) == (0.0, 1.0)
    assert "of 1 of 3 scores most" in found.note
    assert decide(found, 0.5, "above", FAMILY_ALPHA).inconclusive


def test_scores_that_never_vary_leave_it_open():
    fixed = np.tile(np.stack([CLASSES, CLASSES]), (RESAMPLES, 1, 1))
    found = of(fixed[0], fixed, 1000, "images")
    assert (found.value, found.lower(0.4), found.upper(0.4)) == (1.0, 0.0, 1.0)
    assert "says nothing about its error" in found.note


def test_what_one_score_says_and_another_takes_back():
    found = concordance(np.stack([CLASSES, -CLASSES]), 0.1, generator(0, "stats", "concordance, opposite"))
    assert found.value == pytest.approx(0.0, abs=0.01)
    assert decide(found, 0.5, "above", SMALLEST).rejected


@pytest.mark.parametrize("error", [0.05, 0.5, 2.0])
def test_p_is_below_alpha_exactly_where_the_bound_is_past(error):
    rng = generator(0, "stats", "concordance, p")
    found = concordance(np.stack([CLASSES, np.roll(CLASSES, 1), CLASSES]), error, rng)
    alphas = (1e-6, SMALLEST, 0.02, 0.3, 0.9)
    assert [found.lower(a) for a in alphas] == sorted(found.lower(a) for a in alphas)
    assert [found.upper(a) for a in alphas] == sorted((found.upper(a) for a in alphas), reverse=True)
    for alpha in alphas[:-1]:
        for threshold in (0.2, 0.4, 0.5, 0.7, 0.9):
            assert (found.p_above(threshold) < alpha) == (found.lower(alpha) > threshold)
            assert (found.p_below(threshold) < alpha) == (found.upper(alpha) < threshold)


def test_bad_input():
    x = np.stack([CLASSES, CLASSES])
    drawn = np.stack([x, x + 1.0])
    with pytest.raises(ValueError, match="says nothing of them"):
        of(0 * x, drawn, 10, "images")
    with pytest.raises(ValueError, match="not finite"):
        of(np.where(x == 0.0, math.nan, x), drawn, 10, "images")
    with pytest.raises(ValueError, match="shape"):
        of(x, drawn[0], 10, "images")
