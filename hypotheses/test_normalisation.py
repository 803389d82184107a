"""Is it the statistics of the normalisation layers?  (question 4: what did the network learn?)"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts import Stacked, stacked
from why_bird.evidence.exhibits import Beside, Check, Table
from why_bird.evidence.numbers import count, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.exchanged_statistics import Exchanged
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass
from why_bird.measure.passes import Answers
from why_bird.measure.renormalised import Renormalised
from why_bird.stats import Intersection, paired_drop, paired_mean

pytestmark = guess(
    "Normalisation statistics",
    short="Normalisation",
    quotes=("How to pull out what a neuron in the network really learned, to classify the ten categories?",),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The statistics of the normalisation layers are estimated anew on noise, on other unusual images, and a stage "
        "at a time; and images are given the moments that noise has there."
    ),
)

LEAST_ACCURACY = 0.80
# Of the half of the images that has to fall by noise's moments, half has to fall by what is noise's own: a difference
# to the placebo of more than a quarter, which with a quarter more is past the bound of one half.
QUARTER = 0.25


def with_other_statistics(called: Mapping[str, NDArray[np.int64]], classes: Classes, target: int) -> Stacked:
    """Return what noise is called, by the images that the normalisation statistics are of, beside one another."""
    shares = {name: np.bincount(labels, minlength=len(classes)) / len(labels) for name, labels in called.items()}
    return stacked(
        classes,
        called,
        "noise images each",
        title=f"With normalisation statistics of noise the largest class holds {probability(shares['of noise'].max())} "
        f"of it, with those of 1/f² noise {probability(shares['of 1/f² noise'].max())}",
        caption="The same noise, with statistics of training, of other noise, and of 1/f² noise, which is as unusual.",
        highlight=[classes[target]],
    )


def given_moments(called: Mapping[str, NDArray[np.int64]], classes: Classes, target: int) -> Stacked:
    """Return what images of other classes are called, by the images whose moments they have in every layer."""
    shares = {name: probability(float((labels == target).mean())) for name, labels in called.items()}
    return stacked(
        classes,
        called,
        "test images each",
        title=f"Of images of other classes that are given the moments of noise {shares['of noise']} are called "
        f"{classes[target]}, given those of 1/f² noise {shares['of 1/f² noise']}",
        caption="Before each normalisation layer's own scale and shift, every channel gets the mean and the standard "
        "deviation that noise has there, or 1/f² noise, which is as unusual.",
        highlight=[classes[target]],
    )


def by_stage(exchanged: Exchanged, classes: Classes, collapse: NoiseClass) -> Table:
    """Return where noise falls when a single stage has statistics of noise, and the others those of training."""
    rows = []
    for stage, labels in exchanged.by_stage.items():
        shares = np.bincount(labels, minlength=len(classes)) / len(labels)
        most = int(shares.argmax())
        rows.append((stage, float(shares[collapse.index]), classes[most], float(shares[most])))
    columns = ("stage", f"share in {collapse.name}", "largest class", "its share")
    n = count(len(next(iter(exchanged.by_stage.values()), ())))
    return Table(f"Noise where one stage alone has statistics of noise, {n} images each", columns, tuple(rows))


def able(renormalised: Renormalised) -> Check:
    """Return whether statistics estimated on images leave the network able to tell them apart."""
    accuracy = renormalised.accuracy_reestimated
    return Check(
        "statistics estimated on images leave the network able",
        accuracy >= LEAST_ACCURACY,
        f"accuracy {accuracy:.1%} on {renormalised.asked:,} others, {renormalised.accuracy_before:.1%} before "
        f"(needed {LEAST_ACCURACY:.0%})",
        "manipulation",
    )


@claim(
    "U4",
    above=0.50,
    source="question 4",
    explains=True,
    target=True,
    evidence="changed",
    holds=(
        "the largest class holds less noise than {target} did, by more than {asked:tenths} of it all, with "
        "normalisation statistics of noise, and not with those of other unusual images"
    ),
    fails=(
        "with normalisation statistics of noise the largest class holds {value:points less|more} of it than {weakest}, "
        "and {asked:points} less was asked"
    ),
    found="With its own statistics {after:about} of noise is one class, with those of 1/f² noise {placebo:about}.",
    seen="Amended when its answer was known, but for the placebo.",
)
def test_normalisation_statistics_put_noise_into_its_class(
    noise: Answers,
    renormalised: Renormalised,
    exchanged: Exchanged,
    collapse: NoiseClass,
    classes: Classes,
    judge: Judge,
) -> None:
    """Normalisation statistics of noise, not of other odd images, end the collapse of over {asked:tenths} of it."""
    after, placebo = renormalised.after, exchanged.placebo
    before = noise.labels[: len(after)]
    counts = np.bincount(after, minlength=len(classes))
    largest = after == renormalised.largest.index
    n = min(len(after), len(placebo))
    judge(
        Intersection(
            (
                (f"{collapse.name} did", paired_drop(before == collapse.index, largest, "noise images")),
                (
                    "with those of 1/f² noise",
                    paired_drop(placebo[:n] == exchanged.largest.index, largest[:n], "noise images"),
                ),
            )
        ),
        says={
            "after": float(largest.mean()),
            "placebo": float((placebo == exchanged.largest.index).mean()),
        },
        checks=[able(renormalised)],
        beside=[
            Beside(f"largest class of noise-A then: {renormalised.largest.name}", renormalised.largest.share),
            Beside(f"the same with those of 1/f² noise: {exchanged.largest.name}", exchanged.largest.share),
        ],
        tables=[
            Table(
                "Noise under normalisation statistics of noise",
                ("class", "noise images"),
                tuple((classes[c], int(counts[c])) for c in np.argsort(-counts, kind="stable")),
            ),
            by_stage(exchanged, classes, collapse),
        ],
        charts=[
            lambda: with_other_statistics(
                {"of training": before, "of noise": after, "of 1/f² noise": placebo},
                classes,
                collapse.index,
            )
        ],
    )


@claim(
    "U5",
    above=0.50,
    source="question 4",
    ledger="normalisation",
    explains=True,
    target=True,
    evidence="changed",
    holds="more than {asked:tenths} of the images of other classes turn into {target} with the moments of noise, and "
    "far fewer with those of 1/f² noise",
    fails=(
        "of images of other classes with the moments of noise in every normalisation layer {weakest} is {value}, and "
        "more than {asked} was asked"
    ),
    found="Given noise's moments {after:about} of the images of other classes are {target}, given 1/f² noise's "
    "{placebo:about}.",
    seen="Its first part was seen on the shipped network before the other, with 1/f² noise, was added.",
)
def test_images_with_the_moments_of_noise_fall_into_its_class(
    renormalised: Renormalised, exchanged: Exchanged, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Noise's moments in normalisation layers turn over {asked:tenths} of images into its class, 1/f² noise's far fewer."""  # noqa: E501 - the registered sentence
    other = exchanged.truth != collapse.index
    before, after, placebo = (labels[other] for labels in (exchanged.before, exchanged.after, exchanged.after_placebo))
    turned, anyway = after == collapse.index, placebo == collapse.index
    own = QUARTER + turned.astype(np.float64) - anyway
    judge(
        Intersection(
            (
                (
                    f"the share that turns into {collapse.name}",
                    paired_drop(turned, before == collapse.index, "test images"),
                ),
                (
                    "¼ + the share that turns − that with 1/f² noise's moments",
                    paired_mean(own, "test images", support=(QUARTER - 1.0, QUARTER + 1.0), null=QUARTER),
                ),
            )
        ),
        says={"after": float(turned.mean()), "placebo": float(anyway.mean())},
        checks=[able(renormalised)],
        charts=[
            lambda: given_moments(
                {"as they are": before, "of noise": after, "of 1/f² noise": placebo}, classes, collapse.index
            )
        ],
    )
