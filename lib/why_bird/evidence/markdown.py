"""The evidence as one Markdown page that fits a CI summary."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from why_bird.evidence.charts.figure import owned
from why_bird.evidence.document import Document
from why_bird.evidence.escape import escaped, row, table_head
from why_bird.evidence.exhibits import Beside, Cell, Part, Reading
from why_bird.evidence.gate_lines import gate_lines, gate_total
from why_bird.evidence.headlines import facts, headlines, measured_on, sentences
from why_bird.evidence.numbers import against, cell, count, counted, number, p_value, with_interval
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.replicates import Replicate

__all__ = ["LIMIT", "markdown"]

LIMIT = 60_000
"""Bytes of the longest page; a GitHub job summary takes 1 MiB, a comment 65,536 characters."""

_RESERVE = 200
_TEXT = 90


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, lines that make no sense without what follows them, and lines that may be left out."""

    title: str
    head: list[str]
    lines: list[str]


def markdown(document: Document) -> str:
    """Return the page: the verdict table, the gate, the answer in sentences, then the evidence behind it.

    Parameters
    ----------
    document : Document
        The evidence.

    Returns
    -------
    str
        Shorter than `LIMIT` bytes of UTF-8. What does not fit is left out from the end, and the page says how much;
        all of it is in ``evidence.json``.
    """
    sections = [
        _verdicts(document),
        _gate(document),
        _answer(document),
        _charts(document),
        _reasons(document),
        _open_ends(document),
        _failed_checks(document),
        _parts(document),
        _replicates(document),
        _beside(document),
        *_tables(document),
        _amendments(document),
    ]
    # Where the numbers come from stands last but is not what gives way to long tables.
    closing, unsaid = _fitted([_provenance(document)], LIMIT // 4)
    gate = document.gate
    total = [] if gate is None else [f"- {escaped(gate_total(gate))}."]
    opening = ["# Evidence", "", *_said(headlines(document)), *total, ""]
    body, left_out = _fitted(sections, LIMIT - _RESERVE - _size(opening) - _size(closing))
    if left_out + unsaid:
        body += [f"*{count(left_out + unsaid)} more lines are in evidence.json.*", ""]
    return "\n".join([*opening, *body, *closing]).rstrip() + "\n"


def _fitted(sections: list[_Section], limit: int) -> tuple[list[str], int]:
    """Return the lines that fit into `limit` bytes, and how many were left out."""
    taken: list[str] = []
    used = left_out = 0
    for section in sections:
        opening = [f"## {section.title}", "", *section.head]
        size = _size(opening)
        kept: list[str] = []
        for line in section.lines:
            # A table's row is worth nothing without its head, so the head is paid for with the first row.
            cost = _size([line]) + (0 if kept else size + 1)
            if left_out or used + cost > limit:
                left_out += 1
                continue
            used += cost
            kept.append(line)
        if kept:
            taken += [*opening, *kept, ""]
    return taken, left_out


def _size(lines: list[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _answer(document: Document) -> _Section:
    return _Section("The answer", [], _said([*sentences(document), *measured_on(document)]))


def _said(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"- **{escaped(lead)}:** {escaped(words, 4000)}" for lead, words in pairs]


def _verdicts(document: Document) -> _Section:
    has_columns = any(claim.holm is not None for claim in document.claims)
    names = ["claim", "network", "sentence", "verdict", "estimate [95 %]", "against", "n", "p", "p adjusted"]
    lines = []
    for claim in document.claims:
        cells = [
            escaped(claim.id, 24),
            escaped(claim.network_name, 32),
            escaped(claim.statement, 160),
            _marked(claim.verdict),
            _value(claim.estimate),
            escaped(against(claim.threshold, claim.side)),
            _counted(claim),
            escaped(p_value(claim.p)),
            escaped(p_value(claim.p_adjusted)),
        ]
        if has_columns:
            cells += [escaped(p_value(claim.holm)), escaped(p_value(claim.benjamini_hochberg))]
        lines.append(row(*cells))
    extra = ["Holm (reading only)", "BH (reading only)"] if has_columns else []
    return _Section("Verdicts", table_head(*names, *extra), lines)


def _gate(document: Document) -> _Section:
    gate = document.gate
    if gate is None:
        return _Section("The gate", [], [])
    lines = [f"- **{status}** {escaped(sentence, 600)}" for status, sentence in gate_lines(gate)]
    return _Section("The gate", [], lines)


def _reasons(document: Document) -> _Section:
    lines = [f"- {_who(claim)}: {escaped(claim.reason)}" for claim in document.claims]
    return _Section("Reasons", [], lines)


def _charts(document: Document) -> _Section:
    lines = [
        f"- {escaped(each.claim.id, 24)} ({escaped(each.claim.network_name, 32)}): **{escaped(each.chart.heading)}.** "
        f"{escaped(each.chart.description)}"
        for each in owned(document)
    ]
    return _Section("What the charts of the page show", [], lines)


def _open_ends(document: Document) -> _Section:
    lines = [f"- {escaped(e.id)} raised an error: {escaped(e.detail)}" for e in document.errors]
    missing = document.selection.missing
    if missing:
        lines.append(f"- Not judged in this run: {escaped(', '.join(missing), 2000)}.")
    if document.planned:
        names = escaped(", ".join(document.planned), 2000)
        lines.append(f"- Registered, and the test not written yet: {names}.")
    return _Section("Not judged", [], lines)


def _failed_checks(document: Document) -> _Section:
    lines = [
        f"- {_who(claim)}, {check.kind}: {escaped(check.name)}. {escaped(check.detail)}"
        for claim in document.claims
        for check in claim.checks
        if not check.passed
    ]
    return _Section("Checks that failed", [], lines)


def _parts(document: Document) -> _Section:
    lines = [
        row(_who(claim), escaped(part.label, _TEXT), _value(part)) for claim in document.claims for part in claim.parts
    ]
    return _Section("Contrasts that must all hold", table_head("claim", "contrast", "estimate [95 %]"), lines)


def _replicates(document: Document) -> _Section:
    lines = [
        row(
            _who(claim),
            escaped(each.name, 32),
            number(each.value),
            number(None if each.variance is None else math.sqrt(each.variance)),
            _counted(each),
        )
        for claim in document.claims
        for each in claim.replicates
    ]
    names = ("claim", "network", "value", "standard error, given the network", "n")
    return _Section("Networks of the procedure", table_head(*names), lines)


def _beside(document: Document) -> _Section:
    lines = [
        row(_who(claim), escaped(each.label, _TEXT) + _mark(each), _value(each), _counted(each))
        for claim in document.claims
        for each in claim.beside
    ]
    return _Section("Beside the verdicts", table_head("claim", "line", "estimate [interval]", "n"), lines)


def _mark(beside: Beside) -> str:
    return " (*exploratory: not registered before, no verdict*)" if beside.exploratory else ""


def _tables(document: Document) -> Iterator[_Section]:
    for claim in document.claims:
        for table in claim.tables:
            head = table_head(*(escaped(column, _TEXT) for column in table.columns))
            lines = [row(*(_cell(cell) for cell in cells)) for cells in table.rows]
            yield _Section(f"{_who(claim)}: {escaped(table.title, _TEXT)}", head, lines)


def _cell(value: Cell) -> str:
    return escaped(value, _TEXT) if isinstance(value, str) else cell(value)


def _amendments(document: Document) -> _Section:
    lines = [f"- {escaped(a.date)} {escaped(f'claim {a.claim}')}: {escaped(a.reason)}" for a in document.amendments]
    return _Section(f"Amendments to the register: {len(lines)}", [], lines)


def _provenance(document: Document) -> _Section:
    lines = [f"- {escaped(name)}: {escaped(words, 2000)}" for name, words in facts(document)]
    lines += [f"- Input {escaped(each.name)}: {each.source}" for each in document.provenance.inputs]
    return _Section("Provenance", [], lines)


def _who(claim: ClaimRecord) -> str:
    return f"{escaped(claim.id, 24)} ({escaped(claim.network_name, 32)})"


def _marked(verdict: str) -> str:
    return f"**{verdict}**"


def _value(reading: Reading | Part | Beside | None) -> str:
    if reading is None or reading.value is None:
        return "–"
    # The brackets are no link: nothing follows them that could be its address.
    return with_interval(reading.value, reading.low, reading.high)


def _counted(line: ClaimRecord | Beside | Replicate) -> str:
    return counted(line.n, escaped(line.unit, _TEXT))
