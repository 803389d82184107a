"""Line-ups in which it is known what makes the class of noise, judged by the claims themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from asking import HYPOTHESES, Answer, run
from planted_line_up import CLASSES, planted_line_up, planted_network

from why_bird.evidence.pairs_of_networks import LineUp
from why_bird.measure.line_up import write_numbers
from why_bird.networks.arms import Arm, spectrum_giver

SUSPECTS = [f"L{i}" for i in range(1, 10)]


def ask(world: LineUp, folder: Path) -> Answer:
    for network in world.networks:
        path = folder / "numbers" / network.arm.replace(" ", "-").replace(":", "-") / f"seed{network.seed}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_numbers(path, network, b"")
    return run(f"{HYPOTHESES}/test_line_up.py", f"--line-up={folder / 'numbers'}", folder=folder / "out")


def found(answer: Answer) -> dict[str, str]:
    return {claim["id"]: claim["verdict"] for claim in answer.partial["claims"]}


def permuted(world: LineUp) -> LineUp:
    """Let noise go, in each network, to the class that got the cross-spectrum of frogs."""
    networks = []
    for network in world.networks:
        if network.arm == "permuted-cross-spectra":
            giver = spectrum_giver(Arm("with", network.arm), CLASSES, network.seed)
            (receiver,) = (name for name, given in giver.items() if given == "frog")
            network = planted_network(network.arm, network.seed, {receiver: 0.97})
        networks.append(network)
    return replace(world, networks=tuple(networks))


def test_where_the_cross_spectrum_is_the_cause_it_is_found_and_nothing_else(tmp_path: Path) -> None:
    world = permuted(
        planted_line_up(
            without_cross_spectrum={"ship": 0.5, "truck": 0.4},
            without_cross_spectrum_and_contrast={"ship": 0.5, "truck": 0.4},
            swapped_cross_spectra_frog_truck={"truck": 0.95},
            swapped_cross_spectra_frog_horse={"horse": 0.95},
            white_spectrum_truck={"truck": 1.0},
            white_spectrum_ship={"ship": 1.0},
        )
    )
    answer = ask(world, tmp_path)
    verdicts = found(answer)
    assert {claim for claim in SUSPECTS if verdicts[claim] == "confirmed"} == {"L1", "L2"}
    assert {verdicts[claim] for claim in SUSPECTS[2:]} == {"rejected"}
    assert verdicts["L11"] == verdicts["L12"] == "confirmed"
    assert verdicts["L13"] == "rejected"
    # Nine pairs that all agree, of one part as of each of several: all signs have to be as they are.
    claims = answer.partial["claims"]
    flips = {each["id"]: [b["value"] for b in each["beside"] if "sign-flip" in b["label"]] for each in claims}
    assert flips["L1"] == flips["L11"] == flips["L12"] == [2**-9]
    (first,) = (claim for claim in claims if claim["id"] == "L1")
    assert first["words"]["holds"].startswith(
        "without the cross-spectra that tell the classes apart in training 0.0 % of"
    )
    (chart,) = first["charts"]
    assert chart["highlight"] == ["frog"]
    assert first["alpha"] == pytest.approx(0.05 * 3 / 16)


def test_where_nothing_in_the_line_up_is_the_cause_every_suspect_is_rejected(tmp_path: Path) -> None:
    verdicts = found(ask(planted_line_up(), tmp_path))
    assert {verdicts[claim] for claim in SUSPECTS} == {"rejected"}
    assert {verdicts[claim] for claim in ("L11", "L12", "L13", "L14")} == {"rejected"}
    # Of the recipe with more than one place in its last stage there is no network.
    assert verdicts["L10"] == "inconclusive"


def test_each_suspect_is_confirmed_where_it_is_a_cause_by_what_its_own_networks_show(tmp_path: Path) -> None:
    """Without each of them another share of the noise stays: a claim that asks about another's networks is seen."""
    suspects = {
        "L1": "without_cross_spectrum",
        "L2": "without_cross_spectrum_and_contrast",
        "L3": "without_fine_detail",
        "L4": "without_phases",
        "L5": "without_border",
        "L6": "without_colour",
        "L7": "without_output_bias",
        "L8": "without_zero_padding",
        "L9": "without_normalisation",
    }
    stays = {claim: 0.03 * i for i, claim in enumerate(suspects)}
    falls = {suspects[claim]: {"frog": share, "truck": 1 - share} for claim, share in stays.items()}
    answer = ask(planted_line_up(**falls, detail_ship={"ship": 0.97}), tmp_path)
    verdicts = found(answer)
    assert {verdicts[claim] for claim in (*suspects, "L13")} == {"confirmed"}
    values = {claim["id"]: claim["estimate"]["value"] for claim in answer.partial["claims"] if claim["estimate"]}
    # Of the noise .96 is frog in plain networks, and .04 is ship.
    assert {c: values[c] for c in suspects} == pytest.approx({c: 0.96 - share for c, share in stays.items()})
    assert values["L13"] == pytest.approx(0.97 - 0.04)


