"""A line-up says what is taken away makes of noise: planted causes are found, and where none is, none is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted_line_up import CLASSES, DRAWS, SEEDS, planted_line_up, planted_network

from why_bird.errors import BadInput, Unavailable
from why_bird.evidence.pairs_of_networks import LineUp, open_line_up
from why_bird.measure.line_up import CHOOSES, write_numbers
from why_bird.networks.arms import Arm, spectrum_giver
from why_bird.stats import Outcome, decide

ALPHA = 0.05 / 16


def outcome(estimate, threshold: float = 0.5) -> Outcome:
    return decide(estimate, threshold, "above", ALPHA, 1 / 16).outcome


def test_a_suspect_that_is_the_cause_is_found_and_the_others_are_not() -> None:
    world = planted_line_up(without_cross_spectrum={"ship": 0.9})
    assert world.class_of_noise == "frog"
    assert outcome(world.pairs("without cross-spectrum").fall("frog")) is Outcome.CONFIRMED
    for arm in ("without phases", "without colour", "without output-bias"):
        assert outcome(world.pairs(arm).fall("frog")) is Outcome.REJECTED


def test_where_no_suspect_is_the_cause_none_is_found() -> None:
    world = planted_line_up()
    for arm in ("without cross-spectrum", "without phases", "without normalisation"):
        assert outcome(world.pairs(arm).fall("frog")) is Outcome.REJECTED


def test_noise_that_follows_is_seen_to_follow() -> None:
    world = planted_line_up(swapped_cross_spectra_frog_truck={"truck": 0.95})
    swapped = "swapped-cross-spectra:frog,truck"
    assert world.receivers(swapped) == ("truck",) * 9
    assert outcome(world.pairs(swapped).gain(world.receivers(swapped))) is Outcome.CONFIRMED
    other = "swapped-cross-spectra:frog,horse"
    assert world.receivers(other) == ("horse",) * 9
    assert outcome(world.pairs(other).gain(world.receivers(other))) is Outcome.REJECTED


def test_the_receiver_of_permuted_spectra_is_each_networks_own() -> None:
    world = planted_line_up()
    networks = []
    for network in world.networks:
        if network.arm == "permuted-cross-spectra":
            giver = spectrum_giver(Arm("with", network.arm), CLASSES, network.seed)
            (receiver,) = (name for name, given in giver.items() if given == "frog")
            network = planted_network(network.arm, network.seed, {receiver: 0.97})
        networks.append(network)
    world = LineUp(tuple(networks), "cheap")
    found = world.receivers("permuted-cross-spectra")
    assert len(set(found)) > 1
    assert "frog" not in found
    assert outcome(world.pairs("permuted-cross-spectra").gain(found)) is Outcome.CONFIRMED


def test_the_key_pair_is_white_against_random_phases() -> None:
    world = planted_line_up(white_spectrum_ship={"ship": 1.0}, random_phases_ship={"frog": 1.0})
    pairs = world.pairs("white-spectrum:ship", base="random-phases:ship")
    assert outcome(pairs.gain("ship")) is Outcome.CONFIRMED
    # All 2,000 draws alike in all networks: there is no variation, and still a verdict.
    assert pairs.gain("ship").variance is not None
    assert pairs.gain("ship").variance > 0


def test_an_arm_that_changes_nothing_has_no_effect_of_half_of_what_is_outside() -> None:
    falls = {"ship": 0.7, "truck": 0.3}
    pairs = planted_line_up(plain=falls, without_phases=falls).pairs("without phases")
    verdict = decide(pairs.most_leaves("ship"), 0.5, "above", 0.025)
    assert verdict.rejected
    assert verdict.reason.startswith("Falls short: the estimate 0.15 ")


def test_pairs_are_of_one_seed_and_one_recipe() -> None:
    networks = [planted_network("plain", seed, {"frog": 0.9}) for seed in (1, 2, 3)]
    networks += [planted_network("noise", seed, {"frog": 0.1 * seed}) for seed in (4, 3, 2)]
    networks += [planted_network("noise", 1, {"frog": 0.5}, recipe="accurate")]
    pairs = LineUp(tuple(networks), "cheap").pairs("noise")
    assert [network.seed for network in pairs.base] == [network.seed for network in pairs.changed] == [2, 3]
    assert pairs.fall("frog").values == pytest.approx((0.7, 0.6))
    assert pairs.gain(["frog", "bird"]).values == pytest.approx((-0.7, 0.6))
    assert pairs.cost().values == pytest.approx((0.0, 0.0))


def test_the_class_of_noise_is_chosen_on_other_draws_than_it_is_tested_on() -> None:
    networks = [planted_network("plain", seed, {"frog": 0.9}) for seed in SEEDS]
    answer = networks[0].noise["grey"]
    chosen = replace(answer, counts=tuple(DRAWS * (name == "horse") for name in CLASSES))
    networks = [replace(network, noise={**network.noise, CHOOSES: chosen}) for network in networks]
    assert LineUp(tuple(networks), "cheap").class_of_noise == "horse"


def test_what_does_not_hold_before_is_said() -> None:
    world = planted_line_up()
    assert all(check.passed for check in world.checks("without phases"))
    weak = [
        planted_network(n.arm, n.seed, {"frog": 0.9}, recall=0.25) if n.arm == "without phases" else n
        for n in world.networks
    ]
    failed = [check for check in LineUp(tuple(weak), "cheap").checks("without phases") if not check.passed]
    assert [check.detail for check in failed] == ["on average 25.0%", "of bird on average 25.0%"]
    spread = [planted_network("plain", seed, {"frog": 0.4, "ship": 0.3}) for seed in SEEDS]
    first, *_ = LineUp((*spread, *weak[9:]), "cheap").checks("without colour")
    assert (first.passed, first.detail) == (False, "on average 40.0% of it does, and most of it in 0 of 9")


def test_recall_of_a_class_that_was_changed_on_purpose_does_not_count() -> None:
    blind = planted_network("detail:ship", 20, {"ship": 1.0})
    place = CLASSES.index("ship")
    rows = [list(row) for row in blind.confusion]
    rows[place] = [1000 if i == 0 else 0 for i in range(len(CLASSES))]
    blind = replace(blind, confusion=tuple(map(tuple, rows)))
    world = LineUp((planted_network("plain", 20, {"frog": 1.0}), blind), "cheap")
    assert all(check.passed for check in world.checks("detail:ship", unchanged=False))
    assert not all(check.passed for check in world.checks("detail:ship"))
    permuted = replace(blind, arm="permuted-cross-spectra")
    world = LineUp((planted_network("plain", 20, {"frog": 1.0}), permuted), "cheap")
    assert not [each for each in world.checks("permuted-cross-spectra", unchanged=False) if "tenths" in each.name]


def test_networks_of_which_every_class_was_changed_are_asked_about_images_changed_alike() -> None:
    able = planted_network("permuted-cross-spectra", 20, {"ship": 1.0})
    lost = planted_network("permuted-cross-spectra", 20, {"ship": 1.0}, recall=0.25)
    plain = planted_network("plain", 20, {"frog": 1.0})
    for seen, changed, passes in ((lost, able, True), (able, lost, False)):
        asked = replace(seen, confusion_changed=changed.confusion)
        said = LineUp((plain, asked), "cheap").checks("permuted-cross-spectra", unchanged=False)
        assert [check.passed for check in said if "changed alike" in check.name] == [passes]
        # A claim that something was taken away asks of the images as they are.
        said = LineUp((plain, asked), "cheap").checks("permuted-cross-spectra")
        assert [check.passed for check in said if "at least half of the test images" in check.name] == [not passes]


def test_what_is_missing_is_said_with_the_command_that_makes_it() -> None:
    world = LineUp((planted_network("plain", 1, {"frog": 1.0}), planted_network("noise", 2, {"frog": 1.0})), "cheap")
    with pytest.raises(Unavailable, match=r"trained 'detail:ship': `why-bird line-up"):
        world.pairs("detail:ship")
    with pytest.raises(Unavailable, match="no network 'noise' has the seed of one 'plain'"):
        world.pairs("noise")


def test_a_folder_of_numbers_is_read_whole(tmp_path: Path) -> None:
    world = planted_line_up()
    for network in world.networks:
        path = tmp_path / network.arm.replace(" ", "-") / f"seed{network.seed}.json"
        path.parent.mkdir(exist_ok=True)
        write_numbers(path, network, b"")
    found = open_line_up(str(tmp_path), None).networks
    assert len(found) == len(world.networks)
    assert sorted(found, key=lambda n: n.network) == sorted(world.networks, key=lambda n: n.network)


def test_two_files_of_one_network_are_refused(tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        write_numbers(tmp_path / place / "seed20.json", planted_network("plain", 20, {"frog": 1.0}), b"")
    with pytest.raises(BadInput, match="holds 2 files of recipe cheap, plain, seed 20: leave one of them"):
        open_line_up(str(tmp_path), None)


@pytest.mark.parametrize("other", [{"recipe_hash": "1" * 16}, {"training_images": "c"}])
def test_networks_of_another_training_are_not_compared(other: dict[str, str]) -> None:
    world = planted_line_up()
    networks = tuple(replace(n, **other) if n.arm == "without border" else n for n in world.networks)
    assert all(check.passed for check in world.checks("without border"))
    failed = [check.name for check in LineUp(networks, "cheap").checks("without border") if not check.passed]
    assert failed == ["the networks are of one recipe, trained on the same images"]


def test_the_variance_is_that_of_two_shares() -> None:
    pairs = planted_line_up().pairs("noise")
    p = np.array([[n.share("frog") for n in each] for each in (pairs.base, pairs.changed)])
    expected = (p * (1 - p) / DRAWS).sum(axis=0).mean()
    assert pairs.gain("frog").within == pytest.approx(expected, rel=0.02)
