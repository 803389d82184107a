"""The answer in a few plain sentences: what the claims found that their modules lead with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from why_bird.evidence.document import Document
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.words import Evidence
from why_bird.stats import Outcome

MOST = 8
"""Sentences that fit on the first screen."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the claim whose evidence it is; None where it speaks of the whole run."""

    text: str
    claim: ClaimRecord | None = None


def answer(document: Document) -> list[Sentence]:
    """Return the answer, what was seen before what was guessed, and what a reader believes most first.

    Returns
    -------
    list of Sentence
        Of claims that lead, whatever the verdict, where they were measured; where none leads, of those with a verdict.
        Of the first network where there are several. Of a void run nothing but that it answers nothing.
    """
    void = document.void
    if void:
        broken = f"the negative control {void.control} is broken for {void.network}"
        return [Sentence(f"This run answers nothing: {broken}, so every verdict is withheld.")]
    if not document.claims:
        return [Sentence("No claim was judged in this run, so there is no answer.")]
    decided = [claim for claim in document.claims if claim.verdict is not Outcome.INCONCLUSIVE]
    if not decided:
        return [Sentence("No claim of this run is decided, so there is no answer.")]
    said = list(_of_many(document))
    taken: set[str] = set()
    leads = [each for each in document.claims if each.leads and (each in decided or each.estimate)]
    for claim in strongest_first(leads or decided):
        # Of several networks the first one that was given comes first.
        if claim.id not in taken:
            taken.add(claim.id)
            name = f"In {claim.network_name}: " if _has_several(document, claim) else ""
            is_open = claim.verdict is Outcome.INCONCLUSIVE and not claim.observed
            said.append(Sentence(f"{name}{claim.told.removesuffix('.')}{'; open' * is_open}.", claim))
    return said[:MOST]


def strongest_first(claims: list[ClaimRecord]) -> list[ClaimRecord]:
    """Return claims in the order in which a reader wants them.

    What was seen comes first; then by what was done to know it, by weight, and by p-value.
    """
    order = get_args(Evidence)[::-1]
    p: dict[str, float] = {}
    for each in claims:  # of a claim that was judged twice the first verdict stays the first
        p.setdefault(each.id, 1.0 if each.p is None else each.p)

    def place(claim: ClaimRecord) -> tuple[float, ...]:
        sort = 0 if claim.observed else 1 + order.index(claim.evidence)
        return sort, -claim.weight, p[claim.id]

    return sorted(claims, key=place)


def _has_several(document: Document, claim: ClaimRecord) -> bool:
    return claim.scope == "network" and sum(c.id == claim.id and c.scope == "network" for c in document.claims) > 1


def _of_many(document: Document) -> Iterator[Sentence]:
    """Yield where the noise of several networks falls, once."""
    first = next((claim for claim in document.claims if claim.target is not None), None)
    if first is None or not _has_several(document, first):
        return
    alike = [claim for claim in document.claims if claim.id == first.id and claim.target is not None]
    falls = Counter(claim.target for claim in alike).most_common()
    listed = ", ".join(f"{name} in {n}" for name, n in falls)
    yield Sentence(f"Of {len(alike)} networks, most of the noise is {listed}.", first)
