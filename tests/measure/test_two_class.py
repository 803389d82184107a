"""A two-class network is asked about the classes that it never saw, and about no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import staged_networks

from why_bird.errors import Unavailable
from why_bird.measure.dimension.participation import directional_participation
from why_bird.measure.inputs import Inputs, identify
from why_bird.measure.plan import everything, make_plan
from why_bird.measure.ship import ship
from why_bird.measure.store import Store
from why_bird.measure.two_class import TwoClass

PAIR = ("frog", "cat")


@pytest.fixture
def make_pair(open_tiny, images, tmp_path, few):
    def make(*, cache="cache", reference=None, without_images=False, classes=PAIR):
        inputs = Inputs(identify(images), None if without_images else images, seed=5)
        subject = TwoClass(open_tiny(classes=classes), inputs, Store(tmp_path / cache, reference))
        staged_networks.PASSED.clear()
        return subject

    return make


def test_it_is_asked_about_every_image_of_the_classes_it_never_saw(make_pair, images):
    subject = make_pair()
    assert subject.unseen_classes == ("bird",)
    assert subject.unseen.logits.shape == (10, 2)
    assert subject.unseen.truth.tolist() == [0] * 10
    own = images.test.labels == images.test.classes.index("bird")
    np.testing.assert_array_equal(subject.planned.unseen.read().digests, images.test.digests[own])
    assert subject.cat == 1


def test_the_plan_says_what_passes_and_nothing_passes_twice(make_pair):
    subject = make_pair()
    planned = make_plan(everything([subject])).images
    staged_networks.PASSED.clear()  # the plan timed the network
    for name in ("test_images", "unseen", "noise_a", "noise"):
        getattr(subject, name)
    assert len(staged_networks.PASSED) == len(set(staged_networks.PASSED)) == planned == 20 + 10 + 24 + 40
    assert make_plan(everything([make_pair()])).images == 0


def test_what_is_shipped_is_read_without_images(make_pair, tmp_path):
    computed = make_pair()
    ship([computed], tmp_path / "reference")
    offline = make_pair(cache="offline", reference=tmp_path / "reference", without_images=True)
    for name in ("unseen", "noise"):
        np.testing.assert_array_equal(getattr(offline, name).logits, getattr(computed, name).logits)
    assert offline.dose_zero == 0
    assert not staged_networks.PASSED


def test_dimensions_are_those_of_each_class_in_features(make_pair, monkeypatch):
    monkeypatch.setattr("why_bird.measure.subject.LEAST", 5)
    subject = make_pair()
    for c in range(2):
        own = subject.test_images.features[subject.test_images.truth == c]
        assert subject.directions[c].value == directional_participation(own).value


def test_too_few_images_and_no_unseen_class_are_said(make_pair, images):
    with pytest.raises(Unavailable, match="the class frog has 10 test images: its dimensions need 25"):
        _ = make_pair().directions
    knows_all = make_pair(classes=("bird", "cat", "frog"))
    with pytest.raises(Unavailable, match="hold no class that the network does not know"):
        _ = knows_all.unseen
    assert list(TwoClass.unseen.wanted(knows_all)) == []


def test_a_class_of_another_name_is_said(make_pair):
    subject = make_pair()
    subject.network = replace(subject.network, classes=("frog", "bird"))
    with pytest.raises(Unavailable, match="no class is named cat: the network's are frog, bird"):
        _ = subject.cat
