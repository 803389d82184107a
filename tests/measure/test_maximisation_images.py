"""Images as spectra and moved images, held against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.images.spectra import amplitude
from why_bird.measure.maximisation.fourier import COLOURS, Moves, coefficients_of, images_of, moved

sizes = st.integers(2, 13)
seeds = st.integers(0, 2**32 - 1)


def white(seed: int, count: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 3, size, size))


def quarter(images: torch.Tensor) -> np.ndarray:
    """Return images turned by 90 degrees counter-clockwise."""
    return np.rot90(images.numpy(), axes=(2, 3))


@given(seeds, sizes)
@settings(max_examples=25)
def test_an_image_is_what_numpy_makes_of_its_spectrum(seed: int, size: int) -> None:
    noise = white(seed, 2, size)
    signal = np.fft.irfft2(np.fft.rfft2(noise) * amplitude(size, 2.0), s=(size, size))
    expected = 1 / (1 + np.exp(-np.einsum("rc,nchw->nrhw", COLOURS, signal)))
    found = images_of(coefficients_of(noise), size)
    assert found.shape == (2, 3, size, size)
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-6)


@given(seeds, sizes)
@settings(max_examples=25)
def test_the_spectrum_can_be_read_from_the_image(seed: int, size: int) -> None:
    noise = white(seed, 2, size)
    images = images_of(coefficients_of(noise), size).double().numpy()
    signal = np.einsum("cr,nrhw->nchw", np.linalg.inv(COLOURS), np.log(images / (1 - images)))
    found = np.fft.rfft2(signal) / amplitude(size, 2.0)
    np.testing.assert_allclose(found, np.fft.rfft2(noise), atol=2e-3 * size)


def test_power_falls_as_of_photographs_and_frequency_by_frequency() -> None:
    """One coefficient is one wave, of an amplitude that halves where the frequency doubles."""
    heights = {}
    for frequency in (1, 2, 4):
        coefficients = torch.zeros(1, 3, 16, 9, 2)
        coefficients[0, 0, 0, frequency, 0] = 0.05
        image = images_of(coefficients, 16)[0, 0].double().numpy()
        spectrum = np.abs(np.fft.rfft2(image - 0.5))
        assert spectrum.argmax() == frequency
        heights[frequency] = spectrum.max()
    assert heights[1] / heights[2] == pytest.approx(2, rel=2e-3)
    assert heights[2] / heights[4] == pytest.approx(2, rel=2e-3)


def test_no_coefficients_are_grey() -> None:
    assert (images_of(torch.zeros(1, 3, 7, 4, 2), 7) == 0.5).all()


def test_colours_are_axes_of_a_covariance() -> None:
    """As published they are orthogonal, up to the two decimals that they are printed with."""
    gram = COLOURS.T @ COLOURS
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 0.01
    assert gram.max() == pytest.approx(1, abs=1e-3)
    assert (COLOURS[:, 0] > 0).all(), "brightness is not the first"
    assert (np.diff(np.diag(gram)) < 0).all()


@pytest.mark.parametrize("size", [7, 8, 12, 13])
def test_no_move_leaves_the_very_images(size: int) -> None:
    images = torch.rand(5, 3, size, size, generator=torch.Generator().manual_seed(1))
    moves = Moves(0, 0, 0).draw(np.random.default_rng(0), 5)
    assert torch.equal(moved(images, moves), images)
    # And where one of them moves, the others stay up to rounding.
    moves[0, 0] = 0.3
    np.testing.assert_allclose(moved(images, moves)[1:], images[1:], atol=1e-5)


def test_shifts_turns_and_sizes_are_what_they_are_called() -> None:
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    right = moved(images, np.array([[1 / 8, 0, 0, 1]])).numpy()
    np.testing.assert_allclose(right[..., 1:], images.numpy()[..., :-1], atol=1e-5)
    np.testing.assert_allclose(right[..., 0], images.numpy()[..., 0], atol=1e-5)  # mirrored at the border
    down = moved(images, np.array([[0, 2 / 8, 0, 1]])).numpy()
    np.testing.assert_allclose(down[..., 2:, :], images.numpy()[..., :-2, :], atol=1e-5)
    turned = moved(images, np.array([[0, 0, np.pi / 2, 1]])).numpy()
    np.testing.assert_allclose(turned, quarter(images), atol=1e-5)
    square = torch.zeros(1, 1, 8, 8)
    square[..., 3:5, 3:5] = 1
    grown = moved(square, np.array([[0, 0, 0, 2.0]]))
    assert grown[0, 0, 2:6, 2:6].min() > 0.5
    assert grown.sum() == pytest.approx(16, rel=0.15)


def test_an_image_is_shifted_after_it_was_turned() -> None:
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3))
    both = moved(images, np.array([[1 / 8, 0, np.pi / 2, 1]])).numpy()
    np.testing.assert_allclose(both[..., 1:], quarter(images)[..., :-1], atol=1e-5)


@given(seeds, st.floats(0.01, 0.5), st.floats(0.1, 180), st.floats(0.01, 3))
@settings(max_examples=25)
def test_moves_stay_within_their_bounds(seed: int, shift: float, degrees: float, scale: float) -> None:
    moves = Moves(shift, degrees, scale).draw(np.random.default_rng(seed), 200)
    assert np.abs(moves[:, :2]).max() <= shift
    assert np.abs(np.rad2deg(moves[:, 2])).max() <= degrees * (1 + 1e-12)
    assert np.abs(np.log(moves[:, 3])).max() <= np.log1p(scale) * (1 + 1e-12)
    # Both signs of each are drawn, and nearly the whole range is used.
    moves[:, 3] = np.log(moves[:, 3])
    for column, bound in zip(moves.T, (shift, shift, np.deg2rad(degrees), np.log1p(scale)), strict=True):
        assert column.min() < -0.8 * bound
        assert column.max() > 0.8 * bound


@pytest.mark.parametrize("wrong", [{"shift": -0.1}, {"degrees": np.nan}, {"scale": np.inf}])
def test_moves_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="has to be finite and 0 or more"):
        Moves(**wrong)
