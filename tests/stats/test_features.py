"""What the jackknife is widened for, and why directions are counted: on what the shipped networks made of images."""

from dataclasses import replace

import pytest

from why_bird.stats import FAMILY_ALPHA
from why_bird.streams import generator

from .calibration_features import TRUCK, dimensions, shuffled
from .calibration_figures import greatest_allowed

SIMULATIONS = 2_000
ALLOWED = greatest_allowed(SIMULATIONS, FAMILY_ALPHA)


def falsely_rejected(estimates, truth):
    return sum(each.upper(FAMILY_ALPHA) < truth for each in estimates)


def test_few_right_answers_are_skewed_and_widen_the_jackknife():
    draw, truth = shuffled(TRUCK, 30)
    rng = generator(65547, "calibration", "features, few right answers")
    found = [draw(rng) for _ in range(SIMULATIONS)]
    assert falsely_rejected([replace(each, skewness=0.0, df=300.0) for each in found], truth) > ALLOWED
    assert falsely_rejected(found, truth) <= ALLOWED


@pytest.mark.parametrize(("lengths", "holds"), [(False, True), (True, False)])
def test_one_far_image_misleads_a_ratio_that_weighs_lengths(lengths, holds):
    draw, truth = dimensions("cat-dog", 0, 1, 300, lengths=lengths)
    rng = generator(65547, "calibration", "features, one far image")
    assert (falsely_rejected([draw(rng) for _ in range(SIMULATIONS)], truth) <= ALLOWED) == holds
