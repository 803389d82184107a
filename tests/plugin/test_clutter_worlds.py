"""The claims about clutter, room and border noise, in worlds in which one class was made grainy, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, run
from worlds import CLASSES, GRAIN, write_discordant_images, write_grained_network, write_grainy_images

from why_bird.fixtures.collection import Ledgers

OF_IMAGES = ("C1", "C2", "B0", "B1", "D4", "D5")
OF_NETWORKS = ("C3", "C4", "C5", "D1", "D2", "D3", "B2", "B3", "B5")
EVEN = dict.fromkeys(CLASSES, 0.05)
RANK = {name: float(i) for i, name in enumerate(GRAIN)}

Found = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Grainy:
    """Worlds under one folder; each question is put once."""

    root: Path
    answers: dict[tuple[str, ...], Found] = field(default_factory=dict)

    def images(self, name: str, grain: dict[str, float], *, border: bool = False, test: int = 200) -> str:
        """Write the images of a world once, and two networks that can be asked there."""
        root = self.root / name
        if not root.exists():
            write_grainy_images(root / "images", grain, border=border, test=test)
            # Noise, as fine as bird's images, falls into bird; the other logits follow the clutter of their class.
            risen = {c: 0.05 * rank for c, rank in RANK.items()}
            write_grained_network(root / "fine.safetensors", bias=risen, fine={"bird": 12.0})
            # All that noise does is to erode the fit of an image's own class. Frog, of the least clutter, has the
            # highest bias; bright images lean towards it, and those are the ones with less grain.
            fallen = {c: 0.1 * (len(RANK) - 1 - rank) for c, rank in RANK.items()}
            write_grained_network(
                root / "fading.safetensors", bias=fallen, brightness={"frog": 1.0}, threshold=0.4, erosion=0.3
            )
        return name

    def ask(self, world: str, claims: tuple[str, ...], network: str = "fine") -> Found:
        """Return what is found of some claims, by claim."""
        question = (world, network, *claims)
        if question not in self.answers:
            root = self.root / world
            answer = run(
                f"{HYPOTHESES}/test_clutter.py",
                f"{HYPOTHESES}/test_background_noise.py",
                f"--checkpoint={root / network}.safetensors",
                "--network=planted_networks:grained",
                f"--images={root / 'images'}",
                f"--evidence-cache={root / 'cache'}",
                "-k",
                " or ".join(claims),
                folder=root / f"{network}-{len(self.answers)}",
            )
            found = {claim["id"]: claim for claim in answer.partial["claims"]}
            assert set(found) == set(claims), answer.output
            assert answer.partial["errors"] == []
            self.answers[question] = found
        return self.answers[question]


@pytest.fixture(scope="module")
def grainy(tmp_path_factory: pytest.TempPathFactory) -> Grainy:
    return Grainy(tmp_path_factory.mktemp("grainy"))


def of_birds(grainy: Grainy) -> Found:
    """Every class has a grain of its own, bird by far the coarsest, and cats more than dogs."""
    return grainy.ask(grainy.images("birds", GRAIN), OF_IMAGES)


def of_dogs(grainy: Grainy) -> Found:
    return grainy.ask(grainy.images("dogs", EVEN | {"dog": 0.25}), OF_IMAGES)


def of(found: Found, verdict: str) -> set[str]:
    return {claim for claim, each in found.items() if each["verdict"] == verdict}


def test_birds_are_the_cluttered_class(grainy: Grainy) -> None:
    assert of(of_birds(grainy), "confirmed") == set(OF_IMAGES)


def test_dogs_are_the_cluttered_class(grainy: Grainy) -> None:
    found = of_dogs(grainy)
    assert of(found, "rejected") == set(OF_IMAGES)
    for claim in ("C2", "B1", "D4", "D5"):
        assert "(dog)" in found[claim]["reason"]


def test_birds_have_noisy_borders_and_no_more(grainy: Grainy) -> None:
    world = grainy.images("borders", EVEN | {"bird": 0.2}, border=True, test=40)
    assert of(grainy.ask(world, ("B0", "B1")), "confirmed") == {"B0", "B1"}


def test_no_class_is_cluttered(grainy: Grainy) -> None:
    # C1 is not asked: beside the grain, which is alike, the classes' patterns differ, and cat's has more edges.
    found = grainy.ask(grainy.images("even", EVEN, test=40), ("C2", "B0", "B1"))
    assert of(found, "rejected") >= {"C2", "B0"}
    # So few images cannot tell equal borders from borders that are a little noisier.
    assert found["B1"]["verdict"] != "confirmed"
    assert found["B1"]["estimate"]["value"] < 0.56


def test_noise_speaks_for_the_class_of_fine_detail(grainy: Grainy) -> None:
    found = grainy.ask(grainy.images("birds", GRAIN), OF_NETWORKS, "fine")
    assert {claim["target"] for claim in found.values()} >= {"bird"}
    assert of(found, "confirmed") >= set(OF_NETWORKS) - {"C5", "D2", "D3"}


def among_birds(grainy: Grainy) -> Found:
    """All classes but bird are so even that noise, which lies among the birds, is far from each.

    No image of theirs alone shows a direction in which noise varies: their subspaces are the same without it.
    """
    # Of 200 images the farthest alone would bound a radius from above.
    return grainy.ask(grainy.images("lone birds", EVEN | {"bird": 0.25}, test=400), ("D2", "D3"), "fine")


def test_noise_lies_among_the_birds(grainy: Grainy) -> None:
    assert of(among_birds(grainy), "confirmed") == {"D2", "D3"}


def test_noise_only_destroys_the_class_of_an_image(grainy: Grainy) -> None:
    found = grainy.ask(grainy.images("birds", GRAIN), OF_NETWORKS, "fading")
    assert {claim["target"] for claim in found.values()} >= {"frog"}
    assert of(found, "rejected") >= set(OF_NETWORKS) - {"C5"}


def of_definitions(grainy: Grainy) -> Found:
    """Eight of nine definitions single out the dogs, and all other classes are level by most of them."""
    world = grainy.images("dogs", EVEN | {"dog": 0.25})
    # With grain alone level classes would differ by sampling error alone, of which C5 makes nothing.
    network = grainy.root / world / "loose.safetensors"
    if not network.exists():
        write_grained_network(network, bias=dict.fromkeys(CLASSES, 0.0), fine={"bird": 12.0}, grain_alone=False)
    return grainy.ask(world, ("C5",), "loose")


def test_definitions_agree_on_dogs(grainy: Grainy) -> None:
    assert of(of_definitions(grainy), "confirmed") == {"C5"}


def of_discord(grainy: Grainy) -> Found:
    """What is cluttered in the images of a class says nothing of how they are spread."""
    root = grainy.root / "discord"
    if not root.exists():
        write_discordant_images(root / "images")
        write_grained_network(root / "fine.safetensors", bias=dict.fromkeys(CLASSES, 0.0), fine={"bird": 12.0})
    return grainy.ask("discord", ("C5",), "fine")


def test_definitions_disagree_where_clutter_and_spread_have_nothing_to_do_with_each_other(grainy: Grainy) -> None:
    found = of_discord(grainy)
    assert of(found, "rejected") == {"C5"}
    assert "too small" in found["C5"]["reason"]


def test_every_claim_of_these_modules_can_be_confirmed_and_can_be_rejected(grainy: Grainy) -> None:
    world = grainy.images("birds", GRAIN)
    answers = [of_birds(grainy), of_dogs(grainy), among_birds(grainy), of_definitions(grainy), of_discord(grainy)]
    answers += [grainy.ask(world, OF_NETWORKS, network) for network in ("fine", "fading")]
    register = Ledgers().register.claims.values()
    modules = {"test_clutter", "test_background_noise"}
    # Those about procedures alone are held to planted numbers in test_arms.py.
    claims = {c.id for c in register if c.module in modules and not c.planned and c.scope != "procedure"}
    said = {claim: {found[claim]["verdict"] for found in answers if claim in found} for claim in claims}
    assert {claim for claim, each in said.items() if "confirmed" not in each} == set()
    assert {claim for claim, each in said.items() if "rejected" not in each} == set()
