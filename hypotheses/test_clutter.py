"""Does clutter make the class of noise, and what is clutter?  (questions 1 and 2)"""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts import Axis, Dots, HeatMap, HeatRow, middle_half, most_first
from why_bird.evidence.exhibits import Beside, Cell, Check, Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, ordinal, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.images.clutter import MEASURES
from why_bird.images.select import chosen_rows
from why_bird.measure.class_manifolds import DEFINITIONS, ClassManifolds
from why_bird.measure.class_scores import PER_IMAGE, ClassScores
from why_bird.measure.classifier import Classifier
from why_bird.measure.dimension.participation import ParticipationRatio, log_ratio
from why_bird.measure.dimension.reach import REACH, ClassReach
from why_bird.measure.geometry import Geometry
from why_bird.measure.imagery import COMPOSITE, Imagery, Scores
from why_bird.measure.margins import margin, margin_sd, standardised_within
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass, against_every_other
from why_bird.measure.passes import Answers
from why_bird.measure.planned_passes import TEST
from why_bird.ranks import midranks
from why_bird.stats import (
    Estimate,
    Intersection,
    ReachDifference,
    ShareWithin,
    concordance,
    intersection,
    jackknife,
    permutation_p,
    quantile_difference,
    slope,
    spearman,
    superiority,
)
from why_bird.streams import generator

pytestmark = guess(
    "Clutter of the birds' and the cats' images",
    short="Clutter",
    quotes=(
        "Are cat images in the training set more cluttered than dog images? Is bird the most cluttered of the ten?",
        "How can “clutter” be put mathematically? Spanning a larger dimension? A manifold, PCA, K-means (distance "
        "from centroid to boundary)? Over the original images or over feature maps?",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "Each image gets scores of clutter, and each class a dimension and a radius, in pixels and in features. "
        "They are compared between the classes, and with what the network makes of images and of noise."
    ),
)

QUESTION_1, QUESTION_2 = "question 1", "question 2"
of_dimension = partial(claim, source=QUESTION_2, guess="Clutter as a larger dimension")
of_closeness = partial(claim, source=QUESTION_2, guess="Closeness of features", explains=True, target=True)
LOG_ONE_TENTH_MORE = math.log(1.1)
BY_CHANCE = 0.05
"""Largest p at which the permutation of the classes does not stand in the way of a confirmation."""


def places(values: Sequence[float] | NDArray[np.float64], classes: Classes, index: int) -> dict[str, object]:
    """Return what words ask for of an order of the classes: a class's place in it, and which comes first."""
    order = [int(c) for c in np.argsort(-np.asarray(values), kind="stable")]
    first, second, *_ = (classes[c] for c in order)
    return {"rank": ordinal(order.index(index) + 1), "of": len(order), "most": first, "second": second}


def by_class(scores: Scores, classes: Classes, title: str) -> Table:
    """Return a table of mean scores, the most cluttered class first."""
    means = {m: [scores.of(m, c).mean() for c in range(len(classes))] for m in (COMPOSITE, *MEASURES)}
    order = np.argsort(means[COMPOSITE])[::-1]
    return Table(title, ("class", *means), tuple((classes[c], *(float(means[m][c]) for m in means)) for c in order))


def clutter_of_classes(scores: Scores, classes: Classes, bird: int) -> Dots:
    """Return the clutter of the images of each class, the most cluttered class first."""
    levels = {name: scores.of(COMPOSITE, c) for c, name in enumerate(classes)}
    rows = sorted(levels, key=lambda name: -np.median(levels[name]))
    return Dots(
        title=f"{classes[bird]} ranks {rows.index(classes[bird]) + 1} of {len(rows)} in clutter, {rows[0]} first",
        caption=f"Composite of the measures of clutter on {count(len(scores.labels))} images: median and middle half "
        "of each class.",
        rows=rows,
        columns=[middle_half(Axis("clutter of an image (composite)"), levels, rows)],
        highlight=[classes[bird]],
    )


def clutter_ranks(definitions: ClassScores, estimate: Estimate, n: int, target: str, classes: Classes) -> HeatMap:
    """Return how each definition of clutter ranks the classes."""
    ranks = midranks(-definitions.scores)
    order = np.argsort(ranks.mean(0), kind="stable")
    return HeatMap(
        title=f"{len(ranks)} definitions agree on {probability(estimate.value)} of the differences between the classes",
        caption=f"Ranks of the classes on {count(n)} test images (1 and deep: most cluttered). The first four are "
        "means over images, the others measure a class as a whole. Framed: the class of noise.",
        columns=[classes[c] for c in order],
        rows=[HeatRow(name, row[order]) for name, row in zip(definitions.names, ranks, strict=True)],
        quantity="ranks in clutter, 1 the most cluttered",
        highlight=target,
        reverse=True,
    )


