"""Ablation in feature space: planted heads, full recomputation, and exactly nothing for no unit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import Unavailable
from why_bird.measure.readout import Head
from why_bird.measure.units.ablation import ablated_logits, ablation_curve, accuracy_cost, doubling_counts

NONE = np.empty(0, dtype=np.int64)


def world(seed, images=30, width=12, classes=4):
    rng = np.random.default_rng(seed)
    head = Head(rng.normal(size=(classes, width)), rng.normal(size=classes))
    return rng, head, rng.exponential(size=(images, width)).astype(np.float32), rng.exponential(size=width)


def recomputed(head, features, units, balanced):
    """Second implementation: the features themselves are changed."""
    changed = features.astype(np.float64)
    changed[:, units] = balanced[units]
    return head.logits(changed)


def decisive():
    """Return noise in class 1 by the units 0 to 2 alone; 3 to 5 are as active, and weigh as much, on another class."""
    weight = np.zeros((3, 10))
    weight[1, :3] = weight[2, 3:6] = 1.0
    noise = np.full((8, 10), 0.1)
    noise[:, :3], noise[:, 3:6] = 2.0, 1.0
    balanced = np.array([0.5] * 6 + [0.1] * 4)
    return Head(weight, np.array([0.0, 0.0, -0.1])), noise, balanced


def test_a_decisive_set_moves_all_and_others_nothing():
    head, noise, balanced = decisive()
    assert head.labels(noise).tolist() == [1] * 8
    # One unit is not enough.
    for units, called in (([0, 1, 2], 2), ([3, 4, 5], 1), ([7, 8, 9], 1), ([3, 8, 5], 1), ([0], 1)):
        assert ablated_logits(head, noise, np.array(units), balanced).argmax(1).tolist() == [called] * 8


def test_no_unit_changes_no_bit():
    _, head, features, balanced = world(3, images=500)
    assert ablated_logits(head, features, NONE, balanced).tobytes() == head.logits(features).tobytes()
    assert accuracy_cost(head, features, np.zeros(500, int), NONE, balanced, 1) == 0.0
    curve = ablation_curve(head, features, np.arange(12)[None], (0,), balanced, 2)
    assert curve.tolist() == [[(head.labels(features) == 2).mean()]]


def test_all_units_leave_one_answer():
    _, head, features, balanced = world(4)
    after = ablated_logits(head, features, np.arange(12), balanced)
    np.testing.assert_allclose(after, np.tile(head.logits(balanced[None]), (30, 1)), atol=1e-9)


def test_permuted_units_and_relabelled_classes_answer_alike():
    rng, head, features, balanced = world(5, images=200)
    classes, units = rng.permutation(4), rng.permutation(12)
    place = np.argsort(units)
    moved = Head(head.weight[classes][:, units], head.bias[classes])
    sets = np.array([[0, 5, 7], [1, 2, 3]])
    for few in sets:
        plain = ablated_logits(head, features, few, balanced)
        other = ablated_logits(moved, features[:, units], place[few], balanced[units])
        np.testing.assert_allclose(plain[:, classes], other, atol=1e-12)


def test_the_cost_is_that_of_the_other_classes():
    head, noise, balanced = decisive()
    features = np.concatenate([noise, noise])
    features[8:, 3:6] = 3.0
    truth = np.repeat([1, 2], 8)
    assert head.labels(features).tolist() == truth.tolist()
    # The units of class 2 cost all of its images; those of class 1 are not asked about.
    assert accuracy_cost(head, features, truth, np.array([3, 4, 5]), balanced, 1) == 1.0
    assert accuracy_cost(head, features, truth, np.array([0, 1, 2]), balanced, 1) == 0.0
    assert accuracy_cost(head, features, truth, np.array([0, 1, 2]), balanced, 2) == 1.0
    # An image that was wrong before and is right after makes the cost negative.
    wrong = np.where(truth == 2, 2, 0)
    assert accuracy_cost(head, features, np.full(16, 2), np.array([0, 1, 2]), balanced, 1) == -0.5
    assert accuracy_cost(head, features, wrong, NONE, balanced, 1) == 0.0
    with pytest.raises(Unavailable, match="no test image of another class"):
        accuracy_cost(head, features, np.ones(16, int), NONE, balanced, 1)


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_a_curve_is_one_ablation_after_another(seed):
    rng, head, features, balanced = world(seed)
    orders = np.stack([rng.permutation(12) for _ in range(3)])
    counts = doubling_counts(12)
    curve = ablation_curve(head, features, orders, counts, balanced, 1)
    for r, order in enumerate(orders):
        for c, count in enumerate(counts):
            labels = recomputed(head, features, order[:count], balanced).argmax(1)
            assert curve[r, c] == pytest.approx((labels == 1).mean())


def test_counts_double():
    assert doubling_counts(26) == (0, 1, 2, 4, 8, 16, 26)
    assert doubling_counts(16) == (0, 1, 2, 4, 8, 16)
    assert (doubling_counts(1), doubling_counts(0)) == ((0, 1), (0,))


def test_bad_input():
    _, head, features, balanced = world(6)
    for counts in ((0, 2, 1), (0, 3), (-1,)):
        with pytest.raises(ValueError, match="have to ascend"):
            ablation_curve(head, features, np.array([[0, 1]]), counts, balanced, 0)
    with pytest.raises(ValueError, match="needs an image"):
        ablation_curve(head, features[:0], np.array([[0, 1]]), (0,), balanced, 0)
