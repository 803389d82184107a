"""Does noise fall into the class whose images are most like noise?  (question 3)"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.charts import (
    Axis,
    Curves,
    Dots,
    ImageGrid,
    Line,
    bars,
    image_row,
    middle_half,
    most_first,
    shared,
    stacked,
)
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, probability
from why_bird.evidence.pairs_of_networks import LineUp
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.classifier import Classifier
from why_bird.measure.imagery import Imagery, Scores
from why_bird.measure.line_up import LineUpNetwork
from why_bird.measure.measurement import Classes, stored
from why_bird.measure.noise_class import Sink
from why_bird.measure.noise_in_pixels import NEIGHBOURS, NoiseInPixels
from why_bird.measure.noise_passes import CONTRASTS
from why_bird.measure.passes import Answers, answers
from why_bird.measure.representers import Pulls, measure_pulls
from why_bird.measure.stored import Stored
from why_bird.measure.subject import Subject
from why_bird.stats import NetworkMean, Proportion, jackknife, paired_drop

pytestmark = guess(
    "Noise falls where the images are most like noise",
    short="Noise-like",
    quotes=(
        "Do birds in the training images always appear with a noisy background, so that noise contributes positively "
        "to bird?",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The classes are ranked by how flat the spectra of their training images are, noise of other contrasts is "
        "passed, and it is asked which class noise belongs to in pixels, without any network."
    ),
)

WEAK, POSTS = 0.5, 1.0
FLATNESS = "spectral flatness"
asked = partial(claim, source="question 3", ledger="noise-like")
SEEN = "Seen by exploring before it was registered."


def flattest(imagery: Imagery, names: Classes) -> str:
    """Return the one of some classes whose training images have the flattest spectra."""
    scores: Scores = imagery.training_scores
    lacking = [name for name in names if name not in imagery.classes]
    if lacking:
        raise Unavailable(f"the images hold no {lacking[0]}, which the network knows")
    means = {name: float(scores.of(FLATNESS, imagery.classes.index(name)).mean()) for name in names}
    return max(means, key=lambda name: means[name])


def share_of(labels: NDArray[np.int64], index: int) -> Proportion:
    """Return the share of noise images' labels that are one class, as an estimate."""
    return Proportion(int((labels == index).sum()), len(labels), "noise images")


def by_contrast(contrasts: dict[float, NDArray[np.int64]], classes: Classes, likest: str) -> Curves:
    """Return what noise is called from the weakest to the strongest; at most the six classes that hold most of it."""
    n = [len(labels) for labels in contrasts.values()]
    shares = np.array([np.bincount(labels, minlength=len(classes)) / len(labels) for labels in contrasts.values()])
    shown = [c for c in np.argsort(-shares.max(0)) if shares[:, c].max() >= 0.05][:6]
    firsts = [classes[c] for c in shares.argmax(1)]
    turns = [
        f"{now} from {later:g} on"
        for before, now, later in zip(firsts[:-1], firsts[1:], list(contrasts)[1:], strict=True)
        if before != now
    ]
    return Curves(
        title=f"Noise of contrast {CONTRASTS[0]:g} is called {firsts[0]}" + "".join(f", {turn}" for turn in turns),
        caption="The post's noise at other contrasts (1: that of the training images), "
        f"{count(min(n))} to {count(max(n))} draws at each. "
        f"{likest.capitalize()} images are most like noise.",
        leads=True,
        x=Axis("contrast (factor on the sd)", log=2, ticks=CONTRASTS),
        y=Axis("share of the noise", percent=True, low=0, high=1),
        curves=[shared(classes[c], list(contrasts), shares[:, c].tolist(), n) for c in shown],
        highlight=[likest],
        line=Line("the post's noise", POSTS),
    )


def flatness_of_classes(imagery: Imagery, likest: str) -> Dots:
    """Return how flat the spectra of the classes' training images are."""
    scores: Scores = imagery.training_scores
    levels = {name: scores.of(FLATNESS, c) for c, name in enumerate(imagery.classes)}
    rows = sorted(levels, key=lambda name: -levels[name].mean())
    return Dots(
        title=f"The spectra of {likest} images are the flattest",
        caption=f"Spectral flatness of {count(len(scores.labels))} training images: 0 for one wave alone, .56 for "
        "white noise. Median and middle half of each class, in the order of the means.",
        rows=rows,
        columns=[middle_half(Axis("spectral flatness of an image"), levels, rows)],
        highlight=[likest],
    )


