"""The images of some classes: in the order of the classes asked for, and a fixed sample where they are too many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet, digest_pixels
from why_bird.images.select import chosen_rows, select_classes

HELD = ("bird", "cat", "dog", "frog")
asked = st.lists(st.sampled_from([*HELD, "unicorn"]), min_size=1, max_size=5, unique=True).filter(
    lambda names: names != ["unicorn"]
)
few = settings(max_examples=40)
counts = st.lists(st.integers(0, 6), min_size=4, max_size=4)


def image_set(each):
    labels = np.repeat(np.arange(4), each)
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 4, 4, 3), dtype=np.uint8)
    digests = np.array([list(digest_pixels(image)) for image in pixels], dtype=np.uint8).reshape(-1, 32)
    order = np.lexsort((*digests.T[::-1], labels))
    return ImageSet(pixels[order], labels[order], digests[order], HELD)


def by_name(images, name):
    return [i for i in range(len(images)) if images.classes[images.labels[i]] == name]


def assert_same(one, other):
    assert one.classes == other.classes
    for array in ("pixels", "labels", "digests"):
        np.testing.assert_array_equal(getattr(one, array), getattr(other, array))


@few
@given(st.lists(st.integers(0, 3), max_size=30), asked)
def test_rows_go_by_the_classes_asked_for_and_then_by_their_own_order(labels, names):
    rows = chosen_rows(np.array(labels, dtype=np.int64), HELD, names)
    assert rows.dtype == np.int64
    assert rows.tolist() == [i for name in names for i, label in enumerate(labels) if HELD[label] == name]


def test_rows_are_cut_only_where_they_are_too_many():
    labels = np.array([1, 0, 1, 3, 0, 1, 0])
    assert chosen_rows(labels, HELD, ("cat", "bird"), 6).tolist() == [0, 2, 5, 1, 4, 6]
    assert chosen_rows(labels, HELD, ("cat", "bird"), 5).tolist() == [0, 2, 1, 4]
    # What is not asked for takes up no room, and a class without images takes its share.
    assert chosen_rows(labels, HELD, ("frog", "cat"), 4).tolist() == [3, 0, 2, 5]
    assert chosen_rows(labels, HELD, ("unicorn", "cat", "bird"), 5).tolist() == [0, 1]


def test_no_class_is_left_out_where_fewer_images_than_classes_are_wanted():
    assert chosen_rows(np.array([0, 0, 1, 1, 2]), HELD, ("dog", "cat", "bird"), 2).tolist() == [4, 2, 0]


@few
@given(counts, asked)
def test_images_are_selected_with_what_belongs_to_them(each, names):
    images = image_set(each)
    chosen = select_classes(images, names)
    rows = [i for name in names for i in by_name(images, name)]
    np.testing.assert_array_equal(chosen.pixels, images.pixels[rows])
    np.testing.assert_array_equal(chosen.digests, images.digests[rows])
    assert [names[label] for label in chosen.labels] == [HELD[images.labels[i]] for i in rows]
    assert chosen.classes == tuple(names)


@few
@given(counts, asked, st.integers(1, 20))
def test_a_balanced_sample_is_the_selection_or_a_sample_of_it(each, names, at_most):
    images = image_set(each)
    chosen = select_classes(images, names)
    fits = len(chosen) <= at_most
    each = max(1, at_most // len(names))
    first = np.concatenate([np.flatnonzero(chosen.labels == c)[:each] for c in range(len(names))])
    assert_same(select_classes(images, names, at_most), chosen if fits else chosen.take(first))


@few
@given(counts, st.integers(4, 24))
def test_a_sample_of_all_classes_is_the_first_by_content_hash_whatever_order_they_are_asked_in(each, at_most):
    images = image_set(each)
    ways = [select_classes(images, names, at_most) for names in (HELD, HELD[::-1])]
    assert len(ways[0]) == len(ways[1]) <= at_most
    for name in HELD:
        taken = [way.digests[by_name(way, name)].tolist() for way in ways]
        of_class = sorted(images.digests[by_name(images, name)].tolist())
        assert taken[0] == taken[1] == of_class[: len(taken[0])]


def test_what_is_taken_whole_is_not_copied():
    images = image_set([2, 3, 1, 2])
    assert select_classes(images, HELD) is images
    assert select_classes(images, HELD, 8) is images
    # Here as many are kept, and labelled otherwise.
    assert select_classes(images, HELD[::-1]).labels.tolist() == [0, 0, 1, 2, 2, 2, 3, 3]


def test_classes_of_another_world_are_bad_input():
    with pytest.raises(BadInput, match="none of the classes a, b is among the images', which are bird, cat, dog, frog"):
        select_classes(image_set([1, 1, 1, 1]), ("a", "b"))
