"""What is taken out of the training images is gone, and the rest is as it was."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import kstest

from why_bird.errors import BadInput
from why_bird.images.exchange import CUT, low_pass
from why_bird.images.image_set import ImageSet
from why_bird.images.suspects.contrast import contrasts, equal_contrast, equal_spectrum_and_contrast
from why_bird.images.suspects.cross_spectrum import cross_spectrum, give_cross_spectra, transport
from why_bird.images.suspects.plain import (
    above_the_cut,
    flat_border,
    grey,
    random_phases,
    white_spectrum,
    without_fine_detail,
)

CLASSES = ("bird", "cat", "frog")
PER_CLASS = 60


def make(size: int = 16, spread: float = 18) -> ImageSet:
    """Return three classes that differ in the slope of their spectrum, in direction and in colour, about grey."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 1, (3, PER_CLASS, size, size, 3))
    noise[1] = gaussian_filter(noise[1], (0, 2, 0.5, 0)) * 3
    noise[2] = noise[2] @ np.array([[1, 0.9, 0.8], [0, 0.4, 0.3], [0, 0, 0.3]])
    means = rng.normal(0, 6, (3, 1, size, size, 3))
    noise *= rng.uniform(0.6, 1.4, (3, PER_CLASS, 1, 1, 1))
    pixels = np.rint(128 + spread * noise + means).clip(0, 255).astype(np.uint8).reshape(-1, size, size, 3)
    pixels.flags.writeable = False
    labels = np.repeat(np.arange(3), PER_CLASS)
    return ImageSet(pixels, labels, np.zeros((len(labels), 32), np.uint8), CLASSES)


IMAGES = make()


def spectrum_of(pixels: NDArray[np.uint8], k: int) -> NDArray[np.complexfloating]:
    own = pixels[IMAGES.labels == k].astype(np.float64)
    return cross_spectrum(own - own.mean(axis=0))


def apart(first: NDArray[np.complexfloating], second: NDArray[np.complexfloating]) -> float:
    """Return how far two densities are apart, by the size of the second."""
    return float(np.linalg.norm(first - second) / np.linalg.norm(second))


def test_the_cross_spectrum_is_that_of_the_definition() -> None:
    deviations = np.random.default_rng(0).normal(0, 1, (7, 4, 6, 3))
    found = cross_spectrum(deviations)
    # Written out: sum over places of exp(−2πi(ux/H + vy/W)), for one frequency and all channels.
    u, v = 3, 2
    x, y = np.arange(4)[:, None], np.arange(6)[None, :]
    wave = np.exp(-2j * np.pi * (u * x / 4 + v * y / 6))
    D = np.einsum("xy,nxyc->nc", wave, deviations)
    expected = np.mean([np.outer(d, d.conj()) for d in D], axis=0)
    np.testing.assert_allclose(found[u, v], expected, rtol=1e-9)
    assert found.shape == (4, 4, 3, 3)
    # All of the power is there: by Parseval, its sum over the whole plane is that of the squares.
    whole = np.trace(found, axis1=-2, axis2=-1).real * np.array([1, 2, 2, 1])
    np.testing.assert_allclose(whole.sum() / 24, (deviations**2).sum() / 7)


def test_the_transport_map_gives_the_wanted_density_and_is_hermitian() -> None:
    rng = np.random.default_rng(1)
    source, target = (
        (a @ a.conj().swapaxes(-1, -2)) for a in rng.normal(size=(2, 5, 3, 3)) + 1j * rng.normal(size=(2, 5, 3, 3))
    )
    T = transport(source, target)
    np.testing.assert_allclose(T @ source @ T.conj().swapaxes(-1, -2), target, rtol=1e-6, atol=1e-8)
    # A gradient of a convex function, and so the map that moves least: Hermitian and positive definite.
    np.testing.assert_allclose(T, T.conj().swapaxes(-1, -2), atol=1e-8)
    assert (np.linalg.eigvalsh(T) > 0).all()


def test_without_its_cross_spectrum_every_class_has_the_mean_one_and_its_own_mean_image() -> None:
    pixels = give_cross_spectra(IMAGES, None)
    wanted = np.mean([spectrum_of(IMAGES.pixels, k) for k in range(3)], axis=0)
    for k in range(3):
        assert apart(spectrum_of(IMAGES.pixels, k), wanted) > 0.2
        assert apart(spectrum_of(pixels, k), wanted) < 0.02
        before, after = (each[IMAGES.labels == k].mean(axis=0) for each in (IMAGES.pixels, pixels))
        np.testing.assert_allclose(after, before, atol=0.5)


def test_swapped_cross_spectra_are_each_others_and_the_third_class_stays() -> None:
    pixels = give_cross_spectra(IMAGES, {"bird": "frog", "frog": "bird"})
    for k, other in ((0, 2), (2, 0)):
        assert apart(spectrum_of(pixels, k), spectrum_of(IMAGES.pixels, other)) < 0.02
    np.testing.assert_array_equal(pixels[IMAGES.labels == 1], IMAGES.pixels[IMAGES.labels == 1])
    # What an image shows is still there: it goes with its own old self more than with any other.
    frogs = IMAGES.labels == 2
    old, new = (each[frogs].reshape(PER_CLASS, -1).astype(float) for each in (IMAGES.pixels, pixels))
    together = np.corrcoef(old, new)[:PER_CLASS, PER_CLASS:]
    assert (together.argmax(axis=1) == np.arange(PER_CLASS)).all()


