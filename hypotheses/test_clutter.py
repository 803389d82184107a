"""Does clutter make the class of noise, and what is clutter?  (questions 1 and 2)"""

import math
from functools import partial

import numpy as np

from why_bird.evidence.charts import Axis, Dots, HeatMap, HeatRow, middle_half, most_first
from why_bird.evidence.exhibits import Beside, Check, Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, ordinal, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.images.clutter import MEASURES
from why_bird.measure.class_manifolds import DEFINITIONS
from why_bird.measure.class_scores import PER_IMAGE, rows_of
from why_bird.measure.dimension.participation import log_ratio
from why_bird.measure.dimension.reach import REACH
from why_bird.measure.imagery import COMPOSITE
from why_bird.measure.margins import margin, margin_sd, standardised_within
from why_bird.measure.planned_passes import TEST
from why_bird.ranks import midranks
from why_bird.stats import (
    Intersection,
    ReachDifference,
    ShareWithin,
    concordance,
    jackknife,
    paired_drop,
    paired_mean,
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
    quoted_from="Data Science Stack Exchange, question 65547, December 2019, in short",
    done=(
        "Each image gets scores of clutter, and each class a dimension and a radius, in pixels and in features. "
        "They are compared between the classes, and with what the network makes of images and of noise."
    ),
)

QUESTION_1, QUESTION_2 = "question 1", "question 2"
of_dimension = partial(claim, source=QUESTION_2, guess="Clutter as a larger dimension")
of_closeness = partial(claim, source=QUESTION_2, guess="Closeness of features", explains=True, target=True)
LOG_ONE_TENTH_MORE = math.log(1.1)
OUTERMOST = 0.95
"""How far a class reaches is this quantile of the distances from its centres."""

BY_CHANCE = 0.05
"""Largest p at which the permutation of the classes does not stand in the way of a confirmation."""


def others(classes, index):
    """Return number and name of every class but one."""
    return [(c, name) for c, name in enumerate(classes) if c != index]


def against_each(classes, index, contrast):
    """Return a contrast of one class with every other one, all of which must be large enough."""
    return Intersection(tuple((name, contrast(c)) for c, name in others(classes, index)))


def places(values, classes, index):
    """Return what words ask for of an order of the classes: a class's place in it, and which comes first."""
    order = [int(c) for c in np.argsort(-np.asarray(values), kind="stable")]
    first, second, *_ = (classes[c] for c in order)
    return {"rank": ordinal(order.index(index) + 1), "of": len(order), "most": first, "second": second}


def by_class(scores, classes, title):
    """Return a table of mean scores, the most cluttered class first."""
    means = {m: [scores.of(m, c).mean() for c in range(len(classes))] for m in (COMPOSITE, *MEASURES)}
    order = np.argsort(means[COMPOSITE])[::-1]
    return Table(title, ("class", *means), tuple((classes[c], *(float(means[m][c]) for m in means)) for c in order))


def clutter_of_classes(scores, classes, bird):
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


def clutter_ranks(definitions, estimate, n, target, classes):
    """Return how each definition of clutter ranks the classes."""
    ranks = midranks(-definitions.scores)
    order = np.argsort(ranks.mean(0), kind="stable")
    return HeatMap(
        title=f"{len(ranks)} definitions agree on {probability(estimate.value)} of the differences between the classes",
        caption=f"Ranks of the classes on {count(n)} test images (1 and deep: most cluttered). The first four are "
        "means over images; the others measure a class as a whole, in pixels or in penultimate features. Framed: the "
        "class of noise.",
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
def test_cats_are_more_cluttered_than_dogs(subject, imagery, judge):
    """Cat images are more cluttered than dog images."""
    cat, dog = (subject.class_index(name) for name in ("cat", "dog"))
    scores = imagery.scores
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
def test_bird_is_the_most_cluttered_class(subject, imagery, judge):
    """Bird images are more cluttered than those of every other class."""
    bird, scores = subject.bird, imagery.scores
    medians = [np.median(scores.of(COMPOSITE, c)) for c in range(len(subject.classes))]
    judge(
        against_each(
            subject.classes, bird, lambda c: superiority(scores.of(COMPOSITE, bird), scores.of(COMPOSITE, c), "images")
        ),
        says=places(medians, subject.classes, bird),
        tables=[by_class(scores, subject.classes, "Clutter of the images, by class")],
        charts=[lambda: clutter_of_classes(scores, subject.classes, bird)],
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
def test_clutter_pulls_towards_the_class_of_noise(subject, test_images, collapse, imagery, judge):
    """Clutter pulls an image towards the class of noise."""
    truth, target = test_images.truth, collapse.index
    rows = rows_of(imagery.test_scores, imagery.classes, subject.classes, imagery.inputs.few(TEST))
    other = truth != target
    sd = margin_sd(test_images.logits, truth, target)
    pulled = margin(test_images.logits[other], truth[other], target) / sd

    def pull(measure):
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
def test_class_clutter_predicts_the_noise_logits(definitions, noise, imagery, classes, judge):
    """The clutter of a class predicts its logit on noise."""
    clutter, logits = definitions.scores[0], noise.logits.mean(axis=0, dtype=np.float64)
    rng, n = generator(imagery.inputs.seed, "C4", "noise"), len(noise)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=len(definitions.resampled)) / n
    estimate = spearman(clutter, logits, definitions.resampled[:, 0], weights @ noise.logits, n, "noise images")
    # Of many classes the permutations are drawn: they are too many to be counted.
    chance = permutation_p(clutter, logits, generator(imagery.inputs.seed, "C4", "permutation"))
    # Ten classes could fall so by chance: that stands in the way of a confirmation, and of nothing else.
    stands = chance < BY_CHANCE or estimate.lower(judge.alpha) <= judge.claim.threshold
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
    found="{of} definitions of clutter agree on {value:about} of the differences between the classes.",
)
def test_the_definitions_of_clutter_agree(definitions, geometry, imagery, target, classes, judge):
    """The definitions of clutter agree on how cluttered the classes are."""
    place = [imagery.classes.index(name) for name in classes]
    scores = dict(zip(PER_IMAGE, definitions.scores, strict=False))
    for definition in DEFINITIONS:
        scores[f"{definition}, pixels"] = imagery.manifolds.values[definition][place]
        for stage, room in geometry.manifolds.items():
            scores[f"{definition}, {stage}"] = room.values[definition]
    ranks = tuple(str(i + 1) for i in range(len(classes)))
    ranking = tuple((name, *(classes[c] for c in np.argsort(-values))) for name, values in scores.items())
    numbers = tuple((name, *map(float, values)) for name, values in scores.items())
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


