"""Does the noise prediction come down to the bias terms?  (comment under the post)"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from why_bird.errors import Unavailable
from why_bird.evidence.charts import Axis, Bars, Column, Dots, Scatter, in_a_plane
from why_bird.evidence.exhibits import Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, number, ordinal, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.classifier import Classifier
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass
from why_bird.measure.one_point import ConstantShare
from why_bird.measure.passes import Answers
from why_bird.measure.readout import Head
from why_bird.stats import Exact, Intersection, jackknife, paired_drop, paired_mean, superiority

pytestmark = guess(
    "Bias terms: y = wx + b ≈ b",
    short="Bias",
    quotes=(
        "Some say that random noise has no strong presence of any feature, so that it mostly comes down to the bias "
        "terms (y = wx + b ≈ b). But bird does not have the highest of the ten biases in the last layer.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The output bias is taken away, and the lead of the class of noise is split into what the bias and what the "
        "features carry; the features of noise are compared with those of images."
    ),
)

COMMENT = "comment, 28 December 2019"
UNIT = "test and noise images"


def biases(head: Head, noise: Answers, classes: Classes, target: str) -> Dots:
    """Return the output bias of each class beside its logit on noise, the highest bias first."""
    order = np.argsort(-head.bias, kind="stable")
    logits = noise.logits.astype(np.float64)
    mean, sd = logits.mean(0), logits.std(0)
    return Dots(
        title=f"{classes[order[0]]} has the highest output bias, {classes[mean.argmax()]} the highest logit on noise",
        caption=f"Right: mean and standard deviation over {count(len(logits))} noise images.",
        rows=[classes[c] for c in order],
        columns=[
            Column(Axis("output bias"), head.bias[order].tolist()),
            Column(
                Axis("logit on noise (mean ± sd)"), *(each[order].tolist() for each in (mean, mean - sd, mean + sd))
            ),
        ],
        highlight=[target],
    )


def one_point(images: Answers, noise: Answers, classes: Classes) -> Scatter:
    """Return images and noise in the plane of feature space in which images vary most."""
    groups = {name: images.features[images.truth == c] for c, name in enumerate(classes)}
    ellipses, cloud, kept = in_a_plane(groups, "noise", noise.features)
    of_noise, *of_classes = (
        np.sqrt(each.astype(np.float64).var(0).sum()) for each in (noise.features, *groups.values()) if len(each)
    )
    return Scatter(
        title=f"In feature space noise spreads {number(of_noise / np.mean(of_classes))} times as wide as a class does",
        caption=f"Feature vectors along the two directions in which those of test images vary most "
        f"({probability(kept)} of their variance). Ellipses hold about half of a class.",
        x=Axis("first direction"),
        y=Axis("second direction"),
        clouds=[cloud],
        ellipses=ellipses,
        highlight=["noise"],
    )


def lead_in_parts(lead: NDArray[np.float64], by_bias: float, target: str, runner_up: str) -> Bars:
    """Return what the bias and the features add to the lead of the class of noise over the next."""
    features = lead - by_bias
    varying = [np.quantile(each, (0.025, 0.975)) for each in (features, lead)]
    return Bars(
        title=f"The output bias makes {probability(by_bias / lead.mean())} of the lead of {target} over {runner_up}",
        caption=f"Logit of {target} less logit of {runner_up} on {count(len(lead))} noise images, positive on "
        f"{probability((lead > 0).mean())}. Whiskers: the middle 95 % of the images.",
        rows=["output bias", "features", "whole lead"],
        columns=[
            Column(
                Axis("difference of logits"),
                (by_bias, features.mean(), lead.mean()),
                (None, varying[0][0], varying[1][0]),
                (None, varying[0][1], varying[1][1]),
            )
        ],
        highlight=["whole lead"],
    )


@claim(
    "Z1",
    above=0.01,
    source=COMMENT,
    guess="Bird does not have the highest bias",
    observed=True,
    needs=("bird",),
    exact=True,
    holds="bird does not have the highest output bias",
    fails="the highest output bias lies {value} standard deviations above bird's, and more than {asked} was asked",
    found="The highest output bias is that of {highest}; bird has the {rank} of {of}.",
)
def test_bird_does_not_have_the_highest_bias(
    subject: Classifier, head: Head, noise: Answers, bird: int, classes: Classes, judge: Judge
) -> None:
    """Bird does not have the highest output bias."""
    sd = float(np.sqrt(noise.logits.var(axis=0).mean()))
    if sd == 0:
        raise Unavailable("the logits do not vary over the noise, so there is no unit to measure a bias in")
    order, above = np.argsort(-head.bias), int((head.bias > head.bias[bird]).sum())
    mean = noise.logits.mean(axis=0)
    rows = tuple((classes[c], float(head.bias[c]), float(mean[c])) for c in order)
    judge(
        Exact(float(head.bias.max() - head.bias[bird]) / sd, len(classes), "classes"),
        says={
            "highest": classes[order[0] if above else bird],
            "rank": f"{ordinal(above + 1)} highest" if above else "highest",
            "of": len(classes),
        },
        tables=[Table("Output bias and mean logit on noise", ("class", "bias", "mean logit on noise"), rows)],
        charts=[lambda: biases(head, noise, classes, subject.target.name)],
    )


@claim(
    "Z2",
    above=0.10,
    procedure=True,
    weight=2,
    source=COMMENT,
    explains=True,
    target=True,
    evidence="changed",
    holds="more than {asked:tenths} of the noise leaves {target} without the output bias",
    fails=(
        "the share of noise in {target} is {value:points smaller|larger} without the output bias, and "
        "{asked:points} smaller was asked"
    ),
    found="Without the output bias {value:points less|more} of the noise is called {target}.",
    leads=True,
)
def test_bias_terms_put_noise_into_its_class(
    noise: Answers, head: Head, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Without the output bias, at least {asked:tenths} of the noise leaves its class."""
    labels = head.labels(noise.features)
    with_bias = labels == collapse.index
    without = head.labels(noise.features, bias=False)
    left = without[with_bias & (without != collapse.index)]
    counts = np.bincount(left, minlength=len(classes))
    judge(
        paired_drop(with_bias, without == collapse.index, "noise images"),
        tables=[
            Table(
                "Where noise goes without the bias",
                ("class", "noise images"),
                tuple((classes[c], int(counts[c])) for c in np.argsort(-counts, kind="stable") if counts[c]),
            )
        ],
    )


