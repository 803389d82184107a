"""A sink that comes from the statistics of normalisation goes with them; one that does not, stays."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim.swa_utils import update_bn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock

from why_bird.errors import Unavailable
from why_bird.images.image_set import Images, ImageSet
from why_bird.measure import renormalised as renormalised_module
from why_bird.measure.folding import folded
from why_bird.measure.forward import forward
from why_bird.measure.inputs import NEEDS_IMAGES, Inputs, identify
from why_bird.measure.noise_passes import NoisePasses
from why_bird.measure.passes import Pass
from why_bird.measure.renormalised import halves, measure_renormalised, renormalised_pass
from why_bird.measure.store import Store
from why_bird.networks.batch_norm import reestimated
from why_bird.networks.network import Network
from why_bird.networks.opening import hash_network
from why_bird.networks.preprocess import Preprocess
from why_bird.progress import SILENT
from why_bird.stats import paired_drop

SIZE, CLASSES, BIRD = 8, ("ant", "bird", "cat"), 1
DRAWS, EACH = 120, 40  # images of noise, and test images of each class
PASSED = []


class Coloured(nn.Module):
    """Tells classes by colour, and adds to bird what is rough: as the normalisation passes it on, or as it is."""

    def __init__(self, through_norm):
        super().__init__()
        self.norm = nn.BatchNorm2d(1, affine=False)
        self.through_norm = through_norm

    def forward(self, x):
        PASSED.extend(image.numpy().tobytes() for image in x.contiguous())
        rough = x.diff(dim=-1).abs().mean(1, keepdim=True)
        normed = self.norm(rough)
        extra = normed if self.through_norm else 40 * rough
        return 10 * x.mean((2, 3)) + extra.mean((1, 2, 3))[:, None] * torch.tensor([0.0, 1.0, 0.0])


class Bare(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def image_set(per_class, seed):
    """Return images of one colour each, more or less."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), per_class)
    colours = rng.normal(110, 25, (len(labels), 3))
    colours[np.arange(len(labels)), labels] += 60
    pixels = colours[:, None, None] + rng.normal(0, 3, (len(labels), SIZE, SIZE, 3))
    pixels = pixels.clip(0, 255).astype(np.uint8)
    images = ImageSet.of(pixels, labels, CLASSES)
    return images.take(np.lexsort((images.digests[:, 0], labels)))


IMAGES = Images(image_set(20, 1), image_set(100, 2), "planted", "made up")
INPUTS = Inputs(identify(IMAGES), IMAGES, seed=9)
PREPROCESS = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)


def as_tensor(images):
    return torch.from_numpy(images.pixels.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255))


def network(module, shift=0.0):
    """Return a network that was trained on images; with a shift, the mean it kept of them is wrong."""
    update_bn([as_tensor(IMAGES.train)], module)
    if shift:
        module.norm.running_mean -= shift
    module.eval().requires_grad_(requires_grad=False)
    state = hash_network(module.state_dict(), "planted", None, PREPROCESS)
    return Network("planted", module, "planted", None, PREPROCESS, CLASSES, state, None, {}, (), "cpu")


def passes_of(inputs=INPUTS, images=IMAGES.test):
    """Return test images, noise-A and noise-B."""
    draws = NoisePasses(inputs, SIZE)
    source = {"images": inputs.identity.test}
    test = Pass("test images", source, len(images), None if inputs.images is None else lambda: images)
    return test, draws.post("A", 150, ("logits",)), draws.post("B", 200, ("logits",))


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(renormalised_module, "IMAGES", DRAWS)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache", None)


def measured(net, store, passes=None):
    test, noise_a, noise_b = passes or passes_of()
    planned = renormalised_pass(test, noise_a, noise_b, CLASSES)
    PASSED.clear()
    return measure_renormalised(net, planned, test, CLASSES).get(store), planned


def noise(role, count):
    return torch.from_numpy(NoisePasses(INPUTS, SIZE).post(role, count, ("logits",)).read().images(0, count))


# --- what is planted is found


def drop(net, store):
    before = forward(net, passes_of()[2].read(), DRAWS, taps=("logits",))["logits"].argmax(1)
    found, _ = measured(net, store)
    return before, found, paired_drop(before == BIRD, found.after == found.largest.index)


