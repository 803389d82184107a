"""Shares within a radius: what is exact, and what an interval for given radii would miss."""

import numpy as np
import pytest

from why_bird.stats import FAMILY_ALPHA, PairedDrop, ReachDifference, ShareWithin
from why_bird.streams import generator

from .calibration_features import FROG, within

IMAGES = tuple(float(i) for i in range(1, 1001))


def share(noise, shift=0.0):
    return ShareWithin(tuple(noise), IMAGES, shift, 0.95, "images")


def test_the_radius_is_an_order_statistic_and_its_bounds_are_exact():
    found = share(np.arange(0.5, 1000.5))
    assert (found.radius, found.value) == (950.0, 0.95)
    # R: pbinom(935, 1000, .95) is .0207 and pbinom(936, 1000, .95) is .0284: below, the 936th of 1,000.
    assert found.below(0.025) == pytest.approx(0.95 - 0.936)
    # R: 1 - pbinom(962, 1000, .95) is .0307 and 1 - pbinom(963, 1000, .95) is .0212: above, the 964th.
    assert found.above(0.025) == pytest.approx(0.964 - 0.95)
    # The centre moves noise by 20 beside: √(14² + 39.2²) of the thousand.
    moved = share(np.arange(0.5, 1000.5), shift=20.0)
    assert moved.below(0.025) == pytest.approx(0.95 - 0.908, abs=0.001)


def test_noise_far_inside_errs_by_its_own_number_alone():
    found, other = share([1.0] * 50), share([2_000.0] * 50)
    assert found.lower(0.025) == pytest.approx(0.025 ** (1 / 50))
    assert other.upper(0.025) == pytest.approx(1 - 0.025 ** (1 / 50))
    apart = ReachDifference(PairedDrop(0, 50, 0, 0, "images"), found, other)
    assert apart.lower(0.025) == PairedDrop(0, 50, 0, 0, "images").lower(0.025)
    assert apart.upper(0.025) == 1.0


def test_too_few_images_leave_the_radius_open():
    few = ShareWithin(tuple(np.linspace(0, 1, 100)), (0.2, 0.4, 0.6), 0.0, 0.95, "images")
    assert few.upper(0.025) == 1.0


def test_bounds_move_one_way_and_p_inverts_them():
    found = ReachDifference(
        PairedDrop(100, 600, 50, 250, "images"),
        share(np.linspace(600, 1100, 1000)),
        share(np.linspace(800, 2000, 1000)),
    )
    alphas = (1e-6, 1e-3, 0.02, 0.2, 0.5, 0.8, 0.99)
    lows, highs = [found.lower(a) for a in alphas], [found.upper(a) for a in alphas]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)
    assert found.lower(0.5) == pytest.approx(found.value, abs=0.01)
    for alpha in (1e-3, 0.02, 0.2):
        for threshold in (-0.5, 0.2, 0.4, 0.5, 0.6, 0.9):
            assert (found.p_above(threshold) < alpha) == (found.lower(alpha) > threshold)
            assert (found.p_below(threshold) < alpha) == (found.upper(alpha) < threshold)


def test_an_interval_for_given_radii_misses_what_other_images_give():
    draw, truth = within(FROG, 400, 500)
    rng = generator(65547, "calibration", "reach, given the radii")
    found = [draw(rng) for _ in range(200)]
    given = np.mean([each.drop.lower(FAMILY_ALPHA) <= truth <= each.drop.upper(FAMILY_ALPHA) for each in found])
    held = np.mean([each.lower(FAMILY_ALPHA) <= truth <= each.upper(FAMILY_ALPHA) for each in found])
    assert given < 0.6
    assert held > 0.92
