"""Dimension from nearest neighbours: against scikit-dimension, known manifolds, and duplicates."""

import numpy as np
import pytest
import skdim
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from why_bird.errors import Unavailable
from why_bird.measure.dimension.neighbours import levina_bickel, nearest, two_nn, two_nn_subsamples
from why_bird.measure.dimension.points import distinct
from why_bird.streams import generator

SEEDS = st.integers(0, 10_000)
QUICK = settings(max_examples=25)
ESTIMATORS = pytest.mark.parametrize("estimate", [two_nn, levina_bickel], ids=["TwoNN", "maximum likelihood"])


def ball(seed, n, d, p=64):
    """Return points of a d-dimensional Gaussian, turned into p dimensions."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ np.linalg.qr(rng.normal(size=(p, d)))[0].T


def sphere(seed, n, d, p=64):
    """Return points of a curved manifold, the d-dimensional sphere, in p dimensions."""
    points = ball(seed, n, d + 1, p)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.mark.parametrize(("n", "p", "k"), [(50, 3, 1), (50, 40, 7), (20, 5, 19), (2, 1, 1)])
def test_neighbours_are_those_of_all_distances(n, p, k):
    points = np.random.default_rng(n + p).normal(size=(n, p)) + 50
    found = nearest(points, k)
    every = cdist(points, points)
    np.testing.assert_allclose(found.distances, np.sort(every, axis=1)[:, 1 : k + 1], rtol=1e-12)
    np.testing.assert_allclose(found.distances, np.take_along_axis(every, found.indices, 1), rtol=1e-12)
    assert not (found.indices == np.arange(n)[:, None]).any()


def test_neighbours_far_nearer_than_the_points_are_long_keep_their_digits():
    points = np.random.default_rng(1).normal(size=(30, 8)) + 1e3
    points[1] = points[0] + 1e-9
    found = nearest(points, 1)
    assert found.indices[0, 0] == 1
    assert found.distances[0, 0] == pytest.approx(np.linalg.norm(points[1] - points[0]), rel=1e-12)


def test_neighbours_in_several_portions_are_the_same(monkeypatch):
    points = np.random.default_rng(2).normal(size=(41, 6))
    whole = nearest(points, 3)
    monkeypatch.setattr("why_bird.measure.dimension.neighbours._ENTRIES", 300)
    parts = nearest(points, 3)
    np.testing.assert_array_equal(parts.indices, whole.indices)


@pytest.mark.parametrize("k", [0, 5])
def test_neighbours_that_are_not_there_are_refused(k):
    with pytest.raises(ValueError, match="from 1 to 4 neighbours"):
        nearest(np.eye(5), k)


@pytest.mark.parametrize(("n", "d", "p"), [(23, 2, 3), (100, 5, 20), (400, 3, 64), (301, 12, 512)])
def test_values_are_those_of_scikit_dimension(n, d, p):
    points = sphere(n, n, d, p) if d < p else ball(n, n, d, p)
    assert two_nn(points) == pytest.approx(skdim.id.TwoNN(discard_fraction=0.1).fit_transform(points), rel=1e-7)
    assert levina_bickel(points) == pytest.approx(skdim.id.MLE().fit(points).dimension_, rel=1e-7)
    five = skdim.id.MLE().fit(points, n_neighbors=5).dimension_
    assert levina_bickel(points, k=5) == pytest.approx(five, rel=1e-7)


@ESTIMATORS
def test_duplicates_count_once(estimate):
    points = ball(3, 80, 4)
    repeated = np.concatenate([points, points[:30], points[:5]])
    assert estimate(repeated) == estimate(points)
    assert estimate(np.where(points == 0, -0.0, points)) == estimate(points)


def test_distinct_points_are_all_there_once_and_in_an_order_of_their_own():
    points = np.array([[1.0, 2], [0, 3], [1, 2], [-0.0, 3], [2, 0]])
    found = distinct(points)
    assert sorted(map(tuple, found)) == [(0, 3), (1, 2), (2, 0)]
    np.testing.assert_array_equal(distinct(points[::-1]), found)


@ESTIMATORS
@pytest.mark.parametrize(("manifold", "d"), [(ball, 2), (ball, 5), (sphere, 2), (sphere, 5)])
def test_a_manifold_in_64_dimensions_has_its_own(estimate, manifold, d):
    """Bias at the border and by curvature is under a tenth here; 5 standard errors of the mean besides."""
    values = np.array([estimate(manifold(seed, 1000, d)) for seed in range(8)])
    assert abs(values.mean() - d) < 0.1 * d + 5 * values.std(ddof=1) / np.sqrt(8)


@ESTIMATORS
def test_points_on_a_line_have_one_dimension(estimate):
    assert estimate(np.random.default_rng(4).uniform(size=(2000, 1))) == pytest.approx(1, rel=0.1)


@ESTIMATORS
@QUICK
@given(seed=SEEDS, scale=st.floats(1e-6, 1e6))
def test_scaling_rotating_moving_and_ordering_change_nothing(estimate, seed, scale):
    rng = np.random.default_rng(seed)
    points = rng.gamma(2.0, 1.0, (40, 6))
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    plain = estimate(points)
    for changed in (points * scale, points @ rotation, points + 100):
        assert estimate(changed) == pytest.approx(plain, rel=1e-9)
    assert estimate(points[rng.permutation(40)]) == plain


@pytest.mark.parametrize("size", [20, 41, 59, 60])
def test_a_subsample_is_estimated_as_if_it_came_alone(size):
    points = ball(5, 60, 3)
    found = two_nn_subsamples(points, size, 12, generator(0, "C5", "subsample"))
    again = generator(0, "C5", "subsample")
    drawn = [distinct(points)[again.choice(60, size, replace=False)] for _ in range(12)]
    np.testing.assert_allclose(found, [two_nn(sample) for sample in drawn], rtol=1e-12)


def test_neighbours_missing_from_the_list_are_looked_for(monkeypatch):
    points = ball(6, 60, 3)
    expected = two_nn_subsamples(points, 15, 5, generator(0, "C5", "subsample"))
    monkeypatch.setattr("why_bird.measure.dimension.neighbours._EXPECTED", 1)
    np.testing.assert_array_equal(two_nn_subsamples(points, 15, 5, generator(0, "C5", "subsample")), expected)


def test_subsamples_know_neither_order_nor_copies():
    points = ball(7, 60, 3)
    expected = two_nn_subsamples(points, 30, 5, generator(0, "C5", "subsample"))
    other = np.concatenate([points[::-1], points[:9]])
    np.testing.assert_array_equal(two_nn_subsamples(other, 30, 5, generator(0, "C5", "subsample")), expected)


def test_small_subsamples_tell_the_error_and_large_ones_exaggerate_it():
    """The delete-d jackknife: an estimate from half of the points shares fewer neighbours than points."""
    truth = np.std([two_nn(ball(seed, 300, 4)) for seed in range(200)], ddof=1)

    def error(size):
        draws = [two_nn_subsamples(ball(s, 300, 4), size, 100, generator(s, "C5", "size")) for s in range(20)]
        return np.sqrt(np.mean([d.var(ddof=1) for d in draws]) * size / (300 - size))

    # The standard deviation of 200 draws is known to 5 %.
    assert error(30) == pytest.approx(truth, rel=0.2)
    assert 1.1 * truth < error(150) < 1.5 * truth


@pytest.mark.parametrize(
    ("size", "count", "message"), [(2, 5, "from 3 to 10"), (11, 5, "from 3 to 10"), (5, 0, "1 or m")]
)
def test_subsamples_that_cannot_be_drawn_are_refused(size, count, message):
    with pytest.raises(ValueError, match=message):
        two_nn_subsamples(ball(8, 10, 2), size, count, generator(0, "C5", "subsample"))


def test_a_class_without_spread_has_no_dimension():
    with pytest.raises(Unavailable, match="birds are only 1 distinct points, and TwoNN needs at least 3"):
        two_nn(np.ones((6, 4)), "birds")
    with pytest.raises(Unavailable, match="birds are only 2 distinct points, and 20 neighbours need at least 21"):
        levina_bickel(np.repeat(np.eye(2), 20, axis=0), name="birds")


@pytest.mark.parametrize("estimate", [two_nn, lambda points: levina_bickel(points, k=5)], ids=["TwoNN", "ML"])
def test_points_at_equal_distances_have_no_dimension(estimate):
    with pytest.raises(ValueError, match="at equal distances"):
        estimate(np.eye(8))


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="2 points were given, and this measure needs at least 3"):
        two_nn(np.eye(2))
    with pytest.raises(ValueError, match="20 points were given, and this measure needs at least 21"):
        levina_bickel(np.eye(20))
    with pytest.raises(ValueError, match="k must be 2 or more"):
        levina_bickel(np.eye(20), k=1)
