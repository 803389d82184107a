"""Participation ratio and principal variances: against n recomputations, a second estimator, and planted truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from why_bird.errors import Unavailable
from why_bird.measure.dimension.participation import log_ratio, participation_ratio
from why_bird.measure.dimension.subspace import components_for, principal_variances
from why_bird.stats.jackknife import jackknife

SEEDS = st.integers(0, 10_000)
QUICK = settings(max_examples=25)
SHAPES = pytest.mark.parametrize("shape", [(12, 5), (8, 8), (6, 20), (3, 2), (3, 7)], ids=str)


def class_of(seed, shape):
    """Return points with unequal variances away from zero."""
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 1.0, shape) * rng.uniform(0.2, 3, shape[1]) + rng.normal(size=shape[1])


def written_out(points):
    variances = np.linalg.eigvalsh(np.atleast_2d(np.cov(points, rowvar=False)))
    plain = variances.sum() ** 2 / (variances**2).sum()
    return 1 / (1 / plain - 1 / len(points)), plain


@SHAPES
def test_value_is_that_of_the_eigenvalues(shape):
    points = class_of(1, shape)
    found = participation_ratio(points)
    np.testing.assert_allclose([found.value, found.plain], written_out(points), rtol=1e-11)


@SHAPES
def test_replicates_leave_each_point_out_for_real(shape):
    points = class_of(2, shape)
    expected = [written_out(np.delete(points, i, axis=0))[0] for i in range(len(points))]
    np.testing.assert_allclose(participation_ratio(points).replicates, expected, rtol=1e-10)


@pytest.mark.parametrize("distance", [1e3, 1e6, 1e9])
def test_a_point_that_holds_nearly_all_the_spread_can_be_left_out(distance):
    """Without it little is left of the sums, and their difference alone would be rounding."""
    points = class_of(3, (10, 4))
    points[7] += distance
    expected = written_out(np.delete(points, 7, axis=0))[0]
    assert participation_ratio(points).replicates[7] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("d", "n"), [(5, 100), (50, 100), (5, 1000), (50, 1000)])
def test_an_isotropic_gaussian_has_its_dimensions(d, n):
    """The mean over draws is d within 5 standard errors and the 1/n that the correction leaves."""
    rng = np.random.default_rng(d + n)
    rotation = np.linalg.qr(rng.normal(size=(64, d)))[0].T
    draws = [participation_ratio(rng.normal(size=(n, d)) @ rotation) for _ in range(20)]
    values = np.array([draw.value for draw in draws])
    assert abs(values.mean() - d) < 5 * values.std(ddof=1) / np.sqrt(20) + 2 * d / n
    # Not corrected it is far below where there are few points for the dimension.
    assert np.mean([draw.plain for draw in draws]) == pytest.approx(1 / (1 / d + 1 / n), rel=0.05)


def test_the_correction_is_near_an_unbiased_one():
    """Cross products of distinct points (Chun et al. 2025) instead of taking off 1/n, on unequal variances."""
    rng = np.random.default_rng(5)
    variances = 1 / np.arange(1, 101)
    truth = variances.sum() ** 2 / (variances**2).sum()
    n = 400
    values, unbiased = [], []
    for _ in range(10):
        # Centred at the known mean, so that pairs of points are independent.
        points = rng.normal(size=(n, 100)) * np.sqrt(variances)
        gram = points @ points.T
        lengths = np.diag(gram)
        pairs = n * (n - 1)
        square_of_trace = (lengths.sum() ** 2 - (lengths**2).sum()) / pairs
        unbiased.append(square_of_trace / (((gram**2).sum() - (lengths**2).sum()) / pairs))
        values.append(participation_ratio(points).value)
    assert np.mean(unbiased) == pytest.approx(truth, rel=0.05)
    assert np.mean(values) == pytest.approx(np.mean(unbiased), rel=0.01)


def test_the_jackknife_error_is_that_of_repeated_draws():
    rng = np.random.default_rng(6)
    scale = np.array([3.0, 2, 1, 1, 1])
    logs, errors = [], []
    for _ in range(400):
        first = participation_ratio(rng.normal(size=(60, 5)) * scale)
        second = participation_ratio(rng.normal(size=(80, 5)))
        estimate = jackknife(*log_ratio(first, second), unit="image", transform="exp")
        logs.append(np.log(estimate.value))
        errors.append(estimate.se)
    # The standard deviation of 400 draws is known to 3.5 %.
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(logs, ddof=1), rel=0.14)


def test_log_ratio_leaves_out_points_of_one_class_at_a_time():
    points, others = class_of(7, (9, 4)), class_of(8, (7, 4))
    value, (first, second) = log_ratio(participation_ratio(points), participation_ratio(others))
    of_points, of_others = written_out(points)[0], written_out(others)[0]
    assert value == pytest.approx(np.log(of_points / of_others))
    assert first[4] == pytest.approx(np.log(written_out(np.delete(points, 4, axis=0))[0] / of_others))
    assert second[6] == pytest.approx(np.log(of_points / written_out(np.delete(others, 6, axis=0))[0]))
    assert (len(first), len(second)) == (9, 7)


@QUICK
@given(SEEDS, st.floats(1e-6, 1e6), st.sampled_from([(12, 5), (6, 9)]))
def test_scaling_rotating_moving_and_ordering_change_nothing(seed, scale, shape):
    points = class_of(seed, shape)
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(shape[1], shape[1])))
    order = rng.permutation(len(points))
    plain, components = participation_ratio(points), components_for(principal_variances(points))
    for changed in (points * scale, points @ rotation, points + 100):
        found = participation_ratio(changed)
        np.testing.assert_allclose(found.value, plain.value, rtol=1e-8)
        np.testing.assert_allclose(found.replicates, plain.replicates, rtol=1e-8)
        assert components_for(principal_variances(changed)) == components
    np.testing.assert_allclose(participation_ratio(points[order]).replicates, plain.replicates[order], rtol=1e-9)
    np.testing.assert_allclose(principal_variances(points[order]), principal_variances(points), atol=1e-12)


@QUICK
@given(SEEDS, st.integers(3, 9), st.integers(1, 12))
def test_the_corrected_ratio_lies_between_1_and_what_n_points_can_show(seed, n, p):
    found = participation_ratio(np.random.default_rng(seed).normal(size=(n, p)))
    assert found.plain * (1 + 1e-12) >= 1
    assert found.plain <= min(p, n - 1) * (1 + 1e-12)
    assert found.plain < found.value <= n * (n - 1) * (1 + 1e-9)


def test_points_on_a_line_have_the_documented_value():
    points = np.random.default_rng(9).normal(size=(50, 1))
    assert participation_ratio(points).value == pytest.approx(50 / 49)
    assert participation_ratio(points).plain == pytest.approx(1)
    assert components_for(principal_variances(points)) == 1


@pytest.mark.parametrize("value", [0.0, 0.1, -3e7])
def test_a_constant_class_has_no_dimension(value):
    points = np.full((6, 4), value)
    with pytest.raises(ValueError, match="all the same point"):
        participation_ratio(points, "birds")
    with pytest.raises(Unavailable, match="birds are all the same point"):
        principal_variances(points, "birds")


def test_a_class_that_is_constant_but_for_one_point_has_no_replicates():
    points = np.full((6, 4), 0.1)
    points[2] = 1
    with pytest.raises(Unavailable, match="birds but one are all the same point"):
        participation_ratio(points, "birds")


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((2, 4)), "2 points were given, and this measure needs at least 3"),
        (np.zeros(4), r"not of shape \(4,\)"),
        (np.zeros((4, 0)), r"not of shape \(4, 0\)"),
        (np.array([[0.0], [np.nan], [np.inf]]), "hold 2 numbers that are not finite"),
    ],
)
def test_what_is_no_sample_of_a_class_is_refused(points, message):
    with pytest.raises(ValueError, match=message):
        participation_ratio(points)


@SHAPES
def test_variances_are_those_of_scikit_learn(shape):
    points = class_of(10, shape)
    expected = PCA().fit(points).explained_variance_
    np.testing.assert_allclose(principal_variances(points), expected, atol=1e-12 * expected[0])


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.99])
def test_components_are_those_of_scikit_learn(share):
    points = class_of(11, (200, 30))
    assert components_for(principal_variances(points), share) == PCA(share).fit(points).n_components_


@pytest.mark.parametrize(
    ("variances", "share", "expected"),
    [
        ([1.0] * 10, 0.90, 9),
        ([0.1] * 10, 0.90, 9),
        ([1.0] * 10, 0.91, 10),
        ([9.0, 1.0], 0.90, 1),
        ([8.99, 1.01], 0.90, 2),
        ([0.7, 0.1, 0.1, 0.1], 1.0, 4),
        ([1.0, 0.0], 1.0, 1),
    ],
)
def test_a_share_that_is_just_reached_counts(variances, share, expected):
    assert components_for(np.array(variances), share) == expected


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        components_for(np.ones(3), share)
