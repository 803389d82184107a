"""The numbers of a network of the line-up are those of its passes, and come back from their file as they were."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from scipy.special import softmax
from scipy.stats import entropy
from small_resnets import PREPROCESS, SIZE, resnet

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet
from why_bird.measure import line_up
from why_bird.measure.forward import forward
from why_bird.measure.line_up import CHOOSES, measure_line_up, read_network, settings, write_numbers
from why_bird.measure.noise_passes import CONTRASTS

DRAWS = 150


@pytest.fixture(scope="module")
def measured():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_up, "DRAWS", DRAWS)
        patch.setattr(line_up, "_FEW", 60)
        return measure()


def measure():
    network = resnet()
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 255, (30, SIZE, SIZE, 3), dtype=np.uint8)
    labels = np.sort(rng.integers(0, 3, 30))
    test = ImageSet(pixels, labels, rng.integers(0, 255, (30, 32), dtype=np.uint8), ("a", "b", "c"))
    about = {"recipe_name": "cheap", "recipe": "77", "arm": "without phases", "seed": "4", "images": "ff"}
    return network, test, *measure_line_up(network, test, about, 255 - pixels)


def test_counts_entropy_and_logits_are_those_of_the_draws(measured) -> None:
    network, _, numbers, _ = measured
    assert list(numbers.noise) == list(settings(network))
    for name in ("post ×0.5", "grey"):
        logits = forward(network, settings(network)[name], DRAWS, taps=("logits",))["logits"]
        answer = numbers.noise[name]
        assert answer.counts == tuple(np.bincount(logits.argmax(1), minlength=3))
        nats = entropy(softmax(logits.astype(float), axis=1), axis=1)
        assert answer.entropy == pytest.approx(nats.mean())
        assert answer.entropy_sd == pytest.approx(nats.std(ddof=1))
        np.testing.assert_allclose(answer.logits, logits.mean(0), atol=1e-3)
        assert numbers.spread(name) == pytest.approx(nats.mean() / np.log(3))
        assert numbers.share("b", name) == answer.counts[1] / DRAWS
    assert numbers.share("unicorn") == 0


def test_one_draw_is_seen_at_every_contrast_and_the_draws_that_choose_are_others(measured) -> None:
    drawn = settings(measured[0])
    mean, std = (np.array(v)[:, None, None] for v in (PREPROCESS.mean, PREPROCESS.std))
    shapes = [(drawn[f"post ×{c:g}"].images(0, 4) - mean) / std / c for c in CONTRASTS]
    for each in shapes[1:]:
        np.testing.assert_allclose(each, shapes[0], atol=1e-4)
    assert not np.allclose((drawn[CHOOSES].images(0, 4) - mean) / std, shapes[0], atol=0.1)
    shades = (drawn["grey"].images(0, 4) - mean) / std
    np.testing.assert_allclose(shades[:, 0], shades[:, 2], atol=1e-5)


def test_accuracy_and_recall_are_those_of_the_test_images(measured) -> None:
    network, test, numbers, _ = measured
    called = forward(network, test, taps=("logits",))["logits"].argmax(1)
    assert numbers.accuracy == pytest.approx((called == test.labels).mean())
    assert numbers.recall["b"] == pytest.approx((called[test.labels == 1] == 1).mean())
    turned = ImageSet(255 - test.pixels, test.labels, test.digests, test.classes)
    called = forward(network, turned, taps=("logits",))["logits"].argmax(1)
    assert np.trace(numbers.confusion_changed) == (called == test.labels).sum()
    assert [sum(row) for row in numbers.confusion_changed] == [sum(row) for row in numbers.confusion]
    assert (numbers.seed, numbers.arm, numbers.recipe, numbers.test_images) == (4, "without phases", "cheap", test.hash)


def test_the_arrays_are_the_head_and_mean_features(measured) -> None:
    network, test, _, content = measured
    arrays = load(content)
    features = forward(network, test, taps=("features",))["features"]
    np.testing.assert_allclose(arrays["class_means"][1], features[test.labels == 1].mean(0), rtol=2e-3, atol=1e-4)
    np.testing.assert_array_equal(arrays["weight"], network.require_head().weight.astype(np.float16))
    name = "post ×1.4"
    noise = forward(network, settings(network)[name], DRAWS, taps=("features",))["features"]
    place = list(settings(network)).index(name)
    np.testing.assert_allclose(arrays["noise_means"][place], noise.mean(0), rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(arrays["noise_sds"][place], noise.std(0), rtol=2e-3, atol=1e-4)


def test_features_of_larger_noise_images_vary_less(measured) -> None:
    variance = measured[2].feature_variance
    assert 0 < variance["64"] < variance["32"]


def test_numbers_come_back_from_their_file(measured, tmp_path: Path) -> None:
    write_numbers(tmp_path / "seed4.json", measured[2], measured[3])
    assert read_network(tmp_path / "seed4.json") == measured[2]
    assert load((tmp_path / "seed4.safetensors").read_bytes())["bias"].shape == (3,)


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.update(format=2),
        lambda c: c.pop("noise"),
        lambda c: c.update(extra=1),
        lambda c: c["confusion"].pop(),
        lambda c: c["noise"]["grey"].update(counts=[1, 2]),
        lambda c: c["noise"].pop("post ×1"),
        lambda c: c.update(classes=3),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(measured, tmp_path: Path, damage) -> None:
    path = tmp_path / "seed4.json"
    write_numbers(path, measured[2], measured[3])
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(BadInput, match="does not hold the numbers of a network"):
        read_network(path)
