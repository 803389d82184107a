"""Is noise close to its class in feature space?  (fact 3: the distance graph and its minimum spanning tree)"""

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.charts import (
    Axis,
    Dots,
    ImageGrid,
    Tree,
    column,
    image_row,
    listed,
    most_first,
    resampled_means,
    tree_of,
)
from why_bird.evidence.exhibits import Beside, Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import ordinal
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.classifier import Classifier
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass, against_every_other
from why_bird.measure.passes import Answers
from why_bird.measure.proximity import BETWEEN, Proximity, bottleneck, spanning_tree
from why_bird.measure.stages import StageContrasts
from why_bird.stats import Intersection, intersection, jackknife, jackknife_from_spreads
from why_bird.streams import generator

pytestmark = guess(
    "Closeness of features",
    short="Closeness",
    quotes=(
        "The feature vector after the last convolution, before the fully connected layer: 512 numbers an image. "
        "Distance d(v1, v2) = ½(1 − cos(v1, v2)). A complete graph of 11 nodes weighted with d; its minimum "
        "spanning tree was shown. The distance between bird and noise is rather small.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The same distances between the class means and the mean of noise, raw as in the post and centred, since "
        "what all vectors share makes every cosine large; the uncertainty comes from leaving images out."
    ),
)

UNIT = "test and noise images"
RESAMPLES, SHOWN = 200, 8


def nearest(graph: Proximity, index: int, classes: Classes) -> Intersection:
    """Return d(noise, c) − d(noise, class) for every other class c, all of which must be large enough."""
    pairs = against_every_other(index, classes)
    return intersection(pairs, lambda own, c: jackknife(*graph.nearer(own, c), UNIT, support=BETWEEN))


def by_stage(contrasts: StageContrasts, index: int, classes: Classes, when: str) -> list[Beside]:
    """Return a line for each stage of a network: how much nearer noise is to its class than to the next."""
    lines, sizes = [], contrasts.sizes.tolist()
    for s, stage in enumerate(contrasts.names):
        levels, spreads = contrasts.contrasts[s], contrasts.spreads[s]
        parts = Intersection(
            tuple(
                (name, jackknife_from_spreads(levels[c], spreads[:, c], sizes, UNIT, support=BETWEEN))
                for name, _, c in against_every_other(index, classes)
            )
        )
        closest = classes[int(np.argmin(contrasts.distances[s]))]
        lines.append(beside_line(f"{when}, {stage}: nearest is {closest}", parts))
    return lines


def distances(graph: Proximity, classes: Classes, target: str) -> Dots:
    """Return the distance of each class from noise, the nearest first."""
    noise = graph.noise
    found = {
        name: jackknife(
            float(graph.distances[noise, c]),
            [left_out[:, noise, c] for left_out in graph.replicates],
            UNIT,
            support=(0.0, 1.0),
        )
        for c, name in enumerate(classes)
    }
    rows = list(most_first(found))[::-1]
    return Dots(
        title=f"{rows[0]} is nearest to noise; the class of noise, {target}, is in place {rows.index(target) + 1} of "
        f"{len(rows)}",
        caption="Centred cosine distance between the mean features of noise and of each class.",
        rows=rows,
        columns=[column(Axis("distance from noise, ½(1 − cos)", low=0), {name: found[name] for name in rows})],
        highlight=[target],
    )


def neighbours(distances: NDArray[np.float64], names: Classes) -> list[str]:
    """Return what the minimum spanning tree joins noise to."""
    return [a if b == "noise" else b for a, b, _ in spanning_tree(distances, names) if "noise" in (a, b)]


def tree(graph: Proximity, classes: Classes, seed: int) -> Tree:
    """Return the minimum spanning tree of the classes and noise, and how sure each edge of it is."""
    names = (*classes, "noise")
    again = resampled_means(graph.distances, graph.replicates, RESAMPLES, generator(seed, "charts", "distances"))
    return tree_of(
        names,
        graph.distances,
        again,
        title=f"The spanning tree joins noise to {listed(neighbours(graph.distances, names))}",
        caption="Numbers: distance ½(1 − cos) between mean features; the test and noise images are resampled.",
        highlight=["noise"],
    )


def nearest_images(subject: Classifier, test_images: Answers, noise: Answers) -> ImageGrid:
    """Return the test images whose features are nearest to the mean of noise's, where the run has images."""
    read = subject.planned.test.read
    if read is None:
        raise Unavailable("the run has no images")
    features, mean = test_images.features.astype(np.float64), noise.features.mean(0, dtype=np.float64)
    middle = np.mean([features[test_images.truth == c].mean(0) for c in np.unique(test_images.truth)], axis=0)
    own = features - middle
    # An image in the very middle has no direction, and is as near as one at a right angle.
    cosines = own @ (mean - middle) / np.maximum(np.linalg.norm(own, axis=1), np.finfo(np.float64).tiny)
    nearest = np.argsort(-cosines, kind="stable")[:SHOWN]
    images = read()
    names = [images.classes[images.labels[i]] for i in nearest]
    found = {name: names.count(name) for name in names}
    most = max(found, key=lambda name: found[name])
    return ImageGrid(
        title=f"Of the {len(names)} images nearest to noise {found[most]} are {most}",
        caption="Test images whose features are nearest to the mean of noise's, in centred cosine distance. Below "
        "each: its class. From the images of this run: they are not shipped.",
        columns=[f"no. {i + 1}" for i in range(len(names))],
        rows=[image_row("image", images.pixels[nearest], names)],
    )


