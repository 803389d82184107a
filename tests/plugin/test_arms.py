"""Pairs of networks whose training images were changed: planted numbers, judged by the claims about a procedure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, World, run
from worlds import CLASSES, write_grainy_images, write_network

from why_bird.evidence.replicates import ReplicateNetwork, ReplicateSet, write_replicates
from why_bird.fixtures.collection import Ledgers
from why_bird.images.decode import open_images
from why_bird.measure.inputs import identify
from why_bird.stats import networks_needed

NEEDED = networks_needed(Ledgers().alpha("B6", procedure=True))
SEEDS = tuple(range(10, 10 + NEEDED))
SOME = 0.01
"""By how much two networks of one recipe differ in the share of noise that falls into a class."""

# As grainy as the class that the claims are about is one other, which is therefore its control.
ALIKE = dict.fromkeys(CLASSES, 0.02) | {"bird": 0.25, "cat": 0.22, "frog": 0.12, "truck": 0.11}
FROG, FROG_S_CONTROL = "detail:frog", "detail:truck"
BIRD, BIRD_S_CONTROL = "border:bird", "border:cat"

Asked = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_grainy_images(tmp_path_factory.mktemp("arms") / "images", ALIKE, train=8, test=4)


def trained(
    arm: str, share: float, *, into: str, seeds: Sequence[int] = SEEDS, recall: float = 0.9
) -> list[ReplicateNetwork]:
    """Return networks in which about so much of noise falls into a class, and the rest into the deer."""
    networks = []
    for i, seed in enumerate(seeds):
        # Of two arms not the same networks lie high, so that the pairs differ.
        many = round(1000 * (share + SOME * ((i + len(arm)) % 3 - 1)))
        counts = dict.fromkeys(CLASSES, 0) | {into: many, "deer": 1000 - many}
        drawn = dict.fromkeys(("A", "B", "A before training"), counts)
        name = f"{arm} {seed}"
        networks.append(ReplicateNetwork(name, name, seed, arm, 0.9, dict.fromkeys(CLASSES, recall), drawn))
    return networks


@pytest.fixture
def asked(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return what a claim says of networks that are there as numbers, the plain ones in a file of their own."""
    cache = images.parent / "cache"
    shown = identify(open_images(str(images), cache))

    def ask(claim: str, plain: list[ReplicateNetwork], *arms: list[ReplicateNetwork]) -> dict[str, Any]:
        numbers = tmp_path / "numbers"
        numbers.mkdir()
        for i, networks in enumerate((plain, *arms)):
            recipe = {"name": "planted", "hash": "abc"}
            known = ReplicateSet(recipe, CLASSES, shown.test, shown.train, 0, tuple(networks), {}, {})
            write_replicates(numbers / f"{i}.json", known)
        monkeypatch.setattr("why_bird.fixtures.networks.REPLICATES", numbers / "0.json")
        options = (f"--images={images}", f"--evidence-cache={cache}", "-k", claim)
        [said] = run(HYPOTHESES, *options, folder=tmp_path / "evidence").partial["claims"]
        assert (said["id"], said["network"]) == (claim, "procedure")
        return said

    return ask


def test_noise_leaves_with_the_fine_detail(asked: Asked) -> None:
    kept, changed = trained(FROG_S_CONTROL, 0.9, into="frog"), trained(FROG, 0.2, into="frog")
    # Pairs are of one seed, wherever their networks stand; one that has no partner is in no pair.
    alone = trained(FROG, 0.9, into="frog", seeds=[SEEDS[-1] + 1])
    said = asked("B6", trained("plain", 0.9, into="frog"), kept[::-1], alone + changed)
    assert said["verdict"] == "confirmed"
    assert said["n"] == NEEDED
    assert said["estimate"]["value"] == pytest.approx(0.7, abs=2 * SOME)
    [table] = said["tables"]
    assert "Share of noise in frog, by pair" in table["title"]
    assert [row[0] for row in table["rows"]] == list(SEEDS)


def test_noise_stays_without_the_fine_detail(asked: Asked) -> None:
    kept, changed = trained(FROG_S_CONTROL, 0.9, into="frog"), trained(FROG, 0.9, into="frog")
    said = asked("B6", trained("plain", 0.9, into="frog"), kept, changed)
    assert said["verdict"] == "rejected"
    assert said["estimate"]["value"] == pytest.approx(0.0, abs=2 * SOME)