@claim(
    "C1",
    above=0.56,
    scope="dataset",
    weight=2,
    source=QUESTION_1,
    needs=("cat", "dog"),
    holds="cat images are more cluttered than dog images",
    fails=(
        "a cat image is more cluttered than a dog image in {value:%} of pairs, where half is chance and more than "
        "{asked:%} was asked"
    ),
    found="A cat image is more cluttered than a dog image in {value:about} of the pairs.",
)
def test_cats_are_more_cluttered_than_dogs(imagery: Imagery, judge: Judge) -> None:
    """Cat images are more cluttered than dog images."""
    scores, cat, dog = imagery.scores, imagery.class_index("cat"), imagery.class_index("dog")
    judge(
        superiority(scores.of(COMPOSITE, cat), scores.of(COMPOSITE, dog), "images"),
        beside=[beside_line(m, superiority(scores.of(m, cat), scores.of(m, dog), "images")) for m in MEASURES],
    )


@claim(
    "C2",
    above=0.56,
    scope="dataset",
    weight=2,
    source=QUESTION_1,
    needs=("bird",),
    holds="bird images are more cluttered than those of every other class",
    fails=(
        "a bird image is more cluttered than one of {weakest} in {value:%} of pairs, where half is chance and more "
        "than {asked:%} was asked"
    ),
    found="Bird images rank {rank} of {of} in clutter; {most} images come first.",
    leads=True,
)
def test_bird_is_the_most_cluttered_class(imagery: Imagery, judge: Judge) -> None:
    """Bird images are more cluttered than those of every other class."""
    bird, classes, scores = imagery.bird, imagery.classes, imagery.scores
    own = [scores.of(COMPOSITE, c) for c in range(len(classes))]
    judge(
        intersection(against_every_other(bird, classes), lambda a, b: superiority(own[a], own[b], "images")),
        says=places([float(np.median(each)) for each in own], classes, bird),
        tables=[by_class(scores, classes, "Clutter of the images, by class")],
        charts=[lambda: clutter_of_classes(scores, classes, bird)],
    )


@claim(
    "C3",
    above=0.10,
    source=QUESTION_1,
    explains=True,
    target=True,
    holds="clutter pulls an image towards {target}",
    fails=(
        "an image with one standard deviation more clutter leans {value:standard deviations more|less} towards "
        "{target}, and {asked} more was asked"
    ),
    found="Per sd of clutter an image moves {pull} sd {way} {target}.",
)
def test_clutter_pulls_towards_the_class_of_noise(
    subject: Classifier, test_images: Answers, collapse: NoiseClass, imagery: Imagery, judge: Judge
) -> None:
    """Clutter pulls an image towards the class of noise."""
    truth, target = test_images.truth, collapse.index
    rows = chosen_rows(imagery.test_scores.labels, imagery.classes, subject.classes, imagery.inputs.few(TEST))
    other = truth != target
    pulled = margin(test_images.logits[other], truth[other], target) / margin_sd(test_images.logits, truth, target)

    def pull(measure: str) -> Estimate:
        scores = standardised_within(imagery.test_scores.values[measure][rows][other], truth[other])
        return slope(pulled, scores, truth[other], "test images")

    found = pull(COMPOSITE)
    judge(
        found,
        says={"way": "towards" if found.value >= 0 else "away from", "pull": abs(found.value)},
        beside=[beside_line(measure, pull(measure)) for measure in MEASURES],
    )


@claim(
    "C4",
    above=0.30,
    source=QUESTION_1,
    explains=True,
    holds="the clutter of a class predicts its logit on noise",
    fails=(
        "the clutter of a class and its logit on noise have a rank correlation of {value}, and more than {asked} "
        "was asked"
    ),
    besides=(
        f"To be confirmed it needs, besides, a p-value below {BY_CHANCE} when the classes are permuted: so few "
        "classes could fall so by chance."
    ),
    found="Clutter of a class and its logit on noise are correlated by {value}.",
)
def test_class_clutter_predicts_the_noise_logits(
    definitions: ClassScores, noise: Answers, imagery: Imagery, classes: Classes, judge: Judge
) -> None:
    """The clutter of a class predicts its logit on noise."""
    clutter, logits = definitions.scores[0], noise.logits.mean(axis=0, dtype=np.float64)
    rng, n = generator(imagery.inputs.seed, "C4", "noise"), len(noise)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=len(definitions.resampled)) / n
    estimate = spearman(clutter, logits, definitions.resampled[:, 0], weights @ noise.logits, n, "noise images")
    # Of many classes the permutations are drawn: they are too many to be counted.
    chance = permutation_p(clutter, logits, generator(imagery.inputs.seed, "C4", "permutation"))
    # Ten classes could fall so by chance: that stands in the way of a confirmation, and of nothing else.
    stands = chance < BY_CHANCE or estimate.lower(judge.alpha) <= judge.claim.limit
    found = f"the permutation of the classes gives p = {chance:.3f}"
    rows = tuple((classes[c], float(clutter[c]), float(logits[c])) for c in np.argsort(-clutter))
    judge(
        estimate,
        checks=[Check("so many classes would not fall so by chance", stands, found, "precondition")],
        beside=[Beside("p of the permutation of the classes", chance, n=len(classes), unit="classes")],
        tables=[Table("Clutter of a class and its mean logit on noise", ("class", "composite", "logit"), rows)],
    )


