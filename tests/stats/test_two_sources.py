"""Two sources of error: against DeLong's variance, plain normal bounds, and where nothing varies."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from why_bird.stats import PairedMean, TwoSources, two_sources

UNITS = ("images", "noise images")


def test_many_normal_units_give_the_plain_normal_interval():
    # sd/√n are .03 and .04, so SE = .05; with a million units t is normal.
    n = 1_000_000
    estimate = TwoSources(
        0.3, PairedMean(0.3, 30.0, n, "images"), PairedMean(0.3, 40.0, n, "noise images"), "images and noise images"
    )
    assert estimate.variance == pytest.approx(0.05**2)
    for alpha in (0.025, 1e-4):
        z = norm.isf(alpha)
        assert estimate.lower(alpha) == pytest.approx(0.3 - z * 0.05, rel=1e-4)
        assert estimate.upper(alpha) == pytest.approx(0.3 + z * 0.05, rel=1e-4)
    assert estimate.p_above(0.2) == pytest.approx(norm.sf(2.0), rel=1e-3)


def test_variance_is_delongs():
    # One score against one: the placements of each image among the noise, and of each noise among the images.
    rng = np.random.default_rng(0)
    images, noise = rng.normal(size=40), rng.normal(1.0, 1.5, size=30)
    above = (noise > images[:, None]).astype(float)
    estimate = two_sources(above.mean(), above.mean(1), above.mean(0), UNITS)
    delong = np.var(above.mean(1), ddof=1) / 40 + np.var(above.mean(0), ddof=1) / 30
    assert estimate.variance == pytest.approx(delong)
    assert estimate.n == 70
    assert estimate.unit == "images and noise images"


def test_one_sample_that_does_not_vary_leaves_the_other_and_what_was_never_seen():
    rng = np.random.default_rng(1)
    varying, level = rng.uniform(-0.2, 0.4, 200), np.full(50, 0.1)
    estimate = two_sources(0.1, varying, level, UNITS)
    alone = estimate.first
    unseen = (1 - 0.01 ** (1 / 50)) * 1.1  # from .1 down to −1
    down = math.hypot(alone.value - alone.lower(0.01), unseen)
    assert estimate.lower(0.01) == pytest.approx(0.1 - down)
    assert "all 50 noise images agree" in estimate.note


def test_without_any_variation_the_interval_still_has_a_width():
    estimate = two_sources(1.0, np.ones(100), np.ones(100), UNITS)
    assert estimate.upper(0.025) == 1.0
    assert estimate.lower(0.025) == pytest.approx(1 - math.sqrt(2) * 2 * (1 - 0.025 ** (1 / 100)))
    assert estimate.variance is None


def test_bounds_stay_within_the_support():
    estimate = two_sources(0.95, [1.0, 0.9] * 3, [1.0, 0.9] * 3, UNITS)
    assert estimate.upper(1e-4) == 1.0
    assert estimate.lower(1e-4) >= -1.0


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.5])
def test_a_value_that_cannot_be_is_refused(value):
    with pytest.raises(ValueError, match="value"):
        two_sources(value, [0.0, 0.1], [0.0, 0.1], UNITS)
