"""The claims about the sink, where noise is like two classes, or like one while a bias draws part of it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, World, run
from worlds import CLASSES, write_grained_network, write_grainy_images, write_images, write_wide_network

from why_bird.fixtures.collection import Ledgers

SINK = ("X1s", "D2s", "B3s", "B5s", "U2s")
WITHIN = ("X1t", "D2t", "B3t", "B5t", "U2t")
GRAIN, NONE = dict.fromkeys(CLASSES, 0.05), dict.fromkeys(CLASSES, 0.0)
ROUGH = {"pattern": 0.1, "rough": 0.9}

Found = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def sinks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds of images and networks: few units see grain, many see roughness, in which U2 can be asked."""
    root = tmp_path_factory.mktemp("sinks")
    for alike in (("bird", "frog"), ("bird",)):
        folder = root / f"{len(alike)}"
        write_grainy_images(folder / "grained" / "images", GRAIN | dict.fromkeys(alike, 0.25), test=60)
        write_images(folder / "wide" / "images", chequered=alike)
    write_grained_network(root / "2/grained/both.safetensors", bias=NONE, fine={"bird": 12.0, "frog": 12.0})
    write_wide_network(root / "2/wide/both.safetensors", answers={"bird": ROUGH, "frog": ROUGH}, floor=0.0, span=1.0)
    # Frog shares nothing with noise. Its bias draws less of it than bird's likeness does, or more.
    for name, grained, wide in (("less", 2.3, 8.8), ("more", 2.5, 9.5)):
        path = root / f"1/grained/{name}.safetensors"
        write_grained_network(path, bias=NONE | {"frog": grained}, fine={"bird": 3.0})
        # There noise excites a third class's units as well, which a bias holds back.
        answers = {"bird": ROUGH} | ({"ship": ROUGH | {"pattern": 1.0}} if name == "more" else {})
        path = root / f"1/wide/{name}.safetensors"
        write_wide_network(path, answers=answers, bias={"frog": wide, "ship": -6.0}, floor=0.0, span=1.0)
    return root


def told(root: Path, alike: int, name: str, cache: dict[str, Found] = {}) -> Found:  # noqa: B006 - asked once each
    key = f"{root}/{alike}/{name}"
    if key in cache:
        return cache[key]
    found: Found = {}
    for factory in ("grained", "wide"):
        folder = root / f"{alike}" / factory
        answer = run(
            f"{HYPOTHESES}/test_sink.py",
            f"{HYPOTHESES}/test_feature_proximity.py::test_the_class_of_noise_is_the_nearest",
            f"--checkpoint={folder / name}.safetensors",
            f"--network=planted_networks:{factory}",
            f"--images={folder / 'images'}",
            f"--evidence-cache={folder / 'cache'}",
            folder=root / f"answer-{len(cache)}-{factory}",
        )
        assert answer.partial["errors"] == [], answer.output
        claims = [each for each in answer.partial["claims"] if each["network"] != "procedure"]
        found |= {each["id"]: each for each in claims if each["id"].startswith("U2") == (factory == "wide")}
    cache[key] = found
    return found


def of(found: Found, verdict: str) -> set[str]:
    return {claim for claim, each in found.items() if each["verdict"] == verdict}


def test_two_classes_that_are_both_like_noise_are_told_from_the_rest(sinks: Path) -> None:
    found = told(sinks, 2, "both")
    (share,) = (line for line in found["X1s"]["beside"] if line["label"] == "noise-A in the sink: bird, frog")
    assert share["value"] == 1.0
    assert of(found, "confirmed") >= set(SINK)
    # Neither is more like noise than the other is, so asked of one against all others noise seems near to nothing.
    assert not of(found, "confirmed") & {"X1", *WITHIN}
    assert {len(found[claim]["parts"]) for claim in ("X1s", "D2s", "B3s", "U2s")} == {2 * 8}


def test_a_class_that_a_bias_makes_part_of_the_sink_is_told_from_the_one_like_noise(sinks: Path) -> None:
    found = told(sinks, 1, "less")
    assert of(found, "confirmed") >= set(WITHIN)
    assert of(found, "rejected") >= set(SINK) - {"U2s"}
    assert {found[claim]["target"] for claim in WITHIN} == {"bird"}
    weakest = [min(found[claim]["parts"], key=lambda part: part["value"])["label"] for claim in SINK]
    assert all(label.startswith("frog") for label in weakest[:-1]), weakest


def test_where_the_bias_draws_most_the_class_like_noise_is_the_other_one(sinks: Path) -> None:
    found = told(sinks, 1, "more")
    assert of(found, "rejected") >= {*SINK, *WITHIN}
    assert {found[claim]["target"] for claim in WITHIN} == {"frog"}


def test_a_sink_of_one_class_is_asked_as_before_and_leaves_no_question_within_it(world: World) -> None:
    found = {each["id"]: each for each in world.whole("bias-sink").evidence["claims"] if each["scope"] == "network"}
    assert {found[claim]["reason"] for claim in WITHIN} >= {
        "the sink is frog alone, so there is no other class of it to be compared with"
    }
    for old in ("X1", "B3", "B5"):
        assert found[old]["estimate"] == found[f"{old}s"]["estimate"]


def test_where_noise_is_spread_there_is_no_sink(world: World) -> None:
    found = {each["id"]: each for each in world.whole("no-sink").evidence["claims"]}
    assert {found[claim]["verdict"] for claim in (*SINK, *WITHIN)} == {"inconclusive"}
    assert found["X1s"]["reason"].startswith("no sink to explain: it takes ")


def test_every_claim_of_this_module_can_be_confirmed_and_can_be_rejected(sinks: Path) -> None:
    answers = [told(sinks, 2, "both"), told(sinks, 1, "less"), told(sinks, 1, "more")]
    claims = {c.id for c in Ledgers().register.claims.values() if c.module == "test_sink"}
    assert claims == {*SINK, *WITHIN}
    for claim in claims:
        assert {found[claim]["verdict"] for found in answers} >= {"confirmed", "rejected"}, claim
