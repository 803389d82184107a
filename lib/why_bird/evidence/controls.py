"""Negative controls: questions whose answer is known. One wrong answer voids a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from why_bird.errors import Unavailable
from why_bird.evidence.codec import decode, encode
from why_bird.evidence.exhibits import Check
from why_bird.evidence.gate import differs_by
from why_bird.locks import locked
from why_bird.measure.subject import Subject
from why_bird.stats import DriftOutcome, Proportion, decide, drift, paired_drop
from why_bird.streams import generator

LEAST_ACCURACY = 0.5
"""Test accuracy below which a network is most likely fed wrongly."""

_RELATIVE, _ABSOLUTE = 1e-4, 1e-6
_COLLAPSED, _ALPHA = 0.9, 0.001
"""Share of images that one class must not hold, and the one-sided error rate at which that is asked."""


def run_controls(subject: Subject) -> list[Check]:
    """Put the negative controls to a network.

    Returns
    -------
    list of Check
        Of kind ``"control"``. One whose inputs are not there passes and says that it was not run.
    """
    controls: dict[str, Callable[[Subject], tuple[bool, str]]] = {
        "held-out images in the place of noise do not fall into one class": _images_as_noise,
        "two draws of noise are not red under the gate": _two_draws,
        "relabelled classes and permuted units give the same predictions": _renamed,
        "an ablation of nothing changes exactly nothing": _nothing,
        "dose 0 changes exactly nothing": _dose_zero,
    }
    checks = []
    for name, ask in controls.items():
        try:
            passed, detail = ask(subject)
        except Unavailable as missing:
            passed, detail = True, f"not run: {missing}"
        checks.append(Check(name, passed, detail, "control"))
    return checks


def controls_shared(subject: Subject, folder: Path | None) -> list[Check]:
    """Put the negative controls to a network, unless another process of the run has done it.

    Parameters
    ----------
    folder : Path, optional
        The run's own, which all its processes see.
    """
    if folder is None:
        return run_controls(subject)
    path = folder / f"controls-{subject.network.hash[:16]}.json"
    with locked(path.with_suffix(".lock"), "putting the controls to this network"):
        if not path.is_file():
            path.write_text(json.dumps([encode(check) for check in run_controls(subject)]))
        return [decode(Check, content) for content in json.loads(path.read_text())]


def _images_as_noise(subject: Subject) -> tuple[bool, str]:
    # A network that is fed wrongly may call every image by one name; it is told so by its own check.
    if subject.accuracy < LEAST_ACCURACY:
        raise Unavailable(f"the accuracy on test images is {subject.accuracy:.1%}")
    labels, truth = subject.test_images.labels, subject.test_images.truth
    # Into a class fall its own images, at most all of them, and others that are mistaken for it.
    could = float(np.bincount(truth).max()) / len(truth) + 1 - subject.accuracy
    if could > _COLLAPSED:
        raise Unavailable(f"with an accuracy of {subject.accuracy:.1%} as many of them could fall into one class")
    chooses, tests = labels[0::2], labels[1::2]
    largest = int(np.bincount(chooses, minlength=len(subject.classes)).argmax())
    estimate = Proportion(int((tests == largest).sum()), len(tests), "test images")
    verdict = decide(estimate, _COLLAPSED, "above", _ALPHA)
    if verdict.inconclusive:
        raise Unavailable(f"{len(tests)} test images are too few to reject it")
    found = f"{estimate.value:.1%} of {len(tests):,} images fall into {subject.classes[largest]}"
    return verdict.rejected, f"{found}: {verdict.outcome}"


def _two_draws(subject: Subject) -> tuple[bool, str]:
    target = subject.target.index
    first, second = (
        Proportion(int((draw.labels == target).sum()), len(draw), "noise images")
        for draw in (subject.noise_a, subject.noise)
    )
    # Noise-A chose the class, so its share leans up: by far less than this margin, and towards red.
    moved = drift(first, second, margin_floor=0.025)
    return moved.outcome is not DriftOutcome.RED, differs_by(moved)


def _renamed(subject: Subject) -> tuple[bool, str]:
    head, noise = subject.head, subject.noise
    features = noise.features.astype(np.float64)
    rng = generator(0, "controls", "renaming")
    classes, units = rng.permutation(len(head.bias)), rng.permutation(features.shape[1])
    plain = head.logits(features)
    renamed = features[:, units] @ head.weight[classes][:, units].T + head.bias[classes]
    back = np.empty_like(plain)
    back[:, classes] = renamed
    same_floats = np.allclose(back, plain, rtol=_RELATIVE, atol=_ABSOLUTE)
    differ = np.flatnonzero(back.argmax(1) != plain.argmax(1))
    top = np.sort(plain[differ], axis=1)
    ties = top[:, -1] - top[:, -2] <= _ABSOLUTE
    passed = bool(same_floats and ties.all())
    return passed, f"{len(differ)} of {len(plain):,} labels differ, {int(ties.sum())} by a tie"


def _nothing(subject: Subject) -> tuple[bool, str]:
    head, noise = subject.head, subject.noise
    target = subject.target.index
    ablated = noise.features.copy()
    none = np.array([], dtype=np.int64)
    ablated[:, none] = 0
    drop = paired_drop(head.labels(noise.features) == target, head.labels(ablated) == target)
    return drop.value == 0 and drop.first_only == drop.second_only == 0, f"fall of π {drop.value:g}"


def _dose_zero(subject: Subject) -> tuple[bool, str]:
    change = subject.dose_zero
    return change == 0, f"largest change of a logit {change:g}"