def test_a_sink_of_the_statistics_goes_with_them(store):
    before, found, estimate = drop(network(Coloured(through_norm=True)), store)
    assert (before == BIRD).all()
    assert estimate.n == DRAWS
    assert estimate.lower(0.001) > 0.3
    assert (found.after == BIRD).mean() < 0.6
    assert found.accuracy_reestimated > 0.8


def test_another_sink_stays(store):
    before, found, estimate = drop(network(Coloured(through_norm=False)), store)
    assert (before == BIRD).all()
    assert (found.after == BIRD).all()
    assert (found.largest.name, found.largest.share) == ("bird", 1)
    assert estimate.value == 0


def test_every_number_is_that_of_pytorchs_own_calculation(store):
    net = network(Coloured(through_norm=True), shift=0.015)
    found, _ = measured(net, store)
    of_noise, of_images = deepcopy(net.module), deepcopy(net.module)
    test = IMAGES.test
    rows = [np.flatnonzero(test.labels == c) for c in range(3)]
    ask = np.concatenate([r[EACH : 2 * EACH] for r in rows])
    update_bn([noise("A", DRAWS)], of_noise)
    update_bn([as_tensor(test)[np.concatenate([r[:EACH] for r in rows])]], of_images)
    said = [module(x).argmax(1).numpy() for module, x in ((of_noise, noise("A", DRAWS)), (of_noise, noise("B", DRAWS)))]
    counts = np.bincount(said[0], minlength=3)
    assert (found.largest.index, found.largest.share) == (counts.argmax(), counts.max() / DRAWS)
    np.testing.assert_array_equal(found.after, said[1])
    asked = as_tensor(test)[ask]
    right = [(module(asked).argmax(1).numpy() == test.labels[ask]).mean() for module in (net.module, of_images)]
    assert (found.accuracy_before, found.accuracy_reestimated) == tuple(right)
    assert found.asked == len(ask) == 3 * EACH
    # The mean that the network keeps is wrong, so that it calls too much bird; estimated anew, it is right.
    assert right[0] + 0.1 < right[1] < 1


def test_what_passes_unfolded_is_asked_folded():
    torch.manual_seed(0)
    module = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=3).eval().requires_grad_(requires_grad=False)
    preprocess = Preprocess(PREPROCESS.mean, PREPROCESS.std, 32)
    net = Network("resnet", module, "resnet", None, preprocess, CLASSES, "00", None, {}, (), "cpu")
    images = NoisePasses(INPUTS, 32).post("A", 16, ("logits",)).read()
    other = reestimated(net, [images.images(0, 16)])
    assert folded(other.module) is not other.module
    logits = forward(other, images, 16, taps=("logits",))["logits"]
    expected = deepcopy(module)
    update_bn([torch.from_numpy(images.images(0, 16))], expected)
    np.testing.assert_allclose(logits, expected(torch.from_numpy(images.images(0, 16))), rtol=1e-3, atol=1e-4)
    assert np.abs(logits - forward(net, images, 16, taps=("logits",))["logits"]).max() > 0.1


# --- which images


