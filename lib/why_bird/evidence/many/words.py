"""What many networks say together, in sentences that terminal and page share."""

from __future__ import annotations

from collections import Counter

from why_bird.evidence.charts import listed
from why_bird.evidence.headlines import PREVIEW
from why_bird.evidence.many.judged import Many
from why_bird.evidence.numbers import count
from why_bird.stats import Outcome

__all__ = ["group_name", "headlines"]


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
