"""A network under question, and what any claim about it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.images.published import post
from lib.images.select import chosen_rows, listed
from lib.measure.agreement import Agreement, agreement
from lib.measure.checks import CHECKED, Check, judge_checks, measure_checks
from lib.measure.dosechecks import stored_dose_zero
from lib.measure.inputs import Inputs
from lib.measure.noiseclass import NoiseClass, choose_noise_class
from lib.measure.passes import Answers, Pass, answers
from lib.measure.plannedpasses import FEW_TEST, PlannedPasses
from lib.measure.readout import Head
from lib.measure.store import Key, Store
from lib.networks.network import Network, untrained

__all__ = ["Head", "NoiseClass", "Subject"]

_LARGEST_SEED = 2**64 - 1
"""The largest that PyTorch takes."""


class Subject:
    """A network with its measurements, each read from the store or made on first use.

    Parameters
    ----------
    network : Network
    inputs : Inputs
    store : Store

    Notes
    -----
    Noise-A chooses, noise-B tests. Noise is drawn at the size that the network takes.
    """

    def __init__(self, network: Network, inputs: Inputs, store: Store) -> None:
        self.network = network
        self.inputs = inputs
        self.store = store

    def measured(self, name: str) -> Any:
        """Return a measurement by its name."""
        return getattr(self, name)

    @cached_property
    def planned(self) -> PlannedPasses:
        """What passes through the network."""
        return PlannedPasses(self.network, self.inputs)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the logits."""
        return self.network.classes

    def class_index(self, name: str) -> int:
        """Return the place of a class.

        Raises
        ------
        Unavailable
            If no class has the name.
        """
        if name not in self.classes:
            raise Unavailable(f"no class is named {name}: the network's are {listed(self.classes)}")
        return self.classes.index(name)

    @property
    def bird(self) -> int:
        """Index of the post's class."""
        return self.class_index("bird")

    @cached_property
    def seed_of_initialisation(self) -> int:
        """Seed of the untrained twin: the one that the network was trained from, where it says so."""
        try:
            return min(max(0, int(self.network.metadata.get("seed", "0"))), _LARGEST_SEED)
        except ValueError:
            return 0

    @cached_property
    def untrained(self) -> Subject:
        """The same architecture before training, from the seed that the checkpoint names, else seed 0."""
        return Subject(untrained(self.network, self.seed_of_initialisation), self.inputs, self.store)

    def passes(self) -> Iterator[tuple[Network, Pass]]:
        """Yield every pass that the claims of this network can ask for, with the network that is asked."""
        yield from ((self.network, each) for each in (self.planned.test, self.planned.noise_a, self.planned.noise_b))
        yield from self._passes_in_full()

    def _passes_in_full(self) -> Iterator[tuple[Network, Pass]]:
        """Yield what passes in full precision, to hold half precision against it."""
        if self.network.precision != "fp32":
            yield from ((self._in_full.network, each) for each in (self.planned.noise_a, self.planned.few_test))

    def missing(self) -> Iterator[tuple[Network, Pass]]:
        """Yield the passes that are still to be made."""
        yield from ((network, each) for network, each in self.passes() if not self.store.holds(each.key(network)))

    @property
    def to_search(self) -> int:
        """Images that may pass beside, because nobody knows before which they are."""
        return 0

    @cached_property
    def test_images(self) -> Answers:
        """Answers on the test images, with features."""
        return answers(self.network, self.planned.test, self.store)

    @cached_property
    def noise_a(self) -> Answers:
        """Answers on noise-A, which chooses."""
        return answers(self.network, self.planned.noise_a, self.store)

    @cached_property
    def noise(self) -> Answers:
        """Answers on noise-B, which tests."""
        return answers(self.network, self.planned.noise_b, self.store)

    @cached_property
    def head(self) -> Head:
        """The head's weights.

        Raises
        ------
        Unavailable
            If the network does not end in a linear layer.
        """
        site = self.network.require_head()
        return Head(site.weight.double().cpu().numpy(), site.bias.double().cpu().numpy())

    @cached_property
    def head_with_bias(self) -> Head:
        """The head's weights, of a head that has a bias.

        Raises
        ------
        Unavailable
            If it has none, or there is no linear head.
        """
        if not self.network.require_head().has_bias:
            raise Unavailable("the head has no bias, so it cannot decide anything")
        return self.head

    @cached_property
    def target(self) -> NoiseClass:
        """The class that most of noise-A falls into."""
        return choose_noise_class(self.noise_a.logits, self.classes)

    @cached_property
    def collapse(self) -> NoiseClass:
        """The target, of a network in which there is a collapse to explain.

        Raises
        ------
        Unavailable
            If less than half of noise-A falls into one class.
        """
        if self.target.share < 0.5:
            raise Unavailable(
                f"no collapse to explain: the class of most noise, {self.target.name}, holds {self.target.share:.1%} "
                "of noise-A, and half is needed"
            )
        return self.target

    @cached_property
    def accuracy(self) -> float:
        """Share of the test images that are classified rightly."""
        return float((self.test_images.labels == self.test_images.truth).mean())

    @cached_property
    def _in_full(self) -> Subject:
        """The same network, asked in full precision."""
        return Subject(replace(self.network, precision="fp32"), self.inputs, self.store)

    @cached_property
    def agreement(self) -> Agreement | None:
        """How often half precision gives the label of full precision; None where the network is asked in that."""
        if self.network.precision == "fp32":
            return None
        labels = {"noise images": (self.noise_a.labels, self._in_full.noise_a.labels)}
        try:
            test, full = self.test_images, answers(self._in_full.network, self.planned.few_test, self.store)
        except Unavailable:
            return agreement(labels)  # without test images it is asked of noise alone
        assert test.truth is not None  # noqa: S101 - test images are labelled
        few = chosen_rows(test.truth, self.classes, self.classes, FEW_TEST)
        return agreement(labels | {"test images": (test.labels[few], full.labels)})

    @cached_property
    def dose_zero(self) -> float:
        """Largest change of a logit under dose 0 of every intervention."""
        return stored_dose_zero(self._in_full.network, self.inputs, self.store)

    @cached_property
    def checks(self) -> list[Check]:
        """Manipulation checks: whether the network was asked what we think we asked it."""
        noise = self.planned.noise_a
        identity, size = self.inputs.identity, self.network.preprocess.size
        drawn = post(identity.mean, identity.std, size, self.inputs.seed, "A")
        # Whether it depends on the batch is asked in full precision: the last bits of half precision do.
        network = self._in_full.network
        key = Key("checks", 1, {"network": network.key, "noise": noise.source})

        def compute(_scratch: Path) -> dict[str, NDArray[np.float64]]:
            measured = measure_checks(network, drawn, drawn, self.store.progress)
            return {name: np.array(value) for name, value in measured.items()}

        entry = self.store.get(key, compute, images=CHECKED)
        checks = judge_checks({name: float(value) for name, value in entry.arrays.items()})
        return checks if self.agreement is None else [*checks, self.agreement.check]
