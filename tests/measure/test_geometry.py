"""Noise that was planted among the points of one class lies on the manifold of that class and of no other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.class_manifolds import DEFINITIONS, measure_manifolds
from why_bird.measure.dimension.subspace import fit_subspaces, refitted_residuals
from why_bird.measure.geometry import PENULTIMATE, measure_geometry
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.measure.passes import Pass
from why_bird.measure.store import Store
from why_bird.networks.network import HeadSite, Network
from why_bird.networks.preprocess import Preprocess

CLASSES, SIZE, SEED = ("ant", "bird", "cat"), 8, 3
STAGES = ["stem", "layer1", "layer2", "layer3"]
TAPS = ("logits", "features", "stages")
PASSED = []


class Folding(nn.Module):
    """A network with a ResNet's stages whose 48 features are the means of the pixels at each place of a tile."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.layer1 = nn.Identity()
        self.layer2 = nn.PixelUnshuffle(2)
        self.layer3 = nn.Identity()
        self.layer4 = nn.PixelUnshuffle(2)
        self.fc = nn.Linear(48, len(CLASSES))

    def forward(self, x):
        PASSED.append(len(x))
        for part in (self.relu, self.layer1, self.layer2, self.layer3, self.layer4):
            x = part(x)
        return self.fc(x.mean((2, 3)))


def network(name="folding", *, head=True):
    torch.manual_seed(1)
    module = Folding().eval().requires_grad_(requires_grad=False)
    site = HeadSite("fc", module.fc.weight.numpy(), module.fc.bias.numpy(), has_bias=True) if head else None
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)
    return Network(name, module, "folding", None, preprocess, CLASSES, name, site, {}, (), "cpu")


def images_of(labels, seed):
    """Return images that vary in five directions about the image of their class."""
    labels = np.array(labels)
    rng, planted = np.random.default_rng(seed), np.random.default_rng(0)
    means = planted.uniform(60, 190, (3, 4, 4, 3))
    directions = planted.normal(size=(3, 5, 4, 4, 3))
    tiles = means[labels] + np.einsum("nd,ndijk->nijk", 4 * rng.normal(size=(len(labels), 5)), directions[labels])
    pixels = np.tile(tiles.clip(0, 255).round().astype(np.uint8), (1, 2, 2, 1))
    return ImageSet.of(pixels, labels, CLASSES)


TRAINING, TEST = images_of(np.repeat([0, 1, 2], 40), 1), images_of(np.repeat([0, 1, 2], 35), 2)
OF_ONE_CLASS = images_of(np.full(60, 1), 3)


class Made:
    """Images as noise is given: made on demand, and of no class."""

    def images(self, start, stop):
        return OF_ONE_CLASS.pixels[start:stop].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)


def passes(*, there=True, taps=TAPS, training=TRAINING):
    sets = {"training": (training, len(training)), "test": (TEST, len(TEST)), "noise": (Made(), 60)}
    return [
        Pass(name, {"images": name}, count, (lambda content=content: content) if there else None, taps)
        for name, (content, count) in sets.items()
    ]


def key_of(*given):
    return measure_geometry(*given, CLASSES, SEED).key


def measure(store, net=None, **given):
    return measure_geometry(net or network(), *passes(**given), CLASSES, SEED).get(store)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("geometry")
    measure(Store(folder))
    return folder


def features(images):
    """Return what the network makes of images, calculated without it and rounded as features are kept."""
    x = images.pixels.astype(np.float64) / 255
    tiles = x.reshape(-1, 2, 4, 2, 4, 3).mean((1, 3))
    # The order of two foldings by 2.
    folded = tiles.reshape(-1, 2, 2, 2, 2, 3).transpose(0, 5, 2, 4, 1, 3)
    return folded.reshape(len(images), 48).astype(np.float16)


def test_noise_planted_in_a_class_lies_in_its_subspace(cache):
    found = measure(Store(cache))
    assert found.residuals.shape == (60, 3)
    # Its five directions are among the ten of the class: what is left is rounding to 8 bits.
    assert found.residuals[:, 1].max() < 0.02
    assert found.residuals[:, [0, 2]].min() > 0.3