@of_dimension(
    "C5",
    above=0.50,
    target=True,
    holds="the definitions of clutter have more than {asked:tenths} of what they say of the classes in common",
    fails=(
        "the definitions of clutter have {value:about} of what they say of the classes in common, and more than "
        "{asked:about} was asked"
    ),
    found="{of} measures of clutter agree on {value:about} of what they say about the classes.",
    seen="Amended when its answer was known: by ranks, as first asked, it was open.",
)
def test_the_definitions_of_clutter_agree(
    definitions: ClassScores, geometry: Geometry, imagery: Imagery, target: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """The definitions of clutter agree on how cluttered the classes are."""
    place = [imagery.classes.index(name) for name in classes]
    scores = dict(zip(PER_IMAGE, definitions.scores, strict=False))
    for definition in DEFINITIONS:
        scores[f"{definition}, pixels"] = imagery.manifolds.values[definition][place]
        for stage, each in geometry.manifolds.items():
            scores[f"{definition}, {stage}"] = each.values[definition]
    ranks = tuple(str(i + 1) for i in range(len(classes)))
    ranking = tuple((name, *(classes[c] for c in np.argsort(-values))) for name, values in scores.items())
    numbers: tuple[tuple[Cell, ...], ...] = tuple((name, *map(float, values)) for name, values in scores.items())
    n = len(imagery.test_scores.labels)
    agreement = concordance(definitions.scores, definitions.resampled, n, "test images")
    judge(
        agreement,
        says={"of": len(definitions.names)},
        tables=[
            Table("The classes from most to least cluttered, by definition", ("definition", *ranks), ranking),
            Table("Clutter of a class, by definition", ("definition", *classes), numbers),
        ],
        charts=[lambda: clutter_ranks(definitions, agreement, n, target.name, classes)],
    )


def more_dimensions(participation: Sequence[ParticipationRatio], classes: Classes, index: int) -> Intersection:
    """Return how many times more dimensions a class spans than each other class, on the log scale."""
    each, pairs = participation, against_every_other(index, classes)
    return intersection(pairs, lambda own, c: jackknife(*log_ratio(each[own], each[c]), "test images"))


@of_dimension(
    "D1",
    above=LOG_ONE_TENTH_MORE,
    explains=True,
    target=True,
    holds="{target} spans more feature dimensions than every other class",
    fails=(
        "{target} spans {value:ratio} times as many feature dimensions as {weakest}, and more than {asked:ratio} "
        "times was asked"
    ),
    found="In the dimensions that its features span, {target} ranks {rank} of {of}; {most} spans the most.",
    seen="Amended when its answer was known: rejected by either count.",
)
def test_the_class_of_noise_spans_the_most_dimensions(
    directions: tuple[ParticipationRatio, ...], geometry: Geometry, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """The class of noise spans more feature dimensions than every other class."""
    judge(
        more_dimensions(directions, classes, collapse.index),
        says=places(np.array([each.value for each in directions]), classes, collapse.index),
        beside=[
            beside_line(
                f"lengths and all, {'' if each is geometry.penultimate else 'pooled activations, '}{stage}",
                more_dimensions(each.participation, classes, collapse.index),
            )
            for stage, each in geometry.manifolds.items()
        ],
        tables=[by_manifold(geometry.penultimate, classes, "The classes in penultimate features", directions)],
    )


def by_manifold(
    manifolds: ClassManifolds, classes: Classes, title: str, directions: Sequence[ParticipationRatio] = ()
) -> Table:
    """Return a table of the manifold of each class, the one of most dimensions first."""
    columns = {"directions": np.array([each.value for each in directions])} if directions else {}
    columns |= {d: manifolds.values[d] for d in DEFINITIONS}
    order = np.argsort(-np.array(next(iter(columns.values()))))
    rows = tuple((classes[c], *(float(values[c]) for values in columns.values())) for c in order)
    return Table(title, ("class", *columns), rows)


@of_closeness(
    "D2",
    above=0.05,
    weight=2,
    holds="noise lies closer to the feature subspace of {target} than to that of every other class",
    fails=(
        "of the features of noise a share {value:points larger|smaller} lies outside the subspace of {weakest} "
        "than outside that of {target}, and {asked:points} larger was asked"
    ),
    found="The feature subspace nearest to noise is that of {most}, then that of {second}.",
)
def test_noise_lies_in_the_subspace_of_its_class(
    geometry: Geometry, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Noise lies closer to the feature subspace of its class than to that of every other class."""
    outside, pairs = geometry.residuals.mean(axis=0), against_every_other(collapse.index, classes)
    rows = tuple((classes[c], float(outside[c])) for c in np.argsort(outside))
    judge(
        intersection(pairs, lambda own, c: jackknife(*geometry.nearer(own, c), "images")),
        says=places(-outside, classes, collapse.index),
        tables=[Table("Noise outside the subspace of each class", ("class", "share of the squared distance"), rows)],
    )


@of_closeness(
    "D3",
    above=0.50,
    holds="more than {asked:tenths} of the noise lies in the feature cluster of {target} and in that of no other class",
    fails=(
        "the share of noise inside the feature cluster of {target} is {value:points larger|smaller} than that "
        "inside the cluster of {weakest}, and {asked:points} larger was asked"
    ),
    found="{inside:about} of the noise lies in the feature cluster of {target}, {other:about} in that of {second}.",
    seen="Amended when its answer was known.",
)
def test_noise_lies_in_the_cluster_of_its_class_alone(
    reach: tuple[ClassReach, ...], collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Noise lies inside the feature cluster of its class and of no other."""
    unit, pairs = "test and noise images", against_every_other(collapse.index, classes)
    within = [ShareWithin(tuple(each.noise), tuple(each.images), each.shift, REACH, unit) for each in reach]
    other = max((c for *_, c in pairs), key=lambda c: within[c].value)
    shares = most_first(dict(zip(classes, within, strict=True)))
    columns = ("class", "share of noise", "radius", "median distance of noise")
    rows = tuple((name, s.value, s.radius, float(np.median(s.noise))) for name, s in shares.items())
    judge(
        intersection(pairs, lambda own, c: ReachDifference(within[own], within[c])),
        says={"inside": within[collapse.index].value, "other": within[other].value, "second": classes[other]},
        tables=[Table("Noise within the radius of each class", columns, rows)],
    )


@of_dimension(
    "D4",
    above=LOG_ONE_TENTH_MORE,
    scope="dataset",
    needs=("bird",),
    holds="bird images span more pixel dimensions than those of every other class",
    fails=(
        "bird images span {value:ratio} times as many pixel dimensions as those of {weakest}, and more than "
        "{asked:ratio} times was asked"
    ),
    found="Bird images rank {rank} of {of} in the pixel dimensions that they span; {most} spans the most.",
)
def test_bird_images_span_the_most_pixel_dimensions(imagery: Imagery, judge: Judge) -> None:
    """Bird images span more pixel dimensions than those of every other class."""
    bird, classes = imagery.bird, imagery.classes  # before the manifolds, which take minutes
    judge(
        more_dimensions(imagery.manifolds.participation, classes, bird),
        says=places(imagery.manifolds.values[DEFINITIONS[0]], classes, bird),
        tables=[by_manifold(imagery.manifolds, classes, "The classes in pixels")],
    )


@of_dimension(
    "D5",
    above=LOG_ONE_TENTH_MORE,
    scope="dataset",
    needs=("bird",),
    holds="bird images reach further from their centroids in pixels than those of every other class",
    fails=(
        "bird images reach {value:ratio} times as far from their centroids in pixels as those of {weakest}, and "
        "more than {asked:ratio} times was asked"
    ),
    found="Bird images rank {rank} of {of} in how far they reach from their centres in pixels.",
)
def test_bird_images_reach_furthest_from_their_centroids(imagery: Imagery, judge: Judge) -> None:
    """Bird images reach further from their centroids in pixels than those of every other class."""
    pairs = against_every_other(imagery.bird, imagery.classes)  # as above
    logs = [np.log(each) for each in imagery.manifolds.distances]
    judge(
        intersection(pairs, lambda own, c: quantile_difference(logs[own], logs[c], REACH, "test images")),
        says=places(
            [float(np.quantile(each, REACH)) for each in imagery.manifolds.distances], imagery.classes, imagery.bird
        ),
    )