def test_noise_leaves_with_the_borders_of_the_birds(asked: Asked) -> None:
    kept, changed = trained(BIRD_S_CONTROL, 0.9, into="bird"), trained(BIRD, 0.2, into="bird")
    said = asked("B4", trained("plain", 0.8, into="bird"), kept, changed)
    assert said["verdict"] == "confirmed"


def test_noise_stays_without_the_borders_of_the_birds(asked: Asked) -> None:
    kept, changed = trained(BIRD_S_CONTROL, 0.9, into="bird"), trained(BIRD, 0.85, into="bird")
    said = asked("B4", trained("plain", 0.8, into="bird"), kept, changed)
    assert said["verdict"] == "rejected"


def test_pairs_of_another_change_do_not_count(asked: Asked) -> None:
    kept, changed = trained("border:truck", 0.9, into="frog"), trained("border:frog", 0.2, into="frog")
    said = asked("B6", trained("plain", 0.9, into="frog"), kept, changed)
    assert (said["verdict"], said["estimate"]) == ("inconclusive", None)


def test_a_pair_less_than_needed(asked: Asked) -> None:
    kept, changed = trained(FROG_S_CONTROL, 0.9, into="frog"), trained(FROG, 0.2, into="frog", seeds=SEEDS[1:])
    said = asked("B6", trained("plain", 0.9, into="frog"), kept, changed)
    assert said["verdict"] == "inconclusive"
    assert f"{NEEDED - 1} of the {NEEDED} pairs of networks that a verdict needs" in said["reason"]
    assert said["estimate"] is None


@pytest.mark.parametrize("lacking", ["kept", "changed"])
def test_a_class_that_is_no_longer_recognised(asked: Asked, lacking: str) -> None:
    recalls = {"kept": 0.9, "changed": 0.9} | {lacking: 0.4}
    kept = trained(FROG_S_CONTROL, 0.9, into="frog", recall=recalls["kept"])
    changed = trained(FROG, 0.2, into="frog", recall=recalls["changed"])
    said = asked("B6", trained("plain", 0.9, into="frog"), kept, changed)
    assert said["verdict"] == "inconclusive"
    assert "the changed classes are still recognised: smallest recall 40.0%" in said["reason"]


def test_noise_that_has_left_in_the_control_arm_too(asked: Asked) -> None:
    kept, changed = trained(FROG_S_CONTROL, 0.4, into="frog"), trained(FROG, 0.1, into="frog")
    said = asked("B6", trained("plain", 0.9, into="frog"), kept, changed)
    assert said["verdict"] == "inconclusive"
    assert "noise falls into frog in the control arm" in said["reason"]


def test_without_pairs_it_is_said_how_they_are_trained(asked: Asked) -> None:
    said = asked("B6", trained("plain", 0.9, into="frog"))
    assert (said["verdict"], said["estimate"]) == ("inconclusive", None)
    assert said["reason"] == (
        "no pairs were trained: why-bird train --recipe cheap --seeds 10-17 --with detail:frog, "
        "and the same with --with detail:truck"
    )


def test_where_noise_does_not_fall_into_bird_its_borders_were_not_trained_for(asked: Asked) -> None:
    kept, changed = trained(BIRD_S_CONTROL, 0.9, into="bird"), trained(BIRD, 0.2, into="bird")
    said = asked("B4", trained("plain", 0.1, into="bird"), kept, changed)
    assert (said["verdict"], said["estimate"]) == ("inconclusive", None)
    assert said["reason"].startswith("not trained for: on average 10.0% of noise falls into bird in the plain networks")


def test_networks_name_their_arm(images: Path, folder: Path) -> None:
    world = World(images.parent)
    arms = {"plain": 1.0, FROG_S_CONTROL: 0.9, FROG: 0.0}
    for arm, bias in arms.items():
        path = world.root / f"{arm.replace(':', '-')}.safetensors"
        write_network(path, bias={"frog": bias, "deer": 0.5}, threshold=0.4, arm=arm, recipe="abc")
    names = [arm.replace(":", "-") for arm in arms]
    [said] = run(HYPOTHESES, *world.options(*names), "-k", "B6", folder=folder).partial["claims"]
    assert said["verdict"] == "inconclusive"
    assert said["reason"].startswith("1 of the 8 pairs of networks that a verdict needs are there")
