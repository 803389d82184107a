"""K-means radius of a class: known blobs, a second implementation, and what does not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from why_bird.errors import Unavailable
from why_bird.measure.dimension.clusters import fit_clusters
from why_bird.measure.dimension.points import in_order
from why_bird.streams import stream

CORNERS = 100 * np.eye(5, 7)
SEED = stream(0, "D3", "k-means")


def blobs(seed, each=40, spread=1.0):
    """Return points about five corners that are far apart, in random order."""
    rng = np.random.default_rng(seed)
    points = np.repeat(CORNERS, each, axis=0) + spread * rng.normal(size=(5 * each, 7))
    return rng.permutation(points)


def test_centres_and_radius_are_those_of_known_blobs():
    found = fit_clusters(blobs(1, each=400), blobs(2, each=1000), SEED)
    # A mean of 400 points is known to 1/20 in each direction, the percentile of 5,000 to about 0.02.
    np.testing.assert_allclose(cdist(CORNERS, found.centres).min(1), 0, atol=0.3)
    # The square root of chi-squared's 95th percentile at 7 degrees of freedom (R: qchisq(.95, 7) = 14.06714).
    assert found.radius == pytest.approx(np.sqrt(14.06714), rel=0.03)


def test_distances_are_to_the_nearest_centre_in_the_order_given():
    training, test = blobs(3), blobs(4)
    found = fit_clusters(training, test, SEED)
    np.testing.assert_allclose(found.distances, cdist(test, found.centres).min(1), rtol=1e-12)
    assert found.radius == np.percentile(found.distances, 95)


@settings(max_examples=5)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_scaling_rotating_moving_and_ordering_change_nothing(seed, scale):
    """Of blobs, whose best centres any start finds: elsewhere the starts are other ones after a rotation."""
    training, test = blobs(seed, each=8), blobs(seed + 1, each=8)
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(7, 7)))
    plain = fit_clusters(training, test, SEED)
    for change, factor in ((lambda x: x * scale, scale), (lambda x: x @ rotation, 1), (lambda x: x + 100, 1)):
        changed = fit_clusters(change(training), change(test), SEED)
        np.testing.assert_allclose(changed.distances, factor * plain.distances, rtol=1e-7)


def test_the_order_of_the_training_points_changes_not_a_digit():
    """Without clusters the starts decide; the points are put into an order of their own first."""
    rng = np.random.default_rng(7)
    training, test = rng.normal(size=(300, 6)), rng.normal(size=(50, 6))
    plain = fit_clusters(training, test, SEED)
    other = fit_clusters(rng.permutation(training), test, SEED)
    np.testing.assert_array_equal(other.centres, plain.centres)
    np.testing.assert_array_equal(other.distances, plain.distances)


def test_every_point_keeps_its_place_in_the_order():
    points = np.array([[1.0, 2], [0, 3], [1, 2]])
    assert sorted(map(tuple, in_order(points))) == [(0, 3), (1, 2), (1, 2)]


def test_single_precision_gives_the_same_radius():
    training, test = blobs(9), blobs(10)
    single = fit_clusters(training.astype(np.float32), test.astype(np.float32), SEED)
    assert single.centres.dtype == single.distances.dtype == np.float64
    assert single.radius == pytest.approx(fit_clusters(training, test, SEED).radius, rel=1e-5)


def test_the_seed_is_what_the_starts_depend_on():
    rng = np.random.default_rng(8)
    training, test = rng.normal(size=(200, 20)), rng.normal(size=(50, 20))
    radii = {fit_clusters(training, test, stream(0, "D3", "k-means", r)).radius for r in range(4)}
    assert len(radii) > 1
    assert fit_clusters(training, test, SEED).radius == fit_clusters(training, test, SEED).radius


def test_a_class_without_five_distinct_points_has_no_centres():
    with pytest.raises(Unavailable, match="birds are only 4 distinct training points"):
        fit_clusters(np.repeat(np.eye(4), 9, axis=0), np.eye(4), SEED, "birds")


def test_five_distinct_points_are_their_own_centres():
    found = fit_clusters(np.repeat(np.eye(5), 2, axis=0), np.eye(5), SEED)
    np.testing.assert_allclose(found.distances, 0, atol=1e-12)
    one = fit_clusters(np.arange(5.0)[:, None], np.array([[4.5]]), SEED)
    assert one.radius == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("training", "test", "message"),
    [
        (np.eye(4), np.eye(4), "the training points of the points: 4 points were given"),
        (np.eye(6), np.empty((0, 6)), "0 points were given, and this measure needs at least 1"),
        (np.eye(6), np.eye(5), "have 5 features, and those they are compared with have 6"),
        (np.eye(6), np.full((1, 6), np.nan), "hold 6 numbers that are not finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(training, test, message):
    with pytest.raises(ValueError, match=message):
        fit_clusters(training, test, SEED)