@settings(max_examples=60)
@given(sizes=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_the_halves_are_disjoint_and_of_equal_size_in_each_class(sizes):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    estimate, ask = halves(labels, len(sizes), 40)
    for c, n in enumerate(sizes):
        rows = np.flatnonzero(labels == c)
        each = min(40 // len(sizes), n // 2)
        np.testing.assert_array_equal(np.sort(estimate[labels[estimate] == c]), rows[:each])
        np.testing.assert_array_equal(ask[labels[ask] == c], rows[each : 2 * each])


@pytest.mark.parametrize("sizes", [(80, 80, 80), (80, 40, 20)])
@pytest.mark.parametrize("batches", [2, 4, 5])
def test_every_batch_of_those_that_estimate_holds_its_share_of_each_class(sizes, batches):
    labels = np.repeat(np.arange(3), sizes)
    estimate, _ = halves(labels, 3, 240)
    share = np.bincount(labels[estimate]) / batches
    for batch in np.array_split(labels[estimate], batches):
        assert np.abs(np.bincount(batch, minlength=3) - share).max() <= 1.5


@pytest.mark.parametrize(("count", "most"), [(2000, 250), (7, 3), (8, 4), (1, 5), (251, 250)])
def test_the_batches_cover_all_images_and_are_of_one_size_up_to_one(count, most):
    def silent(label, total):
        assert total == count
        return SILENT(label, total)

    class Numbered:
        def images(self, start, stop):
            return np.arange(start, stop, dtype=np.float32)

    batches = list(renormalised_module.in_batches(Numbered(), count, most, silent))
    np.testing.assert_array_equal(np.concatenate(batches), np.arange(count))
    lengths = [len(batch) for batch in batches]
    assert len(batches) == -(-count // most)
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) <= 1


def test_what_is_counted_is_what_passes(store):
    net = network(Coloured(through_norm=True))
    _, planned = measured(net, store)
    clean = len(IMAGES.test)
    assert planned.count == 5 * DRAWS
    assert len(PASSED) == planned.count + clean
    # Noise-A passes twice, to estimate and to choose; the test images that are asked, once with each statistics.
    assert len(set(PASSED)) == 2 * DRAWS + clean
    assert {r.key.measure: r.images for r in store.ledger} == {"renormalised": 5 * DRAWS, "forward": clean}


def test_classes_with_few_images_are_halved(store):
    images = image_set(5, 3)
    found, planned = measured(network(Coloured(through_norm=True)), store, passes_of(images=images))
    assert found.asked == 6
    assert planned.count == 3 * DRAWS + 12


def test_without_two_images_of_a_class_there_is_nothing_to_halve(store):
    with pytest.raises(Unavailable, match="fewer than 2 test images each"):
        measured(network(Coloured(through_norm=True)), store, passes_of(images=image_set(1, 3)))


# --- the store


def test_what_is_shipped_judges_without_images(store, tmp_path):
    net = network(Coloured(through_norm=True), shift=0.015)
    computed, planned = measured(net, store)
    store.export([receipt.key for receipt in store.ledger], tmp_path / "reference")
    without = passes_of(replace(INPUTS, images=None))
    shipped, same = measured(net, Store(tmp_path / "other", tmp_path / "reference"), without)
    assert not PASSED
    assert same.key(net) == planned.key(net)
    assert same.count == planned.count
    np.testing.assert_array_equal(shipped.after, computed.after)
    for name in ("largest", "accuracy_before", "accuracy_reestimated", "asked"):
        assert getattr(shipped, name) == getattr(computed, name)
    with pytest.raises(Unavailable) as caught:
        measured(net, Store(tmp_path / "third", None), without)
    assert str(caught.value) == NEEDS_IMAGES


def test_whatever_decides_the_answers_is_in_the_key(monkeypatch):
    net = network(Coloured(through_norm=True))
    other_seed, other_images = replace(INPUTS, seed=10), replace(INPUTS, identity=replace(INPUTS.identity, test="x"))

    def stored_as(net=net, inputs=INPUTS):
        passes = passes_of(inputs)
        return measure_renormalised(net, renormalised_pass(*passes, CLASSES), passes[0], CLASSES).entries[0].key.name

    names = [stored_as(inputs=inputs) for inputs in (INPUTS, other_seed, other_images)]
    names.append(stored_as(network(Coloured(through_norm=True), shift=0.1)))
    monkeypatch.setattr(renormalised_module, "_LARGEST_BATCH", 100)
    names.append(stored_as())
    monkeypatch.setattr(renormalised_module, "IMAGES", 60)
    names.append(stored_as())
    assert len(set(names)) == len(names) == 6


def test_a_network_without_normalisation_is_told_so_and_not_asked_for_images(store):
    net = network(Bare())
    for inputs in (INPUTS, replace(INPUTS, images=None)):
        with pytest.raises(Unavailable, match="no batch normalisation that keeps statistics"):
            measured(net, store, passes_of(inputs))
    assert not PASSED


def test_another_pass_of_test_images_is_refused(store):
    net = network(Coloured(through_norm=True))
    _, planned = measured(net, store)
    other = Pass("others", {"images": "other"}, 30, lambda: image_set(10, 5))
    with pytest.raises(ValueError, match="not those of the pass"):
        measure_renormalised(net, planned, other, CLASSES).get(store)
