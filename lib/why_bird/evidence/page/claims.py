"""What the page shows of each claim and of each question, and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup

from why_bird.evidence.charts.figure import Figure, free
from why_bird.evidence.claim import Question
from why_bird.evidence.document import Document
from why_bird.evidence.judged import sign_flip_against
from why_bird.evidence.numbers import against, counted, p_value
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.stats import Outcome

Anchors: TypeAlias = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim on the page, with the place of its question among the questions."""

    record: ClaimRecord
    anchor: str
    question: int

    @property
    def limit(self) -> str:
        """What the claim is held against."""
        return against(self.record.threshold, self.record.side)

    @property
    def reason(self) -> str:
        """Why it is open; of a rejection what kind it is. The interval that decides is in the JSON."""
        claim = self.record
        if claim.verdict is Outcome.INCONCLUSIVE:
            return claim.reason if claim.reason.endswith(".") else f"Open: {claim.reason}."
        kind, colon, _ = claim.reason.partition(": ")
        return f"{kind}." if colon and claim.verdict is Outcome.REJECTED else ""

    @property
    def found(self) -> str:
        """What was found, where that is not the claim once more."""
        claim = self.record
        return claim.told if claim.words.found or claim.verdict is Outcome.REJECTED else ""

    @property
    def gist(self) -> str:
        """What was counted; empty where nothing was measured. By which test is in the JSON."""
        return f"{counted(self.record.n, self.record.unit)}." if self.record.n else ""

    @property
    def lines(self) -> list[str]:
        """What does not hold, what a confirmation needs besides, and what a reader of it has to know."""
        said = [f"{check.name}: not so, {check.detail}" for check in self.record.checks if not check.passed]
        words = self.record.words
        return [*said, *filter(None, [words.besides, words.seen]), *self._doubts()]

    def _doubts(self) -> Iterator[str]:
        """Yield what leans on fewer assumptions than the interval does, and is less sure than a confirmation."""
        claim = self.record
        against = sign_flip_against(claim)
        if against is not None:
            yield (
                f"The sign-flip test, which assumes symmetry alone, has p = {p_value(against)}, where the error "
                f"rate of this claim is {p_value(claim.alpha)}: by it this is not confirmed."
            )

    @property
    def done(self) -> int:
        """How much was done to know it, as a place in an order: what was retrained comes first."""
        return {"retrained": 0, "changed": 1, "looked at": 2}[self.record.evidence]

    @property
    def ranked(self) -> int:
        """The place of its verdict in an order."""
        return ["confirmed", "rejected", "inconclusive"].index(self.record.verdict)


def views(document: Document) -> list[ClaimView]:
    """Return all claims in the order of the register."""
    places, questions = anchors(document), _questions(document)
    return [ClaimView(claim, places[claim.key], questions.index(claim.module) + 1) for claim in document.claims]


@dataclass(frozen=True, slots=True)
class Section:
    """A question with its figures; their SVG is drawn by us and stands as it is."""

    place: int
    module: str
    question: Question
    figures: tuple[tuple[Figure, Markup], ...]


def sections(document: Document, figures: Sequence[Figure]) -> list[Section]:
    """Return a section for each question, also where it has no figure."""
    made = []
    for place, module in enumerate(_questions(document), 1):
        question = next(claim.question for claim in document.claims if claim.module == module)
        own = tuple((each, Markup(each.svg)) for each in figures if each.claim.module == module)  # noqa: S704
        made.append(Section(place, module, question, own))
    return made


def _questions(document: Document) -> list[str]:
    return list(dict.fromkeys(claim.module for claim in document.claims))


def labels(document: Document) -> Mapping[tuple[str, str], str]:
    """Return what each claim is called in a list, by the key of its record."""
    counts = Counter(claim.id for claim in document.claims)
    return {
        claim.key: claim.id
        if counts[claim.id] == 1
        else f"{claim.id} {'procedure' if claim.scope == PROCEDURE else claim.network_name}"
        for claim in document.claims
    }


def anchors(document: Document) -> Anchors:
    """Return an id for each claim, by the key of its record.

    Returns
    -------
    mapping of (str, str) to str
        Unique, of letters, digits, hyphens and underscores only. The bare name of the claim where it was judged once;
        else with the first digits of what it speaks about.
    """
    counts = Counter(claim.id for claim in document.claims)
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for claim in document.claims:
        name = claim.id if counts[claim.id] == 1 else f"{claim.id}-{claim.network[:12]}"
        found[claim.key] = free("claim-" + re.sub(r"[^A-Za-z0-9_-]", "-", name), taken)
    return found