def test_a_cross_spectrum_needs_images() -> None:
    few = ImageSet(IMAGES.pixels[:62], IMAGES.labels[:62], IMAGES.digests[:62], CLASSES)
    with pytest.raises(BadInput, match="the class 'cat' has fewer than 4 training images"):
        give_cross_spectra(few, None)


def test_images_of_one_colour_have_a_cross_spectrum_too() -> None:
    flat = ImageSet(np.full_like(IMAGES.pixels, 9), IMAGES.labels, IMAGES.digests, CLASSES)
    np.testing.assert_array_equal(give_cross_spectra(flat, None), flat.pixels)


def test_equal_contrast_is_the_root_mean_square_and_keeps_colours() -> None:
    pixels = equal_contrast(IMAGES.pixels)
    wanted = np.sqrt(np.mean(contrasts(IMAGES.pixels) ** 2))
    np.testing.assert_allclose(contrasts(pixels), wanted, rtol=0.01)
    assert contrasts(IMAGES.pixels).std() > 0.05 * wanted
    np.testing.assert_allclose(pixels.mean(axis=(1, 2)), IMAGES.pixels.mean(axis=(1, 2)), atol=0.5)
    flat = np.full((2, 4, 4, 3), 7, np.uint8)
    np.testing.assert_array_equal(equal_contrast(flat), flat)


def test_spectrum_and_contrast_are_equal_together() -> None:
    pixels = equal_spectrum_and_contrast(IMAGES)
    found = [spectrum_of(pixels, k) for k in range(3)]
    assert contrasts(pixels).std() / contrasts(pixels).mean() < 0.01
    assert max(apart(each, np.mean(found, axis=0)) for each in found) < 0.1


def periodogram(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.abs(np.fft.fft2(pixels.astype(np.float64), axes=(1, 2)))


def test_random_phases_keep_each_images_own_spectrum_and_are_uniform() -> None:
    pixels = random_phases(IMAGES.pixels, 0, "x")
    before, after = periodogram(IMAGES.pixels), periodogram(pixels)
    # Rounding to whole numbers is white noise of variance 1/12 a pixel.
    assert np.sqrt(np.mean((after - before) ** 2)) < 2 * np.sqrt(16 * 16 / 12)
    inner = np.angle(np.fft.fft2(pixels, axes=(1, 2))) - np.angle(np.fft.fft2(IMAGES.pixels, axes=(1, 2)))
    inner = np.angle(np.exp(1j * inner[:, 1:8, 1:8]))
    assert kstest(inner[:, 2, 3, 0] / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    # One turn for all three channels.
    strong = before[:, 1:8, 1:8].min(axis=-1) > 300
    np.testing.assert_allclose(np.exp(1j * (inner[..., 0] - inner[..., 2]))[strong], 1, atol=0.4)


def test_phases_above_the_cut_leave_what_is_coarse() -> None:
    frequency = np.hypot(np.fft.fftfreq(16)[:, None], np.fft.fftfreq(16)[None, :])
    pixels = above_the_cut(IMAGES.pixels, 3)
    before, after = (np.fft.fft2(each.astype(float), axes=(1, 2)) for each in (IMAGES.pixels, pixels))
    coarse = frequency <= CUT
    assert np.abs(after - before)[:, coarse].max() < 60
    assert np.abs(after - before)[:, ~coarse].mean() > 100
    np.testing.assert_array_equal(pixels, above_the_cut(IMAGES.pixels, 3))
    assert (pixels != above_the_cut(IMAGES.pixels, 4)).any()


def test_a_white_spectrum_keeps_phases_power_and_mean() -> None:
    calm = make(spread=10).pixels
    pixels = white_spectrum(calm)
    before, after = (np.fft.fft2(each.astype(float), axes=(1, 2)) for each in (calm, pixels))
    level = np.abs(after).reshape(len(calm), -1, 3)[:, 1:]
    assert (level.std(axis=1) / level.mean(axis=1)).max() < 0.15
    np.testing.assert_allclose(pixels.mean(axis=(1, 2)), calm.mean(axis=(1, 2)), atol=0.5)
    np.testing.assert_allclose(pixels.var(axis=(1, 2)), calm.var(axis=(1, 2)), rtol=0.1)
    strong = np.abs(before) > 200
    strong[:, 0, 0] = False
    assert np.cos(np.angle(after[strong]) - np.angle(before[strong])).mean() > 0.98


def test_fine_detail_border_and_colour_are_gone() -> None:
    smooth = without_fine_detail(IMAGES.pixels)
    assert np.abs(smooth - low_pass(IMAGES.pixels)).max() <= 0.5 + 1e-3
    flat = flat_border(IMAGES.pixels)
    np.testing.assert_array_equal(flat[:, 2:-2, 2:-2], IMAGES.pixels[:, 2:-2, 2:-2])  # 4 of 32 pixels are 2 of 16
    ring = np.ones((16, 16), bool)
    ring[2:-2, 2:-2] = False
    assert (flat[:, ring] == flat[:, :1, 0]).all()
    np.testing.assert_allclose(flat[:, ring].mean(axis=1), IMAGES.pixels[:, ring].mean(axis=1), atol=0.5)
    shades = grey(IMAGES.pixels)
    assert (shades[..., 0] == shades[..., 1]).all()
    assert (shades[..., 0] == shades[..., 2]).all()
    red = np.zeros((1, 2, 2, 3), np.uint8)
    red[..., 0] = 200
    assert grey(red)[0, 0, 0, 0] == round(0.2125 * 200)
