"""Why does noise fall into these few classes, and why into this one of them?  (facts 2 and 3, questions 2 to 4)"""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.exhibits import Beside
from why_bird.evidence.judged import manipulation_checks
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.dose_checks import dose_checks
from why_bird.measure.dose_effects import measure_effects
from why_bird.measure.dose_response import DoseResponse
from why_bird.measure.geometry import Geometry
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import Pair, Sink
from why_bird.measure.passes import Answers
from why_bird.measure.proximity import BETWEEN, Proximity
from why_bird.measure.units.excitation import Excitation, activation_support
from why_bird.measure.units.unit_means import UnitMeans
from why_bird.stats import Intersection, intersection, jackknife, paired_mean, top_members, top_overlap

pytestmark = guess(
    "A few classes that hold nearly all noise",
    short="Sink",
    quotes=("Expected: spread over the ten classes. Seen: nearly all are classified as bird.",),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The sink: the fewest classes that together hold nine tenths of one draw of noise. On another each of them "
        "is held against each class outside it, which says why noise falls into these; and its largest class against "
        "the others within it, which says why into this one of them."
    ),
)

LEDGER = "sink"
CLOSENESS, BORDERS, DETAIL = "Closeness of features", "Noisy borders of the birds", "Fine detail, white noise anywhere"
NEURONS = "What the neurons learned"
COLLAPSED = pytest.mark.usefixtures("collapse")
"""Why noise falls into one class is asked where at least half of it does."""


def share_of(sink: Sink) -> Beside:
    """Return how much of the noise that chooses the sink holds."""
    return Beside(f"noise-A in the sink: {sink.names}", sink.share)


def nearer(graph: Proximity, pairs: Sequence[Pair]) -> Intersection:
    """Return d(noise, other) − d(noise, own) for pairs of classes, all of which must be large enough."""
    unit = "test and noise images"
    return intersection(pairs, lambda own, other: jackknife(*graph.nearer(own, other), unit, support=BETWEEN))


def pushed(
    doses: DoseResponse,
    test_images: Answers,
    classes: Classes,
    pairs: Sequence[Pair],
    *,
    beyond_controls: bool = False,
) -> Intersection:
    """Return the push towards the first class of each pair rather than the second, and beyond what controls do."""
    effects = {own: measure_effects(doses, own, classes, test_images) for own in dict.fromkeys(p[1] for p in pairs)}
    parts = [(name, effects[own].contrasts[classes[other]]) for name, own, other in pairs]
    if beyond_controls:
        parts += [
            (f"{classes[own]} against {control} noise", values)
            for own, each in effects.items()
            for control, values in each.differences.items()
        ]
    return Intersection(tuple((name, paired_mean(values, "test images")) for name, values in parts))


def shared_units(
    noise: Answers,
    unit_means: UnitMeans,
    class_units: NDArray[np.int64],
    excitation: Excitation,
    pairs: Sequence[Pair],
) -> Intersection:
    """Return how much more noise's units overlap with those of the first class of each pair than of the second."""
    if len(class_units) < 3:
        raise Unavailable("in a network of two classes the same units carry both margins")
    support = activation_support(noise.features, unit_means)
    m = class_units.shape[1]
    top = top_members(excitation.means, excitation.errors, excitation.skewness, excitation.n, m, support)
    resampled, unit = excitation.resampled, "noise images"
    return intersection(pairs, lambda a, b: top_overlap(top, class_units[a], class_units[b], resampled, unit))


def closer_subspaces(geometry: Geometry, pairs: Sequence[Pair]) -> Intersection:
    """Return how much less of noise lies outside the subspace of the first class of each pair than of the second."""
    return intersection(pairs, lambda own, other: jackknife(*geometry.nearer(own, other), "images"))


@claim(
    "X1s",
    above=0.02,
    source="fact 3",
    ledger=LEDGER,
    guess=CLOSENESS,
    explains=True,
    holds="each class of the sink ({sink}) is nearer to noise than every class outside it",
    fails=(
        "comparing {weakest}, the second lies {value:farther|nearer} as measured from noise, and {asked} farther was "
        "asked"
    ),
    found="Of the sink ({sink}) the closest call is {weakest}: {value:nearer|farther} to noise.",
    seen="Half of its contrasts were seen before, in X1.",
)
def test_the_sink_is_nearer_than_the_rest(proximity: Proximity, sink: Sink, judge: Judge) -> None:
    """Each class of the sink is nearer to noise than every class outside it, in centred cosine distance."""
    judge(nearer(proximity, sink.against_the_rest()), says={"sink": sink.names}, beside=[share_of(sink)])


