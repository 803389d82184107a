"""The named noises have the distributions that were published_noise."""

from typing import get_args

import numpy as np
import pytest
from scipy.stats import norm

from why_bird.images import published_noise
from why_bird.images.noise import Clip, Noise, Params

MEAN, STD = (0.49, 0.48, 0.45), (0.25, 0.24, 0.26)
HALF = (0.5, 0.5, 0.5)


def salt_and_pepper(density: float) -> Noise:
    """Return a mid-grey image in which a share of the pixels is black or white, whose sd is √density/2 then."""
    sd = float(np.sqrt(max(density, 0))) / 2
    return Noise("salt_pepper", 16, HALF, (sd, sd, sd), Params(density=density, clip="clip"), 0, "A")


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


def test_blobs_are_images() -> None:
    images = Noise("blobs", 32, HALF, HALF, Params(), 0, "A").images(0, 20)
    assert np.all((images == 0) | ((images > 0.7499) & (images < 1.0001)))


def test_salt_and_pepper_are_black_and_white_on_grey() -> None:
    images = salt_and_pepper(0.2).images(0, 200)
    np.testing.assert_allclose(np.unique(np.round(images, 6)), [0, 0.5, 1])
    assert np.mean(np.abs(images - 0.5) > 0.4) == pytest.approx(0.2, abs=0.01)
    with pytest.raises(ValueError, match="density is -1"):
        salt_and_pepper(-1)


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
