"""Where noise falls in networks that were trained again with one thing changed: a table, and what it comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeGuard

from why_bird.evidence.charts import Chart, Stack, Stacked
from why_bird.evidence.document import Document
from why_bird.evidence.judged import sign_flip_against
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """A training, with where noise falls then."""

    chart: Stacked
    stack: Stack
    claim: ClaimRecord | None
    """Whose verdict it is; None where nothing was changed, and where nothing is claimed."""


def is_of_table(chart: Chart, claim: ClaimRecord) -> TypeGuard[Stacked]:
    """Return whether a chart of a claim stands in the table, row by row."""
    return claim.evidence == "retrained" and isinstance(chart, Stacked)


def retrained(document: Document) -> list[Row]:
    """Return the rows of the table: of each recipe the plain networks, then those in which something was changed.

    Of a void run there are none.

    A claim is about its first chart; what its others show stands beside them for comparison.
    """
    groups: list[list[Row]] = []
    for claim in () if document.void else document.claims:
        own = [chart for chart in claim.charts if is_of_table(chart, claim)]
        for chart in own:
            plain, *changed = chart.stacks
            group = next((each for each in groups if each[0].stack == plain), None)
            if group is None:
                groups.append(group := [Row(chart, plain, None)])
            group += [Row(chart, each, claim if chart is own[0] else None) for each in changed]
    return [row for group in groups for row in group]


def total(document: Document) -> str:
    """Return in a sentence how many of the changes explain where noise falls; empty where none was asked about."""
    claims = [claim for claim in document.claims if claim.evidence == "retrained"]
    asked = [claim for claim in claims if claim.explains]
    counts = Counter(claim.verdict for claim in asked)
    if not asked:
        return ""
    if counts[Outcome.REJECTED] == len(asked):
        return f"None of the {len(asked)} changes of training moves the noise as far as was asked: why is still open."
    missing = sum(claim.estimate is None for claim in asked)
    others = ", ".join(claim.id for claim in claims if not claim.explains)
    leaning = ", ".join(claim.id for claim in claims if sign_flip_against(claim) is not None)
    return (
        f"{len(asked)} claims say that a change of training moves most of the noise: {counts[Outcome.CONFIRMED]} "
        f"confirmed, {counts[Outcome.REJECTED]} rejected, {counts[Outcome.INCONCLUSIVE]} open"
        + f", {missing} of these not measured" * bool(missing)
        + "."
        + f" {others}: asked something else." * bool(others)
        + f" {leaning}: confirmed by its interval, not by the sign-flip test, which assumes less." * bool(leaning)
    )