@stored(Subject.target)
def pulls(subject: Subject) -> Stored[Pulls]:
    """The training images that pull noise most to its class, and those that hold it back most."""
    noise = answers(subject.network, subject.planned.noise_b)
    return measure_pulls(subject.network, subject.planned.training, noise, subject.target.index)


def pulling(subject: Classifier, target: str) -> ImageGrid:
    """Return the training images that pull noise most to its class, and those that hold it back most."""
    if subject.inputs.images is None:
        raise Unavailable("the run has no images")
    found, training = subject.ask(pulls), subject.inputs.images.train
    rows = []
    for label, digests, shares in (
        (f"to {target}", found.towards, found.shares),
        (f"away from {target}", found.away, found.shares_away),
    ):
        images = training.find(digests)
        names = [training.classes[training.labels[i]] for i in images]
        notes = [f"{name}, {probability(float(each))}" for name, each in zip(names, shares, strict=True)]
        rows.append(image_row(label, training.pixels[images], notes))
    return ImageGrid(
        title=f"The training images that pull noise most to {target}, and those that hold it back",
        caption="The head's weights as a sum over training images (Yeh et al. 2018); below each its class, and what it "
        "makes of all pulls of its direction. From the images of this run: they are not shipped.",
        columns=[f"no. {i + 1}" for i in range(len(found.towards))],
        rows=rows,
    )


def of_each(networks: Sequence[LineUpNetwork], name: str, contrast: float) -> NetworkMean:
    """Return the mean over networks of the share of a class in 2,000 draws of a contrast."""
    values = tuple(network.share(name, f"post ×{contrast:g}") for network in networks)
    n = sum(networks[0].noise[f"post ×{WEAK:g}"].counts)
    # A share of 0 or 1 has half an image added on either side, so that its variance is never 0.
    halves = [(value * n + 0.5) / (n + 1) for value in values]
    within = float(np.mean([p * (1 - p) / n for p in halves]))
    return NetworkMean(values, within, support=(0.0, 1.0))


@asked(
    "N1",
    above=0.50,
    weight=2,
    evidence="changed",
    explains=True,
    holds="{value:%} of the noise of half the contrast is called {likest}, whose images are most like noise",
    fails=(
        "{value:%} of the noise of half the contrast is called {likest}, whose images are most like noise, and more "
        "than {asked:%} was asked"
    ),
    found="The network calls {value:about} of noise at half the contrast {likest}, which has the flattest spectrum.",
    seen=SEEN + " Other likenesses name bird (N3) and automobile (Whittle's).",
)
def test_weak_noise_falls_into_the_class_most_like_noise(
    subject: Classifier, contrasts: dict[float, NDArray[np.int64]], classes: Classes, imagery: Imagery, judge: Judge
) -> None:
    """More than {asked:tenths} of the noise of half the contrast falls into the class whose images are most like it."""
    likest = flattest(imagery, classes)
    index = classes.index(likest)
    judge(
        share_of(contrasts[WEAK], index),
        says={"likest": likest},
        beside=[
            beside_line(f"the same at {each:g} of the contrast", share_of(labels, index))
            for each, labels in contrasts.items()
            if each != WEAK
        ],
        charts=[
            lambda: by_contrast(contrasts, classes, likest),
            lambda: flatness_of_classes(imagery, likest),
            lambda: pulling(subject, subject.target.name),
        ],
    )


@asked(
    "N2",
    above=0.50,
    scope="procedure",
    procedure=True,
    together=True,
    line_up=True,
    evidence="changed",
    explains=True,
    holds="in {n} networks trained alike {value:%} of the noise of half the contrast is called {likest}",
    fails=(
        "in {n} networks trained alike {value:%} of the noise of half the contrast is called {likest}, and more than "
        "{asked:%} was asked"
    ),
    found="In {n} networks of recipe {recipe} {value:about} of the noise of half the contrast is {likest}.",
)
def test_weak_noise_falls_there_in_networks_trained_alike(line_up: LineUp, imagery: Imagery, judge: Judge) -> None:
    """In networks trained alike more than {asked:tenths} of the noise of half the contrast falls into that class."""
    networks = line_up.all_of("plain")
    line_up.require_images(imagery.inputs.identity.train)
    likest = flattest(imagery, networks[0].classes)
    shares = {each: of_each(networks, likest, each) for each in CONTRASTS}
    lines = [
        beside_line(f"the same at {each:g} of the contrast", share) for each, share in shares.items() if each != WEAK
    ]
    if accurate := [each for each in line_up.networks if (each.recipe, each.arm) == ("accurate", "plain")]:
        lines.append(beside_line("the same in networks of recipe accurate", of_each(accurate, likest, WEAK)))
    judge(shares[WEAK], says={"likest": likest, "recipe": line_up.recipe}, beside=lines)


