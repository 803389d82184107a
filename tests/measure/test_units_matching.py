"""Random sets matched with a given one: within tolerance, uniform where that can be known, refused where impossible."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import Unavailable
from why_bird.measure.units import matching
from why_bird.measure.units.matching import AVERAGE_TOLERANCE, UNIT_TOLERANCE, matched_sets, unit_covariates


def crowd(seed, width=150):
    return np.random.default_rng(seed).normal(size=(width, 2)) * [3.0, 0.01] + [5.0, 1.0]


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(1, 8))
def test_sets_lie_within_the_tolerance(seed, m):
    covariates = crowd(seed)
    # Units near the middle, so that each has others like it.
    middle = np.argsort(np.abs((covariates - covariates.mean(0)) / covariates.std(0)).max(1))
    units = np.random.default_rng(seed).permutation(middle[:30])[:m]
    found = matched_sets(units, covariates, seed)
    assert found.sets.shape == (200, m)
    sd = covariates.std(0)
    for drawn in found.sets:
        assert len(set(drawn.tolist())) == m
        assert not set(drawn.tolist()) & set(units.tolist())
        apart = np.abs(covariates[drawn] - covariates[units])
        assert np.all(apart <= (UNIT_TOLERANCE + 1e-9) * sd)
        averages = np.abs(covariates[drawn].mean(0) - covariates[units].mean(0))
        assert np.all(averages <= (AVERAGE_TOLERANCE + 1e-9) * sd)
    shown = (covariates[found.sets].mean(1) - covariates[units].mean(0)) / sd
    np.testing.assert_allclose(found.differences, shown, atol=1e-9)


def test_sets_can_be_made_again_and_follow_the_seed():
    covariates = crowd(0)
    units = np.argsort(np.abs((covariates - covariates.mean(0)) / covariates.std(0)).max(1))[:5]
    one, again, other = (matched_sets(units, covariates, seed).sets for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_permuted_units_have_the_same_sets():
    covariates = crowd(3)
    units = np.argsort(np.abs((covariates - covariates.mean(0)) / covariates.std(0)).max(1))[:6]
    order = np.random.default_rng(3).permutation(len(covariates))
    moved = matched_sets(np.argsort(order)[units], covariates[order], 1)
    np.testing.assert_array_equal(order[moved.sets], matched_sets(units, covariates, 1).sets)


def test_a_single_unit_draws_uniformly():
    """Twelve units are alike and the rest far off: 2,000 draws of the one place, chi-squared with 10 df."""
    covariates = np.concatenate([np.zeros((12, 2)), np.array([[100.0, 100.0], [-100.0, -100.0]])])
    found = matched_sets(np.array([4]), covariates, 0, count=2_000)
    counts = np.bincount(found.sets.ravel(), minlength=14)
    assert counts[[4, 12, 13]].tolist() == [0, 0, 0]
    others = np.delete(counts[:12], 4)
    expected = 2_000 / 11
    assert ((others - expected) ** 2 / expected).sum() < 29.6  # 1 − 1e-3 of chi-squared with 10 df


def test_two_alike_units_draw_all_pairs_alike():
    covariates = np.concatenate([np.zeros((6, 2)), [[50.0, 50.0]]])
    found = matched_sets(np.array([0, 1]), covariates, 0, count=2_400)
    pairs = [tuple(row) for row in found.sets.tolist()]
    counts = np.array([pairs.count(pair) for pair in itertools.permutations(range(2, 6), 2)])
    assert counts.sum() == 2_400
    assert ((counts - 200) ** 2 / 200).sum() < 31.3  # 1 − 1e-3 of chi-squared with 11 df


def test_units_that_are_all_alike_match_anything():
    """0.1 is no binary fraction: its standard deviation is a rounding error, and not a scale."""
    found = matched_sets(np.array([0, 1]), np.full((9, 2), 0.1), 0)
    assert not found.differences.any()
    assert set(found.sets.ravel().tolist()) == set(range(2, 9))


def test_a_unit_like_no_other_is_named():
    covariates = np.concatenate([crowd(1), [[1000.0, 1.0]]])
    with pytest.raises(Unavailable, match=r"1 of the 2 units cannot be matched, .*unit within 0\.5 sd .*: number 150$"):
        matched_sets(np.array([150, 3]), covariates, 0)


def test_more_units_than_there_are_others():
    with pytest.raises(Unavailable, match="only 2 of the 4 units can be matched at once"):
        matched_sets(np.arange(4), np.zeros((6, 2)), 0)
    with pytest.raises(Unavailable, match="1 of the 1 units cannot be matched"):
        matched_sets(np.array([0]), np.ones((1, 2)), 0)


def test_two_units_that_only_one_could_stand_for():
    # All of them within half a standard deviation only in pairs.
    places = np.array([0.0, 0.1, 0.2, 5.0, 10.0, 10.1])
    with pytest.raises(Unavailable, match=r"only 1 of the 2 units .*left over: number [01]$"):
        matched_sets(np.array([0, 1]), np.stack([places, places], axis=1), 0)


def test_averages_that_cannot_be_met_are_told(monkeypatch):
    """Every unit's candidates lie .3 to .5 sd above it."""
    monkeypatch.setattr(matching, "_TRIES", 1_000)
    activation = np.concatenate([np.zeros(3), np.full(20, 0.4), [-1.3, 1.5] * 10])
    assert 0.25 < 0.4 / activation.std() < 0.5
    with pytest.raises(
        Unavailable, match=r"1,000 draws gave 0: 1,000 found a match .* 0 had an average mean activation"
    ):
        matched_sets(np.arange(3), np.stack([activation, np.ones(43)], axis=1), 0)


def test_an_empty_set_is_refused():
    with pytest.raises(ValueError, match="nothing to match"):
        matched_sets(np.empty(0, int), crowd(0), 0)


def test_the_covariates_are_activation_and_length_of_the_weights():
    covariates = unit_covariates(np.array([[3.0, 0.0], [4.0, 2.0]]), np.array([0.5, 0.7]))
    assert covariates.tolist() == [[0.5, 5.0], [0.7, 2.0]]
