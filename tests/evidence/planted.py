"""Documents with a planted outcome: claims by their registered names, with a target and verdicts as asked."""

from __future__ import annotations

from pathlib import Path

from lib.evidence.exhibits import Reading, Table
from lib.evidence.provenance import NetworkOrigin
from lib.evidence.record import DATASET, PROCEDURE
from lib.evidence.register import read_register
from lib.stats import Interval

from .samples import document, provenance, record, unmeasured

REGISTER = read_register(Path(__file__).resolve().parents[2] / "hypotheses" / "register.toml")
NETWORK = NetworkOrigin("aaaaaaaaaaaa", "resnet18", "resnet18, full stem", "post", "trained from scratch", 0.935)
OTHER = NetworkOrigin("bbbbbbbbbbbb", "other", "resnet18, full stem", None, "origin unknown", None)
TARGETED = frozenset("P2 P6 P7 X1 X2 X3 C3 C5 D1 D2 D3 B2 B3 B5 Z2 Z6 U1 U2 U3 U4".split())  # noqa: SIM905 - a list is longer


def predictions(**counts):
    """The table of P2: where noise falls."""
    total = sum(counts.values())
    rows = tuple((name, n, n / total) for name, n in counts.items())
    return (Table("Predictions on the post's noise", ("class", "noise images", "share"), rows),)


def planted(outcomes, target="bird", networks=(NETWORK,), noise=None, **changes):
    """A document with the named claims, judged on each network, or on the images or a recipe where they ask that.

    `outcomes` gives the verdict of each claim: "confirmed", "rejected", "inconclusive", or "unmeasured".
    """
    records = []
    for name, outcome in outcomes.items():
        claim = REGISTER.claims[name]
        if claim.scope != "network":
            about = DATASET if claim.scope == "dataset" else PROCEDURE
            called = "the images" if about == DATASET else "recipe cheap, 10 networks, shipped"
            records.append(made(claim, outcome, about, called, None))
            continue
        for network in networks:
            aim = target if name in TARGETED else None
            extra = {"tables": predictions(**noise)} if noise and name == "P2" else {}
            if noise and name in ("P2", "P3"):
                extra["share"] = noise.get(aim or "bird", 0) / sum(noise.values())
            records.append(made(claim, outcome, network.hash, network.name, aim, **extra))
    given = {"register": REGISTER, "planned": [], "provenance": provenance(networks), "complete": False}
    return document(records, **{**given, **changes})


def made(claim, outcome, network, name, target, share=None, **changes):
    procedure = network == PROCEDURE
    scope = network if network in (DATASET, PROCEDURE) else "network"
    about = {"network": network, "network_name": name, "target": target, "scope": scope, **changes}
    about["threshold"] = claim.held_against(procedure=procedure)
    if outcome == "unmeasured":
        return unmeasured(claim, **about)
    low, high = about["threshold"] if claim.side == "within" else (about["threshold"], 1.0)
    ahead, behind = ((low + high) / 2, low - 0.05) if claim.side != "below" else (low - 0.1, low + 0.05)
    middle = {"confirmed": ahead, "rejected": behind, "inconclusive": low}[outcome] if share is None else share
    about["estimate"] = Reading(middle, middle - 0.005, middle + 0.005)
    about["decision_interval"] = Interval(middle - 0.01, middle + 0.01, 0.998)
    return record(claim, outcome, **about)
