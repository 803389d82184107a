"""A network under question, and everything that is measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.images.box import SettingsInTurn, draw_settings
from lib.images.noise import Noise
from lib.images.published import post, post_clipped, post_rounded, spectral
from lib.images.select import select_classes
from lib.measure.checks import Check, judge_checks, measure_checks
from lib.measure.forward import Tap, has_stages
from lib.measure.inputs import Inputs
from lib.measure.noiseclass import NoiseClass, Spectrum, choose_noise_class
from lib.measure.onepoint import ConstantShare, measure_constant_share
from lib.measure.passes import Answers, Pass, answers
from lib.measure.proximity import Proximity, measure_proximity
from lib.measure.readout import Head
from lib.measure.stages import StageContrasts, measure_stages, stages_key
from lib.measure.store import Key, Store
from lib.networks.network import Network, untrained

__all__ = ["Head", "NoiseClass", "Spectrum", "Subject"]

NOISE_A, NOISE_B, SENSITIVITY, TEST = 2_000, 5_000, 2_000, 10_000
SETTINGS, PER_SETTING = 300, 40
SPECTRUM_A, SPECTRUM_B = 1_000, 2_000


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

    # What passes through the network

    def _noise(self, role: str, count: int, noise: Noise | None = None, *, inner: bool = False) -> Pass:
        identity = self.inputs.identity
        size = self.network.preprocess.size
        drawn = noise or post(identity.mean, identity.std, size, self.inputs.seed, role)
        source = {**drawn.key(), "count": count}
        return Pass(drawn.describe(), source, count, lambda: drawn, self._taps if inner else ("logits",))

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
        chosen = select_classes(images.test, self.classes)
        if len(chosen) > TEST:
            chosen = chosen.sample(max(1, TEST // len(self.classes)))
        return Pass("test images", source, len(chosen), lambda: chosen, self._taps)

    @cached_property
    def _noise_a_pass(self) -> Pass:
        return self._noise("A", NOISE_A, inner=True)

    @cached_property
    def _noise_b_pass(self) -> Pass:
        return self._noise("B", NOISE_B, inner=True)

    @cached_property
    def _sensitivity_passes(self) -> dict[str, Pass]:
        identity, seed, size = self.inputs.identity, self.inputs.seed, self.network.preprocess.size
        moments = (identity.mean, identity.std)
        passes = {
            "clipped to [0, 1]": self._noise("B", SENSITIVITY, post_clipped(*moments, size, seed, "B")),
            "clipped and rounded to 8 bits": self._noise("B", SENSITIVITY, post_rounded(*moments, size, seed, "B")),
        }
        if size > 32:
            passes["drawn at 32 pixels, then resized"] = self._noise("B", SENSITIVITY, post(*moments, 32, seed, "B"))
        return passes

    @cached_property
    def _settings_pass(self) -> Pass:
        identity, seed, size = self.inputs.identity, self.inputs.seed, self.network.preprocess.size
        noises = tuple(s.noise(identity.mean, identity.std, size, seed) for s in draw_settings(SETTINGS, seed))
        source = {"settings": [noise.key() for noise in noises], "each": PER_SETTING}
        label = f"{SETTINGS} settings of noise"
        return Pass(label, source, SETTINGS * PER_SETTING, lambda: SettingsInTurn(noises, PER_SETTING))

    @cached_property
    def _spectrum_passes(self) -> dict[float, tuple[Pass, Pass]]:
        identity, seed, size = self.inputs.identity, self.inputs.seed, self.network.preprocess.size

        def draw(beta: float, role: str, count: int) -> Pass:
            return self._noise(role, count, spectral(beta, identity.mean, identity.std, size, seed, role))

        return {beta: (draw(beta, "P8/A", SPECTRUM_A), draw(beta, "P8/B", SPECTRUM_B)) for beta in (0.0, 2.0)}

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
        own = [self._test_pass, self._noise_a_pass, self._noise_b_pass, *self._sensitivity_passes.values()]
        own += [self._settings_pass, *(p for pair in self._spectrum_passes.values() for p in pair)]
        yield from ((self.network, each) for each in own)
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
        return {label: answers(self.network, each, self.store) for label, each in self._sensitivity_passes.items()}

    @cached_property
    def settings(self) -> NDArray[np.int64]:
        """(settings, images of each) predicted classes over the family of noises of claim P6."""
        labels = answers(self.network, self._settings_pass, self.store).labels
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
            for beta, (first, second) in self._spectrum_passes.items()
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
