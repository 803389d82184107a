"""The register says what the protocol says, number by number, and shares out its error budget as it says."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from why_bird.evidence.register import read_register
from why_bird.stats import networks_needed
from why_bird.stats.multiplicity import shares

REGISTER = read_register(Path(__file__).parents[2] / "hypotheses" / "register.toml")
CLAIMS = {claim.id: claim for claim in REGISTER.claims.values() if not claim.ledger}

# As they stand in the tables of the protocol: id, side, what it is held against.
HELD_AGAINST = """
P1 within .91 .95
P2 above .90
P3 above .90
P4 below .90
P5 above .50
P6 above .90
P7 above .50
P8 above .50
X1 above .02
X2 below .50
X3 above .02
X4 above .02
C1 above .56
C2 above .56
C3 above .10
C4 above .30
C5 above .50
D1 above log1.1
D2 above .05
D3 above .50
D4 above log1.1
D5 above log1.1
B0 above .90
B1 above .56
B2 above .20
B3 above .10
B5 above .20
Z1 above .01
Z2 above .10
Z3 above .05
Z4 above .64
Z5 above .90
Z6 above .50
U1 above .25
U2 above .10
U3 above .05
U4 above .50
K1 above .70
K2 above .60
K3 above .95
K4 above .10
K5 above log1.1
O1 above .90
O2 above .90
O3 below .50
"""
BOLD = {"P2", "P3", "X1", "C1", "C2", "D2", "B0", "B2", "B5", "Z2", "U1", "K1", "K3", "O1"}
STARRED = {"P5", "X1", "Z2", "K3"}
ONLY_PROCEDURE = {"P5"}
ABOUT_IMAGES = {"C1", "C2", "D4", "D5", "B0", "B1"}


def number(text: str) -> float:
    return math.log(float(text[3:])) if text.startswith("log") else float(text)


def test_every_claim_is_held_against_what_the_protocol_says() -> None:
    rows = [line.split() for line in HELD_AGAINST.split("\n") if line]
    assert list(CLAIMS) == [claim for claim, *_ in rows]
    for claim, side, *thresholds in rows:
        expected = tuple(map(number, thresholds))
        assert CLAIMS[claim].side == side
        assert CLAIMS[claim].threshold == (expected if len(expected) == 2 else pytest.approx(expected[0], rel=1e-15))


def test_no_threshold_is_zero_for_the_gate_could_not_say_how_far_a_finding_may_move() -> None:
    assert [claim.id for claim in REGISTER.claims.values() if claim.threshold == 0.0] == []


def test_weights_and_scopes_are_the_protocols() -> None:
    first = {claim.id: claim.weight for claim in CLAIMS.values() if claim.scope != "procedure"}
    assert {claim for claim, weight in first.items() if weight == 2} == BOLD
    assert set(first.values()) == {1, 2}
    assert {claim.id for claim in CLAIMS.values() if claim.procedure} == STARRED
    assert {claim.id for claim in CLAIMS.values() if claim.scope == "procedure"} == ONLY_PROCEDURE
    assert {claim.id for claim in CLAIMS.values() if claim.scope == "dataset"} == ABOUT_IMAGES


def test_the_error_rates_follow() -> None:
    first = shares({claim.id: claim.weight for claim in CLAIMS.values() if claim.scope != "procedure"})
    assert first["P2"] == pytest.approx(2 / 58)
    assert first["P1"] == pytest.approx(1 / 58)
    assert math.fsum(first.values()) == pytest.approx(1)
    procedure = 0.025 * shares(dict.fromkeys(STARRED | REGISTER.withdrawn.keys(), 1))["P5"]
    assert round(procedure, 4) == 0.0042
    assert networks_needed(procedure) == 8


def test_the_line_up_is_registered_as_the_protocol_says() -> None:
    claims = {claim.id: claim for claim in REGISTER.claims.values() if claim.ledger == "line-up"}
    assert list(claims) == [f"L{i}" for i in range(1, 15)]
    assert {claim.threshold for claim in claims.values()} == {0.5, 0.9}
    assert [claim.id for claim in claims.values() if claim.threshold == 0.9] == ["L14"]
    assert {(claim.side, claim.scope, claim.family) for claim in claims.values()} == {("above", "procedure", 0.05)}
    rates = {claim: 0.05 * share for claim, share in shares({c.id: c.weight for c in claims.values()}).items()}
    assert round(rates["L1"], 4) == 0.0094
    assert round(rates["L2"], 4) == 0.0031
    assert {networks_needed(rate) for rate in rates.values()} == {7, 9}


def test_the_sink_is_registered_as_the_protocol_says() -> None:
    claims = {claim.id: claim for claim in REGISTER.claims.values() if claim.ledger == "sink"}
    held = {"X1": 0.02, "D2": 0.05, "B3": 0.10, "B5": 0.20, "U2": 0.10}
    assert {name: (each.side, each.threshold) for name, each in claims.items()} == {
        f"{name}{question}": ("above", threshold) for name, threshold in held.items() for question in "st"
    }
    assert {each.target for name, each in claims.items() if name.endswith("t")} == {True}
    assert {round(each.family / len(claims), 4) for each in claims.values()} == {0.0025}


def test_the_constant_answer_is_registered_as_the_protocol_says() -> None:
    claims = {claim.id: claim for claim in REGISTER.claims.values() if claim.ledger == "constant answer"}
    assert {name: (each.side, each.threshold) for name, each in claims.items()} == {
        "Y1": ("above", 0.5),
        "Y2": ("above", 0.5),
        "Y3": ("above", 0.1),
        "Y4": ("below", 0.5),
    }
    assert {each.family / len(claims) for each in claims.values()} == {0.00625}


def test_noise_like_images_are_registered_as_the_protocol_says() -> None:
    claims = {claim.id: claim for claim in REGISTER.claims.values() if claim.ledger == "noise-like"}
    held = dict.fromkeys(("N1", "N2", "N3", "N4", "N8"), ("above", 0.5))
    held |= {"N5": ("below", 0.5), "N6": ("below", 0.5), "N7": ("above", 0.3)}
    assert {name: (each.side, each.threshold) for name, each in claims.items()} == held
    assert {name for name, each in claims.items() if each.weight == 2} == {"N1", "N7"}
    assert {name for name, each in claims.items() if each.scope == "procedure"} == {"N2", "N6", "N8"}
    assert {name for name, each in claims.items() if each.scope == "dataset"} == {"N3", "N4"}


def test_statistics_given_to_images_are_registered_as_the_protocol_says() -> None:
    (claim,) = (claim for claim in REGISTER.claims.values() if claim.ledger == "normalisation")
    assert (claim.id, claim.side, claim.threshold, claim.family) == ("U5", "above", 0.5, 0.025)
