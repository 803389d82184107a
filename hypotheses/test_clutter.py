"""Does clutter make the class of noise, and what is clutter?  (questions 1 and 2)"""

import numpy as np
import pytest

from lib.evidence.exhibits import Beside, Check, Table
from lib.evidence.judged import beside_line
from lib.images.clutter import MEASURES
from lib.measure.classroom import ROOM
from lib.measure.classscores import PER_IMAGE, rows_of
from lib.measure.dimension.participation import log_ratio
from lib.measure.imagery import COMPOSITE
from lib.measure.margins import margin, margin_sd, standardised_within
from lib.measure.plannedpasses import TEST
from lib.stats import (
    Intersection,
    jackknife,
    kendall_w,
    paired_drop,
    paired_mean,
    permutation_p,
    quantile_difference,
    slope,
    spearman,
    superiority,
)
from lib.streams import generator

QUESTION_1, QUESTION_2 = "question 1", "question 2"
LOG_ONE_TENTH_MORE = float(np.log(1.1))


def others(classes, index):
    """Return number and name of every class but one."""
    return [(c, name) for c, name in enumerate(classes) if c != index]


def by_class(scores, classes, title):
    """Return a table of mean scores, the most cluttered class first."""
    means = {m: [scores.of(m, c).mean() for c in range(len(classes))] for m in (COMPOSITE, *MEASURES)}
    order = np.argsort(means[COMPOSITE])[::-1]
    return Table(title, ("class", *means), tuple((classes[c], *(float(means[m][c]) for m in means)) for c in order))


@pytest.mark.claim("C1", above=0.56, scope="dataset", weight=2, source=QUESTION_1)
def test_cats_are_more_cluttered_than_dogs(subject, imagery, judge):
    """Cat images are more cluttered than dog images."""
    cat, dog = (subject.class_index(name) for name in ("cat", "dog"))
    scores = imagery.scores
    judge(
        superiority(scores.of(COMPOSITE, cat), scores.of(COMPOSITE, dog), "images"),
        beside=[beside_line(m, superiority(scores.of(m, cat), scores.of(m, dog), "images")) for m in MEASURES],
    )


@pytest.mark.claim("C2", above=0.56, scope="dataset", weight=2, source=QUESTION_1)
def test_bird_is_the_most_cluttered_class(subject, imagery, judge):
    """Bird images are more cluttered than those of every other class."""
    bird, scores = subject.bird, imagery.scores
    judge(
        Intersection(
            tuple(
                (name, superiority(scores.of(COMPOSITE, bird), scores.of(COMPOSITE, c), "images"))
                for c, name in others(subject.classes, bird)
            )
        ),
        tables=[by_class(scores, subject.classes, "Clutter of the images, by class")],
    )


@pytest.mark.claim("C3", above=0.10, source=QUESTION_1)
def test_clutter_pulls_towards_the_class_of_noise(subject, test_images, collapse, imagery, judge):
    """Clutter pulls an image towards the class of noise."""
    truth, target = test_images.truth, collapse.index
    rows = rows_of(imagery.test_scores, imagery.classes, subject.classes, TEST)
    other = truth != target
    sd = margin_sd(test_images.logits, truth, target)
    pulled = margin(test_images.logits[other], truth[other], target) / sd

    def pull(measure):
        scores = standardised_within(imagery.test_scores.values[measure][rows][other], truth[other])
        return slope(pulled, scores, truth[other], "test images")

    judge(pull(COMPOSITE), beside=[beside_line(measure, pull(measure)) for measure in MEASURES])


@pytest.mark.claim("C4", above=0.30, source=QUESTION_1)
def test_class_clutter_predicts_the_noise_logits(definitions, noise, imagery, classes, judge):
    """The clutter of a class predicts its logit on noise."""
    clutter, logits = definitions.scores[0], noise.logits.mean(axis=0, dtype=np.float64)
    rng, n = generator(imagery.inputs.seed, "C4", "noise"), len(noise)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=len(definitions.resampled)) / n
    estimate = spearman(clutter, logits, definitions.resampled[:, 0], weights @ noise.logits, n, "noise images")
    # Of many classes the permutations are drawn: they are too many to be counted.
    chance = permutation_p(clutter, logits, generator(imagery.inputs.seed, "C4", "permutation"))
    # Ten classes could fall so by chance: that stands in the way of a confirmation, and of nothing else.
    stands = chance < 0.05 or estimate.lower(judge.alpha) <= judge.claim.threshold
    found = f"the permutation of the classes gives p = {chance:.3f}"
    rows = tuple((classes[c], float(clutter[c]), float(logits[c])) for c in np.argsort(-clutter))
    judge(
        estimate,
        checks=[Check("so many classes would not fall so by chance", stands, found, "precondition")],
        beside=[Beside("p of the permutation of the classes", chance, n=len(classes), unit="classes")],
        tables=[Table("Clutter of a class and its mean logit on noise", ("class", "composite", "logit"), rows)],
    )


def in_words(name, values, classes, target):
    """Return a line with the class that a definition calls most cluttered, the least, and the target's place."""
    order = np.argsort(-values)
    place = int(np.flatnonzero(order == target.index)[0]) + 1
    most, least = classes[order[0]], classes[order[-1]]
    return Beside(f"{name}: {most} most, {least} least, {target.name} in place {place} of {len(classes)}", None)


