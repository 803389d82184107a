"""Grey is what Pillow makes of colours, made of those images alone that are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from why_bird.images.doses import DosedImages
from why_bird.images.grey import in_grey, to_grey
from why_bird.images.image_set import Images, ImageSet, channel_moments
from why_bird.images.interventions import BorderDoses, WholeDoses
from why_bird.images.noise import Noise, Params
from why_bird.images.published_noise import hendrycks_gaussian, odin_gaussian, odin_uniform
from why_bird.images.select import select_classes
from why_bird.images.shuffle import ShuffledImages


@pytest.fixture
def images() -> Images:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    plain = ImageSet.of(pixels, np.arange(12) % 2, ("a", "b"))
    return Images(plain, plain, "set", "folder of images")


@given(arrays(np.uint8, (3, 5, 3)))
def test_grey_is_pillows(pixels: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(to_grey(pixels)[..., 0], np.asarray(Image.fromarray(pixels).convert("L")))


def test_what_is_grey_already_stays_as_it_is() -> None:
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_grey(np.stack([levels] * 3, axis=-1))[:, 0], levels)


def test_an_image_set_in_grey_has_the_same_images_in_one_channel(images: Images) -> None:
    grey = in_grey(images).train
    assert grey.pixels.shape == (12, 16, 16, 1)
    assert grey.hash == images.train.hash
    np.testing.assert_array_equal(grey.pixels[3:7], to_grey(images.train.pixels[3:7]))
    np.testing.assert_array_equal(grey.pixels[4], to_grey(images.train.pixels[4]))
    np.testing.assert_array_equal(
        select_classes(grey, ("b",), 4).pixels, to_grey(select_classes(images.train, ("b",), 4).pixels)
    )


def test_its_moments_are_those_of_its_pixels(images: Images) -> None:
    grey = in_grey(images).train
    mean, std = channel_moments(grey)
    values = to_grey(images.train.pixels) / 255
    np.testing.assert_allclose([mean, std], [[values.mean()], [values.std()]], rtol=1e-9)


def test_noise_in_grey_has_the_moments_of_one_channel() -> None:
    drawn = Noise("gaussian", 16, (0.3,), (0.2,), Params()).images(0, 400)
    assert drawn.shape == (400, 1, 16, 16)
    assert abs(drawn.mean() - 0.3) < 0.005
    assert abs(drawn.std() - 0.2) < 0.005
    for noise in (hendrycks_gaussian, odin_gaussian, odin_uniform):
        assert noise(8, 0, "B", 1).images(0, 2).shape == (2, 1, 8, 8)


def test_noise_has_as_many_means_as_standard_deviations() -> None:
    with pytest.raises(ValueError, match="have a number a channel"):
        Noise("gaussian", 8, (0.3,), (0.2, 0.2, 0.2))


@pytest.mark.parametrize("intervention", [BorderDoses(0), WholeDoses(0)])
def test_doses_are_those_of_what_the_network_is_given(images: Images, intervention: BorderDoses | WholeDoses) -> None:
    dosed = DosedImages(in_grey(images).test, intervention)
    assert dosed.images(0, 5).shape == (5, 1, 16, 16)
    done = dosed.realised()
    np.testing.assert_allclose(done.rms[..., -1], np.broadcast_to(done.full[:, None], done.rms.shape[:2]), rtol=1e-4)


def test_patches_of_grey_images_change_places(images: Images) -> None:
    grey = in_grey(images).test
    shuffled = ShuffledImages(grey, 0).images(0, 12)
    in_colour = ShuffledImages(images.test, 0).images(0, 12)
    assert shuffled.shape == (12, 1, 16, 16)
    levels = np.rint(in_colour * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(to_grey(levels)[..., 0], np.rint(shuffled[:, 0] * 255).astype(np.uint8))
