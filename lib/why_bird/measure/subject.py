"""A network under question, and what any claim about it needs."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.published_noise import post
from why_bird.images.select import chosen_rows
from why_bird.measure.checks import CHECKED, Agreement, Check, agreement, judge_checks, measure_checks
from why_bird.measure.class_manifolds import LEAST
from why_bird.measure.dimension.participation import ParticipationRatio, directional_participation
from why_bird.measure.dose_checks import stored_dose_zero
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.inputs import Inputs
from why_bird.measure.measurement import Measurable, measurement, stored
from why_bird.measure.noise_class import NoiseClass, Sink, choose_noise_class, choose_sink
from why_bird.measure.passes import Answers, answers
from why_bird.measure.planned_passes import FEW_TEST, PlannedPasses
from why_bird.measure.readout import Head
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings, Stored
from why_bird.networks.network import Network, untrained

TWIN = 20
PER_CLASS = 1_000
"""At most so many test images a class measure where it lies and how many dimensions it spans."""

_SMALL = (bool, int, float, NoiseClass)
"""Measurements that take no room."""


class Subject(Measurable):
    """A network with its measurements, each read from the store or made on first use.

    What passes through it may be given, where it was chosen already (`planned`).

    Notes
    -----
    Noise-A chooses, noise-B tests. Noise is drawn at the size that the network takes.
    """

    owner = "network's"

    def __init__(self, network: Network, inputs: Inputs, store: Store, planned: PlannedPasses | None = None) -> None:
        super().__init__(inputs, store)
        self.network = network
        self.planned = planned or PlannedPasses(network, inputs)

    def release(self) -> None:
        """Forget whatever is large, which the store keeps or which can be made again."""
        self.made = {wanted: value for wanted, value in self.made.items() if isinstance(value, _SMALL)}
        for name in ("untrained", "in_full_precision"):
            self.__dict__.pop(name, None)
        self.planned = replace(self.planned)

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the network's classes."""
        return self.network.classes

    @cached_property
    def untrained(self) -> Subject:
        """The same architecture before training, from the seed that the checkpoint names, else seed 0.

        What it says decides nothing, so that it is asked one in :data:`TWIN` of noise.
        """
        inputs = replace(self.inputs, one_in=TWIN * self.inputs.one_in)
        return Subject(untrained(self.network, self.network.seed_of_initialisation), inputs, self.store)

    @cached_property
    def in_full_precision(self) -> Subject:
        """The same network, asked in full precision."""
        return Subject(replace(self.network, precision="fp32"), self.inputs, self.store)

    @stored(shipped=True)
    def test_images(self) -> Stored[Answers]:
        """Answers on the test images: logits, features, labels, truth."""
        return answers(self.network, self.planned.test)

    @stored(shipped=True)
    def noise_a(self) -> Stored[Answers]:
        """Answers on noise-A, the draws that choose."""
        return answers(self.network, self.planned.noise_a)

    @stored(shipped=True)
    def noise(self) -> Stored[Answers]:
        """Answers on noise-B, the draws that test."""
        return answers(self.network, self.planned.noise_b)

    @cached_property
    def head(self) -> Head:
        """The head's weights; Unavailable where the network does not end in a linear layer."""
        return Head.of(self.network)

    @measurement(fixture="head")
    def head_with_bias(self) -> Head:
        """The last linear layer: ``head.logits(features)`` and ``head.labels(features)``, with or without bias."""
        if not self.network.require_head().has_bias:
            raise Unavailable("the head has no bias, so it cannot decide anything")
        return self.head

    @measurement(noise_a)
    def target(self) -> NoiseClass:
        """The class that most of noise-A falls into."""
        return choose_noise_class(self.noise_a.logits, self.classes)

    @measurement(target)
    def collapse(self) -> NoiseClass:
        """The class of noise, where at least half of noise-A falls into it (of a procedure: on average)."""
        if self.target.share < 0.5:
            raise Unavailable(
                f"no collapse to explain: the class of most noise, {self.target.name}, holds {self.target.share:.1%} "
                "of noise-A, and half is needed"
            )
        return self.target

    @measurement(noise_a)
    def sink(self) -> Sink:
        """The smallest set of classes that holds nine tenths of noise-A."""
        return choose_sink(self.noise_a.logits, self.classes)

    @measurement(test_images)
    def accuracy(self) -> float:
        """Share of the test images that are classified rightly."""
        return float((self.test_images.labels == self.test_images.truth).mean())

    @measurement(test_images)
    def directions(self) -> tuple[ParticipationRatio, ...]:
        """Over how many directions of penultimate features the test images of each class are spread."""
        return tuple(
            directional_participation(points, f"the test images of {name}")
            for name, points in zip(self.classes, self._features_by_class(), strict=True)
        )

    def _features_by_class(self) -> tuple[NDArray[np.float32], ...]:
        """Return the features of at most so many test images of each class."""
        self.network.require_head()
        test = self.test_images
        by_class = tuple(test.features[test.truth == c][:PER_CLASS] for c in range(len(self.classes)))
        for name, points in zip(self.classes, by_class, strict=True):
            if len(points) < LEAST:
                raise Unavailable(f"the class {name} has {len(points)} test images: its dimensions need {LEAST}")
        return by_class

    @stored()
    def agreement(self) -> Readings[Agreement | None]:
        """How often half precision gives the label of full precision; None where the network is asked in that."""
        if self.network.precision == "fp32":
            return Readings((), lambda _store: None)
        full = self.in_full_precision
        few_test = answers(full.network, self.planned.few_test)

        def get(store: Store) -> Agreement:
            labels = {"noise images": (self.noise_a.labels, full.noise_a.labels)}
            try:
                test, in_full = self.test_images, few_test.get(store)
            except Unavailable:
                return agreement(labels)  # without test images it is asked of noise alone
            few = chosen_rows(test.truth, self.network.classes, self.network.classes, self.inputs.few(FEW_TEST))
            return agreement(labels | {"test images": (test.labels[few], in_full.labels)})

        return Readings((answers(full.network, self.planned.noise_a), few_test), get)

    @stored(shipped=True)
    def dose_zero(self) -> Stored[float]:
        """Largest change of a logit under dose 0 of every intervention."""
        return stored_dose_zero(self.in_full_precision.network, self.inputs)

    @stored(shipped=True)
    def measured_checks(self) -> Stored[dict[str, float]]:
        """What the manipulation checks measure."""
        identity, size = self.inputs.identity, self.network.preprocess.size
        drawn = post(identity.mean, identity.std, size, self.inputs.seed, "A")
        # Whether it depends on the batch is asked in full precision: the last bits of half precision do.
        network = self.in_full_precision.network

        def compute(store: Store, _scratch: Path) -> Arrays:
            found = measure_checks(network, drawn, drawn, store.progress)
            return {name: np.array(value) for name, value in found.items()}

        parts: dict[str, Any] = {"network": network.key, "noise": self.planned.noise_a.source}
        key = Key("checks", 1, parts)
        return Stored(key, lambda arrays: {name: float(each) for name, each in arrays.items()}, compute, images=CHECKED)

    @measurement(measured_checks, agreement)
    def checks(self) -> list[Check]:
        """Manipulation checks: whether the network was asked what we think we asked it."""
        checks = judge_checks(self.measured_checks)
        return checks if self.agreement is None else [*checks, self.agreement.check]
