"""The measures give what scikit-image, SciPy, pyrtools and the published program give, image by image."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pyrtools.pyramids import GaussianPyramid, SteerablePyramidFreq
from scipy import ndimage
from skimage import color, feature
from skimage.filters import rank

from why_bird.images.clutter import feature_congestion, high_frequency_energy, local_entropy, subband_entropy
from why_bird.images.clutter.colour import PUBLISHED_WHITE, lab, luma
from why_bird.images.clutter.congestion import _down, congestion_parts
from why_bird.images.clutter.edges import edge_maps
from why_bird.images.clutter.filters import filter_both
from why_bird.images.clutter.local_entropy import grey_levels
from why_bird.images.clutter.pyramid import scales, steerable_pyramid
from why_bird.images.clutter.subband_entropy import band_entropies

from .test_clutter import mixed


def test_luma_and_lab_are_those_of_scikit_image() -> None:
    images = mixed(20, 1)
    assert luma(images) == pytest.approx(color.rgb2gray(images), abs=1e-12)
    assert np.moveaxis(lab(images), 0, -1) == pytest.approx(color.rgb2lab(images), abs=1e-9)


def test_edges_are_those_of_scikit_image() -> None:
    # With noise, so that no two neighbours are equal and nothing is left to the last bit.
    planes = np.random.default_rng(2).uniform(size=(20, 32, 40))
    planes[10:] = ndimage.gaussian_filter(planes[10:], (0, 2, 2)) * 3 - 1
    assert np.array_equal(edge_maps(planes), np.stack([feature.canny(plane) for plane in planes]))


def test_local_entropy_is_that_of_scikit_image() -> None:
    images = mixed(20, 3)
    window = np.ones((5, 5), dtype=np.uint8)
    expected = [rank.entropy(levels, window).mean() for levels in grey_levels(images)]
    assert local_entropy(images) == pytest.approx(expected, abs=1e-12)


def test_high_frequency_energy_is_that_of_scipy() -> None:
    images = mixed(20, 4)
    details = [plane - ndimage.gaussian_filter(plane, 1) for plane in luma(images)]
    assert high_frequency_energy(images) == pytest.approx(np.sqrt(np.mean(np.square(details), (1, 2))), abs=1e-12)


@pytest.mark.parametrize("size", [(32, 32), (16, 16), (24, 40), (64, 48), (22, 30)])
def test_the_pyramid_is_that_of_pyrtools(size: tuple[int, int]) -> None:
    planes = np.random.default_rng(5).uniform(size=(3, *size))
    levels = scales(*size)
    bands = steerable_pyramid(planes, levels)
    for i, plane in enumerate(planes):
        expected = SteerablePyramidFreq(plane, height=levels, order=3).pyr_coeffs
        for level in range(levels):
            for b in range(4):
                # pyrtools reads its masks from tables of 256 and 1,024 entries.
                assert bands[level][i, b] == pytest.approx(expected[level, b], abs=2e-5)
        assert bands[levels][i, 0] == pytest.approx(expected["residual_lowpass"], abs=2e-5)


def test_the_pyramid_keeps_what_its_scales_hold() -> None:
    """On odd sizes, where pyrtools is off by half a frequency: all bands together hold the power of the image."""
    planes = ndimage.gaussian_filter(np.random.default_rng(6).normal(size=(1, 33, 45)), (0, 3, 3), mode="wrap")
    bands = steerable_pyramid(planes, scales(33, 45))
    power = sum((band**2).sum() * band[0, 0].size / planes[0].size for band in bands)
    assert power == pytest.approx((planes**2).sum(), rel=1e-3)


def plain_entropy(band: NDArray[np.float64]) -> float:
    edges = np.linspace(band.min(), band.max(), int(np.ceil(np.sqrt(band.size))))
    shares = np.bincount(np.digitize(band.ravel(), edges)) / band.size
    shares = shares[shares > 0]
    return -float(shares @ np.log(shares))


def test_subband_entropy_is_that_of_a_loop_over_bands() -> None:
    images = mixed(30, 7)
    images = images[images.std((1, 2)).min(1) > 0]
    images = images[np.ptp(images.astype(int), axis=3).max((1, 2)) > 0]
    assert len(images) > 15
    channels = lab(images)
    found = band_entropies(channels)
    bands = [band[:, :, b] for band in steerable_pyramid(channels, 3) for b in range(band.shape[2])]
    expected = [[[plain_entropy(band[c, n]) for band in bands] for n in range(len(images))] for c in range(3)]
    assert found == pytest.approx(np.array(expected), abs=1e-9)
    assert subband_entropy(images) == pytest.approx(np.array([0.84, 0.08, 0.08]) @ found.mean(2), abs=1e-12)


def test_grey_images_have_no_chrominance() -> None:
    grey = mixed(12, 8)[:, :, :, :1].repeat(3, 3)
    assert (band_entropies(lab(grey))[1:] == 0).all()


# --- against the published program, in Python: visual-clutter 1.0.7 with pyrtools 1.1.1. It asks for NumPy < 1.25
# and is therefore not installed here; without its requirements it runs as it is:
#
# >>> clutter = Vlc(scene())
# >>> [float(part[1].mean()) for part in clutter.computeClutter()], clutter.getClutter_FC()[0]
# ([1.2471127634747263, 0.0806080080432657, 0.06564614247856705], 9.634472776191704)
# >>> [np.mean(clutter.band_entropy(plane, 3, 4)[1:]) for plane in (clutter.L, clutter.a, clutter.b)]
# [2.252257292116668, 2.3221293563866956, 2.3472370903550255]
#
# and for pattern() ([2.991561755021683, 0.22973140110533086, 0.050353803376278705], 19.68007044726646) and
# [2.5320724854807475, 2.5869494805210476, 2.7308778217430127]. [1:] leaves out the high-pass rest, as the
# authors' own program in MATLAB does and its port does not.


def scene() -> NDArray[np.uint8]:
    y, x = np.mgrid[:64, :64] / 64
    disc = (x - 0.4) ** 2 + (y - 0.6) ** 2 < 0.08
    planes = [
        0.5 + 0.3 * np.sin(2 * np.pi * (3 * x + c * y)) + 0.2 * disc * np.cos(2 * np.pi * (9 * y - 4 * x * c))
        for c in range(3)
    ]
    return np.round(np.clip(np.stack(planes, -1), 0, 1) * 255).astype(np.uint8)


def pattern() -> NDArray[np.uint8]:
    i, j, c = np.ogrid[:64, :64, :3]
    return ((i * 37 + j * 91 + c * 53 + i * j * (7 + c)) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "parts", "total"),
    [
        (scene(), (1.2471127634747263, 0.0806080080432657, 0.06564614247856705), 9.634472776191704),
        (pattern(), (2.991561755021683, 0.22973140110533086, 0.050353803376278705), 19.68007044726646),
    ],
)
def test_congestion_is_that_of_the_published_program(
    image: NDArray[np.uint8], parts: tuple[float, ...], total: float
) -> None:
    colour, contrast, orientation = congestion_parts(lab(image[None], PUBLISHED_WHITE))[:, 0]
    # The port's white of b is mistyped (108.833 for 108.883).
    assert colour == pytest.approx(parts[0], rel=1e-3)
    assert contrast == pytest.approx(parts[1], rel=1e-5)
    # The program turns its upright filters by interpolation; ours are computed.
    assert orientation == pytest.approx(parts[2], rel=0.02)
    assert feature_congestion(image[None])[0] == pytest.approx(total, rel=0.01)


@pytest.mark.parametrize(
    ("image", "means"),
    [
        (scene(), (2.252257292116668, 2.3221293563866956, 2.3472370903550255)),
        (pattern(), (2.5320724854807475, 2.5869494805210476, 2.7308778217430127)),
    ],
)
def test_band_entropies_are_those_of_the_published_program(image: NDArray[np.uint8], means: tuple[float, ...]) -> None:
    found = band_entropies(lab(image[None], PUBLISHED_WHITE)).mean(2)[:, 0]
    assert found == pytest.approx(means, abs=1e-3)


def test_the_published_colours_are_nearly_linear() -> None:
    """The reason why its constants do not go with CIELab: L is 9.03 times the luminance of all but bright pixels."""
    images = mixed(20, 9)
    luminance = color.rgb2xyz(images)[..., 1]
    dark = luminance < 0.88
    assert dark.mean() > 0.9
    assert lab(images, PUBLISHED_WHITE)[0][dark] == pytest.approx(116 * 7.787 * luminance[dark] / 100, abs=1e-9)


def test_levels_of_congestion_follow_the_pyramid_of_pyrtools() -> None:
    plane = np.random.default_rng(10).uniform(size=(33, 24))
    halved = filter_both(plane[:, None], _down(33), _down(24))[:, 0]
    assert halved == pytest.approx(GaussianPyramid(plane, height=2).pyr_coeffs[1, 0], abs=1e-12)
