"""A network of several classes, with everything that is measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.measure.counterexample import RETEST, SCREEN, Counterexample, Search, measure_counterexample
from lib.measure.detection.scores import DetectionScores, detection_key, measure_detection
from lib.measure.dose_response import DosePasses, DoseResponse, measure_doses
from lib.measure.geometry import Geometry, geometry_key, measure_geometry
from lib.measure.maximisation.ascent import Maximised
from lib.measure.maximisation.maximised import measure_maximised
from lib.measure.noise_class import NoiseClass, Spectrum, choose_noise_class
from lib.measure.noise_passes import PER_SETTING
from lib.measure.one_point import ConstantShare, measure_constant_share
from lib.measure.passes import Answers, Pass, answers
from lib.measure.proximity import Proximity, measure_proximity
from lib.measure.renormalised import Renormalised, measure_renormalised
from lib.measure.shuffled import measure_shuffled
from lib.measure.stages import StageContrasts, measure_stages, stages_key
from lib.measure.subject import Subject
from lib.measure.taps import has_stages
from lib.measure.units.contribution import class_contributions, top_sets, units_counted
from lib.measure.units.excitation import Excitation, measure_excitation
from lib.measure.units.matching import MatchedSets, matched_sets, unit_covariates
from lib.measure.units.unit_means import UnitMeans, measure_unit_means, unit_means_key
from lib.networks.batch_norm import has_batchnorm
from lib.networks.network import Network

__all__ = ["SHOWN_UNITS", "Classifier"]

SHOWN_UNITS = 8
"""Units of which it is shown what they look for."""


class Classifier(Subject):
    """A network with its measurements, each read from the store or made on first use; see :class:`Subject`."""

    @cached_property
    def dose_passes(self) -> DosePasses:
        """Test images under growing doses of a change, for the class that most of noise-A falls into."""
        return self.planned.doses(self.target.index)

    def passes(self) -> Iterator[tuple[Network, Pass]]:
        """Yield every pass that the claims of this network can ask for, with the network that is asked."""
        test, noise_a, noise_b = self.planned.test, self.planned.noise_a, self.planned.noise_b
        draws = self.planned.draws
        own = [test, noise_a, noise_b, *draws.sensitivity.values()]
        own += [draws.settings, *(p for pair in draws.spectra.values() for p in pair)]
        # Which images the doses leave out is known once noise-A has passed; how many they are, before.
        known = self.store.holds(noise_a.key(self.network))
        own += self.planned.doses(self.target.index if known else 0)
        own.append(self.planned.shuffled)
        if has_batchnorm(self.network):
            own.append(self.planned.renormalised)
        yield from ((self.network, each) for each in own)
        # These serve what may be stored by itself.
        training = self.planned.training
        detection = detection_key(self.network, training, test, self.planned.detected)
        if not self.store.holds(detection):
            yield from ((self.network, each) for each in self.planned.published.values())
        needed = (
            detection,
            geometry_key(self.network, training, test, noise_b),
            unit_means_key(self.network, training),
        )
        if not all(self.store.holds(key) for key in needed):
            yield self.network, training
        twin = self.untrained.network
        yield twin, noise_a
        # The twin's test images only serve the contrasts of its stages, which may be stored by themselves.
        if not self._holds_contrasts(twin):
            yield twin, self.planned.few_test
        yield from self._passes_in_full()

    def missing(self) -> Iterator[tuple[Network, Pass]]:
        """Yield the passes that are still to be made, those for the inner stages of a shipped pass among them."""
        for network, each in self.passes():
            serves_contrasts = each in self._of_stages(network) and has_stages(network)
            stages_lack = serves_contrasts and not self.store.holds(each.key(network, "stages"))
            if not self.store.holds(each.key(network)) or (stages_lack and not self._holds_contrasts(network)):
                yield network, each

    def _holds_contrasts(self, network: Network) -> bool:
        # Their key names the target, which is not known before noise-A has passed.
        known = self.store.holds(self.planned.noise_a.key(self.network))
        return known and self.store.holds(stages_key(network, *self._of_stages(network), self.target.index))

    def _of_stages(self, network: Network) -> tuple[Pass, Pass]:
        """Return the test images and the noise that the contrasts of a network's stages are made of."""
        planned = self.planned
        own = network.hash == self.network.hash
        return (planned.test, planned.noise_b) if own else (planned.few_test, planned.noise_a)

    @cached_property
    def sensitivity(self) -> dict[str, Answers]:
        """Answers on the post's noise in other forms."""
        return {
            label: answers(self.network, each, self.store) for label, each in self.planned.draws.sensitivity.items()
        }

    @cached_property
    def settings(self) -> NDArray[np.int64]:
        """(settings, images of each) predicted classes over the family of noises of claim P6."""
        labels = answers(self.network, self.planned.draws.settings, self.store).labels
        return labels.reshape(-1, PER_SETTING)

    @cached_property
    def spectra(self) -> tuple[Spectrum, Spectrum]:
        """White noise and 1/f² noise."""
        white, natural = (
            Spectrum(
                beta,
                choose_noise_class(answers(self.network, first, self.store).logits, self.classes).index,
                answers(self.network, second, self.store).labels,
            )
            for beta, (first, second) in self.planned.draws.spectra.items()
        )
        return white, natural

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
        """The manifold of each class at every stage, and where noise lies in it."""
        passes = (self.planned.training, self.planned.test, self.planned.noise_b)
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
    def unit_means(self) -> UnitMeans:
        """Mean feature of each class, and the training images that excite each unit most."""
        return measure_unit_means(self.network, self.planned.training, self.classes, self.store)

    @cached_property
    def class_units(self) -> NDArray[np.int64]:
        """(K, m) the units that carry most of the margin of each class on its training images, strongest first."""
        weight = self.head.weight
        return top_sets(class_contributions(weight, self.unit_means.means), units_counted(weight.shape[1]))

    @cached_property
    def matched_sets(self) -> MatchedSets:
        """Random sets of units that match those of the class of noise."""
        covariates = unit_covariates(self.head.weight, self.unit_means.balanced)
        return matched_sets(self.class_units[self.target.index], covariates, self.inputs.seed)

    @cached_property
    def excitation(self) -> Excitation:
        """How far noise excites each unit above its balanced mean."""
        features = self.noise.features
        if features is None:
            raise Unavailable("no features were kept of this network")
        return measure_excitation(features, self.unit_means.balanced, self.inputs.seed)

    @cached_property
    def maximised(self) -> Maximised:
        """What the units look for that carry most of the margin of the class of noise."""
        shown = self.class_units[self.target.index][:SHOWN_UNITS]
        return measure_maximised(self.network, [int(unit) for unit in shown], self.inputs.seed, self.store)

    @cached_property
    def detection(self) -> DetectionScores:
        """Scores of several detectors, of test images and of noise."""
        planned = self.planned
        return measure_detection(self.network, planned.training, planned.test, planned.detected, self.store)

    @cached_property
    def shuffled(self) -> Answers:
        """Answers on test images whose patches changed places."""
        return measure_shuffled(self.network, self.planned.shuffled, self.store)

    @cached_property
    def renormalised(self) -> Renormalised:
        """What the network says with normalisation statistics of noise."""
        planned = self.planned
        return measure_renormalised(self.network, planned.renormalised, planned.test, self.classes, self.store)

    @cached_property
    def counterexample(self) -> Counterexample:
        """What a search for a noise that leaves the class of noise came to."""
        return measure_counterexample(self.network, self._search, self.store)

    @property
    def to_search(self) -> int:
        """Images that the search may still pass."""
        known = self.store.holds(self.planned.noise_a.key(self.network))
        searched = known and self.store.holds(self._search.key(self.network))
        return 0 if searched or self.inputs.search_budget < SCREEN else self.inputs.search_budget + RETEST

    @property
    def _search(self) -> Search:
        return Search(self.inputs, self.network.preprocess.size, self.target.index)

    @cached_property
    def stages(self) -> StageContrasts:
        """At every stage of the network: how much nearer noise is to its class than to the others."""
        return self._stages(self.network)

    @cached_property
    def untrained_stages(self) -> StageContrasts:
        """The same, for the same class, in the untrained twin."""
        return self._stages(self.untrained.network)

    def _stages(self, network: Network) -> StageContrasts:
        return measure_stages(network, *self._of_stages(network), self.target.index, self.classes, self.store)

    @cached_property
    def untrained_target(self) -> NoiseClass:
        """The class that most of noise-A falls into before training."""
        return self.untrained.target
