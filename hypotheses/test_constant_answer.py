"""Does the constant answer, counted from the mean of images, put noise into its class?  (comment under the post)"""

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.charts import stacked
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import quoted
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.charts import Charted
from why_bird.fixtures.judge import Judge
from why_bird.measure.classifier import Classifier
from why_bird.measure.group_means import GroupMeans
from why_bird.measure.noise_class import NoiseClass, Sink
from why_bird.measure.passes import Answers
from why_bird.measure.proximity import log_strength
from why_bird.measure.readout import Head
from why_bird.measure.units.unit_means import UnitMeans
from why_bird.stats import Estimate, Jackknife, jackknife, paired_drop

pytestmark = guess(
    "The constant answer, counted from the mean of images",
    short="Constant answer",
    quotes=(
        "Some say that random noise has no strong presence of any feature, so that it mostly comes down to the bias "
        "terms (y = wx + b ≈ b).",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "Features after a ReLU are never negative, so 0 does not mean that a feature is absent: they are counted from "
        "the mean feature μ₀ of images instead, and the lead of the class of noise is split into the constant answer "
        "b + Wμ₀ and the rest."
    ),
)

COMMENT = "comment, 28 December 2019"
CONSTANT = "constant answer"
"""The ledger of these claims: they came later than those on the bias."""

SEEN = ("82dbcd814695b8c7",)
"""Networks that had been looked at before those claims were registered, by the first digits of their hash."""

UNIT = "test and noise images"


def of_the_constant(head: Head, test_images: Answers, noise: Answers, weights: NDArray[np.float64]) -> Jackknife:
    """Return which share of the mean lead on noise, a weighted sum of logits, the constant answer b + Wμ₀ makes."""
    on_images, lead = (head.logits(each.features) @ weights for each in (test_images, noise))
    groups = [on_images[test_images.truth == c] for c in range(len(weights))]
    if min(map(len, groups)) < 2:
        raise Unavailable("a class has fewer than 2 test images, and its mean needs more")
    if not lead.mean():
        raise Unavailable("the network answers noise with no lead at all, so nothing carries it")
    # The head is linear: its answer to the mean of the class means is the mean of its mean answers.
    constant = float(np.mean([group.mean() for group in groups]))
    left_out = [constant + (group.mean() - group) / (len(group) - 1) / len(groups) for group in groups]
    without = (lead.sum() - lead) / (len(lead) - 1)
    return jackknife(constant / lead.mean(), [*(each / lead.mean() for each in left_out), constant / without], UNIT)


def unless_seen(
    judge: Judge, subject: Classifier, estimate: Estimate, label: str, *charts: Charted, **says: object
) -> None:
    """Judge a claim, but of a network that suggested it: what that says is shown, and does not count."""
    if subject.network.hash.startswith(SEEN):
        judge.cannot(
            "this network was looked at before this was registered, so it does not count",
            says={"value": estimate.value, **says},
            beside=[beside_line(label, estimate, exploratory=True)],
            charts=charts,
        )
    judge(estimate, says=says, charts=charts)


@claim(
    "Y1",
    above=0.50,
    source=COMMENT,
    ledger=CONSTANT,
    explains=True,
    target=True,
    holds="the constant answer b + Wμ₀ carries more than {asked:tenths} of the lead of {target} over its runner-up",
    fails=(
        "the constant answer b + Wμ₀ carries {value:%} of the lead of {target} over its runner-up, and more than "
        "{asked:tenths} was asked"
    ),
    found="The constant answer carries {value:about} of the lead of {target} over its runner-up on noise.",
)
def test_the_constant_answer_carries_the_lead(
    subject: Classifier, test_images: Answers, noise: Answers, head: Head, collapse: NoiseClass, judge: Judge
) -> None:
    """The constant answer b + Wμ₀ carries more than {asked:tenths} of the lead of the class of noise over its runner-up."""  # noqa: E501 - the registered sentence
    weights = np.zeros(len(subject.classes))
    weights[[collapse.index, collapse.runner_up]] = 1.0, -1.0
    share = of_the_constant(head, test_images, noise, weights)
    unless_seen(judge, subject, share, f"share of the lead over {subject.classes[collapse.runner_up]}")