def test_rooms_and_residuals_are_those_of_the_features(cache):
    found = measure(Store(cache))
    train, test, noise = (features(each).astype(np.float64) for each in (TRAINING, TEST, OF_ONE_CLASS))
    pairs = [(train[TRAINING.labels == c], test[TEST.labels == c]) for c in range(3)]
    expected = measure_manifolds(pairs, CLASSES, SEED, PENULTIMATE)
    # The network calculates in single precision, and a feature may round to the next number of 16 bits.
    np.testing.assert_allclose([found.penultimate.values[name] for name in DEFINITIONS], expected["values"], rtol=0.02)
    subspaces = fit_subspaces(train, TRAINING.labels)
    np.testing.assert_allclose(found.residuals, subspaces.residuals(noise), atol=5e-3)
    np.testing.assert_allclose(found.refitted, refitted_residuals(subspaces, train, TRAINING.labels, noise), atol=5e-3)


def test_how_much_nearer_noise_is_varies_with_the_training_images(cache):
    """The jackknife leaves out each noise image, and each group of the training images of either class."""
    found = measure(Store(cache))
    value, (of_noise, of_own, of_other) = found.nearer(1, 2)
    outside = found.residuals.mean(0)
    assert value == pytest.approx(outside[2] - outside[1])
    assert of_noise[7] == pytest.approx(np.delete(found.residuals[:, 2] - found.residuals[:, 1], 7).mean())
    np.testing.assert_allclose(of_own, outside[2] - found.refitted[1])
    np.testing.assert_allclose(of_other, found.refitted[2] - outside[1])


def test_there_is_a_manifold_for_every_stage_and_the_features_come_last(cache):
    manifolds = measure(Store(cache)).manifolds
    assert list(manifolds) == [*STAGES, PENULTIMATE]
    # The first two stages are the three colours' means, and the next two the same folding.
    for same in (("stem", "layer1"), ("layer2", "layer3")):
        one, other = (manifolds[name].values for name in same)
        # Centres start from streams of their own; all else is the same points.
        for definition in DEFINITIONS[:4]:
            np.testing.assert_array_equal(one[definition], other[definition])
    means = TEST.pixels.astype(np.float64).mean((1, 2)) / 255
    pairs = [(means[TEST.labels == c], means[TEST.labels == c]) for c in range(3)]
    expected = measure_manifolds(pairs, CLASSES, SEED, "stem")["values"]
    np.testing.assert_allclose(manifolds["stem"].values[DEFINITIONS[0]], expected[0], rtol=1e-3)


def test_read_back_it_is_as_it_was_measured(tmp_path):
    first = measure(Store(tmp_path))
    PASSED.clear()
    store = Store(tmp_path)
    again = measure(store)
    assert PASSED == []
    assert [receipt.origin for receipt in store.ledger] == ["cache"]
    np.testing.assert_array_equal(again.residuals, first.residuals)
    for space, manifold in first.manifolds.items():
        for name in DEFINITIONS:
            np.testing.assert_array_equal(again.manifolds[space].values[name], manifold.values[name])


def test_each_image_passes_once(tmp_path):
    PASSED.clear()
    measure(Store(tmp_path))
    assert sum(PASSED) == len(TRAINING) + len(TEST) + 60


def test_what_is_shipped_of_it_needs_neither_images_nor_answers(cache, tmp_path):
    key = key_of(network(), *passes())
    Store(cache).export([key], tmp_path / "reference")
    offline = measure(Store(tmp_path / "cache", tmp_path / "reference"), there=False)
    first = measure(Store(cache))
    np.testing.assert_array_equal(offline.residuals, first.residuals)
    np.testing.assert_array_equal(offline.refitted, first.refitted)
    assert list(offline.manifolds) == list(first.manifolds)


def test_without_images_and_store_it_is_said_what_is_needed(tmp_path):
    with pytest.raises(Unavailable) as caught:
        measure(Store(tmp_path), there=False)
    assert str(caught.value) == NEEDS_IMAGES


def test_it_is_of_one_network_and_of_its_three_passes():
    keys = {key_of(network(), *passes()).name, key_of(network("other"), *passes()).name}
    for i in range(3):
        changed = passes()
        changed[i] = replace(changed[i], source={"images": "others"})
        keys.add(key_of(network(), *changed).name)
    assert len(keys) == 5


def test_a_network_without_a_linear_head_has_no_features(tmp_path):
    with pytest.raises(Unavailable, match="does not end in a linear layer, so it has no features"):
        measure(Store(tmp_path), network(head=False), taps=("logits",))


def test_a_class_of_few_training_images_is_named(tmp_path):
    few = images_of(np.repeat([0, 1, 2], [40, 40, 24]), 1)
    with pytest.raises(Unavailable, match="the class cat has 24 training and 35 test images"):
        measure(Store(tmp_path), training=few)