@COLLAPSED
@claim(
    "X1t",
    above=0.02,
    source="fact 3",
    ledger=LEDGER,
    guess=CLOSENESS,
    explains=True,
    target=True,
    holds="within the sink, {target} is the class nearest to noise",
    fails=(
        "within the sink, {weakest} is {value:farther|nearer} than {target} as measured from noise, and {asked} "
        "farther was asked"
    ),
    found="Within the sink {weakest} lies {value:farther|nearer} than {target} as measured from noise.",
    seen="Seen before, as a contrast of X1.",
)
def test_the_class_of_noise_is_the_nearest_of_the_sink(proximity: Proximity, sink: Sink, judge: Judge) -> None:
    """Within the sink, the class of noise is the nearest to noise, in centred cosine distance."""
    judge(nearer(proximity, sink.within()))


@claim(
    "D2s",
    above=0.05,
    source="question 2",
    ledger=LEDGER,
    guess=CLOSENESS,
    explains=True,
    holds="noise lies closer to the feature subspace of each class of the sink ({sink}) than to every one outside it",
    fails=(
        "comparing {weakest}, of the features of noise a share {value:points larger|smaller} lies outside the subspace "
        "of the second, and {asked:points} larger was asked"
    ),
    found="Of the sink ({sink}) the closest call is {weakest}: a subspace leaves out {value:less|more}.",
    seen="Half of its contrasts were seen before, in D2.",
)
def test_noise_lies_in_the_subspaces_of_the_sink(geometry: Geometry, sink: Sink, judge: Judge) -> None:
    """Noise lies closer to the feature subspaces of the sink's classes than to that of any class outside it."""
    judge(closer_subspaces(geometry, sink.against_the_rest()), says={"sink": sink.names})


@COLLAPSED
@claim(
    "D2t",
    above=0.05,
    source="question 2",
    ledger=LEDGER,
    guess=CLOSENESS,
    explains=True,
    target=True,
    holds="within the sink, noise lies closest to the feature subspace of {target}",
    fails=(
        "of the features of noise a share {value:points larger|smaller} lies outside the subspace of {weakest} than "
        "outside that of {target}, and {asked:points} larger was asked"
    ),
    found="The subspace of {weakest} leaves out {value:points more|less} of noise than that of {target}.",
    seen="Seen before, as a contrast of D2.",
)
def test_noise_lies_in_the_subspace_of_its_class_within_the_sink(geometry: Geometry, sink: Sink, judge: Judge) -> None:
    """Within the sink, noise lies closest to the feature subspace of the class of noise."""
    judge(closer_subspaces(geometry, sink.within()))


@claim(
    "B3s",
    above=0.10,
    source="question 3",
    ledger=LEDGER,
    guess=BORDERS,
    explains=True,
    evidence="changed",
    holds="noise at the border pushes an image towards each class of the sink ({sink}) more than towards the rest",
    fails=(
        "comparing {weakest}, noise at the border pushes an image {value:standard deviations more|less} towards the "
        "first, and {asked} more was asked"
    ),
    found="Of the sink ({sink}) the closest call is {weakest}: pushed {value:sd more|less}.",
    seen="Half of its contrasts were seen before, in B3.",
)
def test_noise_at_the_border_pushes_towards_the_sink(
    border_doses: DoseResponse, test_images: Answers, sink: Sink, classes: Classes, judge: Judge
) -> None:
    """Noise at the border pushes an image towards each class of the sink more than towards any outside it."""
    push = pushed(border_doses, test_images, classes, sink.against_the_rest())
    judge(push, says={"sink": sink.names}, checks=manipulation_checks(dose_checks(border_doses)))


@COLLAPSED
@claim(
    "B3t",
    above=0.10,
    source="question 3",
    ledger=LEDGER,
    guess=BORDERS,
    explains=True,
    target=True,
    evidence="changed",
    holds="within the sink, noise at the border pushes an image most towards {target}",
    fails=(
        "noise at the border pushes an image towards {target} {value:standard deviations more|less} than towards "
        "{weakest}, and {asked} more was asked"
    ),
    found="Noise at the border moves an image {value:sd more|less} towards {target} than towards {weakest}.",
    seen="Seen before, as a contrast of B3.",
)
def test_noise_at_the_border_pushes_to_its_class_within_the_sink(
    border_doses: DoseResponse, test_images: Answers, sink: Sink, classes: Classes, judge: Judge
) -> None:
    """Within the sink, noise at the border pushes an image most towards the class of noise."""
    push = pushed(border_doses, test_images, classes, sink.within())
    judge(push, checks=manipulation_checks(dose_checks(border_doses)))


