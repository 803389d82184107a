"""What is stored of the units: their class means, and the training images that excite each most."""

from dataclasses import replace

import numpy as np
import pytest
import staged_networks

from why_bird.errors import Unavailable
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.measure.passes import answers
from why_bird.measure.units.unit_means import UnitMeans, measure_unit_means, strongest_images


def measured(subject):
    return measure_unit_means(subject.network, subject.planned.training, subject.classes).get(subject.store)


def test_means_are_those_of_each_class(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    found = measured(subject)
    training = answers(subject.network, subject.planned.training).get(subject.store)
    for c in range(3):
        np.testing.assert_allclose(found.means[c], training.features[training.truth == c].astype(float).mean(0))
    assert found.counts.tolist() == [6, 6, 6]
    np.testing.assert_allclose(found.balanced, found.means.mean(0))


def test_the_strongest_images_are_named_by_their_content(open_tiny, make_subject, images):
    subject = make_subject(open_tiny())
    found = measured(subject)
    training = answers(subject.network, subject.planned.training).get(subject.store)
    place = {digest.tobytes(): row for row, digest in enumerate(images.train.digests)}
    for unit, (digests, activations) in enumerate(zip(found.strongest, found.activations, strict=True)):
        rows = [place[digest.tobytes()] for digest in digests]
        assert len(set(rows)) == 9
        np.testing.assert_array_equal(training.features[rows, unit], activations)
        np.testing.assert_array_equal(activations, np.sort(training.features[:, unit])[::-1][:9])
        np.testing.assert_array_equal(found.labels[unit], images.train.labels[rows])


def test_what_is_shipped_is_read_without_images_and_without_a_pass(open_tiny, make_subject, tmp_path):
    subject = make_subject(open_tiny())
    key = measure_unit_means(subject.network, subject.planned.training, subject.classes).key
    assert not subject.store.find(key)
    made = measured(subject)
    assert subject.store.find(key)
    subject.store.export([key], tmp_path / "shipped")
    fresh = make_subject(open_tiny(), cache="fresh", reference=tmp_path / "shipped", without_images=True)
    read = measured(fresh)
    assert not staged_networks.PASSED
    for name in ("means", "counts", "strongest", "activations", "labels"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))
    assert read.means.dtype == np.float64


def test_equal_activations_are_ordered_by_content_and_not_by_place():
    rng = np.random.default_rng(0)
    digests = rng.integers(0, 256, (40, 32), dtype=np.uint8)
    features = rng.integers(0, 3, (40, 5)).astype(np.float32)
    features[:, 4] = 0
    order = rng.permutation(40)
    plain, moved = strongest_images(features, digests), strongest_images(features[order], digests[order])
    np.testing.assert_array_equal(plain, order[moved])
    # A unit that never fires has the first images by content.
    by_content = sorted(digest.tobytes() for digest in digests)
    assert [digests[row].tobytes() for row in plain[4]] == by_content[:9]


def test_fewer_than_nine_images_are_all_named():
    rows = strongest_images(np.array([[1.0], [3.0]]), np.arange(64, dtype=np.uint8).reshape(2, 32))
    assert rows.tolist() == [[1, 0]]


def test_the_balanced_mean_weighs_classes_and_not_images():
    none = np.empty((1, 0))
    means = UnitMeans(np.array([[0.0], [4.0]]), np.array([999, 1]), np.empty((1, 0, 32), np.uint8), none, none)
    assert means.balanced.tolist() == [2.0]


def test_without_images_or_a_head_or_a_class_it_says_why(open_tiny, make_subject):
    with pytest.raises(Unavailable, match=NEEDS_IMAGES):
        measured(make_subject(open_tiny(), without_images=True))
    with pytest.raises(Unavailable, match="has no head"):
        measured(make_subject(replace(open_tiny(), head=None)))
    with pytest.raises(Unavailable, match="the class yeti has no training image"):
        measured(make_subject(open_tiny(classes=("bird", "yeti", "frog")), cache="other"))
