"""How the guesses fared, and what is confirmed of why noise falls where it does: by the verdicts and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from why_bird.evidence.document import Document
from why_bird.evidence.numbers import against, number
from why_bird.evidence.page.anchors import Anchors, anchors
from why_bird.evidence.record import DATASET, PROCEDURE, ClaimRecord
from why_bird.evidence.words import Evidence
from why_bird.stats import Outcome

__all__ = [
    "Clause",
    "Item",
    "Mark",
    "Reference",
    "Status",
    "Tile",
    "Told",
    "guesses",
    "observations",
    "overview",
    "reasons",
    "tiles",
]

_MOST_NAMES, _MOST_TILES = 3, 3
_OTHERS = "Other claims"

Mark = Literal["confirmed", "rejected", "inconclusive", "mixed"]


@dataclass(frozen=True, slots=True)
class Status:
    """How a guess fared: a mark of its own kind of verdict and a word."""

    verdict: Mark
    guess: str
    observation: str


SURVIVED = Status("confirmed", "survived", "seen again")
SO_FAR = Status("confirmed", "survived, some open", "seen again, some open")
IN_PART = Status("mixed", "holds in part", "seen again in part")
NOT_SO_FAR = Status("rejected", "did not survive, some open", "not seen here, some open")
FAILED = Status("rejected", "did not survive", "not seen here")
OPEN = Status("inconclusive", "open", "open")
_ORDER = (SURVIVED, SO_FAR, IN_PART, NOT_SO_FAR, FAILED, OPEN)


@dataclass(frozen=True, slots=True)
class Reference:
    """A claim behind a clause: its name, its place on the page, what was measured in short."""

    claim: str
    anchor: str
    measured: str


@dataclass(frozen=True, slots=True)
class Clause:
    """What one verdict says, of which networks (empty where there is no other), with the claims of that verdict."""

    verdict: Outcome
    text: str
    where: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The beginning of a sentence and the clauses that end it, or a sentence without any."""

    begin: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A guess or an observation with its clauses: what holds first, then what does not, then what is open."""

    name: str
    status: Status
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that carries the answer."""

    value: str
    words: str
    verdict: Outcome
    reference: Reference


def reasons(document: Document) -> list[Told]:
    """Return what is confirmed of why noise falls where it does, by networks; nothing where nothing was asked.

    Returns
    -------
    list of Told
        In each, what a reader believes most comes first: what was retrained, what was changed, what was looked at.
    """
    strongest = get_args(Evidence)[::-1]
    asked = sorted(
        (claim for claim in _claims(document) if claim.explains), key=lambda claim: strongest.index(claim.evidence)
    )
    if not asked:
        return []
    found: dict[str, list[Clause]] = {}
    for each in _clauses(document, asked):
        if each.verdict is Outcome.CONFIRMED:
            found.setdefault(each.where, []).append(each)
    if not found:
        return [Told("No reason why noise falls where it does is confirmed in this run.", ())]
    begins = ["Why, as far as it is confirmed", *["And"] * len(found)]
    return [
        Told(f"{' '.join(filter(None, (begin, where)))}:", tuple(clauses))
        for begin, (where, clauses) in zip(begins, found.items(), strict=False)
    ]


def overview(document: Document) -> list[tuple[Status, str]]:
    """Return the guesses by how they fared, as (status, their names in one sentence)."""
    items = guesses(document)
    lines = []
    for status in _ORDER:
        names = [item.name for item in items if item.status is status]
        if names:
            lines.append((status, "; ".join(names) + "."))
    return lines


def guesses(document: Document) -> list[Item]:
    """Return the guesses that were asked about, what survived first; claims of no guess are one group."""
    return sorted(_items(document, observed=False), key=lambda item: _ORDER.index(item.status))


def observations(document: Document) -> list[Item]:
    """Return what was seen and whether it was seen again."""
    return _items(document, observed=True)


def tiles(document: Document) -> list[Tile]:
    """Return up to three numbers that carry the answer, of the first network that has them; none of a void run."""
    places = anchors(document)
    found: dict[str, list[ClaimRecord]] = {}
    for claim in _claims(document):
        if claim.words.counts and claim.words.figure and claim.scope not in (DATASET, PROCEDURE):
            found.setdefault(claim.id, []).append(claim)
    return [
        Tile(
            group[0].words.figure,
            group[0].words.counts + (f", in {group[0].network_name}" if len(group) > 1 else ""),
            group[0].verdict,
            _reference(group[0], places),
        )
        for group in list(found.values())[:_MOST_TILES]
    ]


def _claims(document: Document) -> Sequence[ClaimRecord]:
    # Of a void run no verdict says anything.
    return () if document.void else document.claims


def _items(document: Document, *, observed: bool) -> list[Item]:
    groups: dict[str, list[ClaimRecord]] = {}
    for claim in _claims(document):
        if claim.observed == observed:
            groups.setdefault(claim.guess or _OTHERS, []).append(claim)
    items = []
    for name, group in groups.items():
        judged = {claim.id for claim in group}
        absent = [each for each, guess in document.unjudged.items() if guess == name and each not in judged]
        clauses = [*_clauses(document, group), *_absent(absent)]
        items.append(Item(name, _status({each.verdict for each in clauses}), tuple(clauses)))
    return items


def _absent(names: Sequence[str]) -> list[Clause]:
    return [Clause(Outcome.INCONCLUSIVE, f"not judged in this run: {', '.join(names)}", "", ())] if names else []


def _status(seen: set[Outcome]) -> Status:
    is_open = Outcome.INCONCLUSIVE in seen
    if Outcome.CONFIRMED in seen:
        return IN_PART if Outcome.REJECTED in seen else SO_FAR if is_open else SURVIVED
    if Outcome.REJECTED in seen:
        return NOT_SO_FAR if is_open else FAILED
    return OPEN


def _clauses(document: Document, claims: Sequence[ClaimRecord]) -> Iterator[Clause]:
    places = anchors(document)
    for verdict in Outcome:
        groups: dict[tuple[str, str], list[ClaimRecord]] = {}
        for claim in claims:
            if claim.verdict is verdict:
                groups.setdefault((claim.id, claim.said), []).append(claim)
        for (_, text), group in groups.items():
            references = tuple(_reference(claim, places) for claim in group[:_MOST_NAMES])
            yield Clause(verdict, text, _where(document, group), references)


def _where(document: Document, group: Sequence[ClaimRecord]) -> str:
    """Return which networks a clause is about, where the document holds several that it could be about."""
    first = group[0]
    if first.scope == DATASET:
        return ""
    alike = [c for c in document.claims if c.two_class == first.two_class and c.scope != DATASET]
    networks = {claim.network for claim in alike if claim.scope == "network"}
    is_named = len(networks) > 1 or any(c.id == first.id and c.scope == PROCEDURE for c in alike)
    if not is_named:
        return ""
    names = [claim.network_name for claim in group if claim.scope != PROCEDURE]
    if len(names) > _MOST_NAMES:
        asked = sum(claim.id == first.id and claim.scope != PROCEDURE for claim in alike)
        names = [f"{len(names)} of {asked} networks"]
    names += [claim.network_name for claim in group if claim.scope == PROCEDURE]
    # The last may hold commas of its own: "the procedure, 8 networks".
    return f"in {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


def _reference(claim: ClaimRecord, places: Anchors) -> Reference:
    limit = against(claim.threshold, claim.side)
    measured = "not measured" if claim.value is None else f"{number(claim.value)}; asked {limit}"
    return Reference(claim.id, places[claim.key], measured)
