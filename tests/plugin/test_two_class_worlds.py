"""The claims about a cat/dog network, in worlds in which it is known what its two classes stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, Answer, run
from worlds import CLASSES, write_grained_network, write_grainy_images

from why_bird.fixtures.collection import Ledgers

CLAIMS = ("K1", "K2", "K3", "K4", "K5")
PAIR = ("cat", "dog")
COARSE, FINE, OTHERS = 0.25, 0.02, 0.1
REPLICATES = 9

Found = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Pairs:
    """Worlds under one folder; each question is put once."""

    root: Path
    answers: dict[str, Answer] = field(default_factory=dict)

    def images(self, coarse: str) -> Path:
        """Write images once in which one of the two classes has by far the most grain."""
        root = self.root / f"coarse-{coarse}"
        if not root.exists():
            (fine,) = set(PAIR) - {coarse}
            grain = dict.fromkeys(CLASSES, OTHERS) | {coarse: COARSE, fine: FINE}
            write_grainy_images(root, grain, train=8, test=200)
        return root

    def network(self, name: str, speaks_for: str, seed: int | None = None) -> Path:
        """Write a network in which grain speaks for one class, and horses look like the other."""
        path = self.root / f"{name}.safetensors"
        (other,) = set(PAIR) - {speaks_for}
        if not path.exists():
            write_grained_network(
                path,
                bias={speaks_for: 0.5, other: 0.0},
                fine={speaks_for: 6.0},
                classes=PAIR,
                alike={"horse": other},
                seed=seed,
                recipe="planted",
            )
        return path

    def ask(self, name: str, coarse: str, networks: Sequence[Path], claims: tuple[str, ...] = CLAIMS) -> Found:
        """Return what is found, by claim, ``K3[procedure]`` among them."""
        if name not in self.answers:
            ten = self.root / "ten.safetensors"
            write_grained_network(ten, bias=dict.fromkeys(CLASSES, 0.0))
            self.answers[name] = run(
                HYPOTHESES,
                f"--checkpoint={ten}",
                *(f"--two-class={network}" for network in networks),
                "--network=planted_networks:grained",
                f"--images={self.images(coarse)}",
                f"--evidence-cache={self.root / 'cache'}",
                "-k",
                " or ".join(claims),
                folder=self.root / f"answer-{name}",
            )
        answer = self.answers[name]
        assert answer.partial["errors"] == [], answer.output
        names = ((c["id"] + ("[procedure]" if c["scope"] == "procedure" else ""), c) for c in answer.partial["claims"])
        return dict(names)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    return Pairs(tmp_path_factory.mktemp("pairs"))


def as_the_post(pairs: Pairs) -> Found:
    return pairs.ask("post", "cat", [pairs.network("for-cats", "cat")])


def the_other_way_round(pairs: Pairs) -> Found:
    return pairs.ask("reversed", "dog", [pairs.network("for-dogs", "dog")])


def of(found: Found, verdict: str) -> set[str]:
    return {claim for claim, each in found.items() if each["verdict"] == verdict}


def test_cat_is_where_grain_goes_and_horses_look_like_dogs(pairs: Pairs) -> None:
    found = as_the_post(pairs)
    assert of(found, "confirmed") == set(CLAIMS)
    assert found["K3"]["n"] == 5_000
    assert {label["label"] for label in found["K1"]["parts"]} == set(CLASSES) - {"cat", "dog", "horse"}
    (table,) = found["K1"]["tables"]
    shares = {row[0]: row[1] for row in table["rows"]}
    assert shares["horse"] < 0.1
    assert shares["noise"] == 1.0


def test_dog_is_where_grain_goes_and_horses_look_like_cats(pairs: Pairs) -> None:
    found = the_other_way_round(pairs)
    assert of(found, "rejected") == set(CLAIMS)
    assert "Reversed" in found["K4"]["reason"]
    assert "Reversed" in found["K5"]["reason"]


def test_one_network_says_nothing_about_a_procedure(pairs: Pairs) -> None:
    found = as_the_post(pairs)["K3[procedure]"]
    assert found["verdict"] == "inconclusive"
    assert "1 of the 8 networks that a verdict needs is there: 7 more are missing" in found["reason"]


@pytest.mark.parametrize(("speaks_for", "verdict", "holds"), [("cat", "confirmed", 1.0), ("dog", "rejected", 0.0)])
def test_a_procedure_is_judged_by_how_many_networks_call_noise_cat(
    pairs: Pairs, speaks_for: str, verdict: str, holds: float
) -> None:
    networks = [pairs.network(f"{speaks_for}-{seed}", speaks_for, seed) for seed in range(REPLICATES)]
    found = pairs.ask(f"many-{speaks_for}", speaks_for, networks, ("K3",))["K3[procedure]"]
    assert found["verdict"] == verdict
    assert (found["n"], found["unit"], found["estimate"]["value"]) == (REPLICATES, "networks", holds)
    assert found["threshold"] == 0.5


def test_what_is_shipped_does_not_speak_for_a_users_networks(pairs: Pairs, tmp_path: Path) -> None:
    ten = write_grained_network(tmp_path / "ten.safetensors", bias=dict.fromkeys(CLASSES, 0.0))
    answer = run(
        HYPOTHESES, f"--checkpoint={ten}", "--network=planted_networks:grained", f"--images={pairs.images('cat')}",
        f"--evidence-cache={tmp_path / 'cache'}", "-k", "K1 or K3", folder=tmp_path / "answer",
    )  # fmt: skip
    reasons = [claim["reason"] for claim in answer.partial["claims"]]
    assert len(reasons) == 3
    assert all("no two-class network was given beside --checkpoint" in reason for reason in reasons)
    # Of a network that a user's own code builds a few answers are kept; nothing was measured.
    assert [each["name"] for each in answer.partial["provenance"]["inputs"]] == ["spot-check, ten"]
    assert len(answer.partial["provenance"]["networks"]) == 1


def test_a_network_of_ten_is_no_network_of_two(pairs: Pairs, tmp_path: Path) -> None:
    ten = write_grained_network(tmp_path / "ten.safetensors", bias=dict.fromkeys(CLASSES, 0.0))
    answer = run(
        HYPOTHESES, f"--checkpoint={ten}", f"--two-class={ten}", "--network=planted_networks:grained",
        f"--images={pairs.images('cat')}", folder=tmp_path / "answer",
    )  # fmt: skip
    assert answer.code == 4
    assert "--two-class has ten, which knows 10 classes: give a network of two" in answer.complaint
    assert answer.wrote_nothing


def test_every_claim_of_this_module_can_be_confirmed_and_can_be_rejected(pairs: Pairs) -> None:
    answers = [as_the_post(pairs), the_other_way_round(pairs)]
    claims = {c.id for c in Ledgers().register.claims.values() if c.module == "test_cat_vs_dog" and not c.planned}
    assert claims == set(CLAIMS)
    for claim in claims:
        assert {found[claim]["verdict"] for found in answers} == {"confirmed", "rejected"}