@claim(
    "Z3",
    above=0.05,
    source=COMMENT,
    guess="No strong presence of any feature",
    explains=True,
    holds="noise is closer to one single point of feature space than the images of any class are",
    fails=(
        "of the features of noise a share {value:points larger|smaller} is one single point than of those of "
        "{weakest} images, and {asked:points} larger was asked"
    ),
    found="Noise images share {own:about} of their features (squared), the images of a class at most {others:about}.",
)
def test_noise_lands_on_one_point(
    subject: Classifier, constant_share: ConstantShare, classes: Classes, judge: Judge
) -> None:
    """Noise is closer to one single point of feature space than the images of any class are."""
    shares, replicates = constant_share.shares, constant_share.replicates
    rows = tuple((name, float(value)) for name, value in zip((*classes, "noise"), shares, strict=True))
    judge(
        Intersection(
            tuple(
                (
                    name,
                    jackknife(
                        float(shares[-1] - shares[c]),
                        [left_out[:, -1] - left_out[:, c] for left_out in replicates],
                        "test and noise images",
                        support=(-1.0, 1.0),
                    ),
                )
                for c, name in enumerate(classes)
            )
        ),
        says={"own": float(shares[-1]), "others": float(shares[:-1].max())},
        tables=[Table("Share of the squared length that is one point", ("group", "share"), rows)],
        charts=[lambda: one_point(subject.test_images, subject.noise, classes)],
    )


@claim(
    "Z4",
    above=0.64,
    source=COMMENT,
    guess="No strong presence of any feature",
    explains=True,
    holds="an image's feature vector is mostly longer than that of noise",
    fails=(
        "an image's feature vector is longer than that of noise in {value:%} of pairs, where half is chance and "
        "more than {asked:%} was asked"
    ),
    found="In {value:about} of the pairs an image has stronger features than noise; noise's are {length:about} "
    "as long on average.",
)
def test_noise_has_no_strong_features(test_images: Answers, noise: Answers, judge: Judge) -> None:
    """Noise has no strong features: an image's feature vector is longer than that of noise."""
    images, draws = (np.linalg.norm(said.features.astype(np.float64), axis=1) for said in (test_images, noise))
    judge(
        superiority(images, draws, UNIT),
        says={"length": draws.mean() / images.mean()} if images.any() else {},
        beside=[
            beside_line("mean length, test images", paired_mean(images, "test images", null=None)),
            beside_line("mean length, noise", paired_mean(draws, "noise images", null=None)),
        ],
    )


@claim(
    "Z5",
    above=0.90,
    source="Kang et al. 2024",
    explains=True,
    holds="the network reverts to the best constant answer on noise",
    fails=(
        "the network's answers to noise have {value:%} of the largest entropy, and the best constant answer was to "
        "have more than {asked:%}"
    ),
    found="Its answers to noise are {value:about} as undecided as equal odds for all classes.",
)
def test_noise_reverts_to_the_best_constant_answer(noise: Answers, classes: Classes, judge: Judge) -> None:
    """On noise the network reverts to the best constant answer."""
    log_p = log_softmax(noise.logits.astype(np.float64), axis=1)
    entropy = -(np.exp(log_p) * log_p).sum(axis=1) / np.log(len(classes))
    judge(paired_mean(np.clip(entropy, 0, 1), "noise images", support=(0.0, 1.0), null=None))


@claim(
    "Z6",
    above=0.50,
    source=COMMENT,
    explains=True,
    target=True,
    holds="the output bias carries more than {asked:tenths} of the lead that {target} has on noise",
    fails=(
        "the output bias carries {value:%} of the lead that {target} has on noise, and more than {asked:tenths} was "
        "asked"
    ),
    found="The output bias carries {value:about} of the lead of {target} over {second} on noise.",
)
def test_the_bias_carries_the_lead(
    noise: Answers, head: Head, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """The output bias carries more than {asked:tenths} of the lead that its class has on noise."""
    lead = head.logits(noise.features)[:, [collapse.index, collapse.runner_up]] @ [1.0, -1.0]
    if not lead.mean():
        raise Unavailable("the network answers noise with no lead at all, so nothing carries it")
    by_bias = float(head.bias[collapse.index] - head.bias[collapse.runner_up])
    left_out = (lead.sum() - lead) / (len(lead) - 1)
    judge(
        jackknife(by_bias / lead.mean(), [by_bias / left_out], "noise images"),
        says={"second": classes[collapse.runner_up]},
        beside=[
            beside_line(f"mean lead over {classes[collapse.runner_up]}", paired_mean(lead, "noise images")),
            beside_line("lead by the bias", Exact(by_bias, len(classes), "classes")),
        ],
        charts=[lambda: lead_in_parts(lead, by_bias, collapse.name, classes[collapse.runner_up])],
    )