@claim(
    "Y2",
    above=0.50,
    source=COMMENT,
    ledger=CONSTANT,
    explains=True,
    holds="the constant answer b + Wμ₀ carries more than {asked:tenths} of the lead of the sink ({sink}) over the rest",
    fails=(
        "the constant answer b + Wμ₀ carries {value:%} of the lead of the sink ({sink}) over the rest, and more than "
        "{asked:tenths} was asked"
    ),
    found="The constant answer carries {value:about} of the lead of the sink ({sink}) over the rest on noise.",
)
def test_the_constant_answer_carries_the_lead_of_the_sink(
    subject: Classifier, test_images: Answers, noise: Answers, head: Head, sink: Sink, judge: Judge
) -> None:
    """The constant answer b + Wμ₀ carries more than {asked:tenths} of the lead of the sink over the other classes."""
    weights = np.zeros(len(sink.classes))
    weights[list(sink.rest)], weights[list(sink.members)] = -1 / len(sink.rest), 1 / len(sink.members)
    share = of_the_constant(head, test_images, noise, weights)
    label = f"share of the lead of the sink ({sink.names}) over the rest"
    unless_seen(judge, subject, share, label, sink=sink.names)


@claim(
    "Y3",
    above=0.10,
    source=COMMENT,
    ledger=CONSTANT,
    explains=True,
    target=True,
    evidence="changed",
    holds="more than {asked:tenths} of the noise leaves {target} without the constant answer b + Wμ₀",
    fails=(
        "the share of noise in {target} is {value:points smaller|larger} without the constant answer b + Wμ₀, and "
        "{asked:points} smaller was asked"
    ),
    found="Without the constant answer {value:points less|more} of the noise is {target}.",
)
def test_the_constant_answer_puts_noise_into_its_class(
    subject: Classifier, noise: Answers, head: Head, unit_means: UnitMeans, collapse: NoiseClass, judge: Judge
) -> None:
    """Without the constant answer b + Wμ₀, at least {asked:tenths} of the noise leaves its class."""
    answers = (head.logits(noise.features), head.logits(noise.features - unit_means.balanced, bias=False))
    before, after = (logits.argmax(1) == collapse.index for logits in answers)
    unless_seen(
        judge,
        subject,
        paired_drop(before, after, "noise images"),
        "fall of the share in the class of noise",
        lambda: stacked(
            subject.classes,
            dict(zip(("as it is", "without the constant answer"), (each.argmax(1) for each in answers), strict=True)),
            "noise images",
            title=f"Of the noise {quoted(before.mean())} is {collapse.name}, without the constant answer "
            f"{quoted(after.mean())}",
            highlight=[collapse.name],
        ),
    )


@claim(
    "Y4",
    below=0.50,
    source=COMMENT,
    ledger=CONSTANT,
    explains=True,
    holds="noise is on average less than {asked:tenths} as far from the mean of images as a class is",
    fails=(
        "noise is on average {value} times as far from the mean of images as a class is, and less than {asked} was "
        "asked"
    ),
    found="Noise is on average {value} times as far from the mean of images as a class is.",
)
def test_noise_is_weak_counted_from_the_mean_of_images(
    subject: Classifier, group_means: GroupMeans, judge: Judge
) -> None:
    """The mean feature of noise is less than {asked:tenths} as far from the mean of images as those of classes are."""
    replicates = [log_strength(left_out) for left_out in group_means.left_out()]
    strength = jackknife(float(log_strength(group_means.products)), replicates, UNIT, transform="exp")
    unless_seen(judge, subject, strength, "distance of noise from the mean of images, in mean distances of a class")
