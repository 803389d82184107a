"""Pairs of trained arms: matched by seed, with differences whose sign is known."""

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.evidence.arms import common_class, mean_share, pairs_of, share
from why_bird.evidence.replicates import ReplicateNetwork
from why_bird.networks.arms import Arm
from why_bird.networks.recipe import RECIPES

CLASSES = ("bird", "cat", "frog")


def network(seed, arm="plain", of_b=(50, 30, 20), of_a=None, recall=(0.9, 0.8, 0.7)):
    noise = {"A": dict(zip(CLASSES, of_a or of_b, strict=True)), "B": dict(zip(CLASSES, of_b, strict=True))}
    return ReplicateNetwork(
        f"{arm}/{seed}", f"seed{seed}", seed, arm, 0.8, dict(zip(CLASSES, recall, strict=True)), noise
    )


def test_a_share_is_of_all_of_noise_b():
    each = network(1, of_b=(1, 3, 4), of_a=(8, 0, 0))
    assert [share(each, name) for name in CLASSES] == [0.125, 0.375, 0.5]
    assert share(each, "unicorn") == 0


def test_the_difference_is_what_the_change_took_from_the_class():
    # Less noise falls into bird where the birds were changed than where the frogs were.
    networks = [network(4, "detail:bird", (10, 70, 20)), network(4, "detail:frog", (60, 30, 10))]
    pairs = pairs_of(networks, "detail", "bird", "frog")
    assert pairs.differences == (pytest.approx(0.5),)
    assert pairs.share_kept == pytest.approx(0.6)
    # Asked the other way round it is noise in frog that counts: 0.2 where birds were changed, 0.1 where frogs were.
    turned = pairs_of(networks, "detail", "frog", "bird")
    assert turned.differences == (pytest.approx(0.1),)
    assert turned.share_kept == pytest.approx(0.2)


def test_pairs_are_matched_by_seed_in_its_order_whatever_the_networks_order():
    shares = {3: (20, 90), 1: (40, 50), 11: (30, 10)}
    networks = [network(seed, "border:bird", (a, 100 - a, 0)) for seed, (a, _) in shares.items()]
    networks += [network(seed, "border:cat", (b, 100 - b, 0)) for seed, (_, b) in reversed(shares.items())]
    pairs = pairs_of(networks, "border", "bird", "cat")
    assert len(pairs) == 3
    assert [(a.seed, b.seed) for a, b in zip(pairs.changed, pairs.kept, strict=True)] == [(1, 1), (3, 3), (11, 11)]
    np.testing.assert_allclose(pairs.differences, [0.1, 0.7, -0.2])
    assert {each.arm for each in pairs.changed} == {"border:bird"}
    assert {each.arm for each in pairs.kept} == {"border:cat"}
    assert pairs_of(networks[::-1], "border", "bird", "cat") == pairs


def test_a_network_without_a_partner_is_left_out():
    networks = [network(seed, "detail:bird", (10 * seed, 100 - 10 * seed, 0)) for seed in (1, 2, 3)]
    networks += [network(seed, "detail:frog", (50, 50, 0)) for seed in (2, 3, 4)]
    # Neither another kind of exchange, nor another class's arm, nor a plain network is a partner.
    networks += [network(1, "border:frog"), network(4, "detail:cat"), network(1)]
    pairs = pairs_of(networks, "detail", "bird", "frog")
    assert [each.seed for each in pairs.changed] == [2, 3]
    np.testing.assert_allclose(pairs.differences, [0.3, 0.2])


@pytest.mark.parametrize("missing", ["detail:bird", "detail:frog", "both", "partners"])
def test_where_there_is_no_pair_it_is_said_how_they_are_trained(missing):
    networks = [network(1, "detail:bird"), network(2 if missing == "partners" else 1, "detail:frog"), network(1)]
    networks = [each for each in networks if each.arm == "plain" or missing not in (each.arm, "both")]
    with pytest.raises(Unavailable) as caught:
        pairs_of(networks, "detail", "bird", "frog")
    assert "no pairs were trained: why-bird train" in str(caught.value)
    assert "--with detail:bird" in str(caught.value)
    assert str(caught.value).endswith("--with detail:frog")


def test_what_a_message_tells_to_type_is_understood():
    with pytest.raises(Unavailable) as caught:
        pairs_of([], "border", "bird", "frog")
    words = str(caught.value).replace(",", "").split()
    assert words[words.index("--recipe") + 1] in RECIPES
    exchanges = [Arm.parse("with", words[i + 1]) for i, word in enumerate(words) if word == "--with"]
    assert len(set(map(str, exchanges))) == 2


def test_recall_is_of_the_class_that_was_changed_in_each_arm():
    changed = [network(i, "detail:bird", recall=(recall, 0.1, 0.2)) for i, recall in ((1, 0.7), (2, 0.6))]
    kept = [network(i, "detail:frog", recall=(0.3, 0.1, recall)) for i, recall in ((1, 0.5), (2, 0.9))]
    assert pairs_of(changed + kept, "detail", "bird", "frog").least_recall == 0.5
    assert pairs_of([*changed, network(2, "detail:frog")], "detail", "bird", "frog").least_recall == 0.6
    assert pairs_of(changed[:1] + kept, "detail", "bird", "frog").least_recall == 0.5


def test_the_common_class_is_where_most_plain_networks_put_noise_a():
    falls = {"bird": (9, 1, 0), "cat": (0, 9, 1), "frog": (1, 0, 9)}
    networks = [network(i, of_a=falls[name], of_b=(0, 0, 9)) for i, name in enumerate(["cat", "bird", "cat"])]
    # Of the arms there are more, and they do not count.
    networks += [network(i, "detail:cat", of_a=falls["frog"]) for i in range(9)]
    assert common_class(networks) == "cat"
    assert common_class(networks[::-1]) == "cat"


def test_of_equally_common_classes_it_is_the_first_name_whatever_the_order():
    networks = [
        network(1, of_a=(0, 0, 9)),
        network(2, of_a=(0, 9, 0)),
        network(3, of_a=(0, 9, 0)),
        network(4, of_a=(0, 0, 9)),
    ]
    assert common_class(networks) == common_class(networks[::-1]) == "cat"


def test_the_mean_share_is_of_noise_b_in_plain_networks_each_counted_once():
    networks = [network(1, of_b=(20, 80, 0), of_a=(0, 0, 1)), network(2, of_b=(500, 250, 250), of_a=(0, 0, 1))]
    networks.append(network(3, "border:bird", (0, 0, 100)))
    assert mean_share(networks, "bird") == pytest.approx(0.35)
    assert mean_share(networks, "frog") == pytest.approx(0.125)


@pytest.mark.parametrize("ask", [common_class, lambda networks: mean_share(networks, "bird")])
def test_without_a_plain_network_nothing_is_common(ask):
    with pytest.raises(Unavailable, match="there is no network whose training images were left as they are"):
        ask([network(1, "detail:bird"), network(1, "detail:frog")])
