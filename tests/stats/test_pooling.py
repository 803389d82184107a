"""What single networks say becomes what a procedure says: nothing is lost that the verdict needs."""

import numpy as np
import pytest

from why_bird.stats import (
    Intersection,
    NetworkMean,
    NetworkValue,
    PairedDrop,
    PairedMean,
    Proportion,
    network_value,
    pool,
)


def pooled(estimates):
    return pool([network_value(estimate) for estimate in estimates])


def contrasts(*means):
    return Intersection(tuple((f"class {i}", PairedMean(m, 1.0, 10_000, "images")) for i, m in enumerate(means)))


def test_the_variance_within_networks_is_kept():
    drops = [PairedDrop(500, 400 + i, 10, 90 - i, "noise images") for i in range(8)]
    mean = pooled(drops)
    assert isinstance(mean, NetworkMean)
    assert (mean.n, mean.unit, mean.null) == (8, "networks", 0.0)
    assert mean.value == pytest.approx(np.mean([d.value for d in drops]))
    # these networks differ by less than their own sampling error
    assert np.var([d.value for d in drops], ddof=1) < np.mean([d.variance for d in drops])
    assert mean.variance == pytest.approx(np.mean([d.variance for d in drops]) / 8)
    apart = pooled([PairedDrop(500, 100 * i, 10, 90, "noise images") for i in range(1, 6)])
    assert apart.variance == pytest.approx(np.var(apart.values, ddof=1) / 5)


def test_a_network_answers_for_its_weakest_contrast():
    # Different contrasts are the weakest in different networks: each mean by itself would hide that.
    mean = pooled([contrasts(0.3, 0.1), contrasts(0.1, 0.4), contrasts(0.2, 0.3)])
    assert mean.values == pytest.approx((0.1, 0.1, 0.2))
    assert mean.variance == pytest.approx(np.var([0.1, 0.1, 0.2], ddof=1) / 3)
    # Networks that were asked for other contrasts, and for another number of them, answer all the same.
    assert pooled([contrasts(0.3, 0.1), contrasts(0.2)]).values == pytest.approx((0.1, 0.2))


def test_networks_that_were_counted_give_a_share_with_exact_bounds():
    share = pooled([Proportion(x, 1, "networks") for x in (1, 0, 1, 1)])
    assert share == Proportion(3, 4, "networks")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "asked one thing"),
        ([Proportion(1, 1, "networks"), PairedMean(0.1, 1.0, 9, "images")], "asked one thing"),
    ],
)
def test_networks_that_were_asked_different_things_are_not_pooled(values, words):
    with pytest.raises(ValueError, match=words):
        pooled(values)


def test_a_network_that_is_counted_has_no_error_of_its_own():
    assert network_value(Proportion(0, 1, "networks")).variance is None


@pytest.mark.parametrize("given", [(0.5, None, 1, "networks"), (1.0, None, 2, "networks"), (np.nan, None, 1, "images")])
def test_a_network_value_checks_itself(given):
    with pytest.raises(ValueError, match=r"expected 0 or 1|value"):
        NetworkValue(*given)
