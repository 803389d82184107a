"""Noise-A chooses, noise-B tests: each measurement of a subject stands on the draws that it says."""

import numpy as np
import pytest

from why_bird.measure import classifier
from why_bird.measure import subject as subject_module
from why_bird.measure.one_point import measure_constant_share
from why_bird.measure.passes import Answers
from why_bird.measure.proximity import measure_proximity
from why_bird.measure.stored import Readings

CHOSEN_BY = {"A": 0, "P8/A": 0, "B": 1, "P8/B": 1}


@pytest.fixture
def planted(open_tiny, make_subject, monkeypatch):
    """A subject that calls every draw that chooses a bird, and every draw that tests a cat."""

    def by_role(_network, images):
        labels = np.full(images.count, CHOSEN_BY[images.source["role"]])
        return Readings((), lambda _store: Answers(np.eye(3, dtype=np.float32)[labels], None))

    for module in (subject_module, classifier):
        monkeypatch.setattr(module, "answers", by_role)
    return make_subject(open_tiny())


def test_the_class_of_noise_is_chosen_on_noise_a(planted):
    assert planted.target.name == "bird"
    assert planted.untrained_target.name == "bird"


def test_noise_b_tests_as_do_its_other_forms(planted):
    assert set(planted.noise.labels) == {1}
    assert [set(answers.labels) for answers in planted.sensitivity.values()] == [{1}]


def test_a_spectrum_is_tested_on_other_draws_than_its_class_is_chosen_on(planted):
    for spectrum, beta in zip(planted.spectra, (0.0, 2.0), strict=True):
        assert spectrum.beta == beta
        assert spectrum.chosen == 0
        assert set(spectrum.labels) == {1}


def test_one_point_is_a_product_of_both_draws_and_distances_are_of_noise_b(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    test, noise_a, noise_b = subject.test_images, subject.noise_a.features, subject.noise.features
    shares = measure_constant_share(test.features, test.truth, noise_a, noise_b).shares
    np.testing.assert_array_equal(subject.constant_share.shares, shares)
    for name, centred in (("proximity", True), ("raw_proximity", False)):
        graph = measure_proximity(test.features, test.truth, noise_b, centred=centred)
        np.testing.assert_array_equal(getattr(subject, name).distances, graph.distances)


def test_the_stages_are_measured_on_noise_b_and_before_training_on_noise_a(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    assert subject.stages.sizes[-1] == len(subject.noise) == 40
    assert subject.untrained_stages.sizes[-1] == len(subject.untrained.noise_a) == 6
