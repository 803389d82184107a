"""Does the noise prediction come down to the bias terms?  (comment under the post)"""

import numpy as np
from scipy.special import log_softmax

from fixtures.asking import claim, guess
from lib.errors import Unavailable
from lib.evidence.exhibits import Table
from lib.evidence.judged import beside_line
from lib.stats import Exact, Intersection, jackknife, paired_drop, paired_mean, superiority

pytestmark = guess(
    "Bias terms: y = wx + b ≈ b",
    short="Bias",
    quotes=(
        "Some say that random noise has no strong presence of any feature, so that it mostly comes down to the bias "
        "terms (y = wx + b ≈ b). But bird does not have the highest of the ten biases in the last layer.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019, in short",
    done=(
        "The output bias is taken away, and the lead of the class of noise is split into what the bias and what the "
        "features carry; the features of noise are compared with those of images."
    ),
)

COMMENT = "comment, 28 December 2019"


@claim(
    "Z1",
    above=0.01,
    source=COMMENT,
    guess="Bird does not have the highest bias",
    observed=True,
    needs=("bird",),
    exact=True,
    holds="bird does not have the highest output bias",
    fails="bird has the highest output bias, or is level with it",
)
def test_bird_does_not_have_the_highest_bias(head, noise, bird, classes, judge):
    """Bird does not have the highest output bias."""
    sd = float(np.sqrt(noise.logits.var(axis=0).mean()))
    if sd == 0:
        raise Unavailable("the logits do not vary over the noise, so there is no unit to measure a bias in")
    order = np.argsort(-head.bias)
    mean = noise.logits.mean(axis=0)
    rows = tuple((classes[c], float(head.bias[c]), float(mean[c])) for c in order)
    judge(
        Exact(float(head.bias.max() - head.bias[bird]) / sd, len(classes), "classes"),
        tables=[Table("Output bias and mean logit on noise", ("class", "bias", "mean logit on noise"), rows)],
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
    fails="no more than {asked:tenths} of the noise leaves {target} without the output bias",
    counts="{moves} when the output bias is taken away",
    figure="{moved:%}",
)
def test_bias_terms_put_noise_into_its_class(noise, head, collapse, classes, judge):
    """Without the output bias, at least {asked:tenths} of the noise leaves its class."""
    with_bias = head.labels(noise.features) == collapse.index
    without = head.labels(noise.features, bias=False)
    left = without[with_bias & (without != collapse.index)]
    counts = np.bincount(left, minlength=len(classes))
    drop = paired_drop(with_bias, without == collapse.index, "noise images")
    moves = (
        f"of the noise leaves {collapse.name}" if drop.value >= 0 else f"more of the noise falls into {collapse.name}"
    )
    judge(
        drop,
        says={"moved": abs(drop.value), "moves": moves},
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
    fails="noise is not clearly closer to one single point of feature space than the images of every class are",
)
def test_noise_lands_on_one_point(constant_share, classes, judge):
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
                    ),
                )
                for c, name in enumerate(classes)
            )
        ),
        tables=[Table("Share of the squared length that is one point", ("group", "share"), rows)],
    )


@claim(
    "Z4",
    above=0.64,
    source=COMMENT,
    guess="No strong presence of any feature",
    explains=True,
    holds="an image's feature vector is mostly longer than that of noise",
    fails="an image's feature vector is not clearly longer than that of noise",
)
def test_noise_has_no_strong_features(test_images, noise, judge):
    """Noise has no strong features: an image's feature vector is longer than that of noise."""
    lengths = [np.linalg.norm(answers.features.astype(np.float64), axis=1) for answers in (test_images, noise)]
    judge(
        superiority(*lengths, "test and noise images"),
        beside=[
            beside_line(f"mean length, {name}", paired_mean(length, unit, null=None))
            for name, length, unit in zip(
                ("test images", "noise"), lengths, ("test images", "noise images"), strict=True
            )
        ],
    )


@claim(
    "Z5",
    above=0.90,
    source="Kang et al. 2024",
    explains=True,
    holds="the network reverts to the best constant answer on noise",
    fails="the network does not revert to the best constant answer on noise",
)
def test_noise_reverts_to_the_best_constant_answer(noise, classes, judge):
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
    fails="the output bias carries no more than {asked:tenths} of the lead that {target} has on noise",
)
def test_the_bias_carries_the_lead(noise, head, collapse, classes, judge):
    """The output bias carries more than {asked:tenths} of the lead that its class has on noise."""
    lead = head.logits(noise.features)[:, [collapse.index, collapse.runner_up]] @ [1.0, -1.0]
    by_bias = float(head.bias[collapse.index] - head.bias[collapse.runner_up])
    left_out = (lead.sum() - lead) / (len(lead) - 1)
    judge(
        jackknife(by_bias / lead.mean(), [by_bias / left_out], "noise images"),
        beside=[
            beside_line(f"mean lead over {classes[collapse.runner_up]}", paired_mean(lead, "noise images")),
            beside_line("lead by the bias", Exact(by_bias, len(classes), "classes")),
        ],
    )
