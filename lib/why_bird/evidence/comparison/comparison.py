"""What is otherwise in one run than in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from why_bird.evidence.accepted import Baseline
from why_bird.evidence.comparison.changed import Changed, changed
from why_bird.evidence.comparison.fallen import Fallen, fallen
from why_bird.evidence.gate import hold
from why_bird.evidence.gate_lines import Gate, Line
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Outcome


@dataclass(frozen=True, slots=True)
class Turned:
    """A claim whose verdict is another one now."""

    claim: str
    """Its id, with ``[procedure]`` where it speaks about one."""
    statement: str
    then: tuple[ClaimRecord, ...]
    now: tuple[ClaimRecord, ...]
    """One each where one network stands against one; else all of them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run held against another."""

    then: Baseline
    now: Baseline
    turned: tuple[Turned, ...]
    """Claims that both runs judged, with another verdict."""
    held: int
    """How many pairs of verdicts are the same."""
    fallen: tuple[Fallen, ...]
    """Where noise fell and falls, for each list of classes."""
    changed: tuple[Changed, ...]
    """What the runs were about, whether it is another or the same."""
    gate: Gate | None
    """How far values have moved; None where the images are others, so that no value is held against another."""

    def lines(self, status: str) -> list[Line]:
        """Return what the gate says with this status."""
        return [line for line in self.gate.lines if line.status == status] if self.gate else []


def compare(then: Baseline, now: Baseline) -> Comparison:
    """Return what is otherwise in `now` than in `then`.

    Raises
    ------
    ValueError
        If the threshold of a claim says nothing about how far a finding may move.
    """
    pairs = [pair for claim, old in then.by_claim.items() for pair in _pairs(claim, old, now.by_claim.get(claim, ()))]
    turned = tuple(pair for pair in pairs if _verdict(pair.then) != _verdict(pair.now))
    return Comparison(
        then,
        now,
        turned,
        len(pairs) - len(turned),
        fallen(then.noise, now.noise, {each.network: each.network_name for run in (then, now) for each in run.claims}),
        changed(then, now),
        hold(then, now) if then.images == now.images else None,
    )


def _pairs(claim: str, old: Sequence[ClaimRecord], new: Sequence[ClaimRecord]) -> list[Turned]:
    """Return one network against itself where both runs have it, and all others against one another."""
    both = {each.network for each in old} & {each.network for each in new}
    found = [
        Turned(claim, each.statement, (before,), (each,))
        for each in new
        for before in old
        if before.network == each.network
    ]
    rest = [tuple(each for each in side if each.network not in both) for side in (old, new)]
    return [*found, Turned(claim, rest[1][0].statement, *rest)] if all(rest) else found


def _verdict(records: Sequence[ClaimRecord]) -> Outcome:
    """Return the verdict of most of them; open where several are as frequent."""
    counts = Counter(each.verdict for each in records).most_common(2)
    return Outcome.INCONCLUSIVE if len(counts) > 1 and counts[0][1] == counts[1][1] else counts[0][0]
