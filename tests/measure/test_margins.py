"""Margins and contrasts hold against sums by hand, and say where they are not defined."""

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.measure.margins import contrast, contrast_sd, margin, margin_sd, of_neither, within_class_sd

LOGITS = np.array([[1.0, 2, 4, 8], [0, 0, 3, 3], [5, 1, 1, -1]], dtype=np.float32)
TRUTH = np.array([3, 0, 1])


def test_a_margin_is_by_hand():
    # Class 0: without itself and the image's own class; the second image is its own, so all others count.
    np.testing.assert_allclose(margin(LOGITS, TRUTH, 0), [1 - (2 + 4) / 2, 0 - (0 + 3 + 3) / 3, 5 - (1 - 1) / 2])
    np.testing.assert_allclose(margin(LOGITS, TRUTH, 2), [4 - (1 + 2) / 2, 3 - (0 + 3) / 2, 1 - (5 - 1) / 2])


def test_an_image_of_none_of_the_classes_is_held_against_all_others():
    two = LOGITS[:, :2]
    np.testing.assert_allclose(margin(two, np.full(3, -1), 0), two[:, 0] - two[:, 1])


def test_damage_to_the_own_class_does_not_move_a_margin():
    damaged = LOGITS.copy()
    damaged[np.arange(3), TRUTH] -= 100
    np.testing.assert_array_equal(margin(damaged, TRUTH, 2), margin(LOGITS, TRUTH, 2))


def test_a_shift_of_all_logits_moves_nothing():
    np.testing.assert_allclose(margin(LOGITS + 7, TRUTH, 0), margin(LOGITS, TRUTH, 0))
    np.testing.assert_allclose(contrast(LOGITS + 7, 0, 1), contrast(LOGITS, 0, 1))


def test_two_classes_leave_none_to_hold_a_margin_against():
    with pytest.raises(Unavailable, match="the network has 2: give one of three classes or more"):
        margin(LOGITS[:, :2], np.array([0, 0, 1]), 0)


def test_any_axes_between_images_and_classes_are_kept():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(6, 2, 4, 5))
    truth = rng.integers(0, 5, 6)
    together = margin(logits, truth, 3)
    assert together.shape == (6, 2, 4)
    for c in range(2):
        for d in range(4):
            np.testing.assert_allclose(together[:, c, d], margin(logits[:, c, d], truth, 3))
    np.testing.assert_allclose(contrast(logits, 1, 4)[2, 1, 3], logits[2, 1, 3, 1] - logits[2, 1, 3, 4])


def test_a_contrast_takes_images_of_neither_class():
    assert of_neither(np.array([0, 1, 2, 3, -1]), 1, 3).tolist() == [True, False, True, False, True]


def test_a_spread_within_classes_does_not_see_the_classes_means():
    values = np.array([1.0, 3, 100, 104, 1e4])
    groups = np.array([7, 7, 2, 2, 5])
    # ((1 + 1) + (4 + 4)) / (5 − 3)
    assert within_class_sd(values, groups) == pytest.approx(np.sqrt(5))
    assert within_class_sd(values + groups * 1e3, groups) == pytest.approx(np.sqrt(5))


@pytest.mark.parametrize("values", [[2.0, 2, 3, 3], [0.1 + 0.2, 0.3, 5, 5], [0.0, 0, 0, 0]])
def test_no_spread_is_no_unit(values):
    with pytest.raises(Unavailable, match="no unit of spread"):
        within_class_sd(np.array(values), np.array([0, 0, 1, 1]))


@pytest.mark.parametrize("n", [0, 1, 3])
def test_single_images_have_no_spread(n):
    with pytest.raises(Unavailable, match=f"no class has two test images among {n}"):
        within_class_sd(np.arange(float(n)), np.arange(n))


def test_units_are_taken_on_images_of_other_classes():
    rng = np.random.default_rng(1)
    logits, truth = rng.normal(size=(40, 4)), np.repeat(np.arange(4), 10)

    def pooled(values, groups):
        squares = sum(((values[groups == g] - values[groups == g].mean()) ** 2).sum() for g in set(groups))
        return np.sqrt(squares / (len(values) - len(set(groups))))

    of_three = truth != 2
    by_hand = [logits[i, 2] - np.delete(logits[i], [2, truth[i]]).mean() for i in np.flatnonzero(of_three)]
    assert margin_sd(logits, truth, 2) == pytest.approx(pooled(np.array(by_hand), truth[of_three]))
    of_two = (truth != 2) & (truth != 0)
    by_hand = (logits[:, 2] - logits[:, 0])[of_two]
    assert contrast_sd(logits, truth, 2, 0) == pytest.approx(pooled(by_hand, truth[of_two]))
    # Nothing that happens on the class's own images can change the units.
    moved = logits + 50 * rng.normal(size=logits.shape) * (truth == 2)[:, None]
    assert margin_sd(moved, truth, 2) == margin_sd(logits, truth, 2)
    assert contrast_sd(moved, truth, 2, 0) == contrast_sd(logits, truth, 2, 0)
