"""Recipes, the batches they draw, and the weights they leave."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from why_bird.networks.augment import Augmented
from why_bird.networks.recipe import RECIPES, Recipe
from why_bird.networks.weights import save_weights

BASE = RECIPES["cheap"]


@pytest.mark.parametrize("field", [field.name for field in fields(Recipe)])
def test_the_hash_covers_every_field(field: str) -> None:
    value = getattr(BASE, field)
    other = f"{value}2" if isinstance(value, str) else value + 1
    assert replace(BASE, **{field: other}).hash() != BASE.hash()
    assert replace(BASE, **{field: value}).hash() == BASE.hash()


def test_named_recipes_are_called_by_their_names() -> None:
    assert [recipe.name for recipe in RECIPES.values()] == list(RECIPES)
    assert len({recipe.hash() for recipe in RECIPES.values()}) == len(RECIPES)


@given(st.integers(10, 3000), st.floats(0.01, 0.8))
def test_the_rate_rises_to_one_peak_and_falls_to_nothing(steps: int, warmup: float) -> None:
    recipe = replace(BASE, warmup=warmup)
    rates = np.array([recipe.rate(step, steps) for step in range(steps)])
    peaks = np.flatnonzero(np.isclose(rates, recipe.peak, rtol=1e-12))
    assert rates.max() == pytest.approx(recipe.peak)
    # The last step of the rise and the first of the fall.
    assert 1 <= len(peaks) <= 2
    assert peaks[-1] - peaks[0] == len(peaks) - 1
    assert (np.diff(rates[: peaks[0] + 1]) > 0).all()
    assert (np.diff(rates[peaks[-1] :]) < 0).all()
    assert 0 < rates[-1] <= recipe.peak / (steps - peaks[-1]) * (1 + 1e-9)
    assert rates[0] <= recipe.peak


def batches(seed: int, epoch: int, batch: int = 4) -> tuple[np.ndarray, np.ndarray]:
    drawn = list(augmented().epoch(seed, epoch, batch))
    return np.concatenate([x.numpy() for x, _ in drawn]), np.concatenate([y.numpy() for _, y in drawn])


def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (10, 6, 6, 3), dtype=np.uint8)


def augmented() -> Augmented:
    # Every image is its own class, so that a label says which image it came from.
    return Augmented(pixels(), np.arange(10), 2, torch.device("cpu"))


@given(st.integers(0, 2**32), st.integers(0, 1000))
def test_an_epoch_is_a_function_of_seed_and_number(seed: int, epoch: int) -> None:
    source = augmented()
    _ = list(source.epoch(seed, epoch + 1, 4))
    again = np.concatenate([x.numpy() for x, _ in source.epoch(seed, epoch, 4)])
    images, labels = batches(seed, epoch)
    np.testing.assert_array_equal(again, images)
    assert not np.array_equal(images, batches(seed, epoch + 1)[0])
    assert not np.array_equal(images, batches(seed + 1, epoch)[0])
    assert len(set(labels)) == len(labels) == 8


def test_every_image_is_a_window_of_its_own_mirrored_or_not() -> None:
    padded = np.pad(pixels(), ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect").transpose(0, 3, 1, 2) / np.float32(255)
    seen = set()
    for epoch in range(40):
        for image, label in zip(*batches(0, epoch), strict=True):
            fits = {
                (y, x, mirrored)
                for y in range(5)
                for x in range(5)
                for mirrored in (False, True)
                if np.allclose(image[..., ::-1] if mirrored else image, padded[label, :, y : y + 6, x : x + 6])
            }
            assert fits
            seen |= fits
    assert len(seen) == 50


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e5], ids=["nan", "infinite", "beyond 16 bits"])
def test_weights_that_are_not_finite_in_16_bits_are_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(path, {"w": torch.ones(2)}, {})
    with pytest.raises(ValueError, match="w is not finite in 16 bits"):
        save_weights(path, {"w": torch.tensor([1.0, value])}, {})
    assert [p.name for p in tmp_path.iterdir()] == ["net.safetensors"]
    assert torch.equal(load_file(path)["w"], torch.ones(2, dtype=torch.float16))
