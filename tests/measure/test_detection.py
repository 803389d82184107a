"""Detection scores from the store: what they are, what they depend on, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.detection.choice import choose_score, halves
from why_bird.measure.detection.detectors import DETECTORS, FEATURE_DETECTORS, LOGIT_DETECTORS
from why_bird.measure.detection.published_numbers import PUBLISHED, Published
from why_bird.measure.detection.quality import auroc
from why_bird.measure.detection.scores import DetectionScores, measure_detection
from why_bird.measure.detection.training import Training
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.measure.passes import Pass, answers
from why_bird.measure.readout import Head
from why_bird.measure.store import Store
from why_bird.networks.network import HeadSite, Network
from why_bird.networks.preprocess import Preprocess

CLASSES, SIZE = ("ant", "bee", "cat"), 8
NOISE_A, NOISE_B = "noise-A", "noise-B"
PASSED: list[int] = []


class Pooling(nn.Module):
    """A network whose twelve features are the means of the quarters of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.fc = nn.Linear(12, len(CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        PASSED.append(len(x))
        return self.fc(self.pool(x).flatten(1))


def network(*, head: bool = True, weight: float = 20.0) -> Network:
    torch.manual_seed(1)
    module = Pooling().eval().requires_grad_(requires_grad=False)
    module.fc.weight.mul_(weight)
    site = HeadSite("fc", module.fc.weight.numpy(), module.fc.bias.numpy(), has_bias=True) if head else None
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)
    return Network("pooling", module, "pooling", None, preprocess, CLASSES, f"{head}{weight}", site, {}, (), "cpu")


def images_of(per_class: int, seed: int, *, black: bool = False) -> ImageSet:
    rng, planted = np.random.default_rng(seed), np.random.default_rng(0)
    labels = np.repeat(np.arange(3), per_class)
    quarters = planted.uniform(60, 190, (3, 2, 2, 3))[labels] + 15 * rng.normal(size=(3 * per_class, 2, 2, 3))
    if black:
        quarters[:, 0, 0, 0] = 0
    pixels = quarters.clip(0, 255).round().astype(np.uint8).repeat(4, 1).repeat(4, 2)
    return ImageSet.of(pixels, labels, CLASSES)


class Drawn:
    """Noise of a strength about mid-grey, drawn on demand."""

    def __init__(self, strength: float, seed: int) -> None:
        self.quarters = 0.5 + strength * np.random.default_rng(seed).normal(size=(90, 3, 2, 2))

    def images(self, start: int, stop: int) -> np.ndarray:
        return self.quarters[start:stop].repeat(4, 2).repeat(4, 3).astype(np.float32)


def passes(*, there: bool = True, head: bool = True, black: bool = False) -> tuple[Pass, Pass, dict[str, Pass]]:
    contents: dict[str, tuple[Any, int]] = {
        "training": (images_of(50, 1, black=black), 150),
        "test": (images_of(40, 2, black=black), 120),
        NOISE_A: (Drawn(0.2, 3), 90),
        NOISE_B: (Drawn(0.2, 4), 80),
    }
    taps = ("logits", "features") if head else ("logits",)
    made = {
        name: Pass(name, {"images": name, "black": black}, count, (lambda c=content: c) if there else None, taps)
        for name, (content, count) in contents.items()
    }
    return made["training"], made["test"], {name: made[name] for name in (NOISE_A, NOISE_B)}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("detection")
    measure_detection(network(), *passes()).get(Store(folder))
    return folder


@pytest.fixture(scope="module")
def scores(cache: Path) -> DetectionScores:
    return measure_detection(network(), *passes(there=False)).get(Store(cache))


def test_every_score_is_that_of_its_detector_fitted_on_the_training_images(
    cache: Path, scores: DetectionScores
) -> None:
    training, test, noises = passes()
    seen, images, noise = (answers(network(), each).get(Store(cache)) for each in (training, test, noises[NOISE_B]))
    head = Head(*(array.astype(np.float64) for array in (network().head.weight, network().head.bias)))
    fitted = Training(seen.features, seen.truth, CLASSES, head)
    for name, score in LOGIT_DETECTORS.items():
        assert np.array_equal(scores.of_images(name), score(images.logits))
        assert np.array_equal(scores.of_noise(NOISE_B, name), score(noise.logits))
    for name, fit in FEATURE_DETECTORS.items():
        assert np.allclose(scores.of_images(name), fit(fitted)(images.features), rtol=1e-6)
        assert np.allclose(scores.of_noise(NOISE_B, name), fit(fitted)(noise.features), rtol=1e-6)
    assert scores.images.dtype == np.float32
    assert scores.images.shape == (len(DETECTORS), 120)
    assert {name: each.shape for name, each in scores.noises.items()} == {NOISE_A: (6, 90), NOISE_B: (6, 80)}
    assert not scores.reasons


def test_scores_that_are_stored_are_read_and_nothing_passes(cache: Path, scores: DetectionScores) -> None:
    PASSED.clear()
    store = Store(cache.parent / "empty", cache)
    again = measure_detection(network(), *passes(there=False)).get(store)
    assert np.array_equal(again.images, scores.images)
    assert not PASSED
    assert [receipt.origin for receipt in store.ledger] == ["shipped"]


def test_images_that_are_missing_are_no_property_of_a_score(tmp_path: Path, cache: Path) -> None:
    training, test, noises = passes()
    for each in (*noises.values(), test):
        answers(network(), each).get(Store(tmp_path))
    store = Store(tmp_path)
    with pytest.raises(Unavailable, match=NEEDS_IMAGES):
        measure_detection(network(), *passes(there=False)).get(store)
    assert not store.find(measure_detection(network(), training, test, noises).key)


def test_a_network_without_a_head_has_scores_of_logits(tmp_path: Path) -> None:
    net, (training, test, noises) = network(head=False), passes(head=False)
    found = measure_detection(net, training, test, noises).get(Store(tmp_path))
    assert set(found.reasons) == set(FEATURE_DETECTORS)
    assert np.isfinite(found.of_images("energy")).all()
    with pytest.raises(Unavailable, match="ViM: the logits of pooling do not come straight"):
        found.of_noise(NOISE_A, "ViM")
    with pytest.raises(Unavailable, match="kNN: the logits of pooling"):
        choose_score(found, np.repeat([0, 1, 2], 40), NOISE_A)
    assert not Store(tmp_path).find(training.key(net))


def test_features_that_were_not_kept_are_missed_by_the_scores_that_read_them(tmp_path: Path) -> None:
    found = measure_detection(network(), *passes(head=False)).get(Store(tmp_path))
    assert set(found.reasons) == set(FEATURE_DETECTORS)
    with pytest.raises(Unavailable, match="so it has no features"):
        found.of_images("kNN")


def test_a_unit_that_is_always_silent_leaves_the_other_scores(tmp_path: Path) -> None:
    found = measure_detection(network(), *passes(black=True)).get(Store(tmp_path))
    assert list(found.reasons) == ["Mahalanobis"]
    with pytest.raises(Unavailable, match="Mahalanobis: the covariance of 12 features is singular"):
        found.of_images("Mahalanobis")
    choice = choose_score(found, np.repeat([0, 1, 2], 40), NOISE_A)
    assert list(choice.aurocs) == ["kNN", "ViM"]


def test_scores_beyond_32_bits_are_said_and_not_ranked(tmp_path: Path) -> None:
    training, test, noises = passes()
    noises[NOISE_B] = Pass("bright", {"images": "bright"}, 80, lambda: Drawn(1e25, 4), ("logits", "features"))
    found = measure_detection(network(), training, test, noises).get(Store(tmp_path))
    assert "ViM" in found.reasons
    with pytest.raises(Unavailable, match="ViM: 80 of 80 scores of noise-B are not finite"):
        found.of_images("ViM")
    assert np.isfinite(found.of_noise(NOISE_B, "energy")).all()


@pytest.mark.parametrize("what", ["network", "training", "test", "noise", "name"])
def test_the_scores_depend_on(what: str) -> None:
    training, test, noises = passes()
    other = Pass("other", {"images": "other"}, 10, None)
    first = measure_detection(network(), training, test, noises).key
    changed = {
        "network": (network(weight=2.0), training, test, noises),
        "training": (network(), other, test, noises),
        "test": (network(), training, other, noises),
        "noise": (network(), training, test, {**noises, NOISE_B: other}),
        "name": (network(), training, test, {"noise": noises[NOISE_A], NOISE_B: noises[NOISE_B]}),
    }[what]
    assert measure_detection(*changed).key.name != first.name


def test_what_is_asked_of_unknown_names_is_an_error(scores: DetectionScores) -> None:
    with pytest.raises(ValueError, match="no detector is named 'odin': there are MSP, max logit"):
        scores.of_images("odin")
    with pytest.raises(ValueError, match="no noise is named 'blobs': there are noise-A, noise-B"):
        scores.of_noise("blobs", "MSP")


def test_halves_take_every_other_image_of_a_class() -> None:
    first, second = halves(np.array([0, 0, 0, 1, 2, 2, 0, 2]))
    assert first.tolist() == [True, False, True, True, True, False, False, True]
    assert np.array_equal(second, ~first)


def planted(chosen: dict[str, float], tested: dict[str, float]) -> DetectionScores:
    """Return scores by which noise-A lies above the first half of the images, and noise-B above the second."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 100)
    first, _ = halves(truth)
    images = rng.normal(size=(len(DETECTORS), 200)).astype(np.float32)
    noises = {name: rng.normal(size=(len(DETECTORS), 150)).astype(np.float32) for name in (NOISE_A, NOISE_B)}
    for detector, shift in chosen.items():
        images[DETECTORS.index(detector), first] -= shift
    for detector, shift in tested.items():
        images[DETECTORS.index(detector), ~first] -= shift
        noises[NOISE_B][DETECTORS.index(detector)] += shift
    return DetectionScores(images, noises, {})


def test_the_choice_is_of_the_first_half_and_of_the_noise_that_chooses() -> None:
    truth = np.repeat([0, 1], 100)
    given = planted({"Mahalanobis": 1.0, "kNN": 3.0, "ViM": 2.0, "energy": 9.0}, {"ViM": 9.0})
    choice = choose_score(given, truth, NOISE_A)
    assert choice.name == "kNN"
    assert list(choice.aurocs) == ["Mahalanobis", "kNN", "ViM"]
    first, second = halves(truth)
    assert np.array_equal(choice.tests, second)
    assert choice.aurocs["ViM"] == auroc(given.of_images("ViM")[first], given.of_noise(NOISE_A, "ViM"))
    # What tests has no part in the choice, whatever it is.
    images = given.images.copy()
    images[:, second] = np.nan
    blind = choose_score(DetectionScores(images, {NOISE_A: given.noises[NOISE_A]}, {}), truth, NOISE_A)
    assert (blind.name, blind.aurocs) == (choice.name, choice.aurocs)


def test_of_equal_scores_the_first_is_chosen() -> None:
    given = planted(dict.fromkeys(FEATURE_DETECTORS, 99.0), {})
    assert choose_score(given, np.repeat([0, 1], 100), NOISE_A).name == "Mahalanobis"


def test_a_choice_needs_images_that_are_left_to_test_it(scores: DetectionScores) -> None:
    with pytest.raises(Unavailable, match="no class has two test images"):
        choose_score(scores, np.arange(120), NOISE_A)
    with pytest.raises(ValueError, match="119 classes do not fit to 120 images"):
        choose_score(scores, np.zeros(119, dtype=int), NOISE_A)


def test_what_was_published_compares_with_scores_that_are_measured() -> None:
    assert len(set(PUBLISHED)) == len(PUBLISHED)
    for each in PUBLISHED:
        assert each.detector in DETECTORS
        assert each.difference.endswith(".")
    with pytest.raises(ValueError, match="fpr"):
        Published("a", "b", "c", "MSP", "fpr", 0.5, "d.")
    with pytest.raises(ValueError, match="auroc 97"):
        Published("a", "b", "c", "MSP", "auroc", 97, "d.")
