"""What did the units learn, and do they make the class of noise?  (question 4)"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.charts import Axis, Curves, ImageGrid, image_row, sampled, shared
from why_bird.evidence.exhibits import Beside, Check, Table
from why_bird.evidence.numbers import count, number, ordinal, probability, quoted
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.images.published_noise import post
from why_bird.measure.classifier import Classifier
from why_bird.measure.maximisation.maximised import Maximised
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass, against_every_other
from why_bird.measure.passes import Answers
from why_bird.measure.readout import Head
from why_bird.measure.shuffled import confusion_table, informedness, informedness_contrasts
from why_bird.measure.units.ablation import ablated_logits, ablation_curve, accuracy_cost, doubling_counts
from why_bird.measure.units.contribution import class_contributions, class_selectivity, contributions_on, units_for_half
from why_bird.measure.units.excitation import Excitation, activation_support, jaccard, matched_p
from why_bird.measure.units.unit_means import UnitMeans
from why_bird.stats import Intersection, intersection, jackknife, paired_drop, top_members, top_overlap

pytestmark = guess(
    "What the neurons learned",
    short="Neurons",
    quotes=("How to pull out what a neuron in the network really learned, to classify the ten categories?",),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "Units are ablated beside those of every other class, what excites them is compared between noise and images, "
        "and the patches of images are shuffled."
    ),
)

QUESTION_4 = "question 4"
MOST_COST = 0.05
SHOWN = 3


def shown(
    units: NDArray[np.int64],
    unit_means: UnitMeans,
    contributions: NDArray[np.float64],
    on_noise: NDArray[np.float64],
    maximised: Maximised,
    classes: Classes,
) -> Table:
    """Return a table of units: what they add, and what excites them."""
    selective = class_selectivity(unit_means.means)
    of_images, of_noise = shares(contributions), shares(on_noise)
    reached = dict(zip(maximised.units, maximised.activations.tolist(), strict=True))
    return Table(
        "The units that carry most of the margin of the class of noise on its training images",
        (
            "unit", "share of the margin, images", "share of the margin, noise", "class selectivity",
            "classes of the training images that excite it most", "largest activation, training images",
            "activation of its own image",
        ),
        tuple(
            (
                int(unit),
                float(of_images[unit]),
                float(of_noise[unit]),
                float(selective[unit]),
                ", ".join(f"{n} {classes[c]}" for c, n in counted(unit_means.labels[unit])),
                float(unit_means.activations[unit, 0]),
                reached.get(int(unit)),
            )
            for unit in units
        ),
    )  # fmt: skip


def shares(contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each unit in what all add up to; NaN where there is nothing to share."""
    total = contributions.sum()
    return contributions / (total if total > 0 else np.nan)


