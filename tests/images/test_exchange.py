"""An exchange changes the fine detail of one class, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from why_bird.errors import BadInput
from why_bird.images.exchange import exchange_pixels, low_pass
from why_bird.images.image_set import ImageSet

CLASSES = ("bird", "cat", "frog")
PER_CLASS = 20
DETAIL, BORDER = ("detail", "cat"), ("border", "cat")
CAT = np.repeat([False, True, False], PER_CLASS)
INSIDE = (slice(None), slice(4, -4), slice(4, -4))


def make(spread: float, *, coarse_cats: bool = True) -> ImageSet:
    """Return images of noise around grey: wide for two classes, coarse and faint for the cats between them."""
    rng, shape = np.random.default_rng(3), (len(CLASSES), PER_CLASS, 32, 32, 3)
    noise = rng.normal(0, spread, shape)
    if coarse_cats:
        noise[1] = gaussian_filter(noise[1], (0, 4, 4, 0)) * 2
    pixels = np.rint(128 + noise).clip(0, 255).astype(np.uint8).reshape(-1, 32, 32, 3)
    pixels.flags.writeable = False
    labels = np.repeat(np.arange(len(CLASSES)), PER_CLASS)
    return ImageSet(pixels, labels, np.zeros((len(labels), 32), np.uint8), CLASSES)


# With the wide spread, much of what is put together lies outside 0 to 255.
GREY, WIDE = make(20), make(120)


def cosines() -> NDArray[np.float64]:
    """Return the 32 cosine waves of the orthonormal DCT-II, written out; a wave of k fits k/2 times into 32 pixels."""
    k, x = np.arange(32)[:, None], (np.arange(32) + 0.5) * np.pi / 32
    return np.cos(k * x) * np.sqrt(np.where(k == 0, 1, 2) / 32)


FREQUENCY = np.hypot(*np.meshgrid(np.arange(32) / 64, np.arange(32) / 64))
COARSE = FREQUENCY <= 0.18739


def waves(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.einsum("kh,lw,nhwc->nklc", cosines(), cosines(), pixels.astype(np.float64), optimize=True)


def smooth(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Filter in double precision, wave by wave."""
    coarse = waves(pixels) * COARSE[None, :, :, None]
    return np.einsum("kh,lw,nklc->nhwc", cosines(), cosines(), coarse, optimize=True)


@pytest.mark.parametrize("exchange", [DETAIL, BORDER], ids=["detail", "border"])
def test_other_classes_stay_as_they_are(exchange: tuple[str, str]) -> None:
    before = GREY.pixels.copy()
    pixels = exchange_pixels(GREY, *exchange, 0)
    assert (pixels.dtype, pixels.shape) == (np.uint8, GREY.pixels.shape)
    assert np.array_equal(pixels[~CAT], GREY.pixels[~CAT])
    assert (pixels[CAT] != GREY.pixels[CAT]).any((1, 2, 3)).all()
    assert np.array_equal(GREY.pixels, before)
    assert not np.shares_memory(pixels, GREY.pixels)


def test_a_border_is_changed_in_its_ring_alone() -> None:
    pixels, before = exchange_pixels(GREY, *BORDER, 0)[CAT], GREY.pixels[CAT]
    assert np.array_equal(pixels[INSIDE], before[INSIDE])
    outermost = np.concatenate([pixels[:, 3] != before[:, 3], pixels[:, :, -4] != before[:, :, -4]])
    assert outermost.mean() > 0.5


