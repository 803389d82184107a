"""The manifold of each class: single measures put together, resampled by closed forms that hold against plain ones."""

from __future__ import annotations

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.measure import class_manifolds
from why_bird.measure.class_manifolds import DEFINITIONS, LEAST, RESAMPLES, ClassManifolds, measure_manifolds
from why_bird.measure.dimension.clusters import fit_clusters
from why_bird.measure.dimension.neighbours import levina_bickel, two_nn
from why_bird.measure.dimension.participation import participation_ratio
from why_bird.measure.dimension.subspace import components_for, principal_variances
from why_bird.measure.entry import Key
from why_bird.measure.store import Store
from why_bird.streams import stream

CLASSES = ("ant", "bird", "cat")
RATIO, COMPONENTS, TWONN, LIKELIHOOD, RADIUS = DEFINITIONS
RESAMPLED = (RATIO, TWONN, RADIUS)
SIZES = ((60, 70), (40, 55), (80, 45))


def cloud(seed, n, dimension=4, features=9, centre=0.0):
    """Return Gaussian points in so many directions of a larger space."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(np.random.default_rng(100 + dimension).normal(size=(features, dimension)))[0]
    return (centre + rng.normal(size=(n, dimension)) @ basis.T).astype(np.float32)


def pairs():
    """Return training and test points of classes that are far apart; training points have two more directions."""
    return [
        (cloud(10 + c, train, 4 + c, centre=20.0 * c), cloud(20 + c, test, 2 + c, centre=20.0 * c))
        for c, (train, test) in enumerate(SIZES)
    ]


def manifold(points, seed=4, classes=CLASSES, space="somewhere"):
    return measure_manifolds(points, classes, seed, space)


def plain_bootstrap(values, statistic, draws=2_000):
    rng = np.random.default_rng(77)
    return np.array([statistic(values[rng.integers(len(values), size=len(values))]) for _ in range(draws)])


def test_every_value_is_that_of_the_single_measure():
    found = ClassManifolds.read(manifold(pairs()))
    for c, (name, (training, test)) in enumerate(zip(CLASSES, pairs(), strict=True)):
        clusters = fit_clusters(training, test, stream(0, "K-means", f"somewhere/{name}"))
        by_hand = {
            RATIO: participation_ratio(test).value,
            COMPONENTS: components_for(principal_variances(test)),
            TWONN: two_nn(test),
            LIKELIHOOD: levina_bickel(test),
            RADIUS: clusters.radius,
        }
        assert {definition: values[c] for definition, values in found.values.items()} == by_hand
        np.testing.assert_array_equal(found.distances[c], clusters.distances)
        ratio = participation_ratio(test)
        np.testing.assert_array_equal(found.participation[c].replicates, ratio.replicates)
        assert (found.participation[c].value, found.participation[c].plain) == (ratio.value, ratio.plain)
    # What was planted among the test points: two, three and four directions.
    assert found.values[COMPONENTS].tolist() == [2, 3, 4]
    np.testing.assert_allclose(found.values[RATIO], [2, 3, 4], rtol=0.2)


def test_it_is_read_back_from_the_store_as_it_was_measured(tmp_path):
    arrays = manifold(pairs())
    entry = Store(tmp_path).get(Key("class-manifold", 1, {}), lambda _scratch: arrays)
    one, other = ClassManifolds.read(arrays), ClassManifolds.read(entry.arrays)
    assert list(other.values) == list(DEFINITIONS)
    assert list(other.resampled) == list(RESAMPLED)
    for name in DEFINITIONS:
        np.testing.assert_array_equal(one.values[name], other.values[name])
    for name in RESAMPLED:
        np.testing.assert_array_equal(one.resampled[name], other.resampled[name])
        assert other.resampled[name].shape == (RESAMPLES, 3)
    assert [len(each) for each in other.distances] == [test for _, test in SIZES]
    assert [len(each.replicates) for each in other.participation] == [test for _, test in SIZES]


def test_a_class_does_not_depend_on_which_others_were_asked_about():
    three = manifold(pairs())
    alone = manifold([pairs()[1]], classes=("bird",))
    np.testing.assert_array_equal(three["values"][:, [1]], alone["values"])
    np.testing.assert_array_equal(three["resampled"][..., [1]], alone["resampled"])


def test_centres_do_not_follow_the_seed():
    """The seed draws noise: with fresh noise the classes have to be where they were."""
    points = pairs()
    np.testing.assert_array_equal(manifold(points)["distances"], manifold(points, seed=5)["distances"])


def test_resamples_follow_the_seed():
    points = pairs()
    np.testing.assert_array_equal(manifold(points)["resampled"], manifold(points)["resampled"])
    assert (manifold(points)["resampled"] != manifold(points, seed=5)["resampled"]).mean() > 0.9
    # Classes with the same points are resampled on their own.
    twins = manifold([points[0]] * 2, classes=("one", "two"))["resampled"]
    assert np.abs(np.corrcoef(twins[0].T)[0, 1]) < 0.3


@pytest.mark.parametrize("features", [3, 60])
def test_a_resampled_participation_ratio_is_that_of_the_points_repeated(features):
    points = cloud(1, 40, min(features, 12), features, centre=5.0)
    rng = np.random.default_rng(2)
    drawn = rng.integers(40, size=(20, 40))
    counts = np.stack([np.bincount(row, minlength=40) for row in drawn])
    found = class_manifolds._participation(points, counts / 40)
    plain = [participation_ratio(points[row]).plain for row in drawn]
    np.testing.assert_allclose(1 / (1 / found + 1 / 40), plain, rtol=1e-6)
    np.testing.assert_allclose(found, [participation_ratio(points[row]).value for row in drawn], rtol=1e-6)


def test_weights_that_are_equal_give_the_value_itself():
    points = cloud(3, 50)
    found = class_manifolds._participation(points, np.full((1, 50), 1 / 50))
    assert found[0] == pytest.approx(participation_ratio(points).value, rel=1e-6)


# A standard deviation of 200 resamples is known to 5 %: four of that.
AGREE = 0.2


def test_resampled_ratios_spread_as_the_jackknife_and_a_plain_bootstrap_say():
    # Where all directions vary alike the ratio is at its maximum, and to first order nothing moves it.
    points = cloud(5, 500, 5) * np.arange(1, 10, dtype=np.float32)
    found = ClassManifolds.read(manifold([(cloud(6, 200, 5), points)], classes=("bird",))).resampled[RATIO].std(ddof=1)
    replicates = participation_ratio(points).replicates
    jackknife = np.sqrt(499 / 500 * ((replicates - replicates.mean()) ** 2).sum())
    plain = plain_bootstrap(points, lambda drawn: participation_ratio(drawn).value, draws=500).std()
    assert found == pytest.approx(jackknife, rel=AGREE)
    assert found == pytest.approx(plain, rel=AGREE)


def test_resampled_radii_are_percentiles_of_distances_drawn_again():
    found = ClassManifolds.read(manifold([(cloud(6, 200, 5), cloud(5, 500, 5))], classes=("bird",)))
    radii, distances = found.resampled[RADIUS][:, 0], found.distances[0]
    plain = plain_bootstrap(distances, lambda drawn: np.percentile(drawn, 95))
    assert radii.std(ddof=1) == pytest.approx(plain.std(), rel=AGREE)
    assert radii.mean() == pytest.approx(plain.mean(), abs=4 * plain.std() / np.sqrt(RESAMPLES))
    assert distances.min() < radii.min() < found.values[RADIUS][0] < radii.max() <= distances.max()


def test_resampled_twonn_lies_about_the_value_and_spreads_as_new_points_would():
    def spread(seed):
        resampled = class_manifolds._resampled(cloud(seed, 300, 3), np.ones(300), two_nn(cloud(seed, 300, 3)), 0, "x")[
            1
        ]
        assert resampled.mean() == pytest.approx(two_nn(cloud(seed, 300, 3)), rel=1e-6)
        return resampled.var(ddof=1)

    fresh = np.array([two_nn(cloud(1_000 + seed, 300, 3)) for seed in range(200)])
    # The estimate of the spread is itself spread from sample to sample: twelve samples are averaged.
    assert np.sqrt(np.mean([spread(seed) for seed in range(12)])) == pytest.approx(fresh.std(ddof=1), rel=AGREE)


@pytest.mark.parametrize(("training", "test"), [(LEAST - 1, LEAST), (LEAST, LEAST - 1), (0, 0)])
def test_a_class_of_too_few_points_is_named(training, test):
    few = (cloud(1, training), cloud(2, test))
    sentence = f"the class bird has {training} training and {test} test images: its manifold in somewhere needs {LEAST}"
    with pytest.raises(Unavailable, match=sentence):
        manifold([pairs()[0], few, pairs()[2]])
    enough = (cloud(1, LEAST), cloud(2, LEAST))
    assert np.isfinite(manifold([enough], classes=("bird",))["values"]).all()


def test_a_class_whose_points_do_not_differ_is_named():
    with pytest.raises(Unavailable, match="the manifold of a class in somewhere: bird are all the same point"):
        manifold([(cloud(1, 30), np.ones((30, 9), np.float32))], classes=("bird",))
    with pytest.raises(Unavailable, match="bird are only 1 distinct training points"):
        manifold([(np.ones((30, 9), np.float32), cloud(1, 30))], classes=("bird",))


def test_copies_among_the_points_are_no_accident():
    # A hundred distinct points, each ten times: a fifth of a thousand is more than there are.
    copies = np.repeat(cloud(1, 100), 10, axis=0)
    found = ClassManifolds.read(manifold([(cloud(2, 100), copies)], classes=("bird",)))
    once = ClassManifolds.read(manifold([(cloud(2, 100), cloud(1, 100))], classes=("bird",)))
    assert found.values[TWONN] == once.values[TWONN]
    # They say no more than they would once.
    assert found.resampled[TWONN].std() == pytest.approx(once.resampled[TWONN].std(), rel=2 * AGREE)
