"""What is asked of a training on the command line is a list of networks, or one sentence of bad usage."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
from hostile_values import check_sentence, names, read_or_refused
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.images.image_set import Images, ImageSet
from why_bird.networks.arms import PLAIN, Arm
from why_bird.networks.job import Job, choose_splits
from why_bird.networks.recipe import RECIPES
from why_bird.networks.train_command import _seeds, main

HELD = ("bird", "cat", "frog")


def images() -> Images:
    labels = np.repeat(np.arange(3), 50)
    split = ImageSet(
        np.zeros((150, 2, 2, 3), np.uint8),
        labels,
        np.arange(150, dtype=np.uint8)[:, None] * np.ones(32, np.uint8),
        HELD,
    )
    return Images(split, split, "planted", "folder of images")


IMAGES = images()


def seeds(text: str) -> list[int] | None:
    """Return the seeds, or None where they were refused in one sentence."""
    try:
        return _seeds(text)
    except argparse.ArgumentTypeError as error:
        check_sentence(str(error))
    return None


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.integers(-5, 100))
def test_any_range_of_seeds_comes_back(first: int, more: int) -> None:
    last = max(0, first + more)
    assert seeds(str(first)) == [first]
    assert seeds(f"{first}-{last}") == (list(range(first, last + 1)) if first <= last < 2**32 else None)


@settings(max_examples=200)
@given(
    st.text(st.characters(), max_size=9)
    | st.tuples(st.integers(-99, 999), st.text("-–, .", max_size=2), st.integers(-99, 999)).map(
        lambda parts: "".join(map(str, parts))
    )
    | st.sampled_from(["9" * 5000, "-", "3-", "-3", "3--1", "3-1", "1e3", "٣", "²", "0-999999999999", str(2**64)])
)
def test_any_text_is_seeds_or_refused(text: str) -> None:
    found = seeds(text)
    if found is not None:
        assert found
        assert all(type(seed) is int and seed >= 0 for seed in found)
        assert found == list(range(found[0], found[-1] + 1))


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(HELD) | names, max_size=4).map(tuple),
    st.just(PLAIN) | st.builds(Arm, st.just("with"), st.just("detail"), st.tuples(st.sampled_from(HELD) | names)),
)
def test_any_classes_are_trained_on_in_their_order_or_refused(classes: tuple[str, ...], arm: Arm) -> None:
    job = Job(RECIPES["cheap-pair"], 0, classes, arm=arm)
    found = read_or_refused(lambda: choose_splits(job, IMAGES))
    is_good = len(classes) == len(set(classes)) > 1 and set(classes) <= set(HELD)
    is_good = is_good and set(arm.names) <= set(classes)
    # A batch are 128 images.
    assert (found is not None) == (is_good and len(classes) == 3)
    for split in found or ():
        assert split.classes == classes
        assert len(split) == 150


@settings(max_examples=60)
@given(
    st.sampled_from(["--with", "--images"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=9),
)
def test_any_value_of_an_option_ends_in_a_code(
    tmp_path_factory: pytest.TempPathFactory, option: str, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "no such folder"
    given = {"--images": str(folder), option: f"{folder}/{text}" if option == "--images" else text}
    assert main([f"{name}={value}" for name, value in given.items()]) == 4
