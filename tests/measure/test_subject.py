"""A network is asked once for everything, and what is shipped is what was computed."""

import shutil

import numpy as np
import pytest
import staged_networks

from why_bird.errors import BadInput, Unavailable
from why_bird.measure import planned_passes
from why_bird.measure.classifier import Classifier
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.measure.measurement import declared
from why_bird.measure.noise_class import NoiseClass, choose_noise_class, choose_sink
from why_bird.measure.plan import everything, make_plan
from why_bird.measure.ship import ship
from why_bird.measure.stored import still_to_make
from why_bird.measure.subject import Subject

CLASSES = ("bird", "cat", "frog")
MEASURED = ("test_images", "noise_a", "noise", "sensitivity", "settings", "spectra", "target", "accuracy", "proximity")
MEASURED += ("raw_proximity", "constant_share", "stages", "untrained_target", "untrained_stages", "head")
MEASURED += ("border_doses", "whole_doses", "shuffled", "unit_means", "detection")
MEASURED += ("contrasts", "larger_noise", "white_spectrum", "random_phases", "corners")

TRIED = 1
"""Images that show whether a network takes noise of twice the side, in no plan: as those with which it is opened."""


def planned_of(subject):
    """Return how many images the plan says, but for a noise that leaves the class: of that it says how many at most."""
    (leaving,) = Classifier.counterexample.entries(subject)
    return make_plan(everything([subject])).images - leaving.passes


def measure_all(subject):
    # Six training images a class are too few for its manifold, but they pass before that is known.
    with pytest.raises(Unavailable):
        _ = subject.geometry
    return {name: getattr(subject, name) for name in MEASURED}


def numbers(value):
    """Return the arrays of a measurement, whatever holds them."""
    if isinstance(value, dict):
        return [array for each in value.values() for array in numbers(each)]
    if isinstance(value, (tuple, list)):
        return [array for each in value for array in numbers(each)]
    if hasattr(type(value), "__slots__") and not isinstance(value, np.ndarray):
        return [array for name in type(value).__slots__ for array in numbers(getattr(value, name))]
    return [np.asarray(value)]


def assert_same(one, other):
    for name in MEASURED:
        for a, b in zip(numbers(one[name]), numbers(other[name]), strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)


def test_no_image_passes_twice_and_the_plan_says_how_many(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    expected = planned_of(subject)
    staged_networks.PASSED.clear()  # the plan timed the network
    measure_all(subject)
    assert len(staged_networks.PASSED) == expected + TRIED
    assert len(staged_networks.PASSED) == len(set(staged_networks.PASSED))
    again = make_subject(open_tiny())
    assert planned_of(again) == 0
    staged_networks.PASSED.clear()
    measure_all(again)
    assert staged_networks.PASSED == []


def test_what_is_shipped_judges_as_what_was_computed(open_tiny, make_subject, tmp_path):
    computed = make_subject(open_tiny())
    first = measure_all(computed)
    ship([computed], tmp_path / "reference")
    offline = make_subject(open_tiny(), cache="other", reference=tmp_path / "reference", without_images=True)
    # Training images and inner stages are never shipped, only the geometry that was measured with them, and there is
    # none here.
    wanted = (entry for each in declared(Classifier) for entry in each.wanted(offline))
    labels = {each.label for each in still_to_make(wanted, offline.store) if each.compute is None}
    assert labels == {"training images", "test images"}
    assert_same(measure_all(offline), first)
    assert staged_networks.PASSED == []


def test_the_plan_holds_where_only_the_untrained_twin_is_shipped(open_tiny, make_subject, tmp_path):
    ship([make_subject(open_tiny())], tmp_path / "reference")
    # As where noise falls into another class than in the shipped network.
    for contrasts in (tmp_path / "reference" / "measurements").glob("stage-contrasts-*"):
        shutil.rmtree(contrasts)
    retrained = make_subject(open_tiny(scale=1.5), cache="other", reference=tmp_path / "reference")
    planned = planned_of(retrained)
    staged_networks.PASSED.clear()  # the plan timed the network
    measure_all(retrained)
    # The twin's inner stages are not shipped, so its noise passes again for their sake.
    assert len(staged_networks.PASSED) == planned + TRIED
    assert planned == sum(receipt.images for receipt in retrained.store.ledger)


def test_a_network_of_some_of_the_classes_is_shipped_too(open_tiny, make_subject, tmp_path):
    network = open_tiny(classes=("frog", "bird"))
    computed = make_subject(network)
    assert len(computed.test_images) == 20
    ship([computed], tmp_path / "reference")
    offline = make_subject(network, cache="other", reference=tmp_path / "reference", without_images=True)
    np.testing.assert_array_equal(offline.test_images.logits, computed.test_images.logits)
    assert offline.accuracy == computed.accuracy


def test_features_have_16_bits_wherever_they_come_from(open_tiny, make_subject):
    features = make_subject(open_tiny()).noise.features
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, features.astype(np.float16))


def test_features_beyond_16_bits_are_kept_as_they_are(open_tiny, make_subject):
    subject = make_subject(open_tiny(scale=1e7))
    assert np.isfinite(subject.noise.features).all()
    assert subject.noise.features.max() > float(np.finfo(np.float16).max)
    np.testing.assert_allclose(subject.head.logits(subject.noise.features), subject.noise.logits, rtol=1e-3)


