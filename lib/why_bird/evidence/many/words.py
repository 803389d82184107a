"""What many networks say together, in sentences, as counts of claims, and on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from why_bird.evidence.charts import listed
from why_bird.evidence.headlines import PREVIEW
from why_bird.evidence.many.judged import Judged, Many
from why_bird.evidence.numbers import count, probability
from why_bird.evidence.terminal import WIDTH
from why_bird.printing import padded, printable, shorten
from why_bird.stats import Outcome, Proportion


def group_name(group: tuple[str, ...]) -> str:
    """Return what a reader calls networks of one recipe and arm."""
    return ", ".join(group)


def headlines(many: Many) -> list[tuple[str, str]]:
    """Return what is to be said first, as (lead, sentence) pairs."""
    found = [("Preview", f"{PREVIEW}.")] * many.document.preview + [("Networks", _networks(many))]
    for classes in dict.fromkeys(each.classes for each in many.noise.values()):
        of = [each for each in many.noise.values() if each.classes == classes]
        counts = Counter(each.classes[max(range(len(classes)), key=lambda c: each.counts[c])] for each in of)
        said = listed([f"{name} in {count(n)}" for name, n in counts.most_common()])
        lead = f"Noise ({', '.join(classes)})" if len(classes) == 2 else "Noise"
        found.append((lead, f"most of it falls into {said}."))
    verdicts: dict[str, set[str]] = {}
    for (claim, network), record in many.records.items():
        if network in many.final:
            verdicts.setdefault(claim, set()).add(record.verdict)
    always, never = (
        sum(each == {outcome} for each in verdicts.values()) for outcome in (Outcome.CONFIRMED, Outcome.REJECTED)
    )
    rest = len(verdicts) - always - never
    said = f"{count(always)} of {count(len(verdicts))} in every network, {count(never)} in none, {count(rest)} in some"
    found.append(("Claims hold", f"{said} or cannot be told in all."))
    return found


def _networks(many: Many) -> str:
    n, left_out = len(many.networks), len(many.unread)
    groups = f" of {count(len(many.groups))} recipes and arms" if len(many.groups) > 1 else ""
    epochs = n - len(many.final)
    earlier = f", {count(epochs)} of them earlier epochs of others" if epochs else ""
    lost = f"; {count(left_out)} could not be used" if left_out else ""
    return f"{count(n)}{groups}{earlier}{lost}."


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


def lines(many: Many) -> list[str]:
    """Return the lines, at most `WIDTH` columns wide but for why a file was left out, which is said whole."""
    found = [shorten(printable(f"{lead}: {words}"), WIDTH) for lead, words in headlines(many)]
    found += [f"left out: {sentence}" for sentence in many.unread]
    asked = tallies(many)
    for place, group in enumerate(many.groups):
        found += ["", shorten(printable(f"{group_name(group)}: in how many networks each claim holds [95 %]"), WIDTH)]
        rows = [(printable(claim), of[place]) for claim, of in asked.items()]
        cells = [(claim, tally.said, printable(many.claims[claim].statement)) for claim, tally in rows if tally]
        found += [shorten("  ".join(["", *each]).rstrip(), WIDTH) for each in padded(cells)]
    return found
