"""The answer of the page: why noise does it, and which guesses survived, made from the verdicts and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lib.evidence.numbers import against, number, probability
from lib.evidence.page.anchors import anchors
from lib.evidence.page.clauses import clause
from lib.evidence.page.guesses import GUESSES, OBSERVATIONS, OTHERS, REASONS, Guess
from lib.evidence.record import DATASET, PROCEDURE

__all__ = [
    "Clause",
    "Item",
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

_MOST_NAMES = 3
_TWO_CLASS = "test_cat_vs_dog"


@dataclass(frozen=True, slots=True)
class Status:
    """How a guess fared: a mark of its own kind of verdict and a word."""

    verdict: str
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

    verdict: str
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
    verdict: str
    reference: Reference


def reasons(document: dict[str, Any]) -> list[Told]:
    """Return what is confirmed of why noise falls where it does, by networks; nothing where nothing was asked."""
    claims = [] if document["void"] else document["claims"]
    asked = [claim for name in REASONS for claim in claims if claim["id"] == name]
    if not asked:
        return []
    places = dict(zip(map(id, document["claims"]), anchors(document), strict=True))
    found: dict[str, list[Clause]] = {}
    for each in _clauses(document, asked, places):
        if each.verdict == "confirmed":
            found.setdefault(each.where, []).append(each)
    if not found:
        return [Told("No reason why noise falls where it does is confirmed in this run.", ())]
    begins = ["Why, as far as it is confirmed", *["And"] * len(found)]
    return [
        Told(f"{' '.join(filter(None, (begin, where)))}:", tuple(clauses))
        for begin, (where, clauses) in zip(begins, found.items(), strict=False)
    ]


def overview(document: dict[str, Any]) -> list[tuple[Status, str]]:
    """Return the guesses by how they fared, as (status, their names in one sentence)."""
    items = guesses(document)
    lines = []
    for status in _ORDER:
        names = [item.name for item in items if item.status is status]
        if names:
            lines.append((status, "; ".join(names) + "."))
    return lines


def guesses(document: dict[str, Any]) -> list[Item]:
    """Return the post's guesses that were asked about, what survived first."""
    known = {name for guess in (*GUESSES, *OBSERVATIONS) for name in guess.claims}
    others = tuple(dict.fromkeys(claim["id"] for claim in document["claims"] if claim["id"] not in known))
    items = _items(document, (*GUESSES, Guess(OTHERS, others)))
    return sorted(items, key=lambda item: _ORDER.index(item.status))


def observations(document: dict[str, Any]) -> list[Item]:
    """Return what the post saw and whether it was seen again."""
    return _items(document, OBSERVATIONS)


def tiles(document: dict[str, Any]) -> list[Tile]:
    """Return up to three numbers: where noise falls, how close it is to that class, what the bias carries.

    Returns
    -------
    list of Tile
        Of the first network that has them; none of a void run.
    """
    if document["void"]:
        return []
    wanted: dict[str, Callable[[float, str], tuple[str, str]]] = {
        "P2": lambda value, target: (probability(value), f"of the noise is called {target}"),
        "X2": lambda value, target: (
            number(value),
            f"is the distance from noise to {target}, where 1 is the mean distance between two classes",
        ),
        "Z2": lambda value, target: (
            probability(abs(value)),
            f"of the noise leaves {target} when the output bias is taken away"
            if value >= 0
            else f"more of the noise falls into {target} when the output bias is taken away",
        ),
    }
    places = dict(zip(map(id, document["claims"]), anchors(document), strict=True))
    found = []
    for name, words in wanted.items():
        judged = [
            claim
            for claim in document["claims"]
            if claim["id"] == name and claim["scope"] == "network" and _value(claim) is not None and claim["target"]
        ]
        if judged:
            value, sentence = words(judged[0]["estimate"]["value"], judged[0]["target"])
            of = f", in {judged[0]['network_name']}" if len(judged) > 1 else ""
            found.append(Tile(value, sentence + of, judged[0]["verdict"], _reference(judged[0], places)))
    return found


def _value(claim: dict[str, Any]) -> float | None:
    value: float | None = claim["estimate"] and claim["estimate"]["value"]
    return value


def _items(document: dict[str, Any], groups: Sequence[Guess]) -> list[Item]:
    # Of a void run no verdict says anything.
    claims = [] if document["void"] else document["claims"]
    places = dict(zip(map(id, document["claims"]), anchors(document), strict=True))
    items = []
    for group in groups:
        chosen = [claim for claim in claims if claim["id"] in group.claims]
        if chosen:
            judged = {claim["id"] for claim in chosen}
            absent = [name for name in group.claims if name in _not_judged(document) and name not in judged]
            clauses = [*_clauses(document, chosen, places), *_absent(absent)]
            items.append(Item(group.name, _status({each.verdict for each in clauses}), tuple(clauses)))
    return items


def _not_judged(document: dict[str, Any]) -> set[str]:
    return {*document["selection"]["missing"], *document["planned"], *(error["id"] for error in document["errors"])}


def _absent(names: Sequence[str]) -> list[Clause]:
    return [Clause("inconclusive", f"not judged in this run: {', '.join(names)}", "", ())] if names else []


def _status(seen: set[str]) -> Status:
    if "confirmed" in seen:
        return IN_PART if "rejected" in seen else SO_FAR if "inconclusive" in seen else SURVIVED
    if "rejected" in seen:
        return NOT_SO_FAR if "inconclusive" in seen else FAILED
    return OPEN


def _clauses(document: dict[str, Any], claims: Sequence[dict[str, Any]], places: dict[int, str]) -> Iterator[Clause]:
    for verdict in ("confirmed", "rejected", "inconclusive"):
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for claim in claims:
            if claim["verdict"] == verdict:
                groups.setdefault((claim["id"], clause(claim)), []).append(claim)
        for (_, text), group in groups.items():
            references = tuple(_reference(claim, places) for claim in group[:_MOST_NAMES])
            yield Clause(verdict, text, _where(document, group), references)


def _where(document: dict[str, Any], group: Sequence[dict[str, Any]]) -> str:
    """Return which networks a clause is about, where the document holds several that it could be about."""
    first = group[0]
    if first["scope"] == DATASET:
        return ""
    kind = first["module"] == _TWO_CLASS
    alike = [c for c in document["claims"] if (c["module"] == _TWO_CLASS) == kind and c["scope"] != DATASET]
    networks = {claim["network"] for claim in alike if claim["scope"] == "network"}
    is_named = len(networks) > 1 or any(c["id"] == first["id"] and c["scope"] == PROCEDURE for c in alike)
    if not is_named:
        return ""
    names = [claim["network_name"] for claim in group if claim["scope"] != PROCEDURE]
    if len(names) > _MOST_NAMES:
        asked = sum(claim["id"] == first["id"] and claim["scope"] != PROCEDURE for claim in alike)
        names = [f"{len(names)} of {asked} networks"]
    names += [claim["network_name"] for claim in group if claim["scope"] == PROCEDURE]
    # The last may hold commas of its own: "the procedure, 8 networks".
    return f"in {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


def _reference(claim: dict[str, Any], places: dict[int, str]) -> Reference:
    value = _value(claim)
    limit = against(claim["threshold"], claim["side"])
    measured = "not measured" if value is None else f"{number(value)}; asked {limit}"
    return Reference(claim["id"], places[id(claim)], measured)