def test_without_images_noise_is_asked_and_the_rest_says_what_it_needs(open_tiny, make_subject):
    subject = make_subject(open_tiny(), without_images=True)
    assert subject.noise.logits.shape == (40, 3)
    assert make_plan(everything([subject])).without_images
    for name in ("test_images", "accuracy", "proximity", "constant_share", "stages", "untrained_stages"):
        with pytest.raises(Unavailable) as caught:
            getattr(subject, name)
        assert str(caught.value) == NEEDS_IMAGES


def test_classes_are_matched_by_name_in_any_order(open_tiny, make_subject, images):
    names = {bytes(d): CLASSES[label] for d, label in zip(images.test.digests, images.test.labels, strict=True)}
    network = open_tiny(classes=("frog", "bird", "cat"))
    subject = make_subject(network)
    passed = subject.planned.test.read()
    assert [network.classes[t] for t in subject.test_images.truth] == [names[bytes(d)] for d in passed.digests]
    logits = subject.test_images.logits
    right = [names[bytes(d)] == network.classes[row.argmax()] for d, row in zip(passed.digests, logits, strict=True)]
    assert subject.accuracy == np.mean(right)


def test_a_class_without_images_is_named(open_tiny, make_subject):
    subject = make_subject(open_tiny(classes=("bird", "cat", "unicorn")))
    for name in ("proximity", "constant_share", "stages"):
        with pytest.raises(Unavailable, match="the class unicorn has 0 test images"):
            getattr(subject, name)


def test_classes_of_another_world_are_bad_input(open_tiny, make_subject):
    with pytest.raises(BadInput, match="none of the classes a, b is among the images', which are bird, cat, frog"):
        _ = make_subject(open_tiny(classes=("a", "b"))).test_images


def test_many_test_images_are_cut_to_a_fixed_sample(open_tiny, make_subject, images, monkeypatch):
    monkeypatch.setattr(planned_passes, "TEST", 13)
    subject = make_subject(open_tiny())
    assert np.bincount(subject.test_images.truth).tolist() == [4, 4, 4]
    first = np.concatenate([np.flatnonzero(images.test.labels == c)[:4] for c in range(3)])
    np.testing.assert_array_equal(subject.planned.test.read().digests, images.test.take(first).digests)


def test_noise_a_and_noise_b_share_no_image(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    _ = subject.noise_a, subject.noise
    assert len(set(staged_networks.PASSED)) == 24 + 40


def test_the_second_class_of_equal_shares_has_the_higher_mean_logit():
    logits = np.array([[9, 0, 0, 1], [9, 0, 0, 1], [0, 5, 0, 1], [0, 0, 5.5, 1]], dtype=np.float32)
    chosen = choose_noise_class(logits, ("a", "b", "c", "d"))
    assert (chosen.index, chosen.name, chosen.share, chosen.runner_up) == (0, "a", 0.5, 2)
    # Shares come first: d has the highest mean logit after a, and no image.
    everywhere = choose_noise_class(np.array([[5.0, 0, 4]] * 3 + [[0, 1, 0]]), ("a", "b", "c"))
    assert everywhere.runner_up == 1
    nowhere = choose_noise_class(np.array([[5.0, 0, 4]] * 3), ("a", "b", "c"))
    assert (nowhere.share, nowhere.runner_up) == (1.0, 2)


def test_little_noise_in_one_class_is_no_collapse(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    spread = NoiseClass(1, "cat", 0.49, 0)
    subject.made[Subject.target] = spread
    with pytest.raises(Unavailable, match=r"cat, holds 49\.0% of noise-A, and half is needed"):
        _ = subject.collapse
    half = NoiseClass(1, "cat", 0.5, 0)
    subject.made[Subject.target] = half
    assert subject.collapse == half


def test_the_sink_is_the_smallest_set_that_holds_nine_tenths():
    classes = ("a", "b", "c", "d")
    of = np.eye(4)[[2] * 7 + [0] * 2 + [1]]
    sink = choose_sink(of, classes)
    assert (sink.members, sink.share, sink.names) == ((2, 0), 0.9, "c, a")
    assert [pair[1:] for pair in sink.against_the_rest()] == [(2, 1), (2, 3), (0, 1), (0, 3)]
    assert sink.within() == [("a", 2, 0)]
    spread = choose_sink(np.eye(4)[[2] * 6 + [0] * 2 + [1] * 2], classes)
    assert spread.members == (2, 0, 1)
    for ask in (spread.against_the_rest, spread.within):
        with pytest.raises(Unavailable, match="no sink to explain: it takes 3 of the 4 classes"):
            ask()
    with pytest.raises(Unavailable, match="the sink is c alone"):
        choose_sink(np.eye(4)[[2] * 10], classes).within()


def test_a_missing_name_is_unavailable(open_tiny, make_subject):
    subject = make_subject(open_tiny(classes=("cat", "frog")))
    with pytest.raises(Unavailable, match="no class is named bird: the network's are cat, frog"):
        _ = subject.bird
