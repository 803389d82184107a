"""In how many networks a claim holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from why_bird.evidence.many.judged import Judged, Many
from why_bird.evidence.numbers import probability
from why_bird.stats import Outcome, Proportion

__all__ = ["Tally", "tallies"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a claim holds in networks of one group."""

    confirmed: int
    rejected: int
    inconclusive: int

    @property
    def n(self) -> int:
        """How many networks were asked."""
        return self.confirmed + self.rejected + self.inconclusive

    @property
    def said(self) -> str:
        """In how many it holds, with the 95 % interval of that share by Clopper and Pearson."""
        ends = Proportion(self.confirmed, self.n, "networks").interval(0.95)
        return f"{self.confirmed} of {self.n} [{probability(ends.low)}, {probability(ends.high)}]"


def tallies(many: Many) -> dict[str, list[Tally | None]]:
    """Return for each claim a tally of each group; None where it was not asked.

    A network that leaves a claim open is counted among those in which it does not hold. Of the epochs of a training
    the last counts alone.
    """
    return {claim: [_tally(many, claim, group) for group in many.groups.values()] for claim in many.claims}


def _tally(many: Many, claim: str, group: Sequence[Judged]) -> Tally | None:
    found = [many.records.get((claim, each.hash)) for each in group if each.hash in many.final]
    counts = Counter(record.verdict for record in found if record is not None)
    if not counts:
        return None
    return Tally(counts[Outcome.CONFIRMED], counts[Outcome.REJECTED], counts[Outcome.INCONCLUSIVE])
