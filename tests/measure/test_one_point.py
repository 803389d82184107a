"""The share of noise that is one point: planted, and against the formula written out."""

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.measure.one_point import measure_constant_share

RNG = np.random.default_rng(5)
LABELS = np.repeat([0, 1, 2], [6, 7, 8])
FEATURES = RNG.normal(size=(21, 4)) + np.eye(4)[LABELS] * 2
NOISE_A, NOISE_B = RNG.normal(0.5, 1, (5, 4)), RNG.normal(0.5, 1, (9, 4))


def written_out(firsts, seconds):
    origin = np.mean([half.mean(0) for half in (*firsts[:-1], *seconds[:-1])], axis=0)
    shares = []
    for a, b in zip(firsts, seconds, strict=True):
        inner = (a.mean(0) - origin) @ (b.mean(0) - origin)
        shares.append(inner / np.mean([(f - origin) @ (f - origin) for f in b]))
    return shares


def halves():
    by_class = [FEATURES[c == LABELS] for c in range(3)]
    return [*(f[0::2] for f in by_class), NOISE_A], [*(f[1::2] for f in by_class), NOISE_B]


def test_shares_are_those_of_the_formula():
    measured = measure_constant_share(FEATURES, LABELS, NOISE_A, NOISE_B)
    np.testing.assert_allclose(measured.shares, written_out(*halves()), rtol=1e-12)


def test_replicates_leave_each_image_out_for_real():
    measured = measure_constant_share(FEATURES, LABELS, NOISE_A, NOISE_B)
    first, second = halves()
    strata = [*first, *second]
    assert [len(replicate) for replicate in measured.replicates] == [len(stratum) for stratum in strata]
    for s, replicate in enumerate(measured.replicates):
        for i in range(len(strata[s])):
            fewer = [np.delete(stratum, i, axis=0) if j == s else stratum for j, stratum in enumerate(strata)]
            np.testing.assert_allclose(replicate[i], written_out(fewer[:4], fewer[4:]), rtol=1e-10)


def test_noise_that_is_one_point_has_the_share_one():
    point = np.tile([3.0, 0.0, -1.0, 2.0], (20, 1))
    shares = measure_constant_share(FEATURES, LABELS, point, point[:7]).shares
    assert shares[-1] == pytest.approx(1, abs=1e-12)
    assert shares[:-1].max() < 1


def test_noise_without_a_direction_has_a_share_near_zero_of_either_sign():
    """With one sample in place of two, the squared length of the mean would lift it to 1/n."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 400)
    features = rng.normal(size=(800, 50)) * 0.1 + np.where(labels[:, None], 1.0, -1.0)
    shares = [
        measure_constant_share(features, labels, rng.normal(size=(20, 50)), rng.normal(size=(20, 50))).shares[-1]
        for _ in range(200)
    ]
    assert min(shares) < 0 < max(shares)
    assert abs(np.mean(shares)) < 4 * np.std(shares) / np.sqrt(200)


def test_a_shift_of_all_features_changes_nothing():
    plain = measure_constant_share(FEATURES, LABELS, NOISE_A, NOISE_B)
    moved = measure_constant_share(FEATURES + 7, LABELS, NOISE_A + 7, NOISE_B + 7)
    np.testing.assert_allclose(moved.shares, plain.shares, rtol=1e-9)


def test_constant_features_are_no_measurement():
    with pytest.raises(Unavailable, match="all the mean of the class means"):
        measure_constant_share(np.ones((21, 4)), LABELS, np.ones((5, 4)), np.ones((5, 4)))