def counted(labels: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Return classes with how often they occur, the most frequent first."""
    found, counts = np.unique(labels, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return zip(found[order], counts[order], strict=True)


def curve(counts: Sequence[int], own: NDArray[np.float64], others: NDArray[np.float64]) -> Table:
    """Return a table of the share of noise that stays in its class as more units are ablated."""
    return Table(
        "Noise that stays in its class",
        ("units ablated", "the strongest", "the strongest of another class, on average"),
        tuple((n, float(a), float(b)) for n, a, b in zip(counts, own, others.mean(0), strict=True)),
    )


def ablated(
    counts: Sequence[int], own: NDArray[np.float64], others: NDArray[np.float64], n: int, target: str
) -> Curves:
    """Return the share of noise that stays in its class without its strongest units, beside those of other classes."""
    return Curves(
        title=f"Without its {counts[-1]} strongest units {probability(own[-1])} of noise stays {target}, without "
        f"another class's {probability(others[:, -1].mean())}",
        caption=f"Units that carry most of a class's margin on its training images are set to their mean over the "
        f"classes, strongest first; {count(n)} noise images. Dashed: mean and middle 95 % of the other {len(others)} "
        "classes.",
        x=Axis("units set to their mean", log=2, low=0, ticks=counts),
        y=Axis(f"noise called {target}", percent=True, low=0, high=1.02),
        curves=[
            shared("the strongest", counts, own.tolist(), n),
            sampled("the strongest of another class", counts, others),
        ],
        highlight=["the strongest"],
    )


def without_matched(
    subject: Classifier, stays: Callable[[NDArray[np.int64], Sequence[int]], NDArray[np.float64]], before: float
) -> list[Beside]:
    """Return how much noise leaves its class without random units that are like its own, where there are such."""
    label = "fall without as many random units of like mean activation and weight norm"
    try:
        found = subject.matched_sets
    except Unavailable as unmatched:
        return [Beside(f"{label}: not known, since {unmatched}", None)]
    falls = before - stays(found.sets, found.sets.shape[1:])[:, -1]
    return [
        Beside(label, float(falls.mean()), n=len(falls), unit="sets of units"),
        Beside("largest difference of a set's average, in sd", float(np.abs(found.differences).max())),
    ]


def beyond_images(maximised: Maximised, unit_means: UnitMeans) -> list[Beside]:
    """Return whether the images made for units excite them more than images do, and what could not be made."""
    above = maximised.activations > unit_means.activations[list(maximised.units), 0]
    label = "units whose own image excites them more than every training image"
    return [
        Beside(label, int(above.sum()), n=len(above), unit="units"),
        *(Beside(each, None) for each in maximised.remarks),
    ]


def exciting_images(subject: Classifier, unit_means: UnitMeans, units: Sequence[int]) -> ImageGrid:
    """Return the training images that excite each unit most, where the run has images."""
    if subject.inputs.images is None:
        raise Unavailable("the run has no images")
    training = subject.inputs.images.train
    rows = []
    for place in range(min(SHOWN, unit_means.strongest.shape[1])):
        found = training.find(unit_means.strongest[list(units), place])
        names = [training.classes[training.labels[i]] for i in found]
        rows.append(image_row(f"no. {place + 1}", training.pixels[found], names))
    return ImageGrid(
        title="The training images that excite the strongest units most",
        caption="From the images of this run: they are not shipped. Below each: its class.",
        columns=[f"unit {unit}" for unit in units],
        rows=rows,
    )


def looks(subject: Classifier, noise: Answers, maximised: Maximised) -> ImageGrid:
    """Return what the strongest units look for, and the noise that excites them."""
    units = maximised.units
    identity, size = subject.inputs.identity, subject.network.preprocess.size
    drawn = post(identity.mean, identity.std, size, subject.inputs.seed, "B")
    activations = noise.features[:, list(units)]
    # Of images that excite a unit alike (stored features are rounded to 16 bits) the one drawn first.
    excites = np.concatenate([drawn.images(i, i + 1) for i in activations.argmax(0).tolist()])
    made, of_noise = (values.astype(np.float64) for values in (maximised.activations, activations.max(0)))
    if not (made > 0).all():
        raise Unavailable("a unit answers to no image")
    ratios = of_noise / made
    return ImageGrid(
        title=f"Noise excites these {len(units)} units at most {quoted(ratios.max())} as much as the image made for "
        f"each, half of them at most {quoted(np.median(ratios))}",
        caption=f"The strongest units of {subject.target.name}. Made: by gradient ascent, to excite the unit. Noise: "
        f"of {count(len(noise))} images the one that excites it most. Below each: activation of the unit, of noise "
        "also as a share of the one above.",
        columns=[f"unit {unit}" for unit in units],
        rows=[
            image_row("made", maximised.images, [number(each) for each in made]),
            image_row("noise", excites, [f"{number(a)}: {quoted(b)}" for a, b in zip(of_noise, ratios, strict=True)]),
        ],
    )


@claim(
    "U1",
    above=0.25,
    weight=2,
    source=QUESTION_4,
    explains=True,
    target=True,
    evidence="changed",
    holds="noise leaves {target} without its strongest units, and more than without those of any other class",
    fails=(
        "noise leaves {target} {value:points more|less} often without its strongest units {weakest}, and "
        "{asked:points} more was asked"
    ),
    found=(
        "{stays:about} of the noise stays {target} without {target}'s {units} strongest units, {least:about} without "
        "{other}'s."
    ),
    seen="Amended when its answer was known: open, for want of units to match.",
)
def test_few_units_carry_noise_into_its_class(
    subject: Classifier,
    noise: Answers,
    test_images: Answers,
    head: Head,
    unit_means: UnitMeans,
    class_units: NDArray[np.int64],
    maximised: Maximised,
    collapse: NoiseClass,
    classes: Classes,
    judge: Judge,
) -> None:
    """Without the strongest units of its class noise leaves it, and more than without those of any other class."""
    target, balanced, features = collapse.index, unit_means.balanced, noise.features
    if len(classes) < 3:
        raise Unavailable("in a network of two classes the same units carry both margins")
    units = class_units[target]
    before = head.labels(features) == target

    def without(c: int) -> NDArray[np.bool_]:
        return np.asarray(ablated_logits(head, features, class_units[c], balanced).argmax(1) == target)

    def stays(sets: NDArray[np.int64], counts: Sequence[int]) -> NDArray[np.float64]:
        return ablation_curve(head, features, sets, tuple(counts), balanced, target)

    own = without(target)
    others = against_every_other(target, classes)
    parts = [("than with them", paired_drop(before, own, "noise images"))]
    rest = {name: without(c) for name, _, c in others}
    parts += [(f"than without those of {name}", paired_drop(stay, own, "noise images")) for name, stay in rest.items()]
    other = min(rest, key=lambda name: rest[name].mean())
    contributions = class_contributions(head.weight, unit_means.means)[target]
    on_noise = contributions_on(features, head.weight, target, balanced)
    halves = (("images of the class", units_for_half(contributions)), ("noise", units_for_half(on_noise)))
    counts = doubling_counts(len(units))
    strongest, of_others = stays(units[None], counts)[0], stays(class_units[[c for *_, c in others]], counts)
    cost = accuracy_cost(head, test_images.features, test_images.truth, units, balanced, target)
    judge(
        Intersection(tuple(parts)),
        says={
            "units": len(units),
            "stays": float(strongest[-1]),
            "other": other,
            "least": float(rest[other].mean()),
        },
        checks=[
            Check(
                "the ablation costs the other classes little",
                cost <= MOST_COST,
                f"{cost:.1%} of accuracy on their test images (allowed {MOST_COST:.0%})",
                "manipulation",
            )
        ],
        beside=[
            *without_matched(subject, stays, before.mean()),
            *(Beside(f"units that carry half of the margin on {what}", n) for what, n in halves),
            *beyond_images(maximised, unit_means),
        ],
        tables=[
            shown(units, unit_means, contributions, on_noise, maximised, classes),
            curve(counts, strongest, of_others),
        ],
        charts=[
            lambda: ablated(counts, strongest, of_others, len(noise), collapse.name),
            lambda: looks(subject, noise, maximised),
            lambda: exciting_images(subject, unit_means, maximised.units),
        ],
    )


def permutation(subject: Classifier, excited: NDArray[np.int64], units: NDArray[np.int64]) -> Beside:
    """Return how often matched random units share as much with the units that noise excites."""
    label = "p of the permutation: matched random units share as much with noise"
    try:
        sets = subject.matched_sets.sets
    except Unavailable as unmatched:
        return Beside(f"{label}: not known, since {unmatched}", None)
    return Beside(label, matched_p(excited, units, sets), n=len(sets), unit="sets of units")


@claim(
    "U2",
    above=0.10,
    source=QUESTION_4,
    explains=True,
    target=True,
    holds="noise excites the units of {target} more than those of every other class",
    fails=(
        "the units that noise excites overlap {value:more|less} with those of {target} than with those of "
        "{weakest}, and {asked} more was asked"
    ),
    found="The units that noise excites most overlap most with those of {most}; {target} is {rank} of {of}.",
)
def test_noise_excites_the_units_of_its_class(
    subject: Classifier,
    noise: Answers,
    unit_means: UnitMeans,
    class_units: NDArray[np.int64],
    excitation: Excitation,
    collapse: NoiseClass,
    classes: Classes,
    judge: Judge,
) -> None:
    """Noise excites the units of its class more than those of every other class."""
    target, m = collapse.index, class_units.shape[1]
    if len(classes) < 3:
        raise Unavailable("in a network of two classes the same units carry both margins")
    support = activation_support(noise.features, unit_means)
    top = top_members(excitation.means, excitation.errors, excitation.skewness, excitation.n, m, support)
    excited = np.flatnonzero(top.chosen)
    overlaps = sorted(
        ((name, jaccard(excited, class_units[c])) for c, name in enumerate(classes)), key=lambda each: -each[1]
    )
    order = [name for name, _ in overlaps]
    judge(
        intersection(
            against_every_other(target, classes),
            lambda own, c: top_overlap(top, class_units[own], class_units[c], excitation.resampled, "noise images"),
        ),
        says={"most": order[0], "rank": ordinal(order.index(collapse.name) + 1), "of": len(order)},
        beside=[permutation(subject, excited, class_units[target])],
        tables=[
            Table(
                f"The {m} units that noise excites most, and the {m} that carry each class",
                ("class", "Jaccard index"),
                tuple(overlaps),
            )
        ],
    )


@claim(
    "U3",
    above=0.05,
    source=QUESTION_4,
    explains=True,
    target=True,
    evidence="changed",
    holds="shuffled images of {target} stay in it more than those of other classes stay in theirs",
    fails=(
        "shuffled images of {target} stay in it {value:points more|less} often than those of {weakest} stay in "
        "theirs, and {asked:points} more was asked"
    ),
    found="Of shuffled images of {target} {stay:about} stay {target}; most often right are those of {most}.",
)
def test_shuffled_images_of_the_class_of_noise_stay_in_it(
    shuffled: Answers, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Shuffled images of the class of noise stay in it more than those of other classes stay in theirs."""
    table = confusion_table(shuffled.labels, shuffled.truth, len(classes))
    contrasts = informedness_contrasts(table, collapse.index, classes)
    informed, recall = informedness(table), np.diag(table) / table.sum(1)
    most = table.argmax(1)
    rows = ((classes[c], float(informed[c]), float(recall[c]), classes[most[c]]) for c in np.argsort(-informed))
    judge(
        Intersection(
            tuple(
                (name, jackknife(c.value, c.replicates, "test images", support=(-2.0, 2.0)))
                for name, c in contrasts.items()
            )
        ),
        says={"stay": float(recall[collapse.index]), "most": classes[informed.argmax()]},
        tables=[
            Table(
                "Test images whose 4 × 4 patches changed places",
                ("class", "informedness", "still called so", "most are called"),
                tuple(rows),
            )
        ],
    )
