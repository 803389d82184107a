"""All records of a run in one document, ``evidence.json``: what was found, on what, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.errors import BadInput
from lib.evidence.charts.figure import Figure
from lib.evidence.markdown import markdown
from lib.evidence.page.page import html
from lib.evidence.record import PROCEDURE, ClaimRecord
from lib.evidence.register import Register
from lib.evidence.schema import VERSION
from lib.evidence.text import printable
from lib.files import write_together
from lib.stats import Outcome, benjamini_hochberg, holm

__all__ = ["assemble", "write_document"]


def assemble(
    records: Iterable[ClaimRecord],
    *,
    register: Register,
    planned: Sequence[str],
    void: Mapping[str, str] | None,
    provenance: Mapping[str, Any],
    complete: bool,
    selection: str = "",
    errors: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the evidence of a run.

    Parameters
    ----------
    records : iterable of ClaimRecord
        In any order.
    register : Register
        Gives the order of the claims, and its amendments.
    planned : sequence of str
        Claims whose test is not written yet.
    void : mapping or None
        ``control``, ``network`` and ``detail`` of a broken negative control. Then every verdict is withheld: it is
        inconclusive and has no p-value, while the estimates stay for whoever repairs the control.
    provenance : mapping
        From :func:`lib.evidence.provenance.collect`.
    complete : bool
        Whether everything was selected. The document says True only where, besides, every written claim has a
        record or an error.
    selection : str, optional
        What was selected, in words (``"-k bias"``).
    errors : sequence of mapping
        ``id``, ``network`` and ``detail`` of each claim that raised and so has no verdict.

    Returns
    -------
    dict
        JSON-safe, in the published schema.

    Raises
    ------
    ValueError
        If a record is of no registered claim or contradicts its registration, or if two have one key.

    Notes
    -----
    Holm's and Benjamini and Hochberg's columns are for reading and decide nothing. They need every claim, so they
    are null unless the document is complete, without errors and not void. The two ledgers (network and dataset;
    procedure) are adjusted apart, each over all its p-values in the document.
    """
    order = {claim: place for place, claim in enumerate(register.claims)}
    # Networks as they were given: the figures are of the first.
    given = {network["hash"]: place for place, network in enumerate(provenance["networks"])}

    def place(record: ClaimRecord) -> tuple[int, bool, int, str]:
        about = record.network
        return order[record.id], about == PROCEDURE, given.get(about, len(given)), about

    found = sorted(_checked(records, register), key=place)
    broken = None if void is None else {name: printable(void[name]) for name in ("control", "network", "detail")}
    failed = [{name: printable(error[name]) for name in ("id", "network", "detail")} for error in errors]
    if broken is not None:
        found = [_withheld(record, broken) for record in found]
    waiting = set(planned)
    seen = {record.id for record in found} | {error["id"] for error in failed}
    missing = [claim for claim in register.claims if claim not in waiting and claim not in seen]
    whole = complete and not missing
    claims = [record.to_json() for record in found]
    _add_columns(claims, is_shown=whole and not failed and broken is None)
    verdicts = [record.verdict for record in found]
    return {
        "schema_version": VERSION,
        "complete": whole,
        "selection": {"words": printable(selection), "missing": missing},
        "summary": {
            **{str(outcome): verdicts.count(outcome) for outcome in Outcome},
            "planned": len(waiting),
            "errors": len(failed),
        },
        "void": broken,
        "claims": claims,
        "planned": sorted(waiting, key=lambda claim: (order.get(claim, len(order)), claim)),
        "errors": failed,
        "register": {"digest": register.digest(), "claims": len(register.claims)},
        "amendments": {
            "count": len(register.amendments),
            "list": [
                {"date": a.date, "reason": printable(a.reason), "before": a.before, "after": a.after}
                for a in register.amendments
            ],
        },
        "provenance": dict(provenance),
    }


def write_document(folder: Path, document: dict[str, Any], figures: Sequence[Figure] = ()) -> Path:
    """Write ``evidence.html``, ``evidence.md`` and ``evidence.json``, all of them whole or none.

    A partial run goes into a folder of its own beside the one for complete runs (``latest-partial`` beside
    ``latest``), always and not only where a complete one exists: so a complete report is never overwritten, and what
    stands in a folder does not depend on what stood there before.

    Parameters
    ----------
    folder : Path
        Where complete runs go (``reports/latest``).
    document : dict
        From :func:`assemble`.
    figures : sequence of Figure
        For the page.

    Returns
    -------
    Path
        The folder that was written.

    Raises
    ------
    BadInput
        If it cannot be written; what stood there is then as it was.
    """
    target = folder if document["complete"] else folder.with_name(f"{folder.name}-partial")
    # The pages first: who sees the JSON sees a finished report.
    contents: dict[Path, str | bytes] = {
        target / "evidence.html": html(document, figures),
        target / "evidence.md": markdown(document),
        target / "evidence.json": json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        write_together(contents)
    except OSError as error:
        raise BadInput(
            f"the report cannot be written into {printable(str(target))} ({error.strerror or error}): "
            "free space there, or name another folder with --evidence-dir"
        ) from error
    return target


def _checked(records: Iterable[ClaimRecord], register: Register) -> list[ClaimRecord]:
    found: dict[tuple[str, str], ClaimRecord] = {}
    for record in records:
        claim = register.claims.get(record.id)
        if claim is None:
            raise ValueError(f"claim {record.id} has a record but is not in the register")
        if record.key in found:
            raise ValueError(f"claim {record.id} has two records for {record.network}")
        for name in ("module", "statement", "source"):
            if getattr(record, name) != printable(getattr(claim, name)):
                raise ValueError(f"claim {record.id}: its record has another {name} than the register")
        registered = {
            "threshold": claim.held_against(procedure=record.network == PROCEDURE),
            "side": claim.side,
            "weight": claim.weight,
        }
        for name, value in registered.items():
            if getattr(record, name) != value:
                raise ValueError(f"claim {record.id}: its record has another {name} than the register")
        found[record.key] = record
    return list(found.values())


def _withheld(record: ClaimRecord, void: Mapping[str, str]) -> ClaimRecord:
    reason = f"withheld: the negative control {void['control']} is broken for {void['network']} ({void['detail']})"
    return replace(record, verdict=Outcome.INCONCLUSIVE, reason=reason, p=None, p_adjusted=None)


def _add_columns(claims: list[dict[str, Any]], *, is_shown: bool) -> None:
    for claim in claims:
        claim["holm"] = claim["benjamini_hochberg"] = None
    if not is_shown:
        return
    for is_procedure in (False, True):
        ledger = [c for c in claims if c["p"] is not None and (c["scope"] == PROCEDURE) == is_procedure]
        p = [claim["p"] for claim in ledger]
        for claim, by_holm, by_rate in zip(ledger, holm(p), benjamini_hochberg(p), strict=True):
            claim["holm"], claim["benjamini_hochberg"] = by_holm, by_rate
