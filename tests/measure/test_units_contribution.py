"""What units carry of a margin: as ablation takes it away, by hand, and on hostile units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.measure.readout import Head
from why_bird.measure.units.ablation import ablated_logits
from why_bird.measure.units.contribution import (
    class_contributions,
    class_selectivity,
    contributions_on,
    top_sets,
    top_units,
    units_counted,
    units_for_half,
)


def margins(logits, c):
    return logits[:, c] - np.delete(logits, c, axis=1).mean(1)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.integers(2, 5), st.integers(1, 7))
def test_a_contribution_is_what_ablation_takes_from_the_mean_margin(seed, classes, width):
    rng = np.random.default_rng(seed)
    head = Head(rng.normal(size=(classes, width)), rng.normal(size=classes))
    features = [rng.exponential(size=(6, width)) for _ in range(classes)]
    means = np.stack([each.mean(0) for each in features])
    balanced = means.mean(0)
    contributions = class_contributions(head.weight, means)
    for c in range(classes):
        on_images = contributions_on(features[c], head.weight, c, balanced)
        for unit in range(width):
            after = ablated_logits(head, features[c], np.array([unit]), balanced)
            fall = margins(head.logits(features[c]), c).mean() - margins(after, c).mean()
            assert contributions[c, unit] == pytest.approx(fall, abs=1e-10)
            assert on_images[unit] == pytest.approx(fall, abs=1e-10)


def test_two_classes_have_one_row_of_contributions():
    rng = np.random.default_rng(1)
    both = class_contributions(rng.normal(size=(2, 9)), rng.normal(size=(2, 9)))
    np.testing.assert_allclose(both[0], both[1], rtol=1e-12)


def test_relabelled_classes_and_permuted_units_are_carried_along():
    rng = np.random.default_rng(2)
    weight, means = rng.normal(size=(4, 30)), rng.normal(size=(4, 30))
    classes, units = rng.permutation(4), rng.permutation(30)
    plain = class_contributions(weight, means)
    moved = class_contributions(weight[classes][:, units], means[classes][:, units])
    np.testing.assert_allclose(moved, plain[classes][:, units], rtol=1e-9, atol=1e-12)
    for c in range(4):
        np.testing.assert_array_equal(units[top_sets(moved, 5)[c]], top_sets(plain, 5)[classes[c]])
    np.testing.assert_allclose(class_selectivity(np.exp(means[classes])), class_selectivity(np.exp(means)))


def test_equal_units_are_taken_by_index():
    assert top_units(np.array([1.0, 2.0, 1.0, 2.0]), 3).tolist() == [1, 3, 0]
    assert top_units(np.zeros(5), 2).tolist() == [0, 1]
    assert top_units(np.zeros(5), 0).tolist() == []
    assert top_units(np.array([-1.0]), 1).tolist() == [0]
    for m in (6, -1):
        with pytest.raises(ValueError, match=f"there are 5 units, so {m} cannot be taken"):
            top_units(np.zeros(5), m)


def test_one_unit_in_twenty_rounded_up():
    widths = {1: 1, 20: 1, 21: 2, 140: 7, 512: 26, 2048: 103}
    assert {width: units_counted(width) for width in widths} == widths


def test_half_of_the_net_margin():
    assert units_for_half(np.array([1.0, 5.0, 1.0, 3.0])) == 1
    assert units_for_half(np.array([1.0, 4.9, 1.0, 3.1])) == 2
    # 4 + 4 − 6: half of 2 is reached by the first.
    assert units_for_half(np.array([4.0, -6.0, 4.0])) == 1
    assert units_for_half(np.ones(7)) == 4
    assert units_for_half(np.array([1.0, -1.0])) is None
    assert units_for_half(np.array([-1.0, -2.0])) is None
    assert units_for_half(np.array([0.5])) == 1


def test_selectivity_by_hand():
    means = np.array([[3.0, 2.0, 0.0, 0.0, -1.0], [1.0, 2.0, 4.0, 0.0, 5.0], [0.0, 2.0, 0.0, 0.0, 1.0]])
    np.testing.assert_allclose(class_selectivity(means), [2.5 / 3.5, 0.0, 1.0, 0.0, np.nan])


def test_one_class_has_no_margin():
    with pytest.raises(ValueError, match="second class"):
        class_contributions(np.ones((1, 3)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="second class"):
        class_selectivity(np.ones((1, 3)))
    with pytest.raises(ValueError, match="an image"):
        contributions_on(np.empty((0, 3)), np.ones((2, 3)), 0, np.ones(3))
