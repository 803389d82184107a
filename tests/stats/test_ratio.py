"""The ratio of two probabilities of the same units: its bounds hold however the two hang together."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from why_bird.stats import PairedMean, Proportion, Ratio, superiority

FEW, MANY = 0.05, 0.10


def mistakes(rng, probability, common, shared):
    """Return how often an image scores above a noise image, of normal scores that share a part with another score's."""
    images, noise = (shared * part + math.sqrt(1 - shared**2) * rng.normal(size=part.size) for part in common)
    return superiority(images, noise - math.sqrt(2) * ndtri(probability), "images")


@pytest.mark.parametrize("shared", [0.0, 0.9, -0.9], ids=["apart", "together", "against each other"])
def test_bounds_fail_no_more_often_than_they_may(shared):
    rng, failed = np.random.default_rng(577), 0
    for _ in range(400):
        common = rng.normal(size=(2, 200))
        ratio = Ratio(mistakes(rng, FEW, common, abs(shared)), mistakes(rng, MANY, common, shared), "images")
        failed += ratio.lower(0.025) > FEW / MANY or ratio.upper(0.025) < FEW / MANY
    # Twenty of 400 may.
    assert failed <= 20


def test_where_the_second_could_be_nothing_the_ratio_has_no_end():
    low = PairedMean(0.1, 1.0, 100, "images", (0.0, 1.0))
    ratio = Ratio(Proportion(5, 100, "images"), low, "images")
    assert ratio.upper(0.025) == math.inf
    assert ratio.p_below(0.5) == 1.0
    assert ratio.lower(0.025) > 0


def test_what_is_no_ratio_is_refused():
    with pytest.raises(ValueError, match="no ratio"):
        Ratio(Proportion(5, 100, "images"), Proportion(0, 100, "images"), "images")