@asked(
    "N3",
    above=0.50,
    scope="dataset",
    needs=("bird",),
    guess="Bird images are the nearest to noise in pixels",
    holds="in pixels birds are the most frequent among the {nearest} nearest training images of {value:%} of the noise",
    fails=(
        "in pixels birds are the most frequent among the {nearest} nearest training images of {value:%} of the noise, "
        "and more than {asked:%} was asked"
    ),
    found="In pixels the images nearest to {value:about} of the noise are mostly birds.",
    seen=SEEN,
)
def test_the_nearest_images_of_noise_are_birds(imagery: Imagery, judge: Judge) -> None:
    """Of more than {asked:tenths} of the noise the nearest training images in pixels are mostly birds."""
    most = imagery.noise_in_pixels.neighbours.argmax(1)
    found = {name: share_of(most, c) for c, name in enumerate(imagery.classes)}
    judge(
        found["bird"],
        says={"nearest": str(NEIGHBOURS)},
        charts=[
            lambda: bars(
                Axis(f"share of {count(len(most))} noise images", percent=True),
                most_first(found),
                title=f"In pixels the nearest images of {probability(found['bird'].value)} of the noise are birds",
                caption=f"The most frequent class among the {NEIGHBOURS} training images nearest to each draw of the "
                "post's noise. A few plain images are nearest to nearly all of it.",
                highlight=["bird"],
            )
        ],
    )


@asked(
    "N4",
    above=0.50,
    scope="dataset",
    explains=True,
    holds="by means and covariances of coarse pixels alone {value:%} of the noise of half the contrast is {likest}",
    fails=(
        "by means and covariances of coarse pixels alone {value:%} of the noise of half the contrast is {likest}, and "
        "more than {asked:%} was asked"
    ),
    found="Coarse pixels alone, without a network, say {likest} of {value:about} of the weaker noise.",
    seen=SEEN,
)
def test_a_gaussian_for_each_class_calls_weak_noise_the_same(imagery: Imagery, judge: Judge) -> None:
    """A Gaussian for each class calls more than {asked:tenths} of the noise of half the contrast the class most like it."""  # noqa: E501 - the registered sentence
    noise_in_pixels: NoiseInPixels = imagery.noise_in_pixels
    likest = flattest(imagery, imagery.classes)
    index = imagery.classes.index(likest)
    found = {each: share_of(noise_in_pixels.at(each), index) for each in CONTRASTS}
    judge(
        found.pop(WEAK),
        says={"likest": likest},
        beside=[beside_line(f"the same at {each:g} of the contrast", share) for each, share in found.items()],
        charts=[
            lambda: stacked(
                imagery.classes,
                {
                    f"contrast {each:g}" + " (the post's)" * (each == POSTS): noise_in_pixels.at(each)
                    for each in CONTRASTS
                },
                "noise images each",
                title="Without any network, one Gaussian for each class calls "
                f"{probability(found[POSTS].value)} of the post's noise {likest}",
                caption="Each class is a Gaussian of the mean colours of 8 × 8 blocks of its training images; noise is "
                "given to the class that makes it most likely.",
                highlight=[likest],
            )
        ],
    )


def total_variance(features: NDArray[np.float32]) -> tuple[float, NDArray[np.float64]]:
    """Return the logarithm of the total variance of features, and the same with each image left out."""
    given = np.asarray(features, dtype=np.float64)
    n, squares = len(given), ((given - given.mean(0)) ** 2).sum(1)
    total = squares.sum()
    if n < 3 or not total > 0:
        raise Unavailable("the features of noise do not vary")
    return float(np.log(total / (n - 1))), np.log((total - squares * n / (n - 1)) / (n - 2))


@asked(
    "N5",
    below=0.50,
    holds="at twice the side the features of noise vary {value} times as much, as averages over its places would",
    fails=(
        "at twice the side the features of noise vary {value} times as much as at its own, and less than {asked} times "
        "was asked"
    ),
    found="At twice the side the features of noise vary {value:about} as much.",
    seen=SEEN,
)
def test_features_of_noise_are_averages(larger_noise: Answers, noise: Answers, judge: Judge) -> None:
    """At twice the side the features of noise vary less than {asked:tenths} as much, as averages do."""
    large, replicates = total_variance(larger_noise.features)
    own, others = total_variance(noise.features)
    judge(jackknife(large - own, [replicates - own, large - others], "noise images", "exp"))


