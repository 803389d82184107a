"""The evidence as one Markdown page that fits a CI summary."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.evidence.answer import headlines, measured_on, sentences
from lib.evidence.escape import escaped, row, table_head
from lib.evidence.exhibits import Cell
from lib.evidence.gatelines import gate_lines, gate_total
from lib.evidence.numbers import against, count, counted, number, p_value, probability, with_interval

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


def markdown(document: dict[str, Any]) -> str:
    """Return the page: the verdict table, the gate, the answer in sentences, then the evidence behind it.

    Parameters
    ----------
    document : dict
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
    gate = document.get("gate")
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


def _answer(document: dict[str, Any]) -> _Section:
    return _Section("The answer", [], _said([*sentences(document), *measured_on(document)]))


def _said(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"- **{escaped(lead)}:** {escaped(words, 4000)}" for lead, words in pairs]


def _verdicts(document: dict[str, Any]) -> _Section:
    has_columns = any(claim["holm"] is not None for claim in document["claims"])
    names = ["claim", "network", "sentence", "verdict", "estimate [95 %]", "against", "n", "p", "p adjusted"]
    lines = []
    for claim in document["claims"]:
        cells = [
            escaped(claim["id"], 24),
            escaped(claim["network_name"], 32),
            escaped(claim["statement"], 160),
            _marked(claim["verdict"]),
            _value(claim["estimate"]),
            escaped(against(claim["threshold"], claim["side"])),
            _counted(claim),
            escaped(p_value(claim["p"])),
            escaped(p_value(claim["p_adjusted"])),
        ]
        if has_columns:
            cells += [escaped(p_value(claim["holm"])), escaped(p_value(claim["benjamini_hochberg"]))]
        lines.append(row(*cells))
    extra = ["Holm (reading only)", "BH (reading only)"] if has_columns else []
    return _Section("Verdicts", table_head(*names, *extra), lines)


def _gate(document: dict[str, Any]) -> _Section:
    gate = document.get("gate")
    if gate is None:
        return _Section("The gate", [], [])
    lines = [f"- **{status}** {escaped(sentence, 600)}" for status, sentence in gate_lines(gate)]
    return _Section("The gate", [], lines)


def _reasons(document: dict[str, Any]) -> _Section:
    lines = [f"- {_who(claim)}: {escaped(claim['reason'])}" for claim in document["claims"]]
    return _Section("Reasons", [], lines)


def _open_ends(document: dict[str, Any]) -> _Section:
    lines = [f"- {escaped(e['id'])} raised an error: {escaped(e['detail'])}" for e in document["errors"]]
    missing = document["selection"]["missing"]
    if missing:
        lines.append(f"- Not judged in this run: {escaped(', '.join(missing), 2000)}.")
    if document["planned"]:
        names = escaped(", ".join(document["planned"]), 2000)
        lines.append(f"- Registered, and the test not written yet: {names}.")
    return _Section("Not judged", [], lines)


def _failed_checks(document: dict[str, Any]) -> _Section:
    lines = [
        f"- {_who(claim)}, {check['kind']}: {escaped(check['name'])}. {escaped(check['detail'])}"
        for claim in document["claims"]
        for check in claim["checks"]
        if not check["passed"]
    ]
    return _Section("Checks that failed", [], lines)


def _parts(document: dict[str, Any]) -> _Section:
    lines = [
        row(_who(claim), escaped(part["label"], _TEXT), _value(part))
        for claim in document["claims"]
        for part in claim["parts"]
    ]
    return _Section("Contrasts that must all hold", table_head("claim", "contrast", "estimate [95 %]"), lines)


def _replicates(document: dict[str, Any]) -> _Section:
    lines = [
        row(
            _who(claim),
            escaped(each["name"], 32),
            number(each["value"]),
            number(None if each["variance"] is None else math.sqrt(each["variance"])),
            _counted(each),
        )
        for claim in document["claims"]
        for each in claim["replicates"]
    ]
    names = ("claim", "network", "value", "standard error, given the network", "n")
    return _Section("Networks of the procedure", table_head(*names), lines)


