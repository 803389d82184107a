"""Clutter depends on its image alone, is least where nothing is to be seen, and grows with what is added."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from why_bird.errors import BadInput
from why_bird.images.borders import border_noise_level
from why_bird.images.clutter import MEASURES, codec, edge_density
from why_bird.images.clutter.colour import luma

Images = NDArray[np.uint8]
Measure = Callable[[Images], NDArray[np.float64]]

ALL: dict[str, Measure] = {**MEASURES, "border noise": border_noise_level}
each = pytest.mark.parametrize("name", ALL)


def eight_bit(planes: NDArray[np.float64]) -> Images:
    return np.round(np.clip(planes, 0, 1) * 255).astype(np.uint8)


def clouds(count: int, seed: int = 3) -> NDArray[np.float64]:
    """Smooth colour images around grey, without edges."""
    white = np.random.default_rng(seed).normal(size=(count, 32, 32, 3))
    smooth = ndimage.gaussian_filter(white, (0, 6, 6, 0), mode="wrap")
    return np.asarray(0.5 + 0.12 * smooth / smooth.std())


def mixed(count: int, seed: int) -> Images:
    """Images with smooth parts, edges and noise, some of them grey or constant."""
    rng = np.random.default_rng(seed)
    images = clouds(count, seed) + rng.choice([0, 0.02, 0.2], (count, 1, 1, 1)) * rng.normal(size=(count, 32, 32, 3))
    images[:, 8:20, 5:17] += rng.uniform(-0.5, 0.5, (count, 1, 1, 3))
    images[::5] = images[::5, :, :, :1]
    images[::7] = images[::7, :1, :1]
    return eight_bit(images)


# --- of one image alone


@each
@given(seed=st.integers(0, 99), count=st.integers(1, 70), cut=st.integers(0, 70))
@settings(max_examples=5)
def test_neither_the_size_of_a_batch_nor_the_order_changes_a_bit(name: str, seed: int, count: int, cut: int) -> None:
    images = mixed(count, seed)
    order = np.random.default_rng(seed).permutation(count)
    whole = ALL[name](images)
    parts = [ALL[name](part) for part in (images[order[:cut]], images[order[cut:]])]
    assert np.concatenate(parts).tobytes() == whole[order].tobytes()


@each
def test_a_value_is_a_finite_number_an_image(name: str) -> None:
    values = ALL[name](mixed(66, 1))
    assert values.shape == (66,)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert len(np.unique(values)) > 40


@each
def test_no_images_have_no_values(name: str) -> None:
    assert ALL[name](np.empty((0, 32, 32, 3), dtype=np.uint8)).shape == (0,)


# --- least where there is nothing


@each
@pytest.mark.parametrize("size", [(32, 32), (16, 16), (17, 23), (33, 40), (96, 64)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (77, 77, 77), (255, 255, 255), (200, 10, 90)])
def test_a_constant_image_has_the_least(name: str, size: tuple[int, int], colour: tuple[int, int, int]) -> None:
    images = np.broadcast_to(np.array(colour, dtype=np.uint8), (2, *size, 3))
    # What is left of feature congestion are its floors, at each pixel the same; of a file, its header.
    colour_floor, orientation_floor = (0.0007 * 0.1 * 0.05) ** (1 / 3), 0.001**0.5
    least = {"feature congestion": colour_floor / 0.2088 + orientation_floor / 0.0269}
    if name == "lossless size":
        noise = np.random.default_rng(0).integers(0, 256, images.shape, dtype=np.uint8)
        assert (ALL[name](images) < ALL[name](noise) / 5).all()
    else:
        assert ALL[name](images) == pytest.approx(least.get(name, 0), abs=1e-9)


@each
@pytest.mark.parametrize("size", [(16, 16), (17, 23), (33, 40), (96, 64)])
def test_other_sizes_are_measured(name: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, *size, 3), dtype=np.uint8)
    constant = np.zeros_like(noise)
    assert (ALL[name](noise) > ALL[name](constant)).all()


# --- known images


def test_a_chequerboard_is_as_worked_out() -> None:
    fine = (np.indices((32, 32)).sum(0) % 2).astype(np.uint8)[None, ..., None].repeat(3, 3) * 255
    assert MEASURES["high-frequency energy"](fine)[0] == pytest.approx(0.4995, abs=5e-4)
    # Every window of 5×5 holds 13 of one and 12 of the other; those cut at the border are even or nearly.
    assert 0.998 < MEASURES["local entropy"](fine)[0] < 1
    # Canny's smoothing leaves nothing of it.
    assert edge_density(fine)[0] == 0
    # One frequency at Nyquist is in no band.
    assert MEASURES["subband entropy"](fine)[0] == 0


def test_a_step_is_one_line_of_edges() -> None:
    step = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    step[:, :, 16:] = 255
    # The two columns beside the step are equally steep, and both are kept; the outermost pixels never are.
    assert edge_density(step)[0] == 2 * 30 / 32**2


@pytest.mark.parametrize("sd", [0.02, 0.05, 0.1])
def test_white_noise_has_the_energy_that_its_filter_leaves(sd: float) -> None:
    noise = np.random.default_rng(1).normal(0.5, sd, (200, 32, 32, 1)).repeat(3, 3)
    taps = np.exp(-(np.arange(-4, 5) ** 2) / 2)
    taps /= taps.sum()
    left = 1 - 2 * taps[4] ** 2 + (taps @ taps) ** 2
    energy = MEASURES["high-frequency energy"](eight_bit(noise))
    assert np.sqrt(np.mean(energy**2)) == pytest.approx(sd * np.sqrt(left), rel=0.02)


def test_grey_images_have_luma_equal_to_their_value() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, 3)
    assert np.array_equal(luma(grey)[0].ravel(), np.arange(256) / 255)


# --- more texture, more clutter


@pytest.mark.parametrize("name", [name for name in ALL if name != "subband entropy"])
def test_stronger_noise_never_lowers_a_measure_on_average(name: str) -> None:
    base, white = clouds(60), np.random.default_rng(4).normal(size=(60, 32, 32, 3))
    means = [ALL[name](eight_bit(base + sd * white)).mean() for sd in (0, 0.02, 0.04, 0.08, 0.16)]
    assert (np.diff(means) > 0).all(), means


def test_subband_entropy_asks_for_the_shape_of_a_band_not_its_size() -> None:
    """It bins each band over the band's own range: noise shows, but not how strong it is."""
    white = np.random.default_rng(4).normal(size=(60, 32, 32, 3))
    flat, *noisy = (MEASURES["subband entropy"](eight_bit(0.5 + sd * white)).mean() for sd in (0, 0.02, 0.04, 0.08))
    assert flat == 0
    assert noisy == pytest.approx([noisy[0]] * 3, rel=0.005)
    assert noisy[0] > 2


