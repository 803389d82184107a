"""The named noises have the distributions that were published_noise."""

from typing import get_args

import numpy as np
import pytest
from scipy.stats import norm

from why_bird.images import published_noise
from why_bird.images.noise import Clip, Noise

MEAN, STD = (0.49, 0.48, 0.45), (0.25, 0.24, 0.26)


@pytest.mark.parametrize(
    ("make", "sd"), [(published_noise.hendrycks_gaussian, 0.5), (published_noise.odin_gaussian, 1.0)]
)
def test_clipped_gaussians_pile_up_at_black_and_white(make: object, sd: float) -> None:
    images = make(16, 0, "A").images(0, 400)  # type: ignore[operator]
    assert images.min() == 0
    assert images.max() == 1
    assert np.mean(images == 0) == pytest.approx(norm.cdf(-0.5 / sd), abs=0.005)
    assert np.mean(images == 1) == pytest.approx(norm.cdf(-0.5 / sd), abs=0.005)
    assert np.mean(images < 0.75) == pytest.approx(norm.cdf(0.25 / sd), abs=0.005)


def test_odin_uniform_fills_the_unit_interval() -> None:
    images = published_noise.odin_uniform(16, 0, "A").images(0, 400)
    assert 0 <= images.min() < 1e-4
    assert 1 - 1e-4 < images.max() <= 1
    counts = np.histogram(images, bins=10, range=(0, 1))[0] / images.size
    np.testing.assert_allclose(counts, 0.1, atol=0.003)


def test_the_posts_noise_is_unclipped_and_its_variants_are_the_same_draws() -> None:
    post, clipped, rounded = (published_noise.post(MEAN, STD, 8, 0, "B", clip).images(0, 30) for clip in get_args(Clip))
    assert post.min() < 0
    assert post.max() > 1
    assert np.array_equal(np.clip(post, 0, 1), clipped)
    assert np.abs(rounded - clipped).max() <= 0.5 / 255 + 1e-6


def test_spectral_has_its_exponent() -> None:
    noise = published_noise.spectral(2, MEAN, STD, 8, 0, "A")
    assert isinstance(noise, Noise)
    assert noise.params.beta == 2.0
    assert noise.params.clip == "none"
