"""How far a class reaches from its mean: by hand, and for noise that was planted."""

import numpy as np
import pytest

from why_bird.measure.dimension.reach import REACH, class_reach
from why_bird.stats import ShareWithin

RNG = np.random.default_rng(0)
CLASS = RNG.normal(size=(200, 6)) * [3.0, 1, 1, 1, 1, 1] + 5.0


def share_within(points, noise):
    found = class_reach(points, noise)
    return ShareWithin(tuple(found.noise), tuple(found.images), found.shift, REACH, "images").value


def test_distances_are_to_the_mean_of_the_other_images():
    found = class_reach(CLASS, CLASS[:7] + 1.0)
    others = [np.linalg.norm(CLASS[i] - np.delete(CLASS, i, axis=0).mean(0)) for i in range(len(CLASS))]
    np.testing.assert_allclose(found.images, others)
    np.testing.assert_allclose(found.noise, np.linalg.norm(CLASS[:7] + 1.0 - CLASS.mean(0), axis=1))


def test_the_shift_is_the_error_of_the_mean_towards_noise():
    along = np.eye(6)[0]
    found = class_reach(CLASS, CLASS.mean(0) + 50 * along + np.zeros((3, 6)))
    assert found.shift == pytest.approx(CLASS[:, 0].std(ddof=1) / np.sqrt(200))
    at_the_centre = class_reach(CLASS, np.repeat(CLASS.mean(0)[None], 3, axis=0))
    assert at_the_centre.shift == pytest.approx(0.0, abs=0.3)


def test_noise_planted_in_a_class_lies_inside_as_often_as_its_images():
    own = share_within(CLASS, RNG.normal(size=(2_000, 6)) * [3.0, 1, 1, 1, 1, 1] + 5.0)
    assert own == pytest.approx(0.95, abs=0.04)
    assert share_within(CLASS, RNG.normal(size=(2_000, 6)) + 20.0) == 0.0


def test_the_radius_holds_19_of_20():
    # Of 20 distances the 19th is the radius.
    points = np.arange(20.0)[:, None] ** 2
    radius = np.sort(class_reach(points, points).images)[18]
    noise = points.mean(0) + radius * np.array([[0.999], [1.001], [-0.999]])
    assert share_within(points, noise) == pytest.approx(2 / 3)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="have 5 features, and those they are compared with have 6"):
        class_reach(CLASS, np.zeros((3, 5)))
