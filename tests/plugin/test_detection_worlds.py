"""The claims about out-of-distribution detection, in worlds in which it is known what tells noise from images."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, Answer, run
from worlds import write_deciding_network, write_images, write_network

from why_bird.fixtures.collection import Ledgers

CLAIMS = ("O1", "O2", "O3")
CHOSEN = ", the chosen one"
NOISES = {"Hendrycks's Gaussian", "ODIN's Gaussian", "ODIN's uniform"}

Found = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """Images, and networks that tell noise from them by what they say, by what they see, or not; each asked once."""

    root: Path
    answers: dict[str, Answer] = field(default_factory=dict)

    def ask(self, network: str, factory: str, images: str = "images") -> Found:
        if network not in self.answers:
            self.answers[network] = run(
                HYPOTHESES,
                f"--checkpoint={self.root / network}.safetensors",
                f"--network=planted_networks:{factory}",
                f"--images={self.root / images}",
                f"--evidence-cache={self.root / 'cache'}",
                "-k",
                " or ".join(CLAIMS),
                folder=self.root / f"answer-{network}",
            )
        document = self.answers[network].partial
        assert document["errors"] == [], self.answers[network].output
        found = {claim["id"]: claim for claim in document["claims"]}
        assert set(found) == set(CLAIMS)
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    root = tmp_path_factory.mktemp("told")
    # The nearest neighbours are 50, and of 500 images in a half all may agree without much that stays unseen.
    write_images(root / "images", train=60, test=100)
    write_network(root / "unsure.safetensors", rough=(0.0, 1.0))
    write_network(root / "sure.safetensors", rough=(0.0, 1.0), sink="bird", against=23.0)
    write_deciding_network(root / "blind.safetensors")
    # What is never seen of 2,500 images in a half has a mass far below a hundredth.
    write_images(root / "many", train=60, test=500)
    write_network(root / "nearly.safetensors", rough=(0.722, 1.0), sink="bird", pull=200.0)
    return Told(root)


def of_the_unsure(told: Told) -> Found:
    """Noise fits no pattern, and roughness speaks for no class: the logits are all low, and alike."""
    return told.ask("unsure", "planted")


def of_the_sure(told: Told) -> Found:
    """Roughness speaks against every class, and least against bird: noise is surely bird, by low logits."""
    return told.ask("sure", "planted")


def of_the_nearly_unsure(told: Told) -> Found:
    """Of the roughest noise alone, a few in a hundred, it is as sure as of images."""
    return told.ask("nearly", "planted", "many")


def of_the_blind(told: Told) -> Found:
    """Nothing is left of an image but its class, and of noise as well."""
    return told.ask("blind", "deciding")


def verdicts(found: Found) -> list[str]:
    return [found[claim]["verdict"] for claim in CLAIMS]


def auroc(found: Found, noise: str, score: str) -> float:
    (value,) = (row[2] for row in found["O1"]["tables"][0]["rows"] if row[:2] == [noise, score])
    return float(value)


def candidates(found: Found) -> dict[str, float]:
    """Return the AUROC of each score of features where one was chosen, by name, the chosen one marked."""
    lines = {line["label"]: line["value"] for line in found["O3"]["beside"] if line["label"].startswith("AUROC of ")}
    return {
        label.removeprefix("AUROC of ").replace(" where the score was chosen", ""): value
        for label, value in lines.items()
    }


def test_noise_of_which_nothing_is_sure_is_told_by_every_score(told: Told) -> None:
    found = of_the_unsure(told)
    assert verdicts(found) == ["confirmed", "confirmed", "inconclusive"]
    assert auroc(found, "noise-B", "MSP") == auroc(found, "noise-B", "energy") == 1.0
    assert found["O3"]["reason"].startswith("the maximum softmax probability makes no mistake")


def test_where_softmax_is_nearly_always_right_a_score_of_features_can_still_do_better(told: Told) -> None:
    found = of_the_nearly_unsure(told)
    # A difference of .02, which was asked for before, is more than there is.
    assert 0.98 < found["O2"]["estimate"]["value"] < 0.999
    assert found["O3"]["verdict"] == "confirmed"
    assert found["O3"]["estimate"]["value"] < 0.1


def test_noise_that_is_surely_one_class_is_told_by_energy_and_by_features(told: Told) -> None:
    found = of_the_sure(told)
    assert verdicts(found) == ["confirmed", "rejected", "confirmed"]
    assert auroc(found, "noise-B", "energy") == 1.0
    assert auroc(found, "noise-B", "MSP") == pytest.approx(found["O2"]["estimate"]["value"], abs=1e-9)
    assert found["O2"]["estimate"]["value"] < 0.2
    assert found["O3"]["estimate"]["value"] < 0.01


def test_noise_that_looks_like_images_is_told_by_nothing(told: Told) -> None:
    found = of_the_blind(told)
    assert verdicts(found) == ["rejected", "rejected", "rejected"]
    assert [found[claim]["estimate"]["value"] for claim in CLAIMS] == [0.5, 0.5, 1.0]
    # The features vary in too few directions for the others.
    assert candidates(found) == {f"kNN{CHOSEN}": 0.5}
    assert not {"Mahalanobis", "ViM"} & {row[1] for row in found["O1"]["tables"][0]["rows"]}


def test_the_noises_of_others_stand_beside_what_they_found(told: Told) -> None:
    for found, energy, softmax in ((of_the_unsure(told), 1.0, 1.0), (of_the_sure(told), 1.0, 0.0)):
        for claim, value in (("O1", energy), ("O2", softmax)):
            assert {line["label"]: line["value"] for line in found[claim]["beside"]} == dict.fromkeys(NOISES, value)
        ours, theirs = found["O1"]["tables"]
        assert {row[0] for row in ours["rows"]} == {"noise-A", "noise-B", *NOISES}
        here = [row[5] for row in theirs["rows"] if row[3] == "AUROC"]
        assert here
        assert set(here) == {softmax}


def test_every_claim_of_this_module_can_be_confirmed_and_can_be_rejected(told: Told) -> None:
    answers = [of_the_unsure(told), of_the_sure(told), of_the_blind(told)]
    claims = {c.id for c in Ledgers().register.claims.values() if c.module == "test_ood_detection" and not c.planned}
    assert claims == set(CLAIMS)
    for claim in claims:
        assert {found[claim]["verdict"] for found in answers} >= {"confirmed", "rejected"}