@claim(
    "B5s",
    above=0.20,
    source="question 3",
    ledger=LEDGER,
    guess=DETAIL,
    explains=True,
    evidence="changed",
    holds=(
        "white noise over a whole image pushes it towards each class of the sink ({sink}) more than smooth noise does, "
        "and more than towards the rest"
    ),
    fails=(
        "comparing {weakest}, white noise over a whole image pushes it {value:standard deviations more|less} towards "
        "the first, and {asked} more was asked"
    ),
    found="Of the sink ({sink}) the closest call is {weakest}: pushed {value:sd more|less}.",
    seen="Half of its contrasts were seen before, in B5.",
)
def test_white_noise_pushes_towards_the_sink(
    whole_doses: DoseResponse, test_images: Answers, sink: Sink, classes: Classes, judge: Judge
) -> None:
    """White noise all over pushes an image most towards the sink's classes, and more than smooth noise does."""
    push = pushed(whole_doses, test_images, classes, sink.against_the_rest(), beyond_controls=True)
    judge(push, says={"sink": sink.names}, checks=manipulation_checks(dose_checks(whole_doses)))


@COLLAPSED
@claim(
    "B5t",
    above=0.20,
    source="question 3",
    ledger=LEDGER,
    guess=DETAIL,
    explains=True,
    target=True,
    evidence="changed",
    holds="within the sink, white noise over a whole image pushes it most towards {target}",
    fails=(
        "white noise over a whole image pushes it towards {target} {value:standard deviations more|less} than towards "
        "{weakest}, and {asked} more was asked"
    ),
    found="White noise all over moves an image {value:sd more|less} towards {target} than towards {weakest}.",
    seen="Seen before, as a contrast of B5.",
)
def test_white_noise_pushes_to_its_class_within_the_sink(
    whole_doses: DoseResponse, test_images: Answers, sink: Sink, classes: Classes, judge: Judge
) -> None:
    """Within the sink, white noise over a whole image pushes it most towards the class of noise."""
    push = pushed(whole_doses, test_images, classes, sink.within())
    judge(push, checks=manipulation_checks(dose_checks(whole_doses)))


@claim(
    "U2s",
    above=0.10,
    source="question 4",
    ledger=LEDGER,
    guess=NEURONS,
    explains=True,
    holds="noise excites the units of each class of the sink ({sink}) more than those of every class outside it",
    fails=(
        "comparing {weakest}, the units that noise excites overlap {value:more|less} with those of the first, and "
        "{asked} more was asked"
    ),
    found="Of the sink ({sink}) the closest call is {weakest}: units overlap {value:more|less}.",
    seen="Half of its contrasts were seen before, in U2.",
)
def test_noise_excites_the_units_of_the_sink(
    noise: Answers,
    unit_means: UnitMeans,
    class_units: NDArray[np.int64],
    excitation: Excitation,
    sink: Sink,
    judge: Judge,
) -> None:
    """Noise excites the units of each class of the sink more than those of every class outside it."""
    shared = shared_units(noise, unit_means, class_units, excitation, sink.against_the_rest())
    judge(shared, says={"sink": sink.names})


@COLLAPSED
@claim(
    "U2t",
    above=0.10,
    source="question 4",
    ledger=LEDGER,
    guess=NEURONS,
    explains=True,
    target=True,
    holds="within the sink, noise excites the units of {target} most",
    fails=(
        "the units that noise excites overlap {value:more|less} with those of {target} than with those of {weakest}, "
        "and {asked} more was asked"
    ),
    found="The units that noise excites overlap {value:more|less} with those of {target} than of {weakest}.",
    seen="Seen before, as a contrast of U2.",
)
def test_noise_excites_the_units_of_its_class_within_the_sink(
    noise: Answers,
    unit_means: UnitMeans,
    class_units: NDArray[np.int64],
    excitation: Excitation,
    sink: Sink,
    judge: Judge,
) -> None:
    """Within the sink, noise excites the units of the class of noise most."""
    judge(
        shared_units(noise, unit_means, class_units, excitation, sink.within()),
    )
