"""Whole runs of the real claims in worlds in which it is known why noise falls where it falls."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from asking import HYPOTHESES, World, evidence, run, verdicts

from lib.evidence.schema import validate

EXPLAIN_A_COLLAPSE = {"Z2", "Z2[procedure]", "Z6", "X1", "X1[procedure]", "X2", "X3"}


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
    found = verdicts(answer.evidence)
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
    assert len(answer.evidence["claims"]) == 19
    assert (answer.folder / "evidence.md").read_text(encoding="utf-8").startswith("#")
    assert {"CONFIRMED", "REJECTED", "INCONCLUSIVE"} <= set(answer.output.split())
    # What was measured stands in the head of the report, with where it came from.
    assert answer.evidence["provenance"]["inputs"]


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
        assert "2 networks of one procedure, and a verdict needs 8: repeat --checkpoint" in claim["reason"]


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
