"""Draws of noise: found under the keys they were shipped with, and what their names say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from why_bird.images.box import draw_settings
from why_bird.measure import noise_passes
from why_bird.measure.classifier import Classifier
from why_bird.measure.imagery import Imagery
from why_bird.measure.inputs import ImageIdentity, Inputs, read_identity
from why_bird.measure.known_networks import kept_as
from why_bird.measure.measurement import declared
from why_bird.measure.noise_passes import NoisePasses
from why_bird.measure.store import Store
from why_bird.measure.subject import Subject
from why_bird.measure.two_class import TwoClass
from why_bird.networks.opening import open_network

REFERENCE = Path(__file__).resolve().parents[2] / "fixtures" / "reference"
MEAN, STD = (0.2, 0.5, 0.7), (0.3, 0.2, 0.1)


@cache
def shipped() -> Subject:
    # A cache that does not exist: whatever is found was shipped.
    store = Store(REFERENCE / "no-cache", REFERENCE)
    network = open_network(REFERENCE / "resnet18.safetensors")
    return Classifier(network, Inputs(read_identity(REFERENCE / "images.json"), None), store)


def stored() -> dict[str, dict]:
    """Return the images of every pass in the shipped store, by its name there."""
    entries = (REFERENCE / "measurements").glob("forward-*/entry.json")
    return {path.parent.name: json.loads(path.read_text())["key"]["parts"]["images"] for path in entries}


def draws(size: int = 32, seed: int = 3) -> NoisePasses:
    return NoisePasses(Inputs(ImageIdentity("none", "a", "b", ("bird",), MEAN, STD), None, seed), size)


def every(passes: NoisePasses) -> list:
    post = [passes.post(role, 2000, ("logits",)) for role in "AB"]
    return [*post, *passes.sensitivity.values(), passes.settings, *passes.natural]


def test_the_shipped_network_finds_what_was_shipped_of_it():
    subject = shipped()
    asked = (Subject.test_images, Subject.noise_a, Subject.noise, Classifier.sensitivity, Classifier.settings)
    names = {each.key.name for one in (*asked, Classifier.spectra) for each in one.entries(subject)}
    # Test images, noise-A and noise-B, another form, the settings, two draws of 1/f² noise.
    assert len(names) == 1 + 2 + 1 + 1 + 2
    assert names <= stored().keys()
    (of_twin,) = Classifier.untrained_target.entries(subject)
    assert of_twin.key.name in stored()


def test_what_is_shipped_is_what_is_declared_to_be():
    two_class = TwoClass(open_network(REFERENCE / "cat-dog.safetensors"), shipped().inputs, shipped().store)
    asked = (shipped(), two_class, Imagery(shipped().inputs, shipped().store))
    said = {entry.key.name for of in asked for each in declared(type(of)) if each.shipped for entry in each.entries(of)}
    # And what is to be seen of the networks themselves.
    said |= {kept_as(REFERENCE / f"{name}.safetensors")[0].name for name in ("resnet18", "cat-dog")}
    # The name of the clutter scores holds the version of a compressor, which may be another here.
    names = {path.name for path in (REFERENCE / "measurements").iterdir() if not path.name.startswith("clutter-")}
    assert {name for name in said if not name.startswith("clutter-")} == names


def test_a_key_says_in_a_few_lines_what_went_in():
    lengths = {path.parent.name: path.stat().st_size for path in (REFERENCE / "measurements").glob("*/entry.json")}
    assert {name for name, length in lengths.items() if length > 10_000} == set()


@pytest.mark.parametrize("change", [{"seed": 1}, {"size": 33}])
def test_other_draws_would_not_be_found(change):
    network, inputs = shipped().network, shipped().inputs
    other = NoisePasses(
        Inputs(inputs.identity, None, change.get("seed", inputs.seed)), change.get("size", network.preprocess.size)
    )
    assert not {each.key(network).name for each in every(other)} & stored().keys()


def test_no_two_draws_are_one():
    sources = [json.dumps(each.source, sort_keys=True) for each in every(draws())]
    assert len(set(sources)) == len(sources) == 6
    images = [each.read().images(0, 2).tobytes() for each in every(draws())]
    assert len(set(images)) == 6
    again = [each.read().images(0, 2).tobytes() for each in every(draws())]
    assert images == again
    assert not set(images) & {each.read().images(0, 2).tobytes() for each in every(draws(seed=4))}


def test_the_posts_noise_has_the_moments_of_the_images_and_the_count_asked_for():
    each = draws(size=16).post("A", 400, ("logits", "features"))
    assert (each.count, each.source["count"], each.taps) == (400, 400, ("logits", "features"))
    pixels = each.read().images(0, 400).astype(np.float64)
    assert pixels.shape == (400, 3, 16, 16)
    # Of 400 × 256 pixels the mean is known to sd/320 and the sd to sd/452: four of either.
    sds = np.array(STD)
    np.testing.assert_array_less(np.abs(pixels.mean((0, 2, 3)) - MEAN), 4 * sds / 320)
    np.testing.assert_array_less(np.abs(pixels.std((0, 2, 3)) - sds), 4 * sds / 452)


def test_other_forms_change_the_same_draws_of_noise_b():
    forms = draws().sensitivity
    plain = draws().post("B", 8, ("logits",)).read().images(0, 8)
    assert plain.min() < 0
    assert plain.max() > 1
    rounded = forms["clipped and rounded to 8 bits"].read().images(0, 8).astype(np.float64) * 255
    np.testing.assert_allclose(rounded, rounded.round(), atol=1e-4)
    np.testing.assert_allclose(rounded, plain.clip(0, 1).astype(np.float64) * 255, atol=0.5001)
    assert {each.count for each in forms.values()} == {noise_passes.SENSITIVITY}


@pytest.mark.parametrize(("size", "forms"), [(8, 1), (32, 1), (33, 2), (64, 2)])
def test_a_network_of_larger_images_is_shown_small_noise_too(size, forms):
    found = draws(size).sensitivity
    assert len(found) == forms
    sizes = [each.read().images(0, 1).shape[-1] for each in found.values()]
    assert sizes == ([size, 32] if forms == 2 else [size])


def test_the_settings_take_turns():
    each = draws(size=8).settings
    assert each.count == noise_passes.SETTINGS * noise_passes.PER_SETTING
    assert each.source["settings"] == noise_passes.SETTINGS
    images = each.read().images(0, 3 * noise_passes.PER_SETTING)
    levels = [len(np.unique(block)) for block in np.split(images, 3)]
    families = [setting.family for setting in draw_settings(3, seed=3)]
    # Two values a channel, or as many as pixels.
    assert [n == 6 for n in levels] == [family == "rademacher" for family in families]
    assert "rademacher" in families
    assert len(set(families)) > 1


def test_spectra_are_white_and_natural():
    size, k = 32, np.fft.fftfreq(32)
    across = np.broadcast_to(k, (size, size))
    squared = across**2 + across.T**2
    # The mean of an image has the power of its slowest waves.
    squared[0, 0] = 1 / size**2
    white = tuple(draws().post(role, 64, ("logits",)) for role in "AB")
    for beta, passes in ((0.0, white), (2.0, draws().natural)):
        power = squared ** (-beta / 2)
        # Neighbours x and y have E(x − y)² = 2 Σ P(f) (1 − cos 2πf) / Σ P(f) in variances; 2 where noise is white.
        apart = 2 * (power * (1 - np.cos(2 * np.pi * across))).sum() / power.sum()
        for each in passes:
            images = each.read().images(0, 64).astype(np.float64) / np.array(STD)[:, None, None]
            assert np.square(np.diff(images, axis=-1)).mean() == pytest.approx(apart, rel=0.05)
    counts = tuple(each.count for each in draws().natural)
    assert counts == (noise_passes.SPECTRUM_A, noise_passes.SPECTRUM_B)
