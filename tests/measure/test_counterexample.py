"""The plainest noise that leaves the class: what is planted is found, made plainer, and drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from why_bird.images.box import Setting, draw_settings
from why_bird.images.image_set import Images
from why_bird.measure.counterexample import LEAVES, RETEST, SCREEN, Counterexample, measure_counterexample
from why_bird.measure.inputs import Inputs, identify
from why_bird.measure.noise_passes import PER_SETTING, SETTINGS, NoisePasses
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
def ask(open_tiny, images: Images, tmp_path) -> Callable[..., tuple[Counterexample, Thresholds, Store]]:
    def look(statistic=brightness, threshold=9.0, *, seed=3):
        inputs = Inputs(identify(images), None, seed)
        network: Network = open_tiny()
        # Fed so that the post's noise has mean 0 and standard deviation 1 on the way in.
        fed = replace(network.preprocess, mean=inputs.identity.mean, std=inputs.identity.std)
        module = Thresholds(statistic, threshold)
        network = replace(network, source=module, preprocess=fed, hash=f"{statistic.__name__}{threshold}", head=None)
        store = Store(tmp_path / "cache")
        wanted = measure_counterexample(network, inputs, NoisePasses(inputs, SIZE).settings, TARGET)
        return wanted.get(store), module, store

    return look


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_of_noise_that_leaves_what_can_be_the_posts_is_made_so(ask, images, seed):
    mean, std = identify(images).mean, identify(images).std
    counter, module, store = ask(brightness, 0.3, seed=seed)
    shifts = np.array([each.params.shift for each in draw_settings(SETTINGS, seed)])
    # The mean of an image of 8×8 has an sd of .07, of twice the contrast of .14, and more where it is smooth.
    assert (shifts > 0.45).sum() <= counter.leaving <= (shifts > 0.3).sum() < counter.settings == SETTINGS
    found = counter.found
    assert found is not None
    assert (found.family, found.params.beta) == ("spectral", 0.0)
    assert found.params.shift in shifts[shifts > 0.3]
    if found.params.contrast != 1:
        # Of that contrast more than a quarter of the images that were asked is not bright enough.
        asked = Setting(2, "spectral", replace(found.params, contrast=1.0), "P7/plainer/")
        z = (asked.noise(mean, std, SIZE, seed).images(0, SCREEN) - np.reshape(mean, (3, 1, 1))) / np.reshape(
            std, (3, 1, 1)
        )
        assert (z.mean((1, 2, 3)) <= 0.3).mean() > LEAVES
    assert len(found.labels) == RETEST
    assert (found.labels == 2).mean() > 0.5
    # The settings pass for P6; of its own are the questions and the draws that are made anew, and all are counted.
    assert (module.passed - SETTINGS * PER_SETTING - RETEST) // SCREEN in range(1, 4)
    assert module.passed == sum(receipt.images for receipt in store.ledger)


def test_another_family_that_leaves_is_named(ask):
    found = ask(flatness, 0.9)[0].found
    assert found is not None
    assert (found.family, found.params.shift, found.params.contrast) == ("rademacher", 0.0, 1.0)
    assert (found.labels == 2).all()
    assert all(len(np.unique(channel)) == 2 for image in found.examples for channel in image)


def test_where_none_leaves_nothing_is_found_and_nothing_more_passes(ask):
    counter, module, _ = ask(brightness, 9.0)
    assert (counter.leaving, counter.found) == (0, None)
    assert module.passed == SETTINGS * PER_SETTING


def test_what_is_drawn_anew_had_no_part_in_finding_it(ask, images):
    found = ask(brightness, 0.3)[0].found
    identity = identify(images)
    again, *others = (
        Setting(index, found.family, found.params, role).noise(identity.mean, identity.std, SIZE, 3).images(0, SCREEN)
        for role, indices in (("P7/retest/", [0]), ("P7/plainer/", range(3)), ("P6/", range(SETTINGS)))
        for index in indices
    )
    np.testing.assert_array_equal(again[: len(found.examples)], found.examples)
    assert not {each.tobytes() for each in again} & {each.tobytes() for drawn in others for each in drawn}


def test_it_is_the_same_whenever_it_is_asked_and_made_once(ask):
    first, _, _ = ask(brightness, 0.3)
    again, module, _ = ask(brightness, 0.3)
    assert module.passed == 0
    assert first.found.params == again.found.params
    np.testing.assert_array_equal(first.found.labels, again.found.labels)
