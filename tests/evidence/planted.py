"""Documents with a planted outcome: claims by their registered names, with a target and verdicts as asked."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

from why_bird.evidence.claim import Stated
from why_bird.evidence.exhibits import Reading, Table
from why_bird.evidence.judged import values
from why_bird.evidence.numbers import quoted
from why_bird.evidence.provenance import NetworkOrigin
from why_bird.evidence.record import DATASET, PROCEDURE
from why_bird.evidence.register import read_register
from why_bird.fixtures.collection import stated_of
from why_bird.stats import Interval

from .samples import document, provenance, record, unmeasured

HYPOTHESES = Path(__file__).resolve().parents[2] / "hypotheses"
REGISTER = read_register(HYPOTHESES / "register.toml")


def stated(folder: Path) -> dict[str, Stated]:
    """What the tests of a folder state, by the id of the claim."""
    found = {}
    for path in sorted(folder.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for test in vars(module).values():
            marks = {mark.name: mark for mark in getattr(test, "pytestmark", ())}
            if "claim" in marks:
                near = {"guess": module.pytestmark.mark, **marks}
                item = SimpleNamespace(path=path, function=test, module=module, get_closest_marker=near.get)
                item.nodeid = f"{folder.name}/{path.name}::{test.__name__}"
                found[marks["claim"].args[0]] = stated_of(item, marks["claim"])
    return found


STATED = stated(HYPOTHESES)
NETWORK = NetworkOrigin("aaaaaaaaaaaa", "resnet18", "resnet18, full stem", "post", "trained from scratch", 0.935)
OTHER = NetworkOrigin("bbbbbbbbbbbb", "other", "resnet18, full stem", None, "origin unknown", None)
TARGETED = frozenset(claim.id for claim in REGISTER.claims.values() if claim.target)


def predictions(**counts):
    """The table of P2: where noise falls."""
    total = sum(counts.values())
    rows = tuple((name, n, n / total) for name, n in counts.items())
    return (Table("Predictions on the post's noise", ("class", "noise images", "share"), rows),)


def planted(
    outcomes, target="bird", networks=(NETWORK,), noise=None, share=None, register=REGISTER, stated=STATED, **changes
):
    """A document with the named claims, judged on each network, or on the images or a recipe where they ask that.

    `outcomes` gives the verdict of each claim: "confirmed", "rejected", "inconclusive", or "unmeasured".
    """
    records = []
    for name, outcome in outcomes.items():
        claim = register.claims[name]
        if claim.scope != "network":
            about = DATASET if claim.scope == "dataset" else PROCEDURE
            called = "the images" if about == DATASET else "recipe cheap, 10 networks, shipped"
            records.append(made(claim, outcome, about, called, None, stated[name]))
            continue
        for network in networks:
            aim = target if name in TARGETED else None
            extra = {"tables": predictions(**noise)} if noise and name == "P2" else {}
            extra["share"] = share
            if noise and name in ("P2", "P3"):
                extra["share"] = noise.get(aim or "bird", 0) / sum(noise.values())
            records.append(made(claim, outcome, network.hash, network.name, aim, stated[name], **extra))
    given = {"register": register, "provenance": provenance(networks), "complete": False}
    return document(records, **{**given, **changes})


def made(claim, outcome, network, name, target, stated, share=None, **changes):
    procedure = network == PROCEDURE
    scope = network if network in (DATASET, PROCEDURE) else "network"
    about = {"network": network, "network_name": name, "target": target, "scope": scope, **changes}
    about["threshold"] = claim.held_against(procedure=procedure)
    about |= {
        "question": stated.question,
        "evidence": stated.evidence,
        "leads": stated.leads,
        "two_class": claim.two_class,
    }

    def said(reading=None):
        counted = {"n": 5000, "unit": "noise images", "weakest": "deer"}
        known = values(about["threshold"], reading, network=name, target=target, **counted)
        return stated.words.filled({**known, **says(about, reading)})

    if outcome == "unmeasured":
        return unmeasured(claim, words=said(), **about)
    low, high = about["threshold"] if claim.side == "within" else (about["threshold"], 1.0)
    ahead, behind = ((low + high) / 2, low - 0.05) if claim.side != "below" else (low - 0.1, low + 0.05)
    middle = {"confirmed": ahead, "rejected": behind, "inconclusive": low}[outcome] if share is None else share
    about["estimate"] = Reading(middle, middle - 0.005, middle + 0.005)
    about["decision_interval"] = Interval(middle - 0.01, middle + 0.01, 0.998)
    return record(claim, outcome, words=said(about["estimate"]), **about)


def says(about, reading):
    """What the tests of claims say beside: where the rest of noise falls, and which way it goes without the bias."""
    rows = [row for table in about.get("tables", ()) for row in table.rows if row[0] != about["target"] and row[1]]
    following = max(rows, key=lambda row: row[1], default=None)
    known = dict.fromkeys(("most", "nearest", "second", "highest", "weak_class"), "cat")
    known |= {"next": f", {quoted(following[2])} {following[0]}" if following else "", "rank": "2nd", "of": 10}
    known |= {"noise": "any", "without": 0.4, "plain": 0.9, "length": 0.9}
    if reading is None:
        return {}
    stays = reading.value >= 0
    moves = f"of the noise leaves {about['target']}" if stays else f"more of the noise falls into {about['target']}"
    return known | {"moved": abs(reading.value), "moves": moves}
