"""What each definition says of a class stays with that class, whatever order it is asked in."""

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.images.select import chosen_rows
from why_bird.measure.class_manifolds import DEFINITIONS, RESAMPLES, ClassManifolds
from why_bird.measure.class_scores import PER_IMAGE, class_scores
from why_bird.measure.imagery import Scores

HELD = ("ant", "bird", "cat", "dog")
SIZES = (30, 50, 40, 60)
NETWORK = ("dog", "ant", "bird")


def scores():
    """Return scores of which the images of class c have 10 c + the measure's place on average."""
    rng = np.random.default_rng(1)
    # In no order, as the images' labels need not be sorted for this.
    labels = rng.permutation(np.repeat(np.arange(4), SIZES))
    return Scores({name: 10.0 * labels + m + rng.normal(size=len(labels)) for m, name in enumerate(PER_IMAGE)}, labels)


def manifold(classes, offset):
    """Return a manifold whose numbers name the definition and the class."""
    places = np.array([HELD.index(name) for name in classes])
    values = {definition: offset + 100.0 * i + places for i, definition in enumerate(DEFINITIONS)}
    draws = np.arange(RESAMPLES)[:, None] / 1_000
    return ClassManifolds(
        values, {name: values[name] + draws for name in (DEFINITIONS[0], DEFINITIONS[2], DEFINITIONS[4])}, (), ()
    )


def asked(classes=NETWORK, seed=3, of=None):
    return class_scores(of or scores(), HELD, classes, manifold(HELD, 1_000), manifold(classes, 2_000), seed)


def test_every_definition_of_images_and_three_of_each_space():
    found = asked()
    assert found.names == (
        *PER_IMAGE,
        *(
            f"{definition}, {space}"
            for space in ("pixels", "penultimate")
            for definition in (DEFINITIONS[0], DEFINITIONS[2], DEFINITIONS[4])
        ),
    )
    assert found.scores.shape == (len(PER_IMAGE) + 6, 3)
    assert found.resampled.shape == (RESAMPLES, len(PER_IMAGE) + 6, 3)


def test_classes_are_in_the_networks_order_in_every_row():
    found = asked()
    for m, name in enumerate(PER_IMAGE):
        of_class = [scores().values[name][scores().labels == HELD.index(each)].mean() for each in NETWORK]
        np.testing.assert_allclose(found.scores[m], of_class)
        np.testing.assert_allclose(of_class, [30 + m, m, 10 + m], atol=1)
    places = np.array([3, 0, 1])
    for row, (offset, definition) in enumerate((o, d) for o in (1_000, 2_000) for d in (0, 2, 4)):
        np.testing.assert_array_equal(found.scores[len(PER_IMAGE) + row], offset + 100 * definition + places)
    # Resamples lie about the class that they are of.
    np.testing.assert_allclose(found.resampled.mean(0), found.scores, atol=0.5)


@pytest.mark.parametrize("classes", [HELD, HELD[::-1], ("bird", "dog"), ("cat",)])
def test_a_class_has_its_scores_and_its_draws_whatever_is_asked_beside_it(classes):
    found, all_of_them = asked(classes), asked(HELD)
    for k, name in enumerate(classes):
        place = HELD.index(name)
        np.testing.assert_array_equal(found.scores[:, k], all_of_them.scores[:, place])
        np.testing.assert_array_equal(found.resampled[:, :, k], all_of_them.resampled[:, :, place])


def test_resamples_can_be_made_again_and_follow_the_seed():
    np.testing.assert_array_equal(asked().resampled, asked().resampled)
    one, other = asked().resampled[:, :3], asked(seed=4).resampled[:, :3]
    assert (one != other).all()
    np.testing.assert_array_equal(asked().scores, asked(seed=4).scores)


def test_a_resampled_mean_spreads_as_a_mean_does():
    found = asked()
    for m, name in enumerate(PER_IMAGE):
        for k, each in enumerate(NETWORK):
            of_class = scores().of(name, HELD.index(each))
            # 200 resamples know a standard deviation to 5 %: four of that.
            expected = of_class.std() / np.sqrt(len(of_class))
            assert found.resampled[:, m, k].std(ddof=1) == pytest.approx(expected, rel=0.2)


def test_the_same_images_are_drawn_for_all_measures():
    one = scores()
    tied = Scores({name: (m + 1) * one.values[PER_IMAGE[0]] for m, name in enumerate(PER_IMAGE)}, one.labels)
    found = asked(of=tied).resampled
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0])
    np.testing.assert_allclose(found[:, 2], 3 * found[:, 0])


def test_each_class_is_drawn_by_itself():
    same = np.tile(np.random.default_rng(2).normal(size=40), 4)
    found = asked(of=Scores(dict.fromkeys(PER_IMAGE, same), np.repeat(np.arange(4), 40)))
    assert np.ptp(found.scores[0]) == 0
    # Were their draws shared, the classes would move together.
    between = np.corrcoef(found.resampled[:, 0].T)
    assert np.abs(between[~np.eye(3, dtype=bool)]).max() < 4 / np.sqrt(RESAMPLES)


def test_the_order_of_the_images_classes_decides_nothing():
    one = scores()
    turned = Scores(one.values, 3 - one.labels)
    other = class_scores(turned, HELD[::-1], NETWORK, manifold(HELD[::-1], 1_000), manifold(NETWORK, 2_000), 3)
    np.testing.assert_array_equal(other.scores, asked().scores)
    np.testing.assert_array_equal(other.resampled, asked().resampled)


def test_a_class_that_the_images_lack_is_named():
    with pytest.raises(Unavailable, match="the images hold no unicorn, yeti, which the network knows"):
        class_scores(scores(), HELD, ("yeti", "bird", "unicorn"), manifold(HELD, 0), manifold(("bird",), 0), 0)


def test_rows_are_those_of_the_images_that_the_network_was_asked_about():
    one = scores()
    rows = chosen_rows(one.labels, HELD, NETWORK, None)
    assert one.labels[rows].tolist() == [3] * 60 + [0] * 30 + [1] * 50
    few = chosen_rows(one.labels, HELD, NETWORK, 12)
    assert one.labels[few].tolist() == [3] * 4 + [0] * 4 + [1] * 4
    np.testing.assert_array_equal(few[:4], np.flatnonzero(one.labels == 3)[:4])
