"""``--precision bf16``: said in the report, held against full precision, and kept out of what lasts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from asking import HYPOTHESES, Answer, World, run

from why_bird.measure.subject import Subject

NETWORK = "feature-sink"
SELECTED = ("-k", "noise_collapse and not (family or escapes)")


def ask(world: World, folder: Path, *more: str) -> Answer:
    return run(HYPOTHESES, *world.options(NETWORK), "--precision=bf16", *more, folder=folder)


def test_labels_are_held_against_those_of_full_precision(world: World, tmp_path: Path) -> None:
    answer = ask(world, tmp_path / "half", *SELECTED)
    assert answer.code in (0, 1), answer.output
    evidence = answer.partial
    (network,) = evidence["provenance"]["networks"]
    assert network["precision"] == "bf16"
    assert network["equal_labels"] >= 0.999
    share = f"{100 * network['equal_labels']:.2f} %"
    page = (answer.folder.with_name("half-partial") / "evidence.md").read_text("utf-8")
    assert f"asked in bfloat16, whose labels are those of float32 for {share} or more" in page
    checks = [check for claim in evidence["claims"] for check in claim["checks"] if "bfloat16" in check["name"]]
    assert checks
    assert all(check["passed"] and "noise images and" in check["detail"] for check in checks)
    # What full precision said before is not taken for what half precision says.
    passed = {each["name"] for each in evidence["provenance"]["inputs"]}
    assert {f"forward of gaussian noise A, {NETWORK}{words}" for words in ("", " in float32")} <= passed


def test_full_precision_is_not_held_against_itself(world: World) -> None:
    (network,) = world.whole(NETWORK).evidence["provenance"]["networks"]
    assert (network["precision"], network["equal_labels"]) == ("fp32", None)


def test_where_too_many_labels_differ_nothing_is_judged(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_full = Subject.in_full_precision.func  # type: ignore[attr-defined]

    def turned(self: Subject) -> Subject:
        full: Subject = in_full(self)
        logits = full.noise_a.logits.copy()
        logits[:3] = -logits[:3]
        full.made[Subject.noise_a] = replace(full.noise_a, logits=logits)
        return full

    monkeypatch.setattr(Subject, "in_full_precision", property(turned))
    answer = ask(world, tmp_path / "off", *SELECTED)
    judged = [claim for claim in answer.partial["claims"] if claim["network"] != "dataset"]
    assert judged
    assert {claim["verdict"] for claim in judged} == {"inconclusive"}
    assert "1,997 of 2,000 noise images" in json.dumps(judged)


@pytest.mark.parametrize("lasting", ["--gate", "--accept", "--export-replicates=new.json"])
def test_what_lasts_is_found_in_full_precision(world: World, tmp_path: Path, lasting: str) -> None:
    answer = ask(world, tmp_path / "refused", lasting)
    assert answer.code == 4
    assert answer.complaint == (
        f"{lasting.split('=')[0]} keeps to what full precision finds, and --precision is bf16: leave one of them out"
    )
    assert answer.wrote_nothing
