"""A network of several classes, with everything that is measured on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.counterexample import Counterexample, measure_counterexample
from why_bird.measure.detection.scores import DetectionScores, measure_detection
from why_bird.measure.dimension.reach import ClassReach, class_reach
from why_bird.measure.dose_response import DosePasses, DoseResponse, measure_doses
from why_bird.measure.exchanged_statistics import Exchanged, measure_exchanged
from why_bird.measure.geometry import Geometry, measure_geometry
from why_bird.measure.group_means import GroupMeans, group_means
from why_bird.measure.maximisation.maximised import STEPS, Maximised, measure_maximised
from why_bird.measure.measurement import measurement, stored
from why_bird.measure.noise_class import NoiseClass, Spectrum, choose_noise_class
from why_bird.measure.noise_passes import CONTRASTS, PER_CORNER, PER_SETTING
from why_bird.measure.one_point import ConstantShare, measure_constant_share
from why_bird.measure.passes import Answers, answers
from why_bird.measure.proximity import Proximity, proximity_of
from why_bird.measure.renormalised import Renormalised, measure_renormalised
from why_bird.measure.shuffled import measure_shuffled
from why_bird.measure.stages import StageContrasts, measure_stages
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings, Stored
from why_bird.measure.subject import Subject
from why_bird.measure.units.contribution import class_contributions, top_sets, units_counted
from why_bird.measure.units.excitation import Excitation, measure_excitation
from why_bird.measure.units.matching import MatchedSets, matched_sets, unit_covariates
from why_bird.measure.units.unit_means import UnitMeans, measure_unit_means

SHOWN_UNITS = 8
"""Units of which it is shown what they look for."""


class Classifier(Subject):
    """A network with its measurements, each read from the store or made on first use; see :class:`Subject`."""

    @property
    def _target(self) -> int:
        """The class that most of noise-A falls into; before that has passed, any: it is asked how many images pass."""
        return self.target.index if self.knows(Subject.target) else 0

    @property
    def dose_passes(self) -> DosePasses:
        """Test images under growing doses of a change, for the class that most of noise-A falls into."""
        return self.planned.doses(self._target)

    @stored(shipped=True)
    def sensitivity(self) -> Readings[dict[str, Answers]]:
        """Answers on the post's noise in other forms, by name."""
        said = {form: answers(self.network, each) for form, each in self.planned.draws.sensitivity.items()}
        return Readings(tuple(said.values()), lambda store: {form: own.get(store) for form, own in said.items()})

    @stored(shipped=True)
    def settings(self) -> Readings[NDArray[np.int64]]:
        """Predictions over the registered family of noises, by setting and image."""
        said = answers(self.network, self.planned.draws.settings)
        return Readings((said,), lambda store: said.get(store).labels.reshape(-1, PER_SETTING))

    @stored(shipped=True)
    def corners(self) -> Readings[NDArray[np.int64]]:
        """Predictions at the corners of the registered family of noises, by corner and image."""
        said = answers(self.network, self.planned.draws.corners)
        return Readings((said,), lambda store: said.get(store).labels.reshape(-1, self.inputs.few(PER_CORNER)))

    @stored(shipped=True)
    def spectra(self) -> Readings[tuple[Spectrum, ...]]:
        """Predictions on white noise, which is the post's, and on 1/f² noise."""
        draws = {0.0: (self.planned.noise_a, self.planned.noise_b), 2.0: self.planned.draws.natural}
        asked = {beta: tuple(answers(self.network, each) for each in pair) for beta, pair in draws.items()}
        count = self.planned.draws.natural[1].count

        def get(store: Store) -> tuple[Spectrum, ...]:
            found = {beta: [each.get(store) for each in pair] for beta, pair in asked.items()}
            return tuple(
                Spectrum(beta, choose_noise_class(chooses.logits, self.classes).index, tests.labels[:count])
                for beta, (chooses, tests) in found.items()
            )

        return Readings(tuple(each for pair in asked.values() for each in pair), get)

    @stored(shipped=True)
    def contrasts(self) -> Readings[dict[float, NDArray[np.int64]]]:
        """Predictions on weaker and stronger noise, by its contrast."""
        drawn = self.planned.draws.contrasts | {1.0: self.planned.noise_b}
        said = {each: answers(self.network, drawn[each]) for each in CONTRASTS}
        return Readings(tuple(said.values()), lambda store: {each: own.get(store).labels for each, own in said.items()})

    @stored(shipped=True)
    def larger_noise(self) -> Stored[Answers]:
        """Answers on noise of twice the side, at which the network pools over four times as many places."""
        fed, drawn = self.network.preprocess, self.planned.draws.larger
        network = replace(self.network, preprocess=replace(fed, size=2 * fed.size, resize=None))

        def read() -> object:
            from why_bird.measure.inference import require_size

            require_size(network)
            assert drawn.read is not None  # noqa: S101 - noise can always be drawn
            return drawn.read()

        return answers(network, replace(drawn, read=read))

    @stored(shipped=True)
    def white_spectrum(self) -> Stored[Answers]:
        """Answers on test images whose waves all have the same power and their own phases."""
        return answers(self.network, self.planned.white_spectrum)

    @stored(shipped=True)
    def random_phases(self) -> Stored[Answers]:
        """Answers on test images with their own spectrum and random phases."""
        return answers(self.network, self.planned.random_phases)

    @measurement(Subject.test_images, Subject.noise)
    def group_means(self) -> GroupMeans:
        """Means of the features of each class's test images and, last, of noise, with their inner products."""
        features, truth, noise = self._features(self.noise)
        return group_means([*(features[truth == c] for c in range(len(self.classes))), noise])

    @measurement(group_means)
    def proximity(self) -> Proximity:
        """Centred cosine distances between the classes and noise, with delete-one replicates."""
        return proximity_of(self.group_means, centred=True)

    @measurement(group_means)
    def raw_proximity(self) -> Proximity:
        """Cosine distances between the classes and noise, not centred, as the post measured."""
        return proximity_of(self.group_means, centred=False)

    @measurement(Subject.test_images, Subject.noise_a, Subject.noise)
    def constant_share(self) -> ConstantShare:
        """How much of noise, and of each class, is one point of feature space."""
        features, truth, noise = self._features(self.noise)
        _, _, noise_a = self._features(self.noise_a)
        return measure_constant_share(features, truth, noise_a, noise)

    def _features(self, noise: Answers) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """Features of the test images, their classes, and the features of noise."""
        self.network.require_head()
        test = self.test_images
        counts = np.bincount(test.truth, minlength=len(self.classes))
        if counts.min() < 4:
            scarce = self.classes[int(counts.argmin())]
            raise Unavailable(f"the class {scarce} has {counts.min()} test images: a mean needs at least 4")
        return test.features, test.truth, noise.features

    @stored(shipped=True)
    def geometry(self) -> Stored[Geometry]:
        """The manifold of each class at every stage, and where noise lies in it."""
        passes = (self.planned.training, self.planned.test, self.planned.noise_b)
        return measure_geometry(self.network, *passes, self.classes, self.inputs.seed)

    @measurement(Subject.test_images, Subject.noise)
    def reach(self) -> tuple[ClassReach, ...]:
        """How far each class reaches from its centre in penultimate features, and how far from there noise lies."""
        by_class, noise = self._features_by_class(), self.noise.features
        return tuple(
            class_reach(points, noise, f"the test images of {name}")
            for name, points in zip(self.classes, by_class, strict=True)
        )

    @stored(Subject.target, shipped=True)
    def border_doses(self) -> Readings[DoseResponse]:
        """Answers to test images under growing doses of noise, blur and a flat fill at the border."""
        return measure_doses(self.network, self.dose_passes.border, self.dose_passes.test)

    @stored(Subject.target, shipped=True)
    def whole_doses(self) -> Readings[DoseResponse]:
        """Answers to test images under growing doses of white and of smooth noise."""
        return measure_doses(self.network, self.dose_passes.whole, self.dose_passes.test)

    @stored(shipped=True)
    def unit_means(self) -> Stored[UnitMeans]:
        """Mean feature of each class over training images, and those that excite each unit most."""
        return measure_unit_means(self.network, self.planned.training, self.classes)

    @measurement(unit_means)
    def class_units(self) -> NDArray[np.int64]:
        """(K, m) the units that carry most of the margin of each class on its training images, strongest first."""
        weight = self.head.weight
        return top_sets(class_contributions(weight, self.unit_means.means), units_counted(weight.shape[1]))

    @measurement(class_units, Subject.target)
    def matched_sets(self) -> MatchedSets:
        """Random sets of units that match those of the class of noise."""
        covariates = unit_covariates(self.head.weight, self.unit_means.balanced)
        return matched_sets(self.class_units[self.target.index], covariates, self.inputs.seed)

    @measurement(unit_means, Subject.noise)
    def excitation(self) -> Excitation:
        """How far noise excites each unit above its balanced mean."""
        return measure_excitation(self.noise.features, self.unit_means.balanced, self.inputs.seed)

    @stored(class_units, Subject.target, shipped=True)
    def maximised(self) -> Stored[Maximised]:
        """What the units look for that carry most of the margin of the class of noise."""
        known = self.knows(Classifier.class_units) and self.knows(Subject.target)
        shown = self.class_units[self.target.index][:SHOWN_UNITS].tolist() if known else []
        return measure_maximised(self.network, shown, self.inputs.seed, steps=self.inputs.few(STEPS))

    @stored(shipped=True)
    def detection(self) -> Stored[DetectionScores]:
        """Scores of several detectors, of test images and of noise; higher is less like an image."""
        planned = self.planned
        return measure_detection(self.network, planned.training, planned.test, planned.detected)

    @stored(shipped=True)
    def shuffled(self) -> Stored[Answers]:
        """Answers on test images whose patches changed places."""
        return measure_shuffled(self.network, self.planned.shuffled)

    @stored(shipped=True)
    def renormalised(self) -> Readings[Renormalised]:
        """What the network says with normalisation statistics of noise."""
        return measure_renormalised(self.network, self.planned.renormalised, self.planned.test, self.classes)

    @stored(shipped=True)
    def exchanged(self) -> Readings[Exchanged]:
        """What the network says with statistics of other unusual images, of a stage, and of noise given to images."""
        return measure_exchanged(self.network, self.planned.exchanged, self.planned.test, self.classes)

    @stored(Subject.target, shipped=True)
    def counterexample(self) -> Stored[Counterexample]:
        """The plainest noise of the registered family that leaves the class of noise, made plainer and drawn anew."""
        return measure_counterexample(self.network, self.inputs, self.planned.draws.settings, self._target)

    @stored(Subject.target, shipped=True)
    def stages(self) -> Stored[StageContrasts]:
        """At every stage: how much nearer noise is to its class than to each other class."""
        return measure_stages(self.network, self.planned.test, self.planned.noise_b, self._target, self.classes)

    @stored(Subject.target, shipped=True)
    def untrained_stages(self) -> Stored[StageContrasts]:
        """Contrasts at each stage of the network before training, for the class of noise of the trained one."""
        twin = self.untrained
        return measure_stages(twin.network, self.planned.twin_test, twin.planned.noise_a, self._target, self.classes)

    @stored(shipped=True)
    def untrained_target(self) -> Readings[NoiseClass]:
        """The class that most of noise-A falls into in the network before training."""
        twin = self.untrained
        return Readings((answers(twin.network, twin.planned.noise_a),), lambda _store: twin.target)
