"""How the guesses fared: by the verdicts of their claims, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from why_bird.evidence.answer import strongest_first
from why_bird.evidence.document import Document
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Outcome

_OTHERS = "Other claims"

Mark = Literal["confirmed", "rejected", "inconclusive", "mixed"]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A guess, or something that was seen, with what was found of it."""

    name: str
    """In the asker's words."""
    observed: bool
    """Whether it is what the asker saw."""
    mark: Mark
    status: str
    """The same in words."""
    claims: tuple[ClaimRecord, ...]
    """About it, the one that says most first."""
    absent: tuple[str, ...]
    """Claims about it that were not judged."""

    @property
    def found(self) -> str:
        """What was found, in one sentence; of a claim without a finding that it has none."""
        first = self.claims[0]
        if first.verdict is not Outcome.INCONCLUSIVE or first.words.found:
            return first.told
        return f"{'Not decided' if first.estimate else 'Not measured'}: {first.statement}"


def suspects(document: Document) -> list[Suspect]:
    """Return every guess that was asked about; of a void run none.

    Returns
    -------
    list of Suspect
        Those first for which something was retrained, then in the order of the register; what the asker saw last, since
        that is no suspect.
    """
    groups: dict[tuple[bool, str], list[ClaimRecord]] = {}
    for claim in () if document.void else document.claims:
        groups.setdefault((claim.observed, claim.guess or _OTHERS), []).append(claim)
    found = []
    for (observed, name), group in groups.items():
        judged = {claim.id for claim in group}
        absent = tuple(each for each, guess in document.unjudged.items() if guess == name and each not in judged)
        seen = {claim.verdict for claim in group} | ({Outcome.INCONCLUSIVE} if absent else set())
        mark, status = _status(seen, observed=observed)
        claims = sorted(strongest_first(group), key=_says_less)
        found.append(Suspect(name, observed, mark, status, tuple(claims), absent))
    return sorted(found, key=lambda each: (each.observed, not _is_retrained(each.claims[0])))


def _is_retrained(claim: ClaimRecord) -> bool:
    return claim.evidence == "retrained" and claim.verdict is not Outcome.INCONCLUSIVE


def _says_less(claim: ClaimRecord) -> tuple[bool, bool, bool]:
    return claim.verdict is Outcome.INCONCLUSIVE, not claim.leads, not claim.words.found


def _status(seen: set[Outcome], *, observed: bool) -> tuple[Mark, str]:
    so_far = ", some open" if Outcome.INCONCLUSIVE in seen else ""
    if {Outcome.CONFIRMED, Outcome.REJECTED} <= seen:
        return "mixed", "seen again in part" if observed else "holds in part"
    if Outcome.CONFIRMED in seen:
        return "confirmed", ("seen again" if observed else "holds") + so_far
    if Outcome.REJECTED in seen:
        return "rejected", ("not seen here" if observed else "does not hold") + so_far
    return "inconclusive", "open"
