"""What lies outside a class's subspace: written out, planted truths, and symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from why_bird.errors import Unavailable
from why_bird.measure.dimension.subspace import GROUPS, fit_subspaces, refitted_residuals

WIDTH = 24
LABELS = np.repeat([0, 1, 2], [11, 40, 60])


def training(seed, width=WIDTH):
    """Return points of three classes with unequal variances in directions of their own."""
    rng = np.random.default_rng(seed)
    classes = []
    for n in np.bincount(LABELS):
        axes = np.linalg.qr(rng.normal(size=(width, width)))[0]
        classes.append(rng.normal(size=(n, width)) * np.geomspace(4, 0.2, width) @ axes + rng.normal(size=width))
    return np.concatenate(classes)


def written_out(points, noise):
    origin = np.mean([points[c == LABELS].mean(0) for c in range(3)], axis=0)
    columns = []
    for c in range(3):
        pca = PCA(10, svd_solver="full").fit(points[c == LABELS])
        rest = noise - pca.inverse_transform(pca.transform(noise))
        columns.append((rest**2).sum(1) / ((noise - origin) ** 2).sum(1))
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("width", [12, WIDTH, 200])
def test_residuals_are_those_of_scikit_learn(width):
    points, noise = training(1, width), np.random.default_rng(2).normal(size=(9, width))
    found = fit_subspaces(points, LABELS)
    np.testing.assert_allclose(found.residuals(noise), written_out(points, noise), rtol=1e-9)
    for directions in found.directions:
        assert directions.shape == (width, 10)
        np.testing.assert_allclose(directions.T @ directions, np.eye(10), atol=1e-12)


def test_directions_of_little_variance_are_orthogonal_too():
    """Fewer points than features: the Gram matrix alone gives them to half of the digits."""
    rng = np.random.default_rng(12)
    points = training(11, 200)
    axes = np.linalg.qr(rng.normal(size=(200, 10)))[0].T
    points[LABELS == 0] = rng.normal(size=(11, 10)) * np.geomspace(1, 1e-5, 10) @ axes
    directions = fit_subspaces(points, LABELS).directions[0]
    np.testing.assert_allclose(directions.T @ directions, np.eye(10), atol=1e-12)


def test_a_point_in_the_subspace_of_a_class_has_no_residual_there():
    found = fit_subspaces(training(3), LABELS)
    inside = found.means[1] + np.random.default_rng(4).normal(size=(5, 10)) @ found.directions[1].T
    residuals = found.residuals(inside)
    np.testing.assert_allclose(residuals[:, 1], 0, atol=1e-24)
    assert residuals[:, [0, 2]].min() > 0.01


def test_the_origin_weighs_classes_and_not_images():
    points = training(5)
    found = fit_subspaces(points, LABELS)
    np.testing.assert_allclose(found.origin, np.mean([points[c == LABELS].mean(0) for c in range(3)], axis=0))
    assert not np.allclose(found.origin, points.mean(0))


def test_a_class_that_varies_in_fewer_directions_has_those():
    points = training(6)
    points[LABELS == 1] = points[LABELS == 1] @ np.diag([1.0] * 3 + [0.0] * (WIDTH - 3))
    found = fit_subspaces(points, LABELS)
    assert [d.shape[1] for d in found.directions] == [10, 3, 10]


@pytest.mark.parametrize("width", [1, 10])
def test_where_ten_directions_are_the_whole_space_nothing_is_outside(width):
    found = fit_subspaces(training(7, width), LABELS)
    np.testing.assert_allclose(found.residuals(np.full((3, width), 5.0)), 0, atol=1e-24)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_scaling_rotating_moving_and_ordering_change_nothing(seed, scale):
    points = training(seed)
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(6, WIDTH))
    rotation, _ = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
    plain = fit_subspaces(points, LABELS).residuals(noise)
    for change in (lambda x: x * scale, lambda x: x @ rotation, lambda x: x + 50):
        changed = fit_subspaces(change(points), LABELS).residuals(change(noise))
        np.testing.assert_allclose(changed, plain, rtol=1e-7)
    order = rng.permutation(len(points))
    np.testing.assert_allclose(fit_subspaces(points[order], LABELS[order]).residuals(noise), plain, rtol=1e-9)


def test_a_constant_class_spans_nothing():
    points = training(8)
    points[LABELS == 1] = 0.1
    with pytest.raises(Unavailable, match="the training points of class 1 are all the same point"):
        fit_subspaces(points, LABELS)


def test_a_point_at_the_origin_has_no_share():
    found = fit_subspaces(training(9), LABELS)
    with pytest.raises(Unavailable, match="one of noise is the mean of the class means"):
        found.residuals(np.stack([found.origin, found.origin + 1]), "noise")


def test_too_few_points_and_labels_are_refused():
    points = training(10)
    with pytest.raises(ValueError, match="of class 0: 10 points were given, and this measure needs at least 11"):
        fit_subspaces(points[1:], LABELS[1:])
    with pytest.raises(ValueError, match="need one label each"):
        fit_subspaces(points, LABELS[:-1])
    with pytest.raises(ValueError, match="have 3 features, and those they are compared with have 24"):
        fit_subspaces(points, LABELS).residuals(np.ones((2, 3)))


@pytest.mark.parametrize("width", [12, 200])
def test_a_refitted_residual_is_that_of_a_subspace_fitted_without_a_group(width):
    points, noise = training(13, width), np.random.default_rng(14).normal(size=(9, width))
    whole = fit_subspaces(points, LABELS)
    found = refitted_residuals(whole, points, LABELS, noise)
    assert found.shape == (3, GROUPS)
    lengths = np.square(noise - whole.origin).sum(1)
    for c, g in ((0, 3), (1, 0), (2, 9)):
        kept = points[c == LABELS][np.arange((c == LABELS).sum()) % GROUPS != g]
        pca = PCA(min(10, len(kept) - 1), svd_solver="full").fit(kept)
        rest = noise - pca.inverse_transform(pca.transform(noise))
        np.testing.assert_allclose(found[c, g], (np.square(rest).sum(1) / lengths).mean(), rtol=1e-9)


def test_a_subspace_that_every_group_shows_does_not_vary():
    """Each group holds the same points: leaving one out changes nothing but their number."""
    group = training(15)[LABELS == 2]
    points, labels = np.repeat(np.concatenate([group, group + 9]), GROUPS, axis=0), np.repeat([0, 1], 60 * GROUPS)
    noise = np.random.default_rng(16).normal(size=(9, WIDTH))
    whole = fit_subspaces(points, labels)
    plain = np.repeat(whole.residuals(noise).mean(0)[:, None], GROUPS, axis=1)
    np.testing.assert_allclose(refitted_residuals(whole, points, labels, noise), plain)


def test_points_that_are_all_the_same_without_a_group_have_no_subspace():
    points = training(17)
    points[LABELS == 1] = points[11]
    points[12] += 1
    whole = fit_subspaces(points, LABELS)
    with pytest.raises(Unavailable, match="without a tenth of its points"):
        refitted_residuals(whole, points, LABELS, np.ones((2, WIDTH)))
