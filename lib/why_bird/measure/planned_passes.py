"""What the claims about one network pass through it: test images, training images, draws of noise, doses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.select import select_classes
from why_bird.images.suspects.plain import random_phases, white_spectrum
from why_bird.measure.dose_response import DosePasses, dose_passes
from why_bird.measure.exchanged_statistics import exchanged_pass
from why_bird.measure.inputs import Inputs
from why_bird.measure.noise_passes import NoisePasses
from why_bird.measure.passes import Pass
from why_bird.measure.renormalised import renormalised_pass
from why_bird.measure.shuffled import shuffled_pass
from why_bird.measure.taps import Tap
from why_bird.networks.network import Network

NOISE_A, NOISE_B, TEST, FEW_TEST, TRAINING, UNSEEN = 2_000, 5_000, 10_000, 2_000, 10_000, 8_000
SPECTRUM, TWIN_TEST = 500, 600

Split = Literal["train", "test"]


@dataclass(eq=False)
class PlannedPasses:
    """The passes of one network. Nothing passes yet: each is an identity for the store, and a way to read it."""

    network: Network
    """Names the classes and the size of its input."""
    inputs: Inputs

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names of the network."""
        return self.network.classes

    @cached_property
    def taps(self) -> tuple[Tap, ...]:
        """What is kept of a pass; of a network without a linear head its predictions alone."""
        return ("logits", "features", "stages") if self.network.head else ("logits",)

    @cached_property
    def draws(self) -> NoisePasses:
        """Draws of noise at the size that the network takes."""
        return NoisePasses(self.inputs, self.network.preprocess.size)

    @cached_property
    def test(self) -> Pass:
        """Test images of the network's classes."""
        return self._sample("test", self.classes, TEST, "test images", self.taps)

    @cached_property
    def few_test(self) -> Pass:
        """The first of them, of each class by content hash."""
        return self._sample("test", self.classes, FEW_TEST, "test images", self.taps)

    @cached_property
    def twin_test(self) -> Pass:
        """Fewer of them for the untrained twin, but two of a class at least, of which a jackknife leaves one out."""
        at_most = max(TWIN_TEST, 2 * len(self.classes) * self.inputs.one_in)
        return self._sample("test", self.classes, at_most, "test images", self.taps)

    @cached_property
    def training(self) -> Pass:
        """A class-balanced sample of the training images, by content hash."""
        # Whole in a quick look, too: an estimate is given the subspaces, centres and means that are fitted on them, and
        # with other ones would be of another thing.
        return self._sample("train", self.classes, TRAINING * self.inputs.one_in, "training images", self.taps)

    def _sample(self, split: Split, classes: tuple[str, ...], at_most: int, label: str, taps: tuple[Tap, ...]) -> Pass:
        images, at_most = self.inputs.images, self.inputs.few(at_most)
        source = {"images": getattr(self.inputs.identity, split), "classes": list(classes), "at_most": at_most}
        if images is None:
            return Pass(label, source, at_most, None, taps)
        chosen = select_classes(getattr(images, split), classes, at_most)
        return Pass(label, source, len(chosen), lambda: chosen, taps)

    @property
    def unseen_classes(self) -> tuple[str, ...]:
        """Classes of the image set that the network does not know."""
        return tuple(name for name in self.inputs.identity.classes if name not in self.classes)

    @cached_property
    def unseen(self) -> Pass:
        """Test images of the classes that the network does not know, labelled by their place among those.

        Raises Unavailable if it knows all of them.
        """
        if not self.unseen_classes:
            raise Unavailable("the images hold no class that the network does not know")
        label = "test images of classes that the network never saw"
        return self._sample("test", self.unseen_classes, UNSEEN, label, ("logits",))

    @cached_property
    def noise_a(self) -> Pass:
        """The draws that choose."""
        return self.draws.post("A", NOISE_A, self.taps)

    @cached_property
    def noise_b(self) -> Pass:
        """The draws that test."""
        return self.draws.post("B", NOISE_B, self.taps)

    @cached_property
    def published(self) -> dict[str, Pass]:
        """Draws of noises that others told from images."""
        taps: tuple[Tap, ...] = tuple(tap for tap in self.taps if tap != "stages")
        return self.draws.published(taps)

    @property
    def detected(self) -> dict[str, Pass]:
        """Every noise that detectors are to tell from test images, by name."""
        return {"noise-A": self.noise_a, "noise-B": self.noise_b, **self.published}

    @cached_property
    def shuffled(self) -> Pass:
        """Test images whose patches changed places."""
        return shuffled_pass(self.inputs, self.classes)

    @cached_property
    def white_spectrum(self) -> Pass:
        """Test images whose waves all have the same power and their own phases."""
        return self._changed("with a white spectrum and their own phases", white_spectrum)

    @cached_property
    def random_phases(self) -> Pass:
        """The same test images, with their own spectrum and random phases."""
        seed = self.inputs.seed
        change = "with their own spectrum and random phases"
        return self._changed(change, lambda pixels: random_phases(pixels, seed, "test images"))

    def _changed(self, what: str, change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Pass:
        plain = self._sample("test", self.classes, SPECTRUM, f"test images {what}", ("logits",))
        source = plain.source | {"changed": what, "seed": self.inputs.seed}
        if plain.read is None:
            return replace(plain, source=source)
        images = plain.read()
        return replace(plain, source=source, read=lambda: replace(images, pixels=change(images.pixels)))

    @cached_property
    def renormalised(self) -> Pass:
        """Noise and test images, with normalisation statistics estimated anew."""
        return renormalised_pass(self.test, self.noise_a, self.noise_b, self.classes, self.inputs.one_in)

    @cached_property
    def exchanged(self) -> Pass:
        """The same, with the statistics of other images, of one stage, and of noise given to images."""
        return exchanged_pass(self.renormalised, self.draws.placebo)

    def doses(self, target: int) -> DosePasses:
        """Return test images of other classes than a target's, under growing doses of a change."""
        if target not in self._doses:
            self._doses[target] = dose_passes(self.inputs, self.test, self.classes, target)
        return self._doses[target]

    @cached_property
    def _doses(self) -> dict[int, DosePasses]:
        return {}
