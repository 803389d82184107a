"""Shipped replicates: written and read back the same, damaged ones refused, stale ones not believed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from why_bird.errors import BadInput
from why_bird.evidence.claim import Claim
from why_bird.evidence.replicates import Replicate, ReplicateNetwork, ReplicateSet, read_replicates, write_replicates
from why_bird.stats import NetworkValue

CLAIM = Claim("Z2", "test_bias_dominance", "The bias does it.", "x", 0.1, "above", "network", True, 2)


def network(i: int) -> ReplicateNetwork:
    noise = {"A": {"bird": 3, "frog": 1}, "B": {"bird": 9, "frog": 1}, "A before training": {"bird": 4, "frog": 0}}
    return ReplicateNetwork(f"{i:064d}", f"seed{i}", i, "plain", 0.77, {"bird": 0.7, "frog": 0.84}, noise)


def says(i: int) -> Replicate:
    return Replicate.of(
        f"{i:064d}", f"seed{i}", NetworkValue(0.1 * i, 1e-4, 5000, "noise images", 0.0), (("before", 1.0),)
    )


def sample() -> ReplicateSet:
    networks = tuple(network(i) for i in range(3))
    claims = {"Z2": tuple(says(i) for i in range(3))}
    recipe = {"name": "cheap", "hash": "abc"}
    return ReplicateSet(recipe, ("bird", "frog"), "test", "train", 0, networks, claims, {"Z2": CLAIM})


def test_written_and_read_back_it_is_the_same(tmp_path: Path) -> None:
    write_replicates(tmp_path / "r.json", sample())
    assert read_replicates(tmp_path / "r.json") == sample()
    assert sample().networks[0].collapse == ("bird", 0.75)


def test_a_claim_that_says_something_else_now_was_not_asked() -> None:
    assert sample().says(CLAIM) == sample().claims["Z2"]
    assert sample().says(replace(CLAIM, statement="The bias helps.")) is None
    assert sample().says(replace(CLAIM, id="X1")) is None
    # What the claim is called, and which guess it answers for, changes no number.
    assert sample().says(replace(CLAIM, guess="The bias does it", needs=("bird",))) == sample().claims["Z2"]


def without_a_network(content: dict) -> None:
    content["networks"].pop()


def twice_the_same(content: dict) -> None:
    content["networks"][1] = content["networks"][0]


def of_another_format(content: dict) -> None:
    content["format"] = 2


def not_a_number(content: dict) -> None:
    content["claims"]["Z2"][0]["value"] = None


@pytest.mark.parametrize("spoil", [without_a_network, twice_the_same, of_another_format, not_a_number])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, spoil) -> None:
    write_replicates(tmp_path / "r.json", sample())
    content = json.loads((tmp_path / "r.json").read_text())
    spoil(content)
    (tmp_path / "r.json").write_text(json.dumps(content))
    with pytest.raises(BadInput, match=r"r\.json is missing or malformed .*: restore it with `git checkout`"):
        read_replicates(tmp_path / "r.json")


def test_a_missing_or_cut_off_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="missing or malformed"):
        read_replicates(tmp_path / "r.json")
    (tmp_path / "r.json").write_text('{"format": 1')
    with pytest.raises(BadInput, match="missing or malformed"):
        read_replicates(tmp_path / "r.json")
