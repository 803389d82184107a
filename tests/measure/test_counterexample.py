"""The search for a noise that escapes: what is planted is found, shrunk to its edge, and drawn anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

from why_bird.images.image_set import Images
from why_bird.measure import counterexample
from why_bird.measure.counterexample import Counterexample, Point, measure_counterexample
from why_bird.measure.inputs import SEARCH_BUDGET, Inputs, identify
from why_bird.measure.store import Store
from why_bird.networks.network import Network

TARGET, SIZE = 1, 8


class Thresholds(nn.Module):
    """Says class 1, but class 2 where a statistic of the image is past a threshold."""

    def __init__(self, statistic: Callable[[Tensor], Tensor], threshold: float) -> None:
        super().__init__()
        self.statistic, self.threshold = statistic, threshold
        self.passed = 0

    def forward(self, x: Tensor) -> Tensor:
        self.passed += len(x)
        logits = torch.zeros(len(x), 3)
        logits[:, TARGET] = 1.0
        logits[self.statistic(x) > self.threshold, 2] = 2.0
        return logits


def brightness(x: Tensor) -> Tensor:
    """The mean of an image in standard deviations of the noise, as the network takes it."""
    return x.mean(dim=(1, 2, 3))


def flatness(x: Tensor) -> Tensor:
    """How even the sizes of deviations are: 1 of Rademacher noise, less of any other."""
    deviation = x - x.mean(dim=(1, 2, 3), keepdim=True)
    return deviation.abs().mean(dim=(1, 2, 3)) ** 2 / deviation.square().mean(dim=(1, 2, 3))


@pytest.fixture
def ask(open_tiny, images: Images, tmp_path) -> Callable[..., tuple[Counterexample, Thresholds]]:
    def search(statistic=brightness, threshold=9.0, *, budget=SEARCH_BUDGET, seed=3, cache="cache"):
        inputs = Inputs(identify(images), None, seed, budget)
        network: Network = open_tiny()
        # Fed so that the post's noise has mean 0 and standard deviation 1 on the way in.
        fed = replace(network.preprocess, mean=inputs.identity.mean, std=inputs.identity.std)
        module = Thresholds(statistic, threshold)
        network = replace(network, source=module, preprocess=fed, hash=f"{statistic.__name__}{threshold}", head=None)
        return measure_counterexample(network, inputs, TARGET).get(Store(tmp_path / cache)), module

    return search


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bright_noise_that_escapes_is_shrunk_to_the_edge_of_its_region(ask, seed):
    counter, _ = ask(brightness, 0.3, seed=seed)
    found = counter.found
    assert found is not None
    # Of 32 images at most 8 stay below .3 from a shift of .31 on: the mean of an image of 8×8 has an sd of .07.
    assert 0.3 <= found.params.shift <= 0.4
    assert (found.family, found.params.contrast, found.params.beta) == ("spectral", 1.0, 0.0)
    assert (found.labels == 2).mean() > 0.5
    assert counter.images <= SEARCH_BUDGET


def test_another_family_that_escapes_is_named(ask):
    found = ask(flatness, 0.9)[0].found
    assert found is not None
    assert (found.family, found.params.shift, found.params.contrast) == ("rademacher", 0.0, 1.0)
    assert (found.labels == 2).all()
    assert all(len(np.unique(channel)) == 2 for image in found.examples for channel in image)


def test_where_none_escapes_nothing_is_found_and_the_budget_is_kept(ask):
    counter, module = ask(brightness, 9.0, budget=640)
    assert counter.found is None
    assert counter.settings == 640 // counterexample.SCREEN
    assert module.passed == counter.images == 640


def test_the_retest_is_of_draws_that_the_search_has_not_seen(ask, images):
    found = ask(brightness, 0.3)[0].found
    inputs = Inputs(identify(images), None, seed=3)
    params = found.params
    point = Point(0, round(100 * params.shift), round(100 * np.log2(params.contrast)), round(100 * params.beta))
    searched, again = (point.noise(inputs, 8, role).images(0, 8) for role in ("search", "retest"))
    assert not np.isin(searched, again).any()
    np.testing.assert_array_equal(again, found.examples)


def test_a_search_is_the_same_whenever_it_is_made_and_made_once(ask):
    state = random.getstate()
    first, _ = ask(brightness, 0.3)
    again, module = ask(brightness, 0.3)
    elsewhere, _ = ask(brightness, 0.3, cache="elsewhere")
    assert module.passed == 0
    assert first.found.params == again.found.params == elsewhere.found.params
    assert first.settings == again.settings == elsewhere.settings
    np.testing.assert_array_equal(first.found.labels, elsewhere.found.labels)
    assert random.getstate() == state


def test_a_budget_that_reaches_for_no_setting_asks_none(ask):
    counter, _ = ask(budget=31)
    assert (counter.settings, counter.images, counter.found) == (0, 0, None)


@given(counterexample._points())
def test_points_lie_in_the_registered_box(point):
    assert counterexample.SHIFT[0] <= point.shift / 100 <= counterexample.SHIFT[1]
    assert counterexample.CONTRAST[0] <= 2 ** (point.contrast / 100) <= counterexample.CONTRAST[1]
    assert counterexample.BETA[0] <= point.beta / 100 <= counterexample.BETA[1]
    assert 0 <= point.family < len(counterexample.FAMILIES)
