"""The sections of the page, a question each, with everything that is shown of their claims."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from why_bird.evidence.charts.figure import Figure
from why_bird.evidence.claim import Question
from why_bird.evidence.document import Document
from why_bird.evidence.exhibits import Beside, Part, Reading
from why_bird.evidence.numbers import against, cell, counted, interval, number, p_value, with_interval
from why_bird.evidence.page.anchors import anchors
from why_bird.evidence.page.change import what_would_change
from why_bird.evidence.page.forest import plot
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.replicates import Replicate

__all__ = ["ClaimView", "Fold", "NumberedFigure", "Section", "sections"]


@dataclass(frozen=True, slots=True)
class Fold:
    """A table that is folded away under its title: names of columns, and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim on the page: its record, its place, and what is made of both for a reader.

    Parameters
    ----------
    record : ClaimRecord
    anchor : str
    change : str
        What would change the verdict.
    """

    record: ClaimRecord
    anchor: str
    change: str

    @property
    def reason(self) -> str:
        """A sentence: what is missing is said in a few words, and a verdict in a whole one."""
        reason = self.record.reason
        return reason if reason.endswith(".") else f"Open: {reason}."

    @property
    def estimate(self) -> str:
        """The estimate with its interval."""
        return _value(self.record.estimate)

    @property
    def limit(self) -> str:
        """What the claim is held against."""
        return against(self.record.threshold, self.record.side)

    @property
    def gist(self) -> str:
        """What was counted, by which test, with which p-value; empty where nothing was measured."""
        claim = self.record
        if not claim.n:
            return ""
        tested = f"p = {p_value(claim.p)}, adjusted {p_value(claim.p_adjusted)}" if claim.p is not None else "no p"
        return f"n = {_counted(claim)}; {claim.test}; {tested.replace('= <', '<')}."

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was measured, by name."""
        return _facts(self.record)

    @property
    def folds(self) -> list[Fold]:
        """What the claim shows, as tables."""
        return _folds(self.record)

    @property
    def forest(self) -> Markup:
        """Its row of the forest plot."""
        return plot(self.record)


@dataclass(frozen=True, slots=True)
class NumberedFigure:
    """A figure with its number on the page; its SVG is drawn by us and stands as it is."""

    number: int
    figure: Figure

    @property
    def svg(self) -> Markup:
        """Return the drawing as markup."""
        return Markup(self.figure.svg)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Section:
    """A question with its figures and claims."""

    anchor: str
    question: Question
    figures: tuple[NumberedFigure, ...]
    claims: tuple[ClaimView, ...]


def sections(document: Document, figures: Sequence[Figure], first_number: int = 1) -> list[Section]:
    """Return a section for each module that has claims or figures.

    Parameters
    ----------
    document : Document
    figures : sequence of Figure
        Those that stand in their sections.
    first_number : int, default 1
        Of the first figure.
    """
    places = anchors(document)
    questions = {claim.module: claim.question for claim in document.claims}
    # In the order of the register; a module of which there are figures alone comes last.
    modules = dict.fromkeys([*questions, *(figure.of.claim.module for figure in figures)])
    made, n = [], first_number
    for place, module in enumerate(modules, 1):
        own = [figure for figure in figures if figure.of.claim.module == module]
        numbered = tuple(NumberedFigure(n + i, figure) for i, figure in enumerate(own))
        n += len(own)
        claims = tuple(
            ClaimView(claim, places[claim.key], what_would_change(claim, is_void=document.void is not None))
            for claim in document.claims
            if claim.module == module
        )
        question = questions.get(module, Question.of_module(module))
        made.append(Section(f"question-{place}", question, numbered, claims))
    return made


def _facts(claim: ClaimRecord) -> list[tuple[str, str]]:
    facts = [("Judged on", claim.network_name)]
    if claim.target is not None:
        facts.append(("Class of noise", claim.target))
    if claim.estimate is not None:
        facts.append(("Estimate", _level(claim.estimate)))
        if claim.decision_interval is not None:
            ends = claim.decision_interval
            shown = f"{interval(ends.low, ends.high)}, {100 * ends.level:.4g} %"
            facts.append(("Interval that decides", shown))
    facts.append(("Held against", against(claim.threshold, claim.side)))
    if claim.n:
        facts += [("Counted", _counted(claim)), ("Test", claim.test)]
    if claim.standard_error is not None:
        facts.append(("Standard error", number(claim.standard_error)))
    if claim.p is not None:
        facts.append(("p, one-sided", p_value(claim.p)))
        facts.append(("p, adjusted", f"{p_value(claim.p_adjusted)} (weight {claim.weight})"))
    for name, p in (
        ("p by Holm, for reading", claim.holm),
        ("p by Benjamini–Hochberg, for reading", claim.benjamini_hochberg),
    ):
        if p is not None:
            facts.append((name, p_value(p)))
    facts.append(("Asked in", claim.source or "–"))
    return facts


def _level(reading: Reading) -> str:
    return f"{_value(reading)}, {100 * reading.level:g} % interval"


def _folds(claim: ClaimRecord) -> list[Fold]:
    folds = []
    rows: tuple[tuple[str, ...], ...]
    if claim.parts:
        rows = tuple((part.label, _value(part)) for part in claim.parts)
        folds.append(Fold("Contrasts that must all hold", ("contrast", "estimate [95 %]"), rows))
    if claim.beside:
        rows = tuple((_labelled(line), _value(line), _counted(line)) for line in claim.beside)
        folds.append(Fold("Beside the verdict", ("line", "estimate [interval]", "counted"), rows))
    if claim.replicates:
        rows = tuple((each.name, number(each.value), _error(each), _counted(each)) for each in claim.replicates)
        names = ("network", "value", "standard error, given the network", "counted")
        folds.append(Fold("Networks of the procedure", names, rows))
    for table in claim.tables:
        rows = tuple(tuple(map(cell, cells)) for cells in table.rows)
        folds.append(Fold(table.title, tuple(table.columns), rows))
    if claim.checks:
        rows = tuple(
            (check.name, check.kind, "passed" if check.passed else "FAILED", check.detail) for check in claim.checks
        )
        passed = sum(check.passed for check in claim.checks)
        title = f"Checks and controls: {passed} of {len(rows)} passed"
        folds.append(Fold(title, ("check", "kind", "outcome", "what was found"), rows))
    return folds


def _labelled(line: Beside) -> str:
    return line.label + (" (exploratory: not registered before, no verdict)" if line.exploratory else "")


def _value(reading: Reading | Part | Beside | None) -> str:
    if reading is None:
        return "not measured"
    return "–" if reading.value is None else with_interval(reading.value, reading.low, reading.high)


def _error(replicate: Replicate) -> str:
    return number(None if replicate.variance is None else math.sqrt(replicate.variance))


def _counted(line: ClaimRecord | Beside | Replicate) -> str:
    return counted(line.n, line.unit)
