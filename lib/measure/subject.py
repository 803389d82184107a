"""A network under question, and everything that is measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.images.published import post
from lib.images.select import balanced_sample
from lib.measure.checks import Check, judge_checks, measure_checks
from lib.measure.dosechecks import stored_dose_zero
from lib.measure.doses import DosePasses, DoseResponse, dose_passes, measure_doses
from lib.measure.forward import Tap, has_stages
from lib.measure.geometry import Geometry, geometry_key, measure_geometry
from lib.measure.inputs import Inputs
from lib.measure.noiseclass import NoiseClass, Spectrum, choose_noise_class
from lib.measure.noisepasses import PER_SETTING, SETTINGS, NoisePasses
from lib.measure.onepoint import ConstantShare, measure_constant_share
from lib.measure.passes import Answers, Pass, answers
from lib.measure.proximity import Proximity, measure_proximity
from lib.measure.readout import Head
from lib.measure.stages import StageContrasts, measure_stages, stages_key
from lib.measure.store import Key, Store
from lib.networks.network import Network, untrained

__all__ = ["Head", "NoiseClass", "Spectrum", "Subject"]

NOISE_A, NOISE_B, TEST, TRAINING = 2_000, 5_000, 10_000, 10_000


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
            raise Unavailable(f"no class is named {name}: the network's are {', '.join(self.classes)}")
        return self.classes.index(name)

    @property
    def bird(self) -> int:
        """Index of the post's class."""
        return self.class_index("bird")

    @property
    def _taps(self) -> tuple[Tap, ...]:
        # A network without a linear head still has predictions; what asks for features says why it cannot.
        return ("logits", "features", "stages") if self.network.head else ("logits",)

    @cached_property
    def _test_pass(self) -> Pass:
        identity, images = self.inputs.identity, self.inputs.images
        source = {"images": identity.test, "classes": list(self.classes), "at_most": TEST}
        if images is None:
            return Pass("test images", source, TEST, None, self._taps)
        chosen = balanced_sample(images.test, self.classes, TEST)
        return Pass("test images", source, len(chosen), lambda: chosen, self._taps)

    @cached_property
    def _noise_a_pass(self) -> Pass:
        return self._draws.post("A", NOISE_A, self._taps)

    @cached_property
    def _noise_b_pass(self) -> Pass:
        return self._draws.post("B", NOISE_B, self._taps)

    @cached_property
    def _draws(self) -> NoisePasses:
        return NoisePasses(self.inputs, self.network.preprocess.size)

    @cached_property
    def training_pass(self) -> Pass:
        """A class-balanced sample of the training images, by content hash."""
        identity, images = self.inputs.identity, self.inputs.images
        source = {"images": identity.train, "classes": list(self.classes), "at_most": TRAINING}
        if images is None:
            return Pass("training images", source, TRAINING, None, self._taps)
        chosen = balanced_sample(images.train, self.classes, TRAINING)
        return Pass("training images", source, len(chosen), lambda: chosen, self._taps)

    @cached_property
    def dose_passes(self) -> DosePasses:
        """Test images under growing doses of a change, for the class that most of noise-A falls into."""
        return dose_passes(self.inputs, self.classes, self.target.index)

    @cached_property
    def seed_of_initialisation(self) -> int:
        """Seed of the untrained twin: the one that the network was trained from, where it says so."""
        try:
            return max(0, int(self.network.metadata.get("seed", "0")))
        except ValueError:
            return 0

    @cached_property
    def untrained(self) -> Subject:
        """The same architecture before training, from the seed that the checkpoint names, else seed 0."""
        return Subject(untrained(self.network, self.seed_of_initialisation), self.inputs, self.store)

    def passes(self) -> Iterator[tuple[Network, Pass]]:
        """Yield every pass that the claims of this network can ask for, with the network that is asked."""
        own = [self._test_pass, self._noise_a_pass, self._noise_b_pass, *self._draws.sensitivity.values()]
        own += [self._draws.settings, *(p for pair in self._draws.spectra.values() for p in pair)]
        # Which images the doses leave out is known once noise-A has passed; how many they are, before.
        known = self.store.holds(self._noise_a_pass.key(self.network))
        doses = self.dose_passes if known else dose_passes(self.inputs, self.classes, 0)
        yield from ((self.network, each) for each in (*own, *doses))
        # They serve the geometry alone, which may be stored by itself.
        if not self.store.holds(geometry_key(self.network, self.training_pass, self._test_pass, self._noise_b_pass)):
            yield self.network, self.training_pass
        twin = self.untrained.network
        yield twin, self._noise_a_pass
        # The twin's test images only serve the contrasts of its stages, which may be stored by themselves.
        if not self._holds_contrasts(twin, self._noise_a_pass):
            yield twin, self._test_pass

    def missing(self) -> Iterator[tuple[Network, Pass]]:
        """Yield the passes that are still to be made, those for the inner stages of a shipped pass among them."""
        twin = self.untrained.network
        noise = {self.network.hash: self._noise_b_pass, twin.hash: self._noise_a_pass}
        for network, each in self.passes():
            serves_contrasts = each in (self._test_pass, noise[network.hash]) and has_stages(network)
            stages_lack = serves_contrasts and not self.store.holds(each.key(network, "stages"))
            if not self.store.holds(each.key(network)) or (
                stages_lack and not self._holds_contrasts(network, noise[network.hash])
            ):
                yield network, each

    def _holds_contrasts(self, network: Network, noise: Pass) -> bool:
        # Their key names the target, which is not known before noise-A has passed.
        known = self.store.holds(self._noise_a_pass.key(self.network))
        return known and self.store.holds(stages_key(network, self._test_pass, noise, self.target.index))

    # What was measured

    @cached_property
    def test_images(self) -> Answers:
        """Answers on the test images, with features."""
        return answers(self.network, self._test_pass, self.store)

    @cached_property
    def noise_a(self) -> Answers:
        """Answers on noise-A, which chooses."""
        return answers(self.network, self._noise_a_pass, self.store)

    @cached_property
    def noise(self) -> Answers:
        """Answers on noise-B, which tests."""
        return answers(self.network, self._noise_b_pass, self.store)

    @cached_property
    def sensitivity(self) -> dict[str, Answers]:
        """Answers on the post's noise in other forms."""
        return {label: answers(self.network, each, self.store) for label, each in self._draws.sensitivity.items()}

    @cached_property
    def settings(self) -> NDArray[np.int64]:
        """(settings, images of each) predicted classes over the family of noises of claim P6."""
        labels = answers(self.network, self._draws.settings, self.store).labels
        return labels.reshape(SETTINGS, PER_SETTING)

    @cached_property
    def spectra(self) -> tuple[Spectrum, Spectrum]:
        """White noise and 1/f² noise."""
        white, natural = (
            Spectrum(
                beta,
                choose_noise_class(answers(self.network, first, self.store).logits, self.classes).index,
                answers(self.network, second, self.store).labels,
            )
            for beta, (first, second) in self._draws.spectra.items()
        )
        return white, natural

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
    def proximity(self) -> Proximity:
        """Centred cosine distances between test classes and noise-B."""
        return self._proximity(centred=True)

    @cached_property
    def raw_proximity(self) -> Proximity:
        """The same without centring, as the post measured."""
        return self._proximity(centred=False)

    def _proximity(self, *, centred: bool) -> Proximity:
        features, truth, noise = self._features(self.noise)
        return measure_proximity(features, truth, noise, centred=centred)

    @cached_property
    def constant_share(self) -> ConstantShare:
        """How much of noise, and of each class, is one point."""
        features, truth, noise = self._features(self.noise)
        _, _, noise_a = self._features(self.noise_a)
        return measure_constant_share(features, truth, noise_a, noise)

    def _features(self, noise: Answers) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """Features of the test images, their classes, and the features of noise."""
        self.network.require_head()
        test = self.test_images
        if test.features is None or test.truth is None or noise.features is None:
            raise Unavailable("no features were kept of this network")
        counts = np.bincount(test.truth, minlength=len(self.classes))
        if counts.min() < 4:
            scarce = self.classes[int(counts.argmin())]
            raise Unavailable(f"the class {scarce} has {counts.min()} test images: a mean needs at least 4")
        return test.features, test.truth, noise.features

    @cached_property
    def geometry(self) -> Geometry:
        """The room of each class at every stage, and where noise lies in it."""
        passes = (self.training_pass, self._test_pass, self._noise_b_pass)
        return measure_geometry(self.network, *passes, self.classes, self.inputs.seed, self.store)

    @cached_property
    def border_doses(self) -> DoseResponse:
        """Answers to test images under noise, blur and a flat fill at the border."""
        return measure_doses(self.network, self.dose_passes.border, self.dose_passes.clean, self.store)

    @cached_property
    def whole_doses(self) -> DoseResponse:
        """Answers to test images under white and smooth noise over the whole image."""
        return measure_doses(self.network, self.dose_passes.whole, self.dose_passes.clean, self.store)

    @cached_property
    def dose_zero(self) -> float:
        """Largest change of a logit under dose 0 of every intervention."""
        return stored_dose_zero(self.network, self.inputs, self.store)

    @cached_property
    def stages(self) -> StageContrasts:
        """At every stage of the network: how much nearer noise is to its class than to the others."""
        return measure_stages(
            self.network, self._test_pass, self._noise_b_pass, self.target.index, self.classes, self.store
        )

    @cached_property
    def untrained_stages(self) -> StageContrasts:
        """The same, for the same class, in the untrained twin."""
        twin = self.untrained
        return measure_stages(
            twin.network, self._test_pass, self._noise_a_pass, self.target.index, self.classes, self.store
        )

    @cached_property
    def untrained_target(self) -> NoiseClass:
        """The class that most of noise-A falls into before training."""
        return self.untrained.target

    @cached_property
    def checks(self) -> list[Check]:
        """Manipulation checks: whether the network was asked what we think we asked it."""
        noise = self._noise_a_pass
        identity, size = self.inputs.identity, self.network.preprocess.size
        drawn = post(identity.mean, identity.std, size, self.inputs.seed, "A")
        key = Key("checks", 1, {"network": self.network.hash, "noise": noise.source})

        def compute(_scratch: Path) -> dict[str, NDArray[np.float64]]:
            return {name: np.array(value) for name, value in measure_checks(self.network, drawn, drawn).items()}

        entry = self.store.get(key, compute)
        return judge_checks({name: float(value) for name, value in entry.arrays.items()})
