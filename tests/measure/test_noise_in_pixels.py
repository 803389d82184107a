"""Noise is given to the class in which it was planted, by its neighbours and by the Gaussians."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure import noise_in_pixels
from why_bird.measure.noise_in_pixels import block_means, gaussian_labels, nearest_classes

CLASSES = ("calm", "plain", "wild")


def images(*groups: np.ndarray) -> ImageSet:
    pixels = np.concatenate([(255 * each).clip(0, 255).astype(np.uint8) for each in groups])
    labels = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    return ImageSet(pixels, labels, np.zeros((len(pixels), 32), dtype=np.uint8), CLASSES[: len(groups)])


def drawn(n: int, sd: float, *, mean: float = 0.5, seed: int = 0) -> np.ndarray:
    return mean + sd * np.random.default_rng(seed).standard_normal((n, 16, 16, 3))


def test_nearest_classes_are_those_of_a_search_through_all_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_in_pixels, "_CHUNK", 7)  # so that images of one search lie in several blocks
    training = images(drawn(20, 0.1, mean=0.3), drawn(15, 0.05, seed=1), drawn(9, 0.2, seed=2))
    asked = drawn(5, 0.2, mean=0.45, seed=3)
    found = nearest_classes(training, asked, neighbours=6)
    for row, image in zip(found, asked, strict=True):
        distances = ((training.pixels / 255 - image) ** 2).sum((1, 2, 3))
        of_nearest = training.labels[np.argsort(distances)[:6]]
        assert row.tolist() == np.bincount(of_nearest, minlength=3).tolist()


def test_the_plainest_images_are_nearest_to_all_noise() -> None:
    training = images(drawn(30, 0.3), drawn(30, 0.01, seed=1), drawn(30, 0.3, seed=2))
    assert (nearest_classes(training, drawn(10, 0.3, seed=4), neighbours=10)[:, 1] == 10).all()


def test_gaussians_name_the_class_whose_variance_noise_has_and_agree_with_scipy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(noise_in_pixels, "BLOCKS", 2)
    training = images(drawn(200, 0.02), drawn(200, 0.08, seed=1), drawn(200, 0.3, seed=2))
    asked = [drawn(50, sd, seed=7) for sd in (0.02, 0.08, 0.3)]
    found = gaussian_labels(training, asked)
    assert [float((labels == c).mean()) for c, labels in enumerate(found)] == pytest.approx([1, 1, 1], abs=0.05)
    points = block_means(training.pixels / 255)
    densities = [
        multivariate_normal(points[training.labels == c].mean(0), np.cov(points[training.labels == c].T)).logpdf(
            block_means(drawn(50, 0.05, seed=9))
        )
        for c in range(3)
    ]
    assert gaussian_labels(training, [drawn(50, 0.05, seed=9)])[0].tolist() == np.argmax(densities, 0).tolist()


@pytest.mark.parametrize(
    ("group", "says"),
    [(drawn(40, 0.1), "has 40 training images"), (np.full((300, 16, 16, 3), 0.5), "do not vary in every direction")],
)
def test_a_class_without_a_covariance_is_said_in_one_sentence(group: np.ndarray, says: str) -> None:
    with pytest.raises(Unavailable, match=says):
        gaussian_labels(images(group), [drawn(2, 0.1)])


@pytest.mark.parametrize("side", [16, 20, 33])
def test_block_means_are_means_of_blocks(side: int) -> None:
    given = np.random.default_rng(0).random((2, side, side, 3))
    found = block_means(given).reshape(2, 8, 8, 3)
    edges = np.linspace(0, side, 9).astype(int)
    one = given[1, edges[2] : edges[3], edges[7] : edges[8]].mean((0, 1))
    np.testing.assert_allclose(found[1, 2, 7], one)