@claim(
    "X1",
    above=0.02,
    procedure=True,
    weight=2,
    source="fact 3",
    explains=True,
    target=True,
    holds="{target} is the class nearest to noise in centred cosine distance",
    fails=(
        "measured from noise, {weakest} is {value:farther|nearer} than {target} in centred cosine distance, and "
        "{asked} farther was asked"
    ),
    found="In feature space {nearest} is nearest to noise, and {target} {rank} of {of}.",
)
def test_the_class_of_noise_is_the_nearest(
    proximity: Proximity,
    collapse: NoiseClass,
    classes: Classes,
    stages: StageContrasts,
    untrained_stages: StageContrasts,
    judge: Judge,
) -> None:
    """The class of noise is the nearest class to noise in centred cosine distance."""
    noise = proximity.noise
    order = np.argsort(proximity.distances[noise, :-1])
    judge(
        nearest(proximity, collapse.index, classes),
        says={
            "nearest": classes[order[0]],
            "rank": ordinal(list(order).index(collapse.index) + 1),
            "of": len(classes),
        },
        beside=[
            *by_stage(stages, collapse.index, classes, "trained"),
            *by_stage(untrained_stages, collapse.index, classes, "before training"),
        ],
        tables=[
            Table(
                "Distance from noise, ½(1 − cos), centred",
                ("class", "distance"),
                tuple((classes[c], float(proximity.distances[noise, c])) for c in order),
            )
        ],
        charts=[lambda: distances(proximity, classes, collapse.name)],
    )


@claim(
    "X2",
    below=0.50,
    source="fact 3",
    explains=True,
    target=True,
    holds="noise is closer to {target} than {asked:part} the mean distance between two classes",
    fails=(
        "the distance from noise to {target} is {value} times the mean distance between two classes, and less than "
        "{asked} was asked"
    ),
    found="Noise is {value:about} as far from {target} as two classes are from one another on average.",
)
def test_target_and_noise_are_rather_close(
    subject: Classifier, proximity: Proximity, test_images: Answers, noise: Answers, collapse: NoiseClass, judge: Judge
) -> None:
    """The distance from noise to its class is less than {asked:part} the mean distance between two classes."""
    pairs = np.triu_indices(proximity.noise, 1)

    def log_ratio(distances: NDArray[np.float64]) -> NDArray[np.float64]:
        between = distances[..., pairs[0], pairs[1]].mean(-1)
        return np.asarray(np.log(distances[..., proximity.noise, collapse.index]) - np.log(between))

    judge(
        jackknife(
            float(log_ratio(proximity.distances)),
            [log_ratio(left_out) for left_out in proximity.replicates],
            UNIT,
            transform="exp",
        ),
        charts=[lambda: nearest_images(subject, test_images, noise)],
    )


@claim(
    "X3",
    above=0.02,
    source="fact 3",
    explains=True,
    target=True,
    holds="the minimum spanning tree joins noise to {target}",
    fails=(
        "the edge from noise to {target} is {value:shorter|longer} than the longest on the best other way, and "
        "{asked} shorter was asked"
    ),
    found="The tree of shortest distances joins noise to {joined}.",
)
def test_the_spanning_tree_joins_noise_to_its_class(
    subject: Classifier, proximity: Proximity, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """The minimum spanning tree joins noise to its class."""
    noise, index = proximity.noise, collapse.index

    def slack(distances: NDArray[np.float64], c: int = index) -> NDArray[np.float64]:
        return bottleneck(distances, noise, c) - distances[..., noise, c]

    slacks = {name: float(slack(proximity.distances, c)) for c, name in enumerate(classes)}
    most = max(slacks, key=lambda name: slacks[name])
    judge(
        jackknife(
            slacks[classes[index]],
            [slack(left_out) for left_out in proximity.replicates],
            UNIT,
            support=BETWEEN,
        ),
        says={"joined": listed(neighbours(proximity.distances, (*classes, "noise")))},
        beside=[
            Beside("follows from X1 where X1 is confirmed: a node's shortest edge is in every such tree", None),
            Beside(f"the same of {most}, where it is largest", slacks[most]),
        ],
        tables=[
            Table(
                "Minimum spanning tree, centred",
                ("node", "node", "distance"),
                tuple(spanning_tree(proximity.distances, (*classes, "noise"))),
            ),
        ],
        charts=[lambda: tree(proximity, classes, subject.inputs.seed)],
    )


@claim(
    "X4",
    above=0.02,
    source="fact 3",
    needs=("bird",),
    holds="bird is the class nearest to noise in raw cosine distance, as the post measured it",
    fails=(
        "measured from noise, {weakest} is {value:farther|nearer} than bird in raw cosine distance, as the post "
        "measured it, and {asked} farther was asked"
    ),
    found="As the post measured it, {nearest} is nearest to noise, then {second}.",
)
def test_bird_is_the_nearest_as_the_post_measured(
    raw_proximity: Proximity, bird: int, classes: Classes, judge: Judge
) -> None:
    """Bird is the nearest class to noise in raw cosine distance, as the post measured it."""
    first, second, *_ = (classes[c] for c in np.argsort(raw_proximity.distances[raw_proximity.noise, :-1]))
    judge(
        nearest(raw_proximity, bird, classes),
        says={"nearest": first, "second": second},
        tables=[
            Table(
                "Minimum spanning tree, raw cosine",
                ("node", "node", "distance"),
                tuple(spanning_tree(raw_proximity.distances, (*classes, "noise"))),
            )
        ],
    )
