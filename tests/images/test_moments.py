"""Channel moments are those of all pixels, in whole numbers until the end."""

import numpy as np
import pytest

from why_bird.images.image_set import ImageSet, channel_moments


def image_set(pixels):
    return ImageSet(pixels, np.zeros(len(pixels), np.int64), np.zeros((len(pixels), 32), np.uint8), ("a",))


@pytest.mark.parametrize("count", [1, 4095, 4096, 4097])
def test_moments_are_those_of_numpy(count):
    pixels = np.random.default_rng(count).integers(0, 256, (count, 3, 2, 3), dtype=np.uint8)
    mean, std = channel_moments(image_set(pixels))
    scaled = pixels.reshape(-1, 3) / 255
    np.testing.assert_allclose(mean, scaled.mean(0), rtol=1e-12)
    np.testing.assert_allclose(std, scaled.std(0), rtol=1e-9)


@pytest.mark.parametrize("value", [0, 1, 254, 255])
def test_a_whole_block_of_one_colour_neither_overflows_nor_varies(value):
    mean, std = channel_moments(image_set(np.full((8192, 2, 2, 3), value, dtype=np.uint8)))
    np.testing.assert_allclose(mean, value / 255, rtol=1e-15)
    np.testing.assert_array_equal(std, 0)
