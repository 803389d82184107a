"""Doses are exact, reach only where they should, and hang on nothing but the image and the seed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from why_bird.errors import Unavailable
from why_bird.images import doses as doses_module
from why_bird.images.doses import DOSES, DosedImages
from why_bird.images.image_set import ImageSet
from why_bird.images.interventions import BorderDoses, WholeDoses, border_ring
from why_bird.measure.forward import reader

SIZE = 16
INTERVENTIONS = [BorderDoses(3), WholeDoses(3)]
both = pytest.mark.parametrize("intervention", INTERVENTIONS, ids=["border", "whole"])


def image_set(pixels):
    return ImageSet.of(np.asarray(pixels), np.zeros(len(pixels), dtype=np.int64), ("a",))


def random_set(n, height=SIZE, width=SIZE, seed=0):
    """Return images with waves, so that blur and flat fill have something to take away."""
    rng = np.random.default_rng(seed)
    rough = rng.uniform(0, 255, (n, height, width, 3))
    smooth = gaussian_filter(rough, (0, 1, 1, 0)) * 2 - 128
    return image_set(np.clip(smooth, 0, 255).astype(np.uint8))


IMAGES = random_set(5)
WHOLE = {type(i): DosedImages(IMAGES, i).images(0, 5 * len(i.conditions) * 3) for i in INTERVENTIONS}


def by_image(dosed):
    """Return (N, C, D, 3, H, W)."""
    stack = dosed.images(0, len(dosed))
    return stack.reshape(*dosed.shape, *stack.shape[1:])


def clean(images):
    return reader(images)(0, len(images))


def rms(changes, where):
    return np.sqrt(np.square(changes.astype(np.float64))[..., where].mean((-2, -1)))


# --- no image hangs on another


@both
@settings(max_examples=30)
@given(data=st.data())
def test_any_slicing_gives_the_same_images(intervention, data):
    dosed = DosedImages(IMAGES, intervention)
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, len(dosed)), max_size=6))), len(dosed)]
    slices = [dosed.images(start, stop) for start, stop in itertools.pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(slices), WHOLE[type(intervention)])


@both
def test_order_and_company_change_no_image(intervention):
    order = [3, 0, 4]
    some = ImageSet(IMAGES.pixels[order], IMAGES.labels[order], IMAGES.digests[order], IMAGES.classes)
    everything = by_image(DosedImages(IMAGES, intervention))
    np.testing.assert_array_equal(by_image(DosedImages(some, intervention)), everything[order])


@both
@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 1000)])
def test_what_lies_outside_is_refused(intervention, start, stop):
    with pytest.raises(ValueError, match="no range within the"):
        DosedImages(IMAGES, intervention).images(start, stop)


# --- the dose is exact


@both
@pytest.mark.parametrize(("height", "width"), [(SIZE, SIZE), (12, 20), (33, 17)])
def test_every_condition_has_the_planned_rms_and_dose_0_keeps_every_bit(intervention, height, width):
    dosed = DosedImages(random_set(4, height, width), intervention, doses=DOSES)
    changes = by_image(dosed) - clean(dosed.source)[:, None, None]
    measured = rms(changes, intervention.region(height, width))
    full = [intervention.changes(x.transpose(1, 2, 0).astype(np.float64), "0")[0] for x in clean(dosed.source)]
    planned = np.multiply.outer(full, DOSES)
    assert min(full) > 0.01
    np.testing.assert_allclose(measured, np.repeat(planned[:, None], len(intervention.conditions), 1), atol=1e-6)
    assert (by_image(dosed)[:, :, 0] == clean(dosed.source)[:, None]).all()


@both
def test_what_is_recorded_is_what_the_network_gets(intervention):
    dosed = DosedImages(IMAGES, intervention)
    given_to_it = by_image(dosed)
    done = dosed.realised()
    region = intervention.region(SIZE, SIZE)
    assert done.rms.shape == done.outside.shape == (5, len(intervention.conditions), 4)
    assert not done.rms[..., 0].any()
    np.testing.assert_allclose(done.rms[..., 1:], rms(given_to_it - clean(IMAGES)[:, None, None], region), rtol=1e-5)
    inside = given_to_it[..., region]
    np.testing.assert_allclose(done.outside[..., 1:], ((inside < 0) | (inside > 1)).mean((-2, -1)))
    assert done.outside[:, 0, -1].min() > 0
    np.testing.assert_allclose(done.full, done.rms[..., -1].mean(-1), rtol=1e-5)


def test_an_error_in_the_dose_is_recorded(monkeypatch):
    right = doses_module._dosed
    monkeypatch.setattr(doses_module, "_dosed", lambda *given: np.clip(right(*given), 0, 1))
    dosed = DosedImages(IMAGES, WholeDoses(3))
    done = dosed.realised()
    assert done.rms[:, 0, -1].max() < done.full.min() - 1e-3


@both
def test_the_draw_is_the_same_at_every_dose(intervention):
    changes = by_image(DosedImages(IMAGES, intervention)) - clean(IMAGES)[:, None, None]
    for d, dose in enumerate(DOSES[1:]):
        np.testing.assert_allclose(changes[:, :, d] / dose, changes[:, :, -1], atol=1e-6)


# --- the border


@pytest.mark.parametrize(("size", "wide"), [((32, 32), 4), ((64, 64), 8), ((224, 224), 28), ((16, 40), 2), ((3, 9), 1)])
def test_the_ring_keeps_its_share_of_the_shorter_side(size, wide):
    ring, measured = border_ring(*size)
    assert measured == wide
    assert ring.sum() == size[0] * size[1] - (size[0] - 2 * wide) * (size[1] - 2 * wide)
    assert not ring[wide:-wide, wide:-wide].any()


@pytest.mark.parametrize("size", [(2, 9), (9, 2), (1, 1)])
def test_images_without_an_inside_are_unavailable(size):
    with pytest.raises(Unavailable, match="have no inside: a border needs 3 pixels"):
        DosedImages(image_set(np.zeros((1, *size, 3), np.uint8)), BorderDoses(0)).images(0, 1)


def test_only_the_ring_changes_and_all_of_it_does():
    changes = by_image(DosedImages(IMAGES, BorderDoses(3))) - clean(IMAGES)[:, None, None]
    ring, _ = border_ring(SIZE, SIZE)
    assert not changes[..., ~ring].any()
    assert (changes[..., ring] != 0).mean() > 0.99


def test_the_full_dose_is_what_the_weaker_control_reaches():
    ring, wide = border_ring(SIZE, SIZE)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    ramp = np.repeat((rows * 12)[..., None], 3, 2).astype(np.uint8)
    # A bright inside bleeds into a nearly even ring when it is blurred.
    even = np.where(ring[..., None], ((rows + columns) % 2)[..., None] + [100, 130, 60], 255).astype(np.uint8)
    images = image_set(np.stack([ramp, even]))
    at_full = by_image(DosedImages(images, BorderDoses(0)))[:, :, -1].transpose(0, 1, 3, 4, 2)
    original = images.pixels / 255
    blurred = gaussian_filter(original, (0, wide / 2, wide / 2, 0), mode="reflect")
    np.testing.assert_allclose(at_full[0, 1][ring], blurred[0][ring], atol=1e-6)
    np.testing.assert_allclose(
        at_full[1, 2][ring], original[1][ring].mean(0, keepdims=True).repeat(ring.sum(), 0), rtol=1e-5
    )
    # And the stronger one of each goes only part of the way, in a straight line.
    part = (at_full[0, 2] - original[0])[ring] / (original[0][ring].mean(0) - original[0][ring])
    assert part.std() < 1e-5
    assert 0 < part.mean() < 1


def test_blur_and_flat_fill_never_leave_the_range_of_an_image():
    extremes = image_set(np.random.default_rng(1).choice([0, 255], (4, SIZE, SIZE, 3)).astype(np.uint8))
    done = DosedImages(extremes, BorderDoses(0)).realised()
    assert done.outside[:, 1:].max() < 0.01  # rounding at 0 and 1
    inside = by_image(DosedImages(extremes, BorderDoses(0)))[:, 1:]
    assert inside.min() > -1e-6
    assert inside.max() < 1 + 1e-6


def test_a_ring_of_one_colour_has_no_dose():
    plain = np.full((1, SIZE, SIZE, 3), 77, np.uint8)
    dosed = DosedImages(image_set(plain), BorderDoses(0))
    assert dosed.realised().full[0] < 1e-12
    np.testing.assert_allclose(by_image(dosed), 77 / 255, atol=1e-7)
    black = DosedImages(image_set(plain * 0), BorderDoses(0))
    assert black.realised().full[0] == 0
    assert not by_image(black).any()


def test_noise_at_the_border_is_white_and_every_image_has_its_own():
    images = random_set(200)
    noise = by_image(DosedImages(images, BorderDoses(3), doses=(1.0,)))[:, 0, 0] - clean(images)
    ring, _ = border_ring(SIZE, SIZE)
    drawn = noise[..., ring] / rms(noise, ring)[:, None, None]
    # 67,200 values: the standard errors are .004 and, of correlations between neighbours and channels, .005.
    assert abs(drawn.mean()) < 0.02
    top = drawn[:, :, :SIZE]
    assert abs((top[:, :, 1:] * top[:, :, :-1]).mean()) < 0.06
    assert abs((drawn[:, 0] * drawn[:, 1]).mean()) < 0.03
    assert abs((drawn[1:] * drawn[:-1]).mean()) < 0.03


@both
def test_another_seed_draws_other_noise(intervention):
    one, other = (by_image(DosedImages(IMAGES, i)) for i in (intervention, replace(intervention, seed=4)))
    assert (one[:, 0] != other[:, 0]).any((-1, -2, -3)).all()
    if isinstance(intervention, BorderDoses):
        np.testing.assert_array_equal(one[:, 1:], other[:, 1:])


# --- the whole image


def test_smooth_noise_has_a_power_spectrum_that_falls_as_the_square_of_the_frequency():
    images = random_set(200)
    noise = by_image(DosedImages(images, WholeDoses(3), doses=(1.0,)))[:, :, 0] - clean(images)[:, None]
    power = np.square(np.abs(np.fft.fft2(noise))).mean((0, 2))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE)))
    slope = [np.polyfit(np.log(frequency[frequency > 0]), np.log(p[frequency > 0]), 1)[0] for p in power]
    np.testing.assert_allclose(slope, [0, -2], atol=0.1)


def test_the_two_noises_of_an_image_are_independent_and_so_are_those_of_two_images():
    images = random_set(200)
    noise = by_image(DosedImages(images, WholeDoses(3), doses=(1.0,)))[:, :, 0] - clean(images)[:, None]
    # What is filtered from the same draw would share its finest detail, in which neighbours hang together least.
    finest = np.diff(np.diff(noise, axis=-1), axis=-2).reshape(200, 2, -1)
    pairs = [(finest[:, 0], finest[:, 1]), *((finest[1:, c], finest[:-1, c]) for c in range(2))]
    for one, other in pairs:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.03


def test_oblong_images_get_a_piece_of_square_noise():
    done = DosedImages(random_set(3, 8, 20), WholeDoses(0)).realised()
    np.testing.assert_allclose(done.rms[..., 1:], np.broadcast_to([0.05, 0.1, 0.2], (3, 2, 3)), atol=1e-6)


def test_what_decides_the_changes_is_in_the_key():
    keys = [str(i.key()) for i in (BorderDoses(0), BorderDoses(1), WholeDoses(0), WholeDoses(1))]
    assert len(set(keys)) == 4
