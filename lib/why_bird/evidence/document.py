"""All records of a run in one document: what was found, on what, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from why_bird.errors import BadInput
from why_bird.evidence.codec import decode
from why_bird.evidence.exhibits import Printed
from why_bird.evidence.gate_lines import Gate
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.provenance import Provenance
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.evidence.register import Amendment, Register
from why_bird.files import read_text
from why_bird.printing import printable, shorten
from why_bird.stats import Outcome, benjamini_hochberg, holm

VERSION, _OLDER = "2.2", ("2.0", "2.1")
"""Of the published schema. Raised with every change: the first number where a reader of the old form would break."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What was selected, in words (``"-k bias"``; empty for everything), and the written claims without a record."""

    words: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """How many claims there are of each kind."""

    confirmed: int
    rejected: int
    inconclusive: int
    planned: int
    errors: int


@dataclass(frozen=True, slots=True)
class Void(Printed):
    """A broken negative control, because of which every verdict is withheld."""

    control: str
    network: str
    detail: str


@dataclass(frozen=True, slots=True)
class Failure(Printed):
    """A claim that raised an error, and so has no verdict."""

    id: str
    network: str
    detail: str


@dataclass(frozen=True, slots=True)
class RegisterSeen:
    """The pre-registration that a run was held to: its SHA-256, and how many claims it holds."""

    digest: str
    claims: int


@dataclass(frozen=True, slots=True)
class Document:
    """The evidence of a run.

    What a field is says ``evidence.schema.json``.
    """

    schema_version: str
    complete: bool
    selection: Selection
    summary: Summary
    void: Void | None
    claims: tuple[ClaimRecord, ...]
    planned: tuple[str, ...]
    errors: tuple[Failure, ...]
    register: RegisterSeen
    amendments: tuple[Amendment, ...]
    provenance: Provenance
    unjudged: Mapping[str, str]
    noise: tuple[NoiseCounts, ...] = ()
    gate: Gate | None = None
    preview: bool = False


def read_document(content: object) -> Document:
    """Return the document that JSON holds.

    Raises ValueError if it is none, or of another version.
    """
    if isinstance(content, dict) and content.get("schema_version", VERSION) not in (*_OLDER, VERSION):
        raise ValueError(f"of schema {content['schema_version']!r}, expected {VERSION}")
    return decode(Document, content, "the document")


def read_evidence(path: Path, works: str) -> Document:
    """Read an evidence.json; `works` is what to do where it cannot be read, for the message.

    Raises BadInput if it cannot be read, or holds no evidence.
    """
    try:
        return read_document(json.loads(read_text(path)))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}): {works}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no evidence of a run ({shorten(printable(str(error)), 200)}): {works}") from None


def assemble(
    records: Iterable[ClaimRecord],
    *,
    register: Register,
    void: Void | None,
    provenance: Provenance,
    complete: bool,
    selection: str = "",
    errors: Sequence[Failure] = (),
    preview: bool = False,
) -> Document:
    """Return the evidence of a run.

    Parameters
    ----------
    records : iterable of ClaimRecord
        In any order.
    register : Register
        Gives the order of the claims, and its amendments.
    void : Void or None
        A broken negative control. Then every verdict is withheld: it is inconclusive and has no p-value, while the
        estimates stay for whoever repairs the control.
    complete : bool
        Whether everything was selected. The document says True only where, besides, every written claim has a
        record or an error.
    selection : str, optional
        What was selected, in words (``"-k bias"``).
    preview : bool, default False
        Whether only a part of every draw and sample was asked.

    Raises
    ------
    ValueError
        If a record is of no registered claim or contradicts its registration, or if two have one key.

    Notes
    -----
    Holm's and Benjamini and Hochberg's columns are for reading and decide nothing. They need every claim, so they
    are None unless the document is complete, without errors and not void. Each ledger is adjusted apart, over all its
    p-values in the document.
    """
    order = {claim: place for place, claim in enumerate(register.claims)}
    # Networks as they were given: the figures are of the first.
    given = {network.hash: place for place, network in enumerate(provenance.networks)}

    def place(record: ClaimRecord) -> tuple[int, bool, int, str]:
        about = record.network
        return order[record.id], about == PROCEDURE, given.get(about, len(given)), about

    found = sorted(_checked(records, register), key=place)
    if void is not None:
        found = [_withheld(record, void) for record in found]
    planned, failed = register.planned, {error.id for error in errors}
    seen = {record.id for record in found} | failed
    missing = [claim for claim in register.claims if claim not in planned and claim not in seen]
    whole = complete and not missing
    if whole and not errors and void is None:
        found = _with_columns(found, register)
    verdicts = [record.verdict for record in found]
    return Document(
        schema_version=VERSION,
        complete=whole,
        preview=preview,
        selection=Selection(printable(selection), tuple(missing)),
        summary=Summary(
            confirmed=verdicts.count(Outcome.CONFIRMED),
            rejected=verdicts.count(Outcome.REJECTED),
            inconclusive=verdicts.count(Outcome.INCONCLUSIVE),
            planned=len(planned),
            errors=len(errors),
        ),
        void=void,
        claims=tuple(found),
        planned=planned,
        errors=tuple(errors),
        register=RegisterSeen(register.digest(), len(register.claims)),
        amendments=register.amendments,
        provenance=provenance,
        unjudged={
            claim.id: claim.guess for claim in register.claims.values() if claim.id in {*missing, *planned, *failed}
        },
    )


def _checked(records: Iterable[ClaimRecord], register: Register) -> list[ClaimRecord]:
    found: dict[tuple[str, str], ClaimRecord] = {}
    for record in records:
        claim = register.claims.get(record.id)
        if claim is None:
            raise ValueError(f"claim {record.id} has a record but is not in the register")
        if record.key in found:
            raise ValueError(f"claim {record.id} has two records for {record.network}")
        registered = {
            **{name: printable(getattr(claim, name)) for name in ("module", "statement", "source")},
            "threshold": claim.held_against(procedure=record.network == PROCEDURE),
            "side": claim.side,
            "weight": claim.weight,
        }
        for name, value in registered.items():
            if getattr(record, name) != value:
                raise ValueError(f"claim {record.id}: its record has another {name} than the register")
        found[record.key] = record
    return list(found.values())


def _withheld(record: ClaimRecord, void: Void) -> ClaimRecord:
    reason = f"withheld: the negative control {void.control} is broken for {void.network} ({void.detail})"
    return replace(record, verdict=Outcome.INCONCLUSIVE, reason=reason, p=None, p_adjusted=None)


def _with_columns(records: Sequence[ClaimRecord], register: Register) -> list[ClaimRecord]:
    ledgers: dict[tuple[str, bool], list[tuple[ClaimRecord, float]]] = {}
    for record in records:
        if record.p is not None:
            ledgers.setdefault((register.ledger(record.id), record.scope == PROCEDURE), []).append((record, record.p))
    adjusted: dict[tuple[str, str], ClaimRecord] = {}
    for ledger in ledgers.values():
        p = [each for _, each in ledger]
        for (record, _), by_holm, by_rate in zip(ledger, holm(p), benjamini_hochberg(p), strict=True):
            adjusted[record.key] = replace(record, holm=by_holm, benjamini_hochberg=by_rate)
    return [adjusted.get(record.key, record) for record in records]