ACCURATE = {
    "L10": "without averaging",
    "L15": "without cross-spectrum-and-contrast",
    "L16": "without output-bias",
}


@pytest.mark.parametrize("cause", ACCURATE)
def test_the_same_is_asked_of_accurate_networks(tmp_path: Path, cause: str) -> None:
    networks = [
        planted_network(arm, seed, {"ship": 0.9} if arm == ACCURATE[cause] else {"frog": 0.98}, recipe="accurate")
        for arm in ("plain", *ACCURATE.values())
        for seed in range(20, 29)
    ]
    verdicts = found(ask(replace(planted_line_up(), networks=tuple(networks)), tmp_path))
    assert {claim: verdicts[claim] for claim in ACCURATE} == dict.fromkeys(ACCURATE, "rejected") | {cause: "confirmed"}
    # And those of the other recipe are asked about its networks, of which there are none.
    assert {verdicts[claim] for claim in SUSPECTS} == {"inconclusive"}


def test_more_networks_than_were_registered_change_nothing(tmp_path: Path) -> None:
    world = planted_line_up(without_cross_spectrum={"ship": 0.52, "frog": 0.48})
    more = [planted_network("without cross-spectrum", seed, {"ship": 1.0}) for seed in range(29, 60)]
    more += [planted_network("plain", seed, {"frog": 1.0}) for seed in range(29, 60)]
    few, many = (
        ask(each, tmp_path / str(n))
        for n, each in enumerate((world, replace(world, networks=(*world.networks, *more))))
    )
    assert [claim["estimate"] for claim in few.partial["claims"]] == [
        claim["estimate"] for claim in many.partial["claims"]
    ]


def test_noise_in_training_is_a_cure_where_predictions_spread_and_accuracy_stays(tmp_path: Path) -> None:
    def cured(recall: float) -> LineUp:
        world = planted_line_up()
        networks = [
            planted_network(n.arm, n.seed, {"frog": 0.3, "ship": 0.3}, entropy=1.6 - 0.001 * n.seed, recall=recall)
            if n.arm == "noise"
            else n
            for n in world.networks
        ]
        return replace(world, networks=tuple(networks))

    assert found(ask(cured(0.795), tmp_path / "a"))["L14"] == "confirmed"
    assert found(ask(cured(0.74), tmp_path / "b"))["L14"] == "rejected"


def test_what_does_not_hold_before_leaves_a_claim_open(tmp_path: Path) -> None:
    world = planted_line_up()
    weak = [
        planted_network(n.arm, n.seed, {"frog": 0.1}, recall=0.2) if n.arm == "without colour" else n
        for n in world.networks
        if n.arm not in ("without border", "without cross-spectrum") or n.seed < 28
    ]
    answer = ask(replace(world, networks=tuple(weak)), tmp_path)
    said = {claim["id"]: claim for claim in answer.partial["claims"]}
    reasons = {name: claim["reason"] for name, claim in said.items()}
    assert found(answer)["L6"] == found(answer)["L5"] == "inconclusive"
    assert "recognise at least half of the test images" in reasons["L6"]
    # Eight pairs could decide L1 at its error rate; the protocol has nine.
    for name, arm in (("L1", "cross-spectrum"), ("L5", "border")):
        assert reasons[name].startswith(f"8 of the 9 networks 'without {arm}' of recipe cheap that the protocol")
    assert (said["L5"]["estimate"], said["L5"]["beside"], said["L5"]["charts"]) == (None, [], [])


def test_a_folder_without_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = run(f"{HYPOTHESES}/test_line_up.py", f"--line-up={tmp_path / 'empty'}", folder=tmp_path / "out")
    assert answer.code == 4
    assert "holds no numbers" in answer.complaint
