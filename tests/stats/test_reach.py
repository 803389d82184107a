"""Shares within a radius: what is exact, and what an interval for given radii would miss."""

import numpy as np
import pytest

from why_bird.stats import FAMILY_ALPHA, Proportion, ReachDifference, ShareWithin
from why_bird.streams import generator

from .calibration_features import FROG, within

IMAGES = tuple(float(i) for i in range(1, 1001))


def share(noise, shift=0.0):
    return ShareWithin(tuple(noise), IMAGES, shift, 0.95, "images")


def test_a_bound_is_that_of_the_share_where_the_radius_is_at_its_worst():
    found = share(np.arange(0.5, 1000.5))
    assert (found.radius, found.value) == (950.0, 0.95)
    # R: pbinom(932, 1000, .95) is .0075, pbinom(933, 1000, .95) .0106: from α/2 = .01 on the radius is the 933rd, and
    # binom.test(933, 1000, conf.level = .98)$conf.int[1] is .9123.
    assert found.lower(0.02) == pytest.approx(0.9123, abs=5e-5)
    # Above, the 966th: binom.test(966, 1000, conf.level = .98)$conf.int[2] is .9780.
    assert found.upper(0.02) == pytest.approx(0.9780, abs=5e-5)
    # The centre moves noise by 20 beside: √(17² + 46.5²) nearer.
    moved = share(np.arange(0.5, 1000.5), shift=20.0)
    assert moved.lower(0.02) == Proportion(900, 1000, "images").lower(0.01)


def test_noise_far_inside_errs_by_its_own_number_alone():
    found, other = share([1.0] * 50), share([2_000.0] * 50)
    assert found.lower(0.05) == pytest.approx(0.025 ** (1 / 50))
    assert other.upper(0.05) == pytest.approx(1 - 0.025 ** (1 / 50))
    apart = ReachDifference(found, other)
    assert apart.lower(0.1) == found.lower(0.05) - other.upper(0.05)
    assert apart.upper(0.1) == 1.0


def test_too_few_images_leave_the_radius_open():
    few = ShareWithin(tuple(np.linspace(0, 1, 100)), (0.2, 0.4, 0.6), 0.0, 0.95, "images")
    assert few.upper(0.025) == 1.0


def test_bounds_move_one_way_and_p_inverts_them():
    found = ReachDifference(share(np.linspace(600, 1100, 1000)), share(np.linspace(800, 2000, 1000)))
    alphas = (1e-6, 1e-3, 0.02, 0.2, 0.5, 0.8, 0.99)
    lows, highs = [found.lower(a) for a in alphas], [found.upper(a) for a in alphas]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)
    assert lows[-1] <= found.value <= highs[-1]
    for alpha in (1e-3, 0.02, 0.2):
        for threshold in (-0.5, 0.2, 0.4, 0.5, 0.6, 0.9):
            assert (found.p_above(threshold) < alpha) == (found.lower(alpha) > threshold)
            assert (found.p_below(threshold) < alpha) == (found.upper(alpha) < threshold)


def test_both_radii_may_err_by_all_that_they_can():
    """Noise lies a hair beyond the one radius and within the other: of the classes the opposite may be true."""
    found = ReachDifference(share(np.full(500, 951.0)), share(np.full(500, 949.0)))
    assert found.value == -1.0
    # The root of the sum of their squares would end at √2 − 1.
    assert found.upper(FAMILY_ALPHA) == 1.0


def test_an_interval_for_given_radii_misses_what_other_images_give():
    draw, truth = within(FROG, 400, 500)
    rng = generator(65547, "calibration", "reach, given the radii")
    found = [draw(rng) for _ in range(200)]
    half = FAMILY_ALPHA / 2
    given = np.mean(
        [
            a.lower(half) - b.upper(half) <= truth <= a.upper(half) - b.lower(half)
            for a, b in ((each.first.counted, each.second.counted) for each in found)
        ]
    )
    held = np.mean([each.lower(FAMILY_ALPHA) <= truth <= each.upper(FAMILY_ALPHA) for each in found])
    assert given < 0.6
    assert held > 0.95
