"""Can noise be told from images?  ("Perhaps it is called out-of-distribution detection")"""

import pytest

from lib.evidence.exhibits import Beside, Table
from lib.evidence.judged import beside_line
from lib.measure.detection.choice import choose_score
from lib.measure.detection.published_numbers import PUBLISHED
from lib.measure.detection.table import detection_table
from lib.stats import superiority, two_sources
from lib.stats.placements import placement_differences

FACT_6 = "fact 6"
NOISE_A, NOISE_B = "noise-A", "noise-B"
MSP, ENERGY = "MSP", "energy"
UNIT = "test and noise images"
NUMBERS = {
    "auroc": "AUROC",
    "aupr_in": "AUPR, images",
    "aupr_out": "AUPR, noise",
    "fpr95_images": "FPR95, images kept",
    "fpr95_noise": "FPR95, noise found",
}


def tells(detection, detector, noise=NOISE_B):
    """Return the AUROC of a score: how often a noise image scores higher than a test image."""
    return superiority(detection.of_noise(noise, detector), detection.of_images(detector), UNIT)


def other_noises(detection, detector):
    """Return a line for each published noise."""
    return [beside_line(noise, tells(detection, detector, noise)) for noise in detection.noises if " " in noise]


def beside_the_literature(detection):
    """Return every score on every noise, beside what was published of the noise that comes nearest."""
    found = detection_table(detection)
    ours = Table(
        "Scores that tell noise from test images",
        ("noise", "score", *NUMBERS.values()),
        tuple((row.noise, row.detector, *(getattr(row.quality, name) for name in NUMBERS)) for row in found),
    )
    mine = {(row.detector, row.noise): row.quality for row in found}
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


@pytest.mark.claim("O1", above=0.90, weight=2, source=FACT_6)
def test_energy_tells_noise_from_images(detection, judge):
    """The energy score tells noise from images."""
    judge(
        tells(detection, ENERGY),
        beside=other_noises(detection, ENERGY),
        tables=beside_the_literature(detection),
    )


@pytest.mark.claim("O2", above=0.90, source="Hendrycks & Gimpel 2017")
def test_softmax_tells_noise_from_images(detection, judge):
    """The maximum softmax probability tells noise from images."""
    judge(tells(detection, MSP), beside=other_noises(detection, MSP))


@pytest.mark.claim("O3", above=0.02, source=FACT_6)
def test_a_score_of_features_does_better(detection, test_images, judge):
    """A score of the features tells noise from images better than the maximum softmax probability."""
    choice = choose_score(detection, test_images.truth, NOISE_A)
    scores = [
        (detection.of_images(detector)[choice.tests], detection.of_noise(NOISE_B, detector))
        for detector in (choice.name, MSP)
    ]
    of_images, of_noise = placement_differences(*scores[0], *scores[1])
    judge(
        two_sources(float(of_images.mean()), of_images, of_noise, ("test images", "noise images")),
        beside=[
            Beside(f"AUROC of {name} where the score was chosen{', the chosen one' * (name == choice.name)}", value)
            for name, value in choice.aurocs.items()
        ],
    )