def _beside(document: dict[str, Any]) -> _Section:
    lines = [
        row(_who(claim), escaped(each["label"], _TEXT) + _mark(each), _value(each), _counted(each))
        for claim in document["claims"]
        for each in claim["beside"]
    ]
    return _Section("Beside the verdicts", table_head("claim", "line", "estimate [interval]", "n"), lines)


def _mark(beside: dict[str, Any]) -> str:
    return " (*exploratory: not registered before, no verdict*)" if beside["exploratory"] else ""


def _tables(document: dict[str, Any]) -> Iterator[_Section]:
    for claim in document["claims"]:
        for table in claim["tables"]:
            head = table_head(*(escaped(column, _TEXT) for column in table["columns"]))
            lines = [row(*(_cell(cell) for cell in cells)) for cells in table["rows"]]
            yield _Section(f"{_who(claim)}: {escaped(table['title'], _TEXT)}", head, lines)


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return escaped(cell, _TEXT)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return count(cell) if isinstance(cell, int) else number(cell)


def _amendments(document: dict[str, Any]) -> _Section:
    amendments = document["amendments"]["list"]
    lines = [f"- {escaped(a['date'])} {escaped(_amended(a))}: {escaped(a['reason'])}" for a in amendments]
    return _Section(f"Amendments to the register: {len(amendments)}", [], lines)


def _amended(amendment: dict[str, Any]) -> str:
    terms = amendment["after"] or amendment["before"] or {}
    return f"claim {terms.get('id', '?')}"


def _provenance(document: dict[str, Any]) -> _Section:
    provenance = document["provenance"]
    dirty = ", with changes that are not committed" if provenance["dirty"] else ""
    machine, images = provenance["machine"], provenance["images"]
    lines = [
        f"- Commit: {escaped(provenance['commit'] or 'unknown')}{dirty}",
        f"- Register: {escaped(document['register']['digest'])}",
        f"- Images: {escaped(images['name'] + ' ' + images['hash'] if images else 'none')}",
        f"- Seeds: {escaped(', '.join(f'{name} {seed}' for name, seed in provenance['seeds'].items()))}",
        f"- Versions: {escaped(', '.join(f'{name} {v}' for name, v in provenance['versions'].items()), 2000)}",
        f"- Machine: {escaped(machine['cpu'])}, {machine['cores']} cores, {escaped(machine['os'])}; "
        f"networks ran on {escaped(provenance['device'])}",
        f"- Started {escaped(provenance['start'])}, took {number(provenance['seconds'])} s, "
        f"{count(provenance['images_passed'])} images passed",
    ]
    # What may be many comes last: it gives way first.
    lines += [
        f"- Network {escaped(n['name'])}: {escaped(n['hash'])}, {escaped(n['origin'])}, "
        f"accuracy {probability(n['accuracy'])}" + (f", fed {escaped(n['fed'])}" if n.get("fed") else "")
        for n in provenance["networks"]
    ]
    lines += [f"- Input {escaped(each['name'])}: {each['source']}" for each in provenance["inputs"]]
    return _Section("Provenance", [], lines)


def _who(claim: dict[str, Any]) -> str:
    return f"{escaped(claim['id'], 24)} ({escaped(claim['network_name'], 32)})"


def _marked(verdict: str) -> str:
    return f"**{verdict}**"


def _value(reading: dict[str, Any] | None) -> str:
    if reading is None or reading["value"] is None:
        return "–"
    # The brackets are no link: nothing follows them that could be its address.
    return with_interval(reading["value"], reading["low"], reading["high"])


def _counted(line: dict[str, Any]) -> str:
    return counted(line["n"], escaped(line["unit"], _TEXT))
