"""Participation ratio of directions: known clouds, replicates for real, and points that lie far out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import Unavailable
from why_bird.measure.dimension.participation import directional_participation, participation_ratio


def cloud(seed, n, widths):
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 1.0, (n, len(widths))) * np.array(widths)


def written_out(points):
    """Return the ratio by its definition, pair by pair."""
    deviations = points - points.mean(0)
    signs = deviations / np.linalg.norm(deviations, axis=1, keepdims=True)
    squares = (signs @ signs.T) ** 2
    n = len(points)
    return n * (n - 1) / (squares.sum() - n)


@pytest.mark.parametrize("shape", [(40, 3), (300, 30)])
def test_value_and_replicates_are_those_of_the_pairs(shape):
    points = cloud(1, shape[0], np.linspace(0.3, 2.0, shape[1]))
    found = directional_participation(points)
    assert found.value == pytest.approx(written_out(points))
    left_out = np.array([written_out(np.delete(points, i, axis=0)) for i in range(len(points))])
    # The move of the centre is followed to the first order: what is left of it is of the order of 1/n².
    np.testing.assert_allclose(found.replicates, left_out, rtol=20 / shape[0] ** 2)
    assert found.replicates.std() == pytest.approx(left_out.std(), rel=0.03)


def test_equal_directions_count_whatever_the_lengths():
    rng = np.random.default_rng(2)
    round_cloud = rng.normal(size=(4_000, 7)) * rng.uniform(0.5, 3.0, (4_000, 1)) ** 2
    assert directional_participation(round_cloud).value == pytest.approx(7, rel=0.02)


def test_a_far_point_does_not_decide():
    points = cloud(3, 1_000, [2.0, 1.0, 1.0, 0.5, 0.5])
    far = points.copy()
    far[7] += 100 * np.eye(5)[4]
    assert participation_ratio(far).value > 1.2 * participation_ratio(points).value
    assert directional_participation(far).value == pytest.approx(directional_participation(points).value, rel=0.01)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_scaling_rotating_and_moving_change_nothing(seed, scale):
    points = cloud(seed, 30, [1.0, 0.5, 0.2, 2.0])
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(4, 4)))
    plain = directional_participation(points)
    for changed in (points * scale, points @ rotation, points + 10):
        found = directional_participation(changed)
        np.testing.assert_allclose([found.value, *found.replicates], [plain.value, *plain.replicates], rtol=1e-7)


def test_a_point_at_the_mean_has_no_direction_and_breaks_nothing():
    cross = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])
    found = directional_participation(cross)
    # Of 20 ordered pairs the 4 of opposite points count 1 each.
    assert found.value == pytest.approx(20 / 4)
    assert np.isfinite(found.replicates).all()


def test_points_without_directions_are_refused():
    with pytest.raises(Unavailable, match="birds are all the same point"):
        directional_participation(np.ones((9, 3)), "birds")
    with pytest.raises(ValueError, match="3 points were given"):
        directional_participation(np.eye(3))
