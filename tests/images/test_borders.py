"""The noise level of the border is that of the noise there, whatever else there is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from why_bird.images.borders import RING, border_noise_level

N = 400


def images(planes: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.round(np.clip(planes, 0, 1) * 255).astype(np.uint8)[..., None].repeat(3, -1)


def white(sd: float, seed: int = 1, size: int = 32) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, sd, (N, size, size))


@pytest.mark.parametrize("sd", [0.01, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("size", [16, 32, 48])
def test_white_noise_has_its_own_level(sd: float, size: int) -> None:
    assert border_noise_level(images(0.5 + white(sd, size=size))).mean() == pytest.approx(sd, rel=0.03)


def test_the_inside_is_not_looked_at() -> None:
    quiet = images(0.5 + white(0.02))
    loud = quiet.copy()
    loud[:, RING:-RING, RING:-RING] = np.random.default_rng(2).integers(0, 256, loud[:, 8:, 8:].shape)
    assert np.array_equal(border_noise_level(quiet), border_noise_level(loud))


def test_each_side_of_the_ring_counts() -> None:
    flat = np.full((4, 32, 32), 0.5)
    noise = white(0.1)[0]
    sides = [np.s_[:RING], np.s_[-RING:], np.s_[:, :RING], np.s_[:, -RING:]]
    three = np.stack([flat[0] + noise] * 4)
    for image, side in zip(three, sides, strict=True):
        image[side] = 0.5
    whole = border_noise_level(images((0.5 + noise)[None]))[0]
    # A quarter of the coefficients is then zero, which moves the median down, and from each side alike.
    assert (border_noise_level(images(three)) < whole * 0.9).all()
    assert (border_noise_level(images(three)) > whole * 0.4).all()


@pytest.mark.parametrize("sd", [0.01, 0.03])
@pytest.mark.parametrize("shape", ["step", "disc", "ramp"])
def test_edges_and_ramps_are_no_noise(sd: float, shape: str) -> None:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:32, :32] - 15.5
    angle, shift = rng.uniform(0, np.pi, (N, 1, 1)), rng.uniform(-10, 10, (N, 1, 1))
    along = np.cos(angle) * x + np.sin(angle) * y
    drawn = {
        "step": np.where(along > shift, 0.75, 0.25),
        "disc": np.where(np.hypot(x, y) < 14 + shift / 5, 0.75, 0.25),
        "ramp": 0.5 + along / 60,
    }[shape]
    assert border_noise_level(images(drawn + white(sd))).mean() == pytest.approx(sd, rel=0.15)
    # In 8 bits, a ramp is a staircase: its steps of 1/255 remain.
    assert border_noise_level(images(drawn)).mean() < 1 / 255


def test_noise_on_three_channels_is_measured_on_luma() -> None:
    noise = np.random.default_rng(4).normal(0.5, 0.05, (N, 32, 32, 3))
    found = border_noise_level(np.round(noise * 255).astype(np.uint8)).mean()
    assert found == pytest.approx(0.05 * np.sqrt(0.2125**2 + 0.7154**2 + 0.0721**2), rel=0.03)


def test_it_is_the_median_over_windows_inside_the_ring() -> None:
    image = np.random.default_rng(5).integers(0, 256, (16, 20), dtype=np.uint8)
    inside = np.zeros(image.shape, dtype=bool)
    inside[RING:-RING, RING:-RING] = True
    sizes = []
    for i in range(15):
        for j in range(19):
            if not inside[i : i + 2, j : j + 2].any():
                (a, b), (c, d) = image[i : i + 2, j : j + 2] / 255
                sizes.append(abs(a - b - c + d) / 2)
    expected = np.median(sizes) / 0.6744897501960817
    assert border_noise_level(image[None, ..., None].repeat(3, -1))[0] == pytest.approx(expected, abs=1e-12)
