"""A planted network that sees texture keeps its classes when patches are shuffled; one that sees shape loses them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from why_bird.errors import Unavailable
from why_bird.images.image_set import Images, ImageSet
from why_bird.images.shuffle import patch_order
from why_bird.measure import shuffled as shuffled_module
from why_bird.measure.inputs import NEEDS_IMAGES, Inputs, identify
from why_bird.measure.shuffled import (
    confusion_table,
    informedness,
    informedness_contrasts,
    measure_shuffled,
    shuffled_pass,
)
from why_bird.measure.store import Store
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess
from why_bird.stats import jackknife

SIZE, PATCH, SEED = 16, 4, 9
CLASSES = ("upright", "lying", "first", "last")
UPRIGHT, LYING, FIRST, LAST = range(4)
EACH = 100  # test images of each class: of fewer, the bound that is widened for skewness says too little
PASSED = []


class Seeing(nn.Module):
    """Knows two textures, stripes of either direction, and two shapes: which corner is bright, the last if neither."""

    def forward(self, x):
        PASSED.extend(image.numpy().tobytes() for image in x.contiguous())
        # Within patches alone: what neighbours across an edge is another matter.
        patches = x.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
        across, down = (patches.diff(dim=d).abs().mean((1, 2, 3, 4, 5)) for d in (-1, -2))
        corner = patches[:, :, 0, 0].mean((1, 2, 3)) - patches[:, :, -1, -1].mean((1, 2, 3))
        return torch.stack([9 * across, 9 * down, corner, torch.full_like(corner, 0.2)], 1)


def network(classes=CLASSES):
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)
    module = Seeing().eval()
    return Network("planted", module, "planted", None, preprocess, classes, "seeing", None, {}, (), "cpu")


def image_set(per_class, seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), per_class)
    pixels = np.full((len(labels), SIZE, SIZE, 3), 60, dtype=np.uint8)
    pixels[labels == UPRIGHT, :, ::2] = 200
    pixels[labels == LYING, ::2] = 200
    pixels[labels == FIRST, :PATCH, :PATCH] = 200
    pixels[labels == LAST, -PATCH:, -PATCH:] = 200
    # Faint, to tell the images apart.
    pixels += rng.integers(0, 4, pixels.shape, dtype=np.uint8)
    images = ImageSet.of(pixels, labels, CLASSES)
    return images.take(np.lexsort((images.digests[:, 0], labels)))


IMAGES = Images(image_set(2, 1), image_set(EACH, 2), "planted", "made up")
INPUTS = Inputs(identify(IMAGES), IMAGES, seed=SEED)


@pytest.fixture
def store(tmp_path):
    PASSED.clear()
    return Store(tmp_path / "cache", None)


# --- what is planted is found


def test_texture_survives_and_shape_is_lost_as_the_orders_say(store):
    said = measure_shuffled(network(), shuffled_pass(INPUTS, CLASSES)).get(store)
    test = IMAGES.test
    np.testing.assert_array_equal(said.truth, test.labels)
    orders = [patch_order(SEED, digest.tobytes().hex()) for digest in test.digests]
    # A bright patch is taken for the first corner's wherever it came from, and for the last one's else.
    bright = [order[0] == {FIRST: 0, LAST: 15}.get(label) for order, label in zip(orders, test.labels, strict=True)]
    expected = np.where(test.labels > LYING, np.where(bright, FIRST, LAST), test.labels)
    np.testing.assert_array_equal(said.labels, expected)
    first, last = (sum(np.array(bright)[test.labels == c]) for c in (FIRST, LAST))
    table = confusion_table(said.labels, said.truth, 4)
    assert table.tolist() == [[EACH, 0, 0, 0], [0, EACH, 0, 0], [0, 0, first, EACH - first], [0, 0, last, EACH - last]]
    J = informedness(table)
    assert J[:2].tolist() == [1, 1]
    np.testing.assert_allclose(J[2:], [(first - last / 3) / EACH, (EACH - last - (EACH - first) / 3) / EACH])
    assert J[FIRST] < 0.2
    contrasts = informedness_contrasts(table, LYING, CLASSES)
    gaps = {name: jackknife(c.value, c.replicates, "test images") for name, c in contrasts.items()}
    assert list(gaps) == ["upright", "first", "last"]
    assert gaps["upright"].value == 0
    assert gaps["first"].lower(0.001) > 0.7
    assert gaps["first"].n == 4 * EACH


def test_unshuffled_the_planted_network_knows_all_its_classes():
    x = torch.from_numpy(IMAGES.test.pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    np.testing.assert_array_equal(Seeing()(x).argmax(1), IMAGES.test.labels)


# --- which images


def test_the_sample_is_balanced_and_fixed_by_content(monkeypatch, store):
    monkeypatch.setattr(shuffled_module, "IMAGES", 23)
    images = shuffled_pass(INPUTS, CLASSES)
    said = measure_shuffled(network(), images).get(store)
    assert np.bincount(said.truth).tolist() == [5] * 4
    assert images.count == len(PASSED) == 20
    test = IMAGES.test
    digests = store.get(images.key(network()), None)["digests"]
    expected = np.concatenate([test.digests[test.labels == c][:5] for c in range(4)])
    np.testing.assert_array_equal(digests, expected)


def test_no_image_passes_twice(store):
    images = shuffled_pass(INPUTS, CLASSES)
    one = measure_shuffled(network(), images).get(store)
    assert len(PASSED) == len(set(PASSED)) == 4 * EACH
    assert [(r.key.measure, r.images) for r in store.ledger] == [("shuffled", 4 * EACH)]
    other = measure_shuffled(network(), images).get(Store(store.cache, None))
    assert len(PASSED) == 4 * EACH
    np.testing.assert_array_equal(one.logits, other.logits)


def test_what_is_shipped_judges_without_images(store, tmp_path):
    computed = measure_shuffled(network(), shuffled_pass(INPUTS, CLASSES)).get(store)
    store.export([receipt.key for receipt in store.ledger], tmp_path / "reference")
    without = shuffled_pass(replace(INPUTS, images=None), CLASSES)
    shipped = measure_shuffled(network(), without).get(Store(tmp_path / "other", tmp_path / "reference"))
    np.testing.assert_array_equal(shipped.logits, computed.logits)
    np.testing.assert_array_equal(shipped.truth, computed.truth)
    with pytest.raises(Unavailable) as caught:
        measure_shuffled(network(), without).get(Store(tmp_path / "third", None))
    assert str(caught.value) == NEEDS_IMAGES


def test_whatever_decides_the_answers_is_in_the_key(monkeypatch):
    passes = [
        shuffled_pass(INPUTS, CLASSES),
        shuffled_pass(INPUTS, CLASSES[::-1]),
        shuffled_pass(replace(INPUTS, seed=SEED + 1), CLASSES),
        shuffled_pass(replace(INPUTS, identity=replace(INPUTS.identity, test="other")), CLASSES),
    ]
    monkeypatch.setattr(shuffled_module, "IMAGES", 23)
    passes.append(shuffled_pass(INPUTS, CLASSES))
    names = [each.key(network()).name for each in passes]
    names.append(passes[0].key(replace(network(), hash="another")).name)
    assert len(set(names)) == len(names) == 6


# --- informedness and its jackknife, one image after the other


def by_hand(labels, truth, c):
    own = labels[truth == c] == c
    others = labels[truth != c] == c
    return own.mean() - others.mean()


def random_answers(seed, sizes):
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    labels = np.where(rng.random(len(truth)) < 0.5, truth, rng.integers(0, len(sizes), len(truth)))
    return labels, truth


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(2, 9), min_size=3, max_size=5), data=st.data())
def test_replicates_are_those_of_leaving_out_each_image_in_turn(seed, sizes, data):
    labels, truth = random_answers(seed, sizes)
    K = len(sizes)
    target = data.draw(st.integers(0, K - 1))
    table = confusion_table(labels, truth, K)
    np.testing.assert_allclose(informedness(table), [by_hand(labels, truth, c) for c in range(K)], atol=1e-12)
    names = tuple("abcde"[:K])
    contrasts = informedness_contrasts(table, target, names)
    assert list(contrasts) == [name for c, name in enumerate(names) if c != target]
    for name, contrast in contrasts.items():
        c = names.index(name)
        assert contrast.value == pytest.approx(by_hand(labels, truth, target) - by_hand(labels, truth, c), abs=1e-12)
        for g in range(K):
            expected = []
            for i in np.flatnonzero(truth == g):
                kept = np.arange(len(truth)) != i
                each = [by_hand(labels[kept], truth[kept], k) for k in (target, c)]
                expected.append(each[0] - each[1])
            np.testing.assert_allclose(np.sort(contrast.replicates[g]), np.sort(expected), atol=1e-12)


def test_the_jackknife_has_the_standard_error_of_independent_proportions():
    """With the classes apart, J of two classes differs in their own recalls alone, whose variance is known."""
    table = np.zeros((3, 3), dtype=np.int64)
    table[0] = [30, 0, 20]
    table[1] = [0, 10, 40]
    table[2] = [0, 0, 50]
    contrast = informedness_contrasts(table, 0, ("a", "b", "c"))["b"]
    estimate = jackknife(contrast.value, contrast.replicates, "images")
    assert estimate.value == pytest.approx(0.6 - 0.2)
    assert estimate.se == pytest.approx(np.sqrt(0.6 * 0.4 / 49 + 0.2 * 0.8 / 49))


def test_chance_is_0_whatever_the_classes_are_called():
    table = np.tile([8, 1, 1], (3, 1))
    np.testing.assert_allclose(informedness(table), 0, atol=1e-15)


def test_a_table_counts_truth_by_row():
    assert confusion_table(np.array([1, 1, 0]), np.array([0, 0, 1]), 3).tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 0]]


def test_two_classes_are_told_from_each_other_equally_well():
    table = np.array([[7, 3], [5, 5]])
    assert np.ptp(informedness(table)) < 1e-12
    with pytest.raises(Unavailable, match="the network has 2"):
        informedness_contrasts(table, 0, ("cat", "dog"))


@pytest.mark.parametrize("n", [0, 1])
def test_a_class_of_fewer_than_two_images_is_named(n):
    table = np.diag([5, n, 5])
    with pytest.raises(Unavailable, match=f"the class bird has {n} test images"):
        informedness_contrasts(table, 0, ("ant", "bird", "cat"))
