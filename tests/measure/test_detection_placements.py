"""Placements against counting over all pairs, and their variance against DeLong's formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from why_bird.stats.placements import placement_differences, placements

SCORE = st.integers(-4, 4).map(float)


def pairs(most: int = 25) -> st.SearchStrategy:
    return st.lists(st.tuples(SCORE, SCORE), min_size=1, max_size=most).map(np.array)


def counted(images: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return DeLong's ψ of every image (row) and every noise (column)."""
    return (noise > images[:, None]) + 0.5 * (noise == images[:, None])


def delong_variance(images: np.ndarray, noise: np.ndarray) -> float:
    """Return the variance of the difference of two AUROCs, (1, −1) (S₁₀/m + S₀₁/n) (1, −1)ᵀ (DeLong et al., eq. 5)."""
    psi = [counted(images[:, k], noise[:, k]) for k in (0, 1)]
    v10, v01 = (np.stack([each.mean(axis) for each in psi]) for axis in (1, 0))
    m, n = len(images), len(noise)
    covariance = np.zeros((2, 2))
    for r in (0, 1):
        for s in (0, 1):
            covariance[r, s] += ((v10[r] - psi[r].mean()) * (v10[s] - psi[s].mean())).sum() / (m - 1) / m
            covariance[r, s] += ((v01[r] - psi[r].mean()) * (v01[s] - psi[s].mean())).sum() / (n - 1) / n
    contrast = np.array([1.0, -1.0])
    return float(contrast @ covariance @ contrast)


@given(images=pairs(), noise=pairs())
def test_a_placement_is_the_share_of_the_other_sample_beyond(images: np.ndarray, noise: np.ndarray) -> None:
    psi = counted(images[:, 0], noise[:, 0])
    of_images, of_noise = placements(images[:, 0], noise[:, 0])
    assert np.allclose(of_images, psi.mean(1), atol=1e-14)
    assert np.allclose(of_noise, psi.mean(0), atol=1e-14)


@settings(max_examples=25)
@given(images=pairs(), noise=pairs())
def test_either_mean_is_the_difference_of_the_two_areas(images: np.ndarray, noise: np.ndarray) -> None:
    labels = np.repeat([0, 1], [len(images), len(noise)])
    areas = [roc_auc_score(labels, np.r_[images[:, k], noise[:, k]]) for k in (0, 1)]
    for differences in placement_differences(images[:, 0], noise[:, 0], images[:, 1], noise[:, 1]):
        assert differences.mean() == pytest.approx(areas[0] - areas[1], abs=1e-12)


def test_the_variance_of_the_differences_is_delongs() -> None:
    rng = np.random.default_rng(0)
    # Two correlated scores, rounded so that many tie.
    images = np.round(rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=80), 1)
    noise = np.round(rng.multivariate_normal([1, 0.5], [[1, 0.3], [0.3, 2]], size=50), 1)
    of_images, of_noise = placement_differences(images[:, 0], noise[:, 0], images[:, 1], noise[:, 1])
    variance = of_images.var(ddof=1) / 80 + of_noise.var(ddof=1) / 50
    assert variance == pytest.approx(delong_variance(images, noise), rel=1e-12)


def test_the_variance_is_that_of_repeated_draws() -> None:
    rng = np.random.default_rng(1)
    estimates, variances = [], []
    for _ in range(600):
        images = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=60)
        noise = rng.multivariate_normal([1.0, 0.7], [[1, 0.5], [0.5, 1]], size=40)
        of_images, of_noise = placement_differences(images[:, 0], noise[:, 0], images[:, 1], noise[:, 1])
        estimates.append(of_images.mean())
        variances.append(of_images.var(ddof=1) / 60 + of_noise.var(ddof=1) / 40)
    # The relative error of a variance from 600 draws is about √(2/600) = .06.
    assert np.mean(variances) / np.var(estimates, ddof=1) == pytest.approx(1, abs=0.2)


def test_placements_worked_by_hand() -> None:
    of_images, of_noise = placements([1.0, 2.0, 3.0], [2.0, 4.0])
    assert of_images.tolist() == [1.0, 0.75, 0.5]
    assert of_noise.tolist() == [0.5, 1.0]
    # A second score that separates all: 1 for every unit.
    of_images, of_noise = placement_differences([1.0, 2.0, 3.0], [2.0, 4.0], [0.0, 0.0, 0.0], [1.0, 1.0])
    assert of_images.tolist() == [0.0, -0.25, -0.5]
    assert of_noise.tolist() == [-0.5, 0.0]


def test_a_score_does_not_differ_from_itself_under_a_rising_transform() -> None:
    rng = np.random.default_rng(2)
    images, noise = rng.normal(size=300), rng.normal(1, size=200)
    for differences in placement_differences(images, noise, np.exp(images), np.exp(noise)):
        assert not differences.any()


def test_scores_of_other_units_are_an_error() -> None:
    with pytest.raises(ValueError, match="3 and of 2 images"):
        placement_differences([1, 2, 3], [1], [1, 2], [1])
    with pytest.raises(ValueError, match="1 and of 2 noise draws"):
        placement_differences([1, 2], [1], [1, 2], [1, 2])
    for broken in ([], [np.nan], [[1.0]]):
        with pytest.raises(ValueError, match="images"):
            placements(broken, [1.0])
        with pytest.raises(ValueError, match="noise"):
            placements([1.0], broken)
