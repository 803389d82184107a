"""Which units images excite: against numpy and scipy, dead units, and the overlap of sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from why_bird.measure.units.excitation import activation_support, jaccard, matched_p, measure_excitation
from why_bird.measure.units.unit_means import UnitMeans


def drawn(seed=0, images=300, width=6):
    rng = np.random.default_rng(seed)
    return rng.gamma(0.5, size=(images, width)).astype(np.float32), rng.random(width)


def test_moments_are_those_of_the_units():
    features, balanced = drawn()
    found = measure_excitation(features, balanced, seed=0)
    raised = features.astype(float) - balanced
    np.testing.assert_allclose(found.means, raised.mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.errors, stats.sem(raised), rtol=1e-12)
    np.testing.assert_allclose(found.skewness, stats.skew(raised), rtol=1e-9)
    assert found.n == 300


def test_resamples_spread_as_means_do_and_together():
    features, balanced = drawn()
    features[:, 1] = 2 * features[:, 0]
    found = measure_excitation(features, balanced, seed=0, resamples=2_000)
    # 2,000 resamples know a standard deviation to 1.6 %: six of that, since the tails are heavy.
    np.testing.assert_allclose(found.resampled.std(0, ddof=1), found.errors, rtol=0.1)
    np.testing.assert_allclose(found.resampled.mean(0), found.means, atol=0.01)
    np.testing.assert_allclose(found.resampled[:, 1] + balanced[1], 2 * (found.resampled[:, 0] + balanced[0]))


def test_resamples_can_be_made_again_and_follow_the_seed():
    features, balanced = drawn()
    one, again, other = (measure_excitation(features, balanced, seed=seed).resampled for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).all()


def test_dead_units_have_no_error_at_all():
    """0.1 is no binary fraction: the mean of many is off by rounding, and would seem to vary."""
    features, balanced = drawn()
    features[:, 2], features[:, 4] = 0.0, 0.1
    found = measure_excitation(features, balanced, seed=0)
    assert found.errors[[2, 4]].tolist() == found.skewness[[2, 4]].tolist() == [0.0, 0.0]
    assert found.means[2] == -balanced[2]
    assert found.means[4] == np.float64(np.float32(0.1)) - balanced[4]
    assert np.ptp(found.resampled[:, [2, 4]], axis=0).tolist() == [0.0, 0.0]
    assert found.errors[[0, 1, 3, 5]].min() > 0


def test_one_image_has_no_standard_error():
    with pytest.raises(ValueError, match="two images, not 1"):
        measure_excitation(np.ones((1, 3)), np.zeros(3), seed=0)


def known(means, strongest):
    digests, labels = np.zeros((len(strongest), 1, 32), np.uint8), np.zeros((len(strongest), 1), np.int64)
    return UnitMeans(means, np.full(len(means), 9), digests, strongest[:, None], labels)


def test_a_rectified_unit_is_not_below_zero_nor_above_what_it_ever_showed():
    means, strongest = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([5.0, 4.0], dtype=np.float32)
    features = np.array([[0.0, 6.0], [1.0, 0.5]])
    least, greatest = activation_support(features, known(means, strongest))
    assert least.tolist() == [-2.0, -1.0]
    assert greatest.tolist() == [3.0, 5.0]
    for negative in (
        activation_support(features - 1, known(means, strongest)),
        activation_support(features, known(means - 1, strongest)),
    ):
        assert np.isneginf(negative[0]).all()


sets = st.sets(st.integers(0, 12), min_size=1)


@given(sets, sets)
def test_jaccard_is_that_of_sets(first, second):
    expected = len(first & second) / len(first | second)
    assert jaccard(np.array(sorted(first)), np.array(list(second))) == pytest.approx(expected)


def test_two_empty_sets_have_no_overlap():
    assert jaccard(np.array([], int), np.array([3])) == 0.0
    with pytest.raises(ValueError, match="two empty sets"):
        jaccard(np.array([], int), np.array([], int))


def test_random_sets_that_share_as_much_are_counted():
    excited, units = np.array([0, 1, 2]), np.array([0, 1, 9])
    random = np.array([[0, 1, 8], [5, 6, 7], [2, 1, 0], [0, 5, 6]])
    assert matched_p(excited, units, random) == pytest.approx(3 / 5)
    assert matched_p(excited, units, random[[1, 3]]) == pytest.approx(1 / 3)
    # A set that shares nothing is no better than any.
    assert matched_p(excited, np.array([5, 6, 7]), random) == 1.0
