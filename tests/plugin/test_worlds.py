"""Whole runs of the real claims in worlds in which it is known why noise falls where it falls."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, Answer, World, evidence, run, verdicts
from published import validate
from worlds import TEST, write_images, write_network

from why_bird.fixtures.collection import Ledgers

EXPLAIN_A_COLLAPSE = {"Z2", "Z2[procedure]", "Z6", "X1", "X1[procedure]", "X2", "X3"}

MODULES = ("test_noise_collapse", "test_bias_dominance", "test_feature_proximity")

JACKKNIFE = "stratified jackknife, t"
IMAGES, NOISE_A, NOISE_B = 10 * TEST, 2_000, 5_000
# As they stand in the protocol's tables: the test of each claim about a network, and how many units it counts.
TESTED = {
    "P1": ("Clopper–Pearson", IMAGES),
    "P2": ("Clopper–Pearson", NOISE_B),
    "P3": ("Clopper–Pearson", NOISE_B),
    "P4": ("simultaneous Clopper–Pearson, inverted", NOISE_B),
    "P6": ("Clopper–Pearson", 300),
    "P8": ("Miettinen–Nurminen score", 2 * 2_000),
    "X1": (f"{JACKKNIFE}, intersection–union of 9", IMAGES + NOISE_B),
    "X2": (f"{JACKKNIFE} on the log scale", IMAGES + NOISE_B),
    "X3": (JACKKNIFE, IMAGES + NOISE_B),
    "X4": (f"{JACKKNIFE}, intersection–union of 9", IMAGES + NOISE_B),
    "Z1": ("exact", 10),
    "Z2": ("Tango score", NOISE_B),
    "Z3": (f"{JACKKNIFE}, intersection–union of 10", IMAGES + NOISE_A + NOISE_B),
    "Z4": ("Brunner–Munzel", IMAGES + NOISE_B),
    "Z5": ("t over units", NOISE_B),
    "Z6": (JACKKNIFE, NOISE_B),
}


PLACES: dict[str, dict[str, Any]] = {
    "near-sink": {"sink": "bird", "bias": {"bird": 0.5}, "scale": 0.1},
    "far-sink": {"bias": {"frog": 1.0, "bird": 0.3}, "threshold": 0.4, "scale": 0.1},
    # White noise alone is as rough as that; neither bird's images nor smooth noise are.
    "white-sink": {"sink": "bird", "threshold": 0.4, "rough": (0.56, 0.03)},
}


@pytest.fixture(scope="module")
def places(world: World) -> dict[str, dict[str, Any]]:
    """What these modules find of networks that put noise near its class, far from it, and nowhere near any."""
    modules, found = [f"{HYPOTHESES}/{module}.py" for module in MODULES], {}
    for name, planted in PLACES.items():
        write_network(world.root / f"{name}.safetensors", **planted)
        found[name] = run(*modules, *world.options(name), folder=world.root / "reports" / name).partial
    return found


@pytest.fixture(scope="module")
def misfiled(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """What is said where 17 of 250 images stand under a wrong name, of a network that hardly takes notice of images."""
    root = tmp_path_factory.mktemp("misfiled")
    write_images(root / "images", test=250, misfiled=17)
    write_network(root / "faint.safetensors", sink="bird", threshold=0.85, rough=(0.56, 0.03))
    return World(root).ask("faint", "-k", "P1 or Z3", folder=root / "evidence")


def asked_of_one_network() -> set[str]:
    """Every written claim, as the register has it; one that procedures can be asked as well stands twice."""
    written = [claim for claim in Ledgers().register.claims.values() if not claim.planned]
    single = {claim.id for claim in written if claim.scope != "procedure"}
    return single | {f"{claim.id}[procedure]" for claim in written if claim.procedure}


def of(found: dict[str, str], verdict: str) -> set[str]:
    return {claim for claim, each in found.items() if each == verdict}


def test_a_constant_feature_makes_the_sink(world: World) -> None:
    answer = world.whole("feature-sink")
    found = verdicts(answer.evidence)
    assert of(found, "confirmed") >= {"P2", "P3", "P4", "P6", "X4"}
    # The bias is zero: without it, no noise leaves; and the answer is as sure as can be.
    assert of(found, "rejected") >= {"Z1", "Z2", "Z5"}
    assert {claim["target"] for claim in answer.evidence["claims"]} == {None, "bird"}
    assert answer.code == 1


def test_the_bias_makes_the_sink(world: World) -> None:
    answer = world.whole("bias-sink")
    found = verdicts(answer.evidence)
    assert of(found, "confirmed") >= {"P2", "P4", "P6", "Z1", "Z2", "Z5", "Z6"}
    # It is frog's bias, and frog is not the class that noise is near to.
    assert of(found, "rejected") >= {"P3", "X1", "X2"}
    assert {claim["target"] for claim in answer.evidence["claims"]} == {None, "frog"}
    assert answer.code == 1


def test_noise_lands_among_the_images_of_its_class(places: dict[str, dict[str, Any]]) -> None:
    found = verdicts(places["near-sink"])
    assert of(found, "confirmed") >= {"P2", "P3", "X1", "X2", "X3", "X4"}
    # Bird's images lie there too, so that it is no single point; and the bias has hardly a say.
    assert of(found, "rejected") >= {"Z2", "Z3", "Z4", "Z6"}


def test_noise_lands_far_from_its_class(places: dict[str, dict[str, Any]]) -> None:
    found = verdicts(places["far-sink"])
    assert of(found, "confirmed") >= {"P2", "X4", "Z1", "Z2", "Z6"}
    assert of(found, "rejected") >= {"P3", "X1", "X2", "X3", "Z4"}


def test_only_white_noise_of_full_contrast_collapses(places: dict[str, dict[str, Any]]) -> None:
    found = verdicts(places["white-sink"])
    assert of(found, "confirmed") >= {"P2", "P3", "P4", "P8", "Z4"}
    assert of(found, "rejected") >= {"P6", "X4", "Z1", "Z2"}


def test_noise_is_a_point_beside_images_that_scatter(misfiled: Answer) -> None:
    claims = {claim["id"]: claim for claim in misfiled.partial["claims"]}
    assert {claim: each["verdict"] for claim, each in claims.items()} == {"P1": "confirmed", "Z3": "confirmed"}
    assert claims["P1"]["estimate"]["value"] == (250 - 17) / 250


def test_every_claim_about_a_network_can_be_confirmed_and_can_be_rejected(
    world: World, places: dict[str, dict[str, Any]], misfiled: Answer
) -> None:
    networks = ("feature-sink", "bias-sink", "no-sink")
    found = defaultdict(set)
    registered = Ledgers().register.claims
    for document in (*(world.whole(network).evidence for network in networks), *places.values(), misfiled.partial):
        for claim in document["claims"]:
            # Those of a ledger of their own have worlds of their own.
            if claim["scope"] == "network" and claim["module"] in MODULES and not registered[claim["id"]].ledger:
                found[claim["id"]].add(claim["verdict"])
    assert found.keys() >= TESTED.keys()
    assert {claim: said for claim, said in found.items() if not said >= {"confirmed", "rejected"}} == {}


def test_every_claim_is_tested_as_the_protocol_says(places: dict[str, dict[str, Any]]) -> None:
    claims = [c for c in places["near-sink"]["claims"] if c["scope"] == "network"]
    # What an engine does to a test where its approximation is poor is told by its own tests.
    tests = {c["id"]: (re.sub(", widened [^,]*", "", c["test"]), c["n"]) for c in claims}
    assert {claim: tests[claim] for claim in TESTED} == TESTED


def test_without_a_sink_there_is_no_collapse_to_explain(world: World) -> None:
    answer = world.whole("no-sink")
    found = verdicts(answer.evidence)
    assert of(found, "rejected") >= {"P2", "P3", "P4", "P6"}
    assert of(found, "inconclusive") >= EXPLAIN_A_COLLAPSE
    reasons = {
        c["reason"] for c in answer.evidence["claims"] if c["id"] in EXPLAIN_A_COLLAPSE and c["estimate"] is None
    }
    assert reasons
    assert all("no collapse to explain" in reason and "half is needed" in reason for reason in reasons)
    assert answer.code == 1


def test_a_network_that_is_fed_wrongly_is_told_so(world: World, folder: Path) -> None:
    answer = world.ask("bias-sink", "--mean=-9,-9,-9", folder=folder)
    # What is said of the images is so whatever the network makes of them.
    spoken_of = [claim for claim in answer.evidence["claims"] if claim["scope"] != "dataset"]
    found = verdicts({"claims": spoken_of})
    assert of(found, "rejected") == {"P1"}
    assert of(found, "inconclusive") == set(found) - {"P1"}
    reason = next(c["reason"] for c in answer.evidence["claims"] if c["id"] == "P2")
    assert "check normalisation, input size and class names" in reason
    assert answer.evidence["void"] is None
    assert answer.code == 1


@pytest.mark.parametrize("network", ["feature-sink", "bias-sink", "no-sink"])
def test_evidence_is_complete_and_in_the_published_schema(world: World, network: str) -> None:
    answer = world.whole(network)
    validate(answer.evidence)
    assert answer.evidence["complete"]
    assert answer.evidence["errors"] == []
    assert verdicts(answer.evidence).keys() == asked_of_one_network()
    assert len(answer.evidence["claims"]) == len(asked_of_one_network())
    assert (answer.folder / "evidence.md").read_text(encoding="utf-8").startswith("#")
    assert {"CONFIRMED", "REJECTED", "OPEN"} <= set(answer.output.split())
    # What was measured stands in the head of the report, with where it came from.
    assert answer.evidence["provenance"]["inputs"]


@pytest.mark.parametrize("network", ["bias-sink", "feature-sink", "no-sink"])
def test_no_chart_fails_to_be_made(world: World, network: str) -> None:
    answer = world.whole(network)
    assert "lacks a chart" not in answer.output
    assert "could not be drawn" not in answer.output
    assert any(claim["charts"] for claim in answer.evidence["claims"])


def test_junit_carries_the_verdicts(world: World, folder: Path, tmp_path: Path) -> None:
    answer = world.ask("bias-sink", "-k", "bias_dominance", f"--junitxml={tmp_path / 'junit.xml'}", folder=folder)
    found = {}
    for case in ElementTree.parse(tmp_path / "junit.xml").iter("testcase"):  # noqa: S314 - written a moment ago
        said = {each.attrib["name"]: each.attrib["value"] for each in case.iter("property")}
        found[said["claim"], said["network"]] = said["verdict"]
    assert found == {key: each["verdict"] for key, each in evidence(answer.partial).items()}


def test_two_networks_are_too_few_for_a_procedure(world: World, folder: Path) -> None:
    options = world.options("replicate-0", "replicate-1")
    answer = run(HYPOTHESES, *options, "-k", "terms_put_noise or most_networks", folder=folder)
    claims = answer.partial["claims"]
    assert sorted(c["scope"] for c in claims if c["id"] == "Z2") == ["network", "network", "procedure"]
    procedures = [c for c in claims if c["scope"] == "procedure"]
    assert {c["id"] for c in procedures} == {"P5", "Z2"}
    for claim in procedures:
        assert claim["verdict"] == "inconclusive"
        assert claim["reason"].startswith("2 of the 8 networks that a verdict needs are there: 6 more are missing")
        assert "repeat --checkpoint" in claim["reason"]
        # Nobody sees how it stands before all are there.
        assert (claim["estimate"], claim["beside"], claim["replicates"]) == (None, [], [])


def test_eight_replicates_are_enough(world: World, folder: Path) -> None:
    options = world.options(*(f"replicate-{seed}" for seed in range(8)))
    select = "(terms_put_noise and procedure) or most_networks"
    answer = run(HYPOTHESES, *options, "-k", select, folder=folder)
    assert verdicts(answer.partial) == {"P5[procedure]": "confirmed", "Z2[procedure]": "confirmed"}
    assert {c["n"] for c in answer.partial["claims"]} == {8}
    assert answer.code == 0


def test_one_network_given_twice_is_no_replicate(world: World, folder: Path) -> None:
    answer = run(HYPOTHESES, *world.options("replicate-0", "replicate-0"), folder=folder)
    assert "is the same network as another --checkpoint" in answer.complaint
    assert answer.code == 4