@asked(
    "N6",
    below=0.50,
    scope="procedure",
    procedure=True,
    together=True,
    line_up=True,
    holds="in {n} networks trained alike the features of noise vary {value} times as much at twice the side",
    fails=(
        "in {n} networks trained alike the features of noise vary {value} times as much at twice the side, and less "
        "than {asked} times was asked"
    ),
    found="In {n} networks of recipe {recipe} noise's features vary {value:about} as much at twice the side.",
)
def test_features_of_noise_are_averages_in_networks_trained_alike(line_up: LineUp, judge: Judge) -> None:
    """In networks trained alike the features of noise vary less than {asked:tenths} as much at twice the side."""
    networks = line_up.all_of("plain")
    ratios = tuple(n.feature_variance["64"] / n.feature_variance["32"] for n in networks)
    judge(NetworkMean(ratios, 0.0, null=1.0), says={"recipe": line_up.recipe})


@asked(
    "N7",
    above=0.30,
    weight=2,
    evidence="changed",
    explains=True,
    holds="with a flat spectrum {white:%} of the test images are called {sink}, with random phases {random:%}",
    fails=(
        "with a flat spectrum the share of the test images in {sink} is {value:points larger|smaller} than with random "
        "phases, and {asked:points} larger was asked"
    ),
    found="Noise has a flat spectrum. Given one, {white:about} of test images are called {sink} too; given random "
    "phases, {random:about}.",
    leads=True,
    seen=SEEN,
)
def test_a_network_reads_the_spectrum(
    white_spectrum: Answers, random_phases: Answers, sink: Sink, classes: Classes, judge: Judge
) -> None:
    """With a flat spectrum many more test images fall where noise falls than with random phases."""
    flat, phases = (np.isin(said.labels, list(sink.members)) for said in (white_spectrum, random_phases))
    drop = paired_drop(flat, phases, unit="test images")
    white, random = float(flat.mean()), float(phases.mean())
    either = " or ".join(classes[c] for c in sink.members)
    judge(
        drop,
        says={"sink": either, "white": white, "random": random},
        charts=[
            lambda: stacked(
                classes,
                {
                    "flat spectrum, own phases": white_spectrum.labels,
                    "own spectrum, random phases": random_phases.labels,
                },
                "test images each",
                title=f"With a flat spectrum {probability(white)} of the test images are called {either}, with "
                f"random phases {probability(random)}",
                caption="The same test images: every wave gets the same power and keeps its phase, or keeps its power "
                "and gets a random phase.",
                highlight=[classes[c] for c in list(sink.members)],
            )
        ],
    )


@asked(
    "N8",
    above=0.50,
    scope="procedure",
    procedure=True,
    together=True,
    line_up=True,
    explains=True,
    holds="a Gaussian a class, without a network, names accurate networks' class of noise at {value:%} of contrasts",
    fails=(
        "a Gaussian a class, without a network, names accurate networks' class of noise at {value:%} of contrasts, and "
        "more than {asked:%} was asked"
    ),
    found="Coarse pixels name the class of noise of accurate networks at {value:about} of contrasts.",
)
def test_a_gaussian_for_each_class_predicts_the_class_of_noise(line_up: LineUp, imagery: Imagery, judge: Judge) -> None:
    """A Gaussian a class names the class of noise of accurate networks at more than {asked:tenths} of the contrasts."""
    line_up = line_up.of("accurate")
    networks = line_up.all_of("plain")
    line_up.require_images(imagery.inputs.identity.train)
    found: NoiseInPixels = imagery.noise_in_pixels
    named = [imagery.classes[int(np.bincount(found.at(each)).argmax())] for each in CONTRASTS]
    often = max(named, key=named.count)
    most = np.array([[network.most(f"post ×{each:g}") for each in CONTRASTS] for network in networks])

    def score(names: str | list[str]) -> NetworkMean:
        return NetworkMean(tuple((most == names).mean(axis=1).tolist()), 0.0, null=None, support=(0.0, 1.0))

    lines = [beside_line(f"if {often} were named at every contrast", score(often))]
    judge(score(named), beside=lines, checks=[line_up.alike()])
