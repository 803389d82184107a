"""Patches change places, whole and all of them, in an order that hangs on nothing but the image and the seed."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.images.shuffle import GRID, ShuffledImages, patch_order, shuffle_key, shuffle_patches
from why_bird.measure.forward import reader

SIZE, PATCH = 16, 4
OWN = np.arange(GRID * GRID)


def image_set(pixels):
    return ImageSet.of(np.asarray(pixels), np.zeros(len(pixels), dtype=np.int64), ("a",))


def random_pixels(n, height=SIZE, width=SIZE, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


IMAGES = image_set(random_pixels(6))
WHOLE = ShuffledImages(IMAGES, 3).images(0, 6)


def by_hand(image, order, grid):
    """Move one patch after the other."""
    high, wide = image.shape[0] // grid, image.shape[1] // grid
    top, left = (image.shape[0] - high * grid) // 2, (image.shape[1] - wide * grid) // 2
    out = image.copy()
    for place, source in enumerate(order):
        (y, x), (v, u) = divmod(place, grid), divmod(int(source), grid)
        patch = image[top + v * high : top + (v + 1) * high, left + u * wide : left + (u + 1) * wide]
        out[top + y * high : top + (y + 1) * high, left + x * wide : left + (x + 1) * wide] = patch
    return out


def sorted_pixels(image):
    flat = image.reshape(-1, image.shape[-1])
    return flat[np.lexsort(flat.T)]


# --- patches stay whole


@settings(max_examples=60)
@given(height=st.integers(8, 23), width=st.integers(8, 23), seed=st.integers(0, 99), grid=st.integers(2, 4))
def test_every_pixel_is_kept_and_every_patch_is_whole(height, width, seed, grid):
    image = random_pixels(1, height, width, seed)[0]
    before = image.copy()
    order = patch_order(seed, "content", grid)
    moved = shuffle_patches(image, order)
    np.testing.assert_array_equal(sorted_pixels(moved), sorted_pixels(image))
    np.testing.assert_array_equal(moved, by_hand(image, order, grid))
    np.testing.assert_array_equal(image, before)


def test_what_the_patches_do_not_divide_stays_at_the_border():
    image = random_pixels(1, 19, 17)[0]
    moved = shuffle_patches(image, OWN[::-1].copy())
    still = (moved == image).all(-1)
    # Of 19 rows one is left at the top and two at the bottom; of 17 columns one at the right.
    assert still[[0, 17, 18]].all()
    assert still[:, 16].all()
    assert still[1:17, :16].mean() < 0.01


def test_the_inverse_order_gives_back_what_the_reader_reads():
    read = reader(IMAGES)(0, 6)
    for i in range(6):
        order = patch_order(3, IMAGES.digests[i].tobytes().hex())
        back = by_hand(WHOLE[i].transpose(1, 2, 0), np.argsort(order), GRID)
        np.testing.assert_array_equal(back.transpose(2, 0, 1), read[i])
        assert not np.array_equal(WHOLE[i], read[i])
    assert WHOLE.dtype == np.float32
    assert WHOLE.flags.c_contiguous


@pytest.mark.parametrize("size", [(7, 32), (32, 7), (1, 1)])
def test_too_small_an_image_has_no_patches(size):
    with pytest.raises(Unavailable, match=rf"{size[1]}×{size[0]} pixels are too small .* 8 pixels a side are needed"):
        ShuffledImages(image_set(random_pixels(1, *size)), 0).images(0, 1)
    assert ShuffledImages(image_set(random_pixels(1, 8, 8)), 0).images(0, 1).shape == (1, 3, 8, 8)


# --- the order


def test_all_orders_but_that_in_place_are_drawn_alike():
    n = 2_300
    drawn = [tuple(patch_order(0, str(i), grid=2)) for i in range(n)]
    counts = {order: drawn.count(order) for order in itertools.permutations(range(4))}
    assert counts.pop((0, 1, 2, 3)) == 0
    # 23 orders, 100 each expected, with a standard deviation of 9.8.
    assert 55 < min(counts.values()) <= max(counts.values()) < 145


def test_an_order_is_a_permutation_that_hangs_on_seed_and_content():
    orders = {(seed, text): tuple(patch_order(seed, text)) for seed in (0, 1) for text in ("a", "b")}
    assert len(set(orders.values())) == 4
    assert all(sorted(order) == OWN.tolist() for order in orders.values())
    assert orders == {(seed, text): tuple(patch_order(seed, text)) for seed, text in orders}


def test_one_patch_has_no_other_order():
    with pytest.raises(ValueError, match="2 or more are needed"):
        patch_order(0, "a", grid=1)


def test_the_key_names_what_decides_the_order():
    assert shuffle_key(3) == {"shuffle": 1, "grid": 4, "seed": 3}


# --- no image hangs on another


@settings(max_examples=30)
@given(edges=st.lists(st.integers(0, 6), max_size=5))
def test_any_slicing_gives_the_same_images(edges):
    bounds = [0, *sorted(edges), 6]
    slices = [ShuffledImages(IMAGES, 3).images(start, stop) for start, stop in itertools.pairwise(bounds)]
    np.testing.assert_array_equal(np.concatenate(slices), WHOLE)


def test_order_and_company_change_no_image():
    order = [3, 0, 4]
    some = ImageSet(IMAGES.pixels[order], IMAGES.labels[order], IMAGES.digests[order], IMAGES.classes)
    np.testing.assert_array_equal(ShuffledImages(some, 3).images(0, 3), WHOLE[order])


def test_each_image_has_an_order_of_its_own_and_each_seed_another():
    # One image that tells its patches apart, and five of the same patches with one pixel changed.
    pixels = np.repeat(np.repeat(OWN.reshape(1, 4, 4), PATCH, 1), PATCH, 2)[..., None].repeat(3, -1).astype(np.uint8)
    pixels = pixels.repeat(6, 0)
    pixels[np.arange(6), 0, 1] = np.arange(200, 206)[:, None]
    of_seed = [
        [tuple(image[0, ::PATCH, ::PATCH].ravel()) for image in ShuffledImages(image_set(pixels), seed).images(0, 6)]
        for seed in (3, 4)
    ]
    assert len(set(of_seed[0] + of_seed[1])) == 12


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 7)])
def test_what_lies_outside_is_refused(start, stop):
    with pytest.raises(ValueError, match="no range within the 6"):
        ShuffledImages(IMAGES, 3).images(start, stop)
