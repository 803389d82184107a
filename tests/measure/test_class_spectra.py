"""The spectra of classes: white noise is flat, a wave has one length, and the sums are those of a whole transform."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.class_spectra import class_spectra

RNG = np.random.default_rng(0)


def images(*classes: NDArray[np.uint8]) -> ImageSet:
    pixels = np.concatenate(classes)
    labels = np.repeat(np.arange(len(classes)), [len(each) for each in classes])
    return ImageSet(pixels, labels, np.zeros((len(pixels), 32), np.uint8), tuple("abcdefghij"[: len(classes)]))


def wave(count: int, side: int, waves: int) -> NDArray[np.uint8]:
    phases = RNG.uniform(0, 2 * np.pi, (count, 1, 1, 1))
    x = 2 * np.pi * waves * np.arange(side) / side
    return np.rint(127 + 100 * np.cos(x[None, None, :, None] + phases) * np.ones((1, side, 1, 3))).astype(np.uint8)


def test_white_noise_has_its_variance_at_every_wavelength() -> None:
    power = class_spectra(images(RNG.integers(0, 256, (400, 32, 32, 3), dtype=np.uint8)))
    assert power.shape == (1, 16)
    assert power == pytest.approx(np.full((1, 16), (256**2 - 1) / 12 / 255**2), rel=0.04)


@pytest.mark.parametrize("waves", [1, 5, 16])
def test_a_wave_is_found_at_its_length_in_its_class_alone(waves: int) -> None:
    still = np.zeros((2, 32, 32, 3), np.uint8)
    plain, waving = class_spectra(images(still, wave(300, 32, waves)))
    assert not plain.any()
    assert waving.argmax() + 1 == waves
    assert waving[waves - 1] > 0.99 * waving.sum()


@pytest.mark.parametrize("shape", [(16, 16, 3), (17, 20, 3), (16, 16, 1)])
def test_it_is_the_radial_mean_of_a_whole_transform(shape: tuple[int, int, int]) -> None:
    pixels = RNG.integers(0, 256, (5, *shape), dtype=np.uint8)
    away = pixels / 255 - (pixels / 255).mean(axis=0)
    whole = (np.abs(np.fft.fft2(away, axes=(1, 2))) ** 2).mean(axis=(0, 3)) / (shape[0] * shape[1])
    side = min(shape[:2])
    radius = side * np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :])
    expected = [whole[(radius >= k - 0.5) & (radius < k + 0.5)].mean() for k in range(1, side // 2 + 1)]
    assert class_spectra(images(pixels))[0] == pytest.approx(expected, rel=1e-4)


def test_a_class_of_one_image_has_no_spectrum() -> None:
    with pytest.raises(Unavailable, match="the class b has 1 training images"):
        class_spectra(images(wave(3, 16, 1), wave(1, 16, 1)))