@pytest.mark.parametrize("images", [GREY, WIDE], ids=["grey", "wide"])
@pytest.mark.parametrize("exchange", [DETAIL, BORDER], ids=["detail", "border"])
def test_each_image_has_its_own_coarse_part_and_the_detail_of_one_of_another_class(
    images: ImageSet, exchange: tuple[str, str]
) -> None:
    pixels = exchange_pixels(images, *exchange, 5)[CAT].astype(np.float64)
    coarse, details = smooth(images.pixels[CAT]), (images.pixels - smooth(images.pixels))[~CAT]
    ring = np.ones((32, 32), dtype=bool)
    if exchange == BORDER:
        ring[4:-4, 4:-4] = False
    found = []
    for changed, own in zip(pixels, coarse, strict=True):
        expected = (own + details).clip(0, 255)
        errors = np.abs(expected - changed)[:, ring].max((1, 2))
        found.append(int(errors.argmin()))
        assert errors.min() <= 0.5 + 1e-3, "rounding, and the single precision of the filter"
    assert {donor // PER_CLASS for donor in found} == {0, 1}, "donors come from both other classes"
    assert len(set(found)) > PER_CLASS // 2


def test_donors_are_drawn_evenly_from_all_other_images() -> None:
    counts = np.zeros(2 * PER_CLASS)
    details = (GREY.pixels - smooth(GREY.pixels))[~CAT].reshape(2 * PER_CLASS, -1)
    seeds = 20
    for seed in range(seeds):
        put_in = exchange_pixels(GREY, *DETAIL, seed)[CAT] - smooth(GREY.pixels[CAT])
        counts += np.bincount((put_in.reshape(PER_CLASS, -1) @ details.T).argmax(1), minlength=2 * PER_CLASS)
    expected = seeds * PER_CLASS / len(counts)
    # A donor is drawn 10 times on average; five standard deviations of such a count leave no room for chance.
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_of_an_image_stays(seed: int) -> None:
    pixels = exchange_pixels(GREY, *DETAIL, seed)
    # Rounding errors, below .3 in standard deviation, average out over 1,024 pixels.
    np.testing.assert_allclose(pixels.mean((1, 2)), GREY.pixels.mean((1, 2)), atol=5 * 0.3 / 32)


def test_no_wave_is_weaker_than_in_the_image_that_it_comes_from() -> None:
    """So that sharpness does not mark the class: with a gradual filter half of the power would be lost."""
    same = make(20, coarse_cats=False)
    changed, before = (waves(pixels[CAT]) ** 2 for pixels in (exchange_pixels(same, *DETAIL, 0), same.pixels))
    for low, high in ((0.0, 0.15), (0.15, 0.187), (0.187, 0.23), (0.23, 0.4), (0.4, 1.0)):
        band = (low < FREQUENCY) & (high >= FREQUENCY)
        # Each band holds 20 images × 3 channels × 30 or more waves of independent noise: a standard error below 5 %.
        assert changed[:, band].mean() / before[:, band].mean() == pytest.approx(1, abs=0.2)


def test_the_seed_decides() -> None:
    first, again, other = (exchange_pixels(GREY, *DETAIL, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert (first[CAT] != other[CAT]).any((1, 2, 3)).mean() > 0.5


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exchange_pixels(GREY, *DETAIL, 0)
    monkeypatch.setattr("why_bird.images.exchange._CHUNK", 7)
    assert np.array_equal(exchange_pixels(GREY, *DETAIL, 0), whole)


def test_the_low_pass_cuts_where_a_gaussian_of_one_pixel_halves() -> None:
    assert np.exp(-2 * (np.pi * 0.18739) ** 2) == pytest.approx(0.5, abs=1e-4)
    np.testing.assert_allclose(low_pass(GREY.pixels), smooth(GREY.pixels), atol=1e-3)
    np.testing.assert_allclose(low_pass(low_pass(GREY.pixels)), low_pass(GREY.pixels), atol=1e-3)
    assert low_pass(GREY.pixels).dtype == np.float32
    flat = np.full((1, 9, 9, 3), 255, np.uint8)
    np.testing.assert_allclose(low_pass(flat), flat, atol=1e-3)


def test_small_images_are_all_border() -> None:
    small = ImageSet(GREY.pixels[:, :8, :8], GREY.labels, GREY.digests, CLASSES)
    assert (exchange_pixels(small, *BORDER, 0)[CAT] != small.pixels[CAT]).any((0, 3)).all()


def test_a_class_without_images_or_alone_is_refused() -> None:
    with pytest.raises(BadInput, match="detail:dog needs images of 'dog' and of another class: there are 0 and 60"):
        exchange_pixels(GREY, "detail", "dog", 0)
    alone = ImageSet(GREY.pixels[CAT], GREY.labels[CAT], GREY.digests[CAT], CLASSES)
    with pytest.raises(BadInput, match="there are 20 and 0 among bird, cat, frog"):
        exchange_pixels(alone, *DETAIL, 0)
