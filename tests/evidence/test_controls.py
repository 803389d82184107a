"""The negative controls: what breaks them, and what only keeps them from being asked."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from why_bird.evidence.controls import run_controls
from why_bird.measure.noise_class import NoiseClass
from why_bird.measure.passes import Answers
from why_bird.measure.readout import Head

IMAGES, DRAWS, RENAMED, NOTHING, DOSE_ZERO = range(5)


def answers(labels, features=None, truth=None):
    return Answers(np.eye(3, dtype=np.float32)[labels], features, truth)


def subject(*, called=None, truth=None, accuracy=0.9, share_b=0.95, features=None, dose_zero=0.0):
    """Return what the controls ask of a subject: a network whose noise falls into class 1."""
    rng = np.random.default_rng(0)
    features = np.abs(rng.normal(size=(400, 5))).astype(np.float32) if features is None else features
    called = np.arange(600) % 3 if called is None else called
    noise = np.where(np.arange(400) < 400 * share_b, 1, 0)
    return SimpleNamespace(
        accuracy=accuracy,
        classes=("a", "b", "c"),
        test_images=answers(called, truth=np.arange(len(called)) % 3 if truth is None else truth),
        noise_a=answers(np.where(np.arange(400) < 380, 1, 0)),
        noise=answers(noise, features),
        target=NoiseClass(1, "b", 0.95, 0),
        head=Head(rng.normal(size=(3, 5)), rng.normal(size=3)),
        dose_zero=dose_zero,
    )


def run(**made):
    return run_controls(subject(**made))


def test_a_sound_network_passes_all():
    checks = run()
    assert [check.passed for check in checks] == [True] * 5
    assert not any("not run" in check.detail for check in checks)


def test_a_dose_of_nothing_that_changes_a_bit_breaks_the_last():
    check = run(dose_zero=1e-7)[DOSE_ZERO]
    assert not check.passed
    assert "1e-07" in check.detail


def test_images_that_collapse_as_noise_does_break_the_first():
    check = run(called=np.ones(600, dtype=int))[IMAGES]
    assert not check.passed
    assert "confirmed" in check.detail


def test_a_network_that_is_fed_wrongly_breaks_nothing():
    """It is told so by the precondition of its claims, and a void run would say nothing."""
    check = run(called=np.ones(600, dtype=int), accuracy=0.33)[IMAGES]
    assert check.passed
    assert check.detail == "not run: the accuracy on test images is 33.0%"


def test_a_network_of_two_classes_may_call_nearly_all_images_by_one_name():
    """Half of them are right then: that is no sign of a broken control."""
    truth = np.arange(600) % 2
    called = np.where(np.arange(600) % 50 == 0, truth, 1)
    check = run(called=called, truth=truth, accuracy=float((called == truth).mean()))[IMAGES]
    assert check.passed
    assert check.detail == "not run: with an accuracy of 52.0% as many of them could fall into one class"


def test_few_images_break_nothing():
    check = run(called=np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]))[IMAGES]
    assert check.passed
    assert "too few" in check.detail


def test_draws_that_differ_break_the_second():
    assert not run(share_b=0.5)[DRAWS].passed


def test_predictions_that_are_not_numbers_break_the_others():
    checks = run(features=np.full((400, 5), np.nan, dtype=np.float32))
    assert not checks[RENAMED].passed


@pytest.mark.parametrize("control", [RENAMED, NOTHING])
def test_without_features_they_are_not_asked(control):
    made = subject()
    made.noise = answers(made.noise.labels)
    check = run_controls(made)[control]
    assert check.passed
    assert check.detail == "not run: the network does not end in a linear layer, so it has no features"