@pytest.mark.claim("C5", above=0.50, source=QUESTION_2)
def test_the_definitions_of_clutter_agree(definitions, geometry, imagery, target, classes, judge):
    """The definitions of clutter agree on the order of the classes."""
    place = [imagery.classes.index(name) for name in classes]
    scores = dict(zip(PER_IMAGE, definitions.scores, strict=False))
    for definition in ROOM:
        scores[f"{definition}, pixels"] = imagery.room.values[definition][place]
        for stage, room in geometry.rooms.items():
            scores[f"{definition}, {stage}"] = room.values[definition]
    ranks = tuple(str(i + 1) for i in range(len(classes)))
    ranking = tuple((name, *(classes[c] for c in np.argsort(-values))) for name, values in scores.items())
    numbers = tuple((name, *map(float, values)) for name, values in scores.items())
    judge(
        kendall_w(definitions.scores, definitions.resampled, len(imagery.test_scores.labels), "test images"),
        beside=[in_words(*each, classes, target) for each in zip(definitions.names, definitions.scores, strict=True)],
        tables=[
            Table("The classes from most to least cluttered, by definition", ("definition", *ranks), ranking),
            Table("Clutter of a class, by definition", ("definition", *classes), numbers),
        ],
    )


def more_dimensions(room, classes, index):
    """Return how many times more dimensions a class spans than each other class, on the log scale."""
    parts = []
    for c, name in others(classes, index):
        value, replicates = log_ratio(room.participation[index], room.participation[c])
        parts.append((name, jackknife(value, replicates, "test images")))
    return Intersection(tuple(parts))


@pytest.mark.claim("D1", above=LOG_ONE_TENTH_MORE, source=QUESTION_2)
def test_the_class_of_noise_spans_the_most_dimensions(geometry, collapse, classes, judge):
    """The class of noise spans more feature dimensions than every other class."""
    judge(
        more_dimensions(geometry.penultimate, classes, collapse.index),
        beside=[
            beside_line(f"pooled activations, {stage}", more_dimensions(room, classes, collapse.index))
            for stage, room in geometry.rooms.items()
            if room is not geometry.penultimate
        ],
        tables=[room_table(geometry.penultimate, classes, "The room of each class in penultimate features")],
    )


def room_table(room, classes, title):
    """Return a table of the room of each class, the one of most dimensions first."""
    order = np.argsort(-room.values[ROOM[0]])
    return Table(title, ("class", *ROOM), tuple((classes[c], *(float(room.values[d][c]) for d in ROOM)) for c in order))


@pytest.mark.claim("D2", above=0.05, weight=2, source=QUESTION_2)
def test_noise_lies_in_the_subspace_of_its_class(geometry, collapse, classes, judge):
    """Noise lies closer to the feature subspace of its class than to that of every other class."""
    outside = geometry.residuals
    judge(
        Intersection(
            tuple(
                (name, paired_mean(outside[:, c] - outside[:, collapse.index], "noise images"))
                for c, name in others(classes, collapse.index)
            )
        ),
        tables=[
            Table(
                "What of noise lies outside the subspace of each class",
                ("class", "share of the squared distance"),
                tuple((classes[c], float(outside[:, c].mean())) for c in np.argsort(outside.mean(axis=0))),
            )
        ],
    )


@pytest.mark.claim("D3", above=0.50, source=QUESTION_2)
def test_noise_lies_in_the_cluster_of_its_class_alone(geometry, collapse, classes, judge):
    """Noise lies inside the feature cluster of its class and of no other."""
    inside = geometry.inside
    judge(
        Intersection(
            tuple(
                (name, paired_drop(inside[:, collapse.index], inside[:, c], "noise images"))
                for c, name in others(classes, collapse.index)
            )
        ),
        tables=[
            Table(
                "Noise within the radius of each class",
                ("class", "share of noise"),
                tuple((classes[c], float(inside[:, c].mean())) for c in np.argsort(-inside.mean(axis=0))),
            )
        ],
    )


@pytest.mark.claim("D4", above=LOG_ONE_TENTH_MORE, scope="dataset", source=QUESTION_2)
def test_bird_images_span_the_most_pixel_dimensions(subject, judge):
    """Bird images span more pixel dimensions than those of every other class."""
    bird = subject.bird  # before the room, which takes minutes
    judge(
        more_dimensions(subject.room, subject.classes, bird),
        tables=[room_table(subject.room, subject.classes, "The room of each class in pixels")],
    )


@pytest.mark.claim("D5", above=LOG_ONE_TENTH_MORE, scope="dataset", source=QUESTION_2)
def test_bird_images_reach_furthest_from_their_centroids(subject, judge):
    """Bird images reach further from their centroids in pixels than those of every other class."""
    bird = subject.bird  # as above
    judge(further_out(subject.room, subject.classes, bird))


def further_out(room, classes, index):
    """Return how much further a class reaches from its centres than each other class, on the log scale."""
    return Intersection(
        tuple(
            (name, quantile_difference(np.log(room.distances[index]), np.log(room.distances[c]), 0.95, "test images"))
            for c, name in others(classes, index)
        )
    )