def more_dimensions(participation, classes, index):
    """Return how many times more dimensions a class spans than each other class, on the log scale."""
    return against_each(
        classes, index, lambda c: jackknife(*log_ratio(participation[index], participation[c]), "test images")
    )


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
)
def test_the_class_of_noise_spans_the_most_dimensions(directions, geometry, collapse, classes, judge):
    """The class of noise spans more feature dimensions than every other class."""
    judge(
        more_dimensions(directions, classes, collapse.index),
        says=places(np.array([each.value for each in directions]), classes, collapse.index),
        beside=[
            beside_line(
                f"lengths and all, {'' if room is geometry.penultimate else 'pooled activations, '}{stage}",
                more_dimensions(room.participation, classes, collapse.index),
            )
            for stage, room in geometry.manifolds.items()
        ],
        tables=[by_manifold(geometry.penultimate, classes, "The classes in penultimate features", directions)],
    )


def by_manifold(manifolds, classes, title, directions=()):
    """Return a table of the manifold of each class, the one of most dimensions first."""
    columns = {"directions": [each.value for each in directions]} if directions else {}
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
def test_noise_lies_in_the_subspace_of_its_class(geometry, collapse, classes, judge):
    """Noise lies closer to the feature subspace of its class than to that of every other class."""
    outside, index = geometry.residuals, collapse.index
    rows = tuple((classes[c], float(outside[:, c].mean())) for c in np.argsort(outside.mean(axis=0)))
    judge(
        against_each(classes, index, lambda c: paired_mean(outside[:, c] - outside[:, index], "noise images")),
        says=places(-outside.mean(axis=0), classes, collapse.index),
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
)
def test_noise_lies_in_the_cluster_of_its_class_alone(reach, collapse, classes, judge):
    """Noise lies inside the feature cluster of its class and of no other."""
    unit, index, own = "test and noise images", collapse.index, reach[collapse.index]
    within = [ShareWithin(tuple(each.noise), tuple(each.images), each.shift, REACH, unit) for each in reach]
    other = max((c for c, _ in others(classes, index)), key=lambda c: within[c].value)
    shares = most_first(dict(zip(classes, within, strict=True)))
    judge(
        against_each(
            classes,
            index,
            lambda c: ReachDifference(paired_drop(own.inside, reach[c].inside), within[index], within[c]),
        ),
        says={"inside": within[index].value, "other": within[other].value, "second": classes[other]},
        tables=[
            Table(
                "Noise within the radius of each class",
                ("class", "share of noise", "radius", "median distance of noise"),
                tuple((name, s.value, s.radius, float(np.median(s.noise))) for name, s in shares.items()),
            )
        ],
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
def test_bird_images_span_the_most_pixel_dimensions(subject, judge):
    """Bird images span more pixel dimensions than those of every other class."""
    bird = subject.bird  # before the manifolds, which take minutes
    judge(
        more_dimensions(subject.manifolds.participation, subject.classes, bird),
        says=places(subject.manifolds.values[DEFINITIONS[0]], subject.classes, bird),
        tables=[by_manifold(subject.manifolds, subject.classes, "The classes in pixels")],
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
def test_bird_images_reach_furthest_from_their_centroids(subject, judge):
    """Bird images reach further from their centroids in pixels than those of every other class."""
    bird = subject.bird  # as above
    distances = subject.manifolds.distances
    logs, reach = [np.log(each) for each in distances], [np.quantile(each, OUTERMOST) for each in distances]
    judge(
        against_each(
            subject.classes, bird, lambda c: quantile_difference(logs[bird], logs[c], OUTERMOST, "test images")
        ),
        says=places(reach, subject.classes, bird),
    )