@pytest.mark.parametrize("name", [name for name in ALL if name != "border noise"])
def test_more_edges_never_lower_a_measure_on_average(name: str) -> None:
    def drawn(patches: int) -> Images:
        rng = np.random.default_rng(5)
        images = np.full((60, 32, 32, 3), 0.5)
        for image in images:
            for _ in range(patches):
                top, left = rng.integers(0, 26, 2)
                height, width = rng.integers(4, 12, 2)
                image[top : top + height, left : left + width] = rng.random(3)
        return eight_bit(images)

    means = [ALL[name](drawn(patches)).mean() for patches in (0, 1, 2, 4, 8)]
    assert (np.diff(means) > 0).all(), means


# --- what cannot be measured


@each
@pytest.mark.parametrize(
    ("images", "found"),
    [
        (np.zeros((2, 15, 32, 3), dtype=np.uint8), "32×15"),
        (np.zeros((2, 32, 32, 1), dtype=np.uint8), "(2, 32, 32, 1)"),
        (np.zeros((32, 32, 3), dtype=np.uint8), "(32, 32, 3)"),
        (np.zeros((2, 3, 32, 32), dtype=np.uint8), "(2, 3, 32, 32)"),
        (np.zeros((2, 32, 32, 3)), "float64"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(name: str, images: Images, found: str) -> None:
    with pytest.raises(BadInput) as error:
        ALL[name](images)
    assert found in str(error.value)
    assert "\n" not in str(error.value)


def test_the_codec_names_its_versions() -> None:
    name, pillow, zlib = codec().split(", ")
    assert name == "PNG"
    assert pillow.split()[1][0].isdigit()
    assert zlib.split()[1][0].isdigit()
