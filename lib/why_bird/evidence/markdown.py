"""The evidence as one Markdown page that fits a CI summary."""

from __future__ import annotations

from why_bird.evidence.answer import answer
from why_bird.evidence.document import Document
from why_bird.evidence.escape import Section, escaped, fitted, row, size, table_head
from why_bird.evidence.gate_lines import gate_lines, gate_total
from why_bird.evidence.headlines import facts, measured_on, tally, warnings
from why_bird.evidence.numbers import against, count
from why_bird.evidence.retrained import retrained, total
from why_bird.evidence.suspects import suspects

LIMIT = 25_000
"""Bytes of the longest page: what is read in a job summary or a comment in a few minutes."""

_RESERVE = 200


def markdown(document: Document) -> str:
    """Return the page: the answer in sentences, what became of the guesses, the gate, and the table of verdicts.

    Returns
    -------
    str
        Shorter than `LIMIT` bytes of UTF-8. What does not fit is left out from the end, and the page says how much;
        all of it is in ``evidence.json``.
    """
    again, table = changes(document), guesses(document)
    held = gate_lines(document.gate) if document.gate else []
    sections = [
        ("## Trained again with one thing changed", again[:4], again[4:]),
        ("## The guesses", table[:2], table[2:]),
        ("## The gate", [], [f"- **{status}** {escaped(said, 600)}" for status, said in held]),
        _verdicts(document),
        ("## Not judged", [], _open_ends(document)),
    ]
    # Where the numbers come from stands last but is not what gives way to a long table.
    about = [f"- {escaped(name)}: {escaped(words, 600)}" for name, words in (*measured_on(document), *facts(document))]
    closing, unsaid = fitted([("## Where it comes from", [], about)], LIMIT // 4)
    opening = ["# The answer", "", *_opening(document), ""]
    body, left_out = fitted(sections, LIMIT - _RESERVE - size(opening) - size(closing))
    if left_out + unsaid:
        body += [f"*{count(left_out + unsaid)} more lines are in evidence.json.*", ""]
    return "\n".join([*opening, *body, *closing]).rstrip() + "\n"


def guesses(document: Document) -> list[str]:
    """Return the table of the guesses, a row each: what was found, and what that says of it. Its head is two lines."""
    lines = [row(escaped(each.name, 80), escaped(each.found, 240), f"**{each.status}**") for each in suspects(document)]
    return [*table_head("guess", "what was found", "verdict"), *lines]


def changes(document: Document) -> list[str]:
    """Return a sentence on the trainings with one thing changed, and their table, a row each. Its head is four lines.

    Empty where there is none.
    """
    lines = [
        row(
            escaped(each.stack.label, 100),
            escaped(each.stack.note, 30),
            escaped(each.chart.told(each.stack), 80),
            f"**{each.claim.word}** {escaped(each.claim.id, 24)}" if each.claim else "",
        )
        for each in retrained(document)
    ]
    head = table_head("training", "accuracy left", "where noise falls then", "verdict")
    return lines and [total(document), "", *head, *lines]


def _opening(document: Document) -> list[str]:
    lines = [f"- **{escaped(lead)}:** {escaped(words, 600)}" for lead, words in warnings(document)]
    lines += [f"- {escaped(sentence.text, 300)}" for sentence in answer(document)]
    wider = "What decides is an interval that is mostly wider than the 95 % shown, since many claims are asked at once."
    lines += ["", f"{len(document.claims)} verdicts: {tally(document)}. {wider}"]
    if document.gate is not None:
        lines += ["", f"- {escaped(gate_total(document.gate))}."]
    return lines


def _verdicts(document: Document) -> Section:
    several = len({claim.network_name for claim in document.claims}) > 1
    lines = []
    for claim in document.claims:
        about = [escaped(claim.network_name, 32)] if several else []
        cells = (
            escaped(claim.statement, 160),
            # The brackets of an interval are no link: nothing follows them that could be its address.
            f"**{claim.word}**",
            claim.shown,
        )
        limit = escaped(against(claim.threshold, claim.side))
        lines.append(row(escaped(claim.id, 24), *about, *cells, limit))
    names = ("claim", *(["of"] if several else []), "sentence", "verdict", "estimate [95 %]", "asked")
    return "## Verdicts", table_head(*names, numbers=2), lines


def _open_ends(document: Document) -> list[str]:
    lines = [f"- {escaped(e.id)} raised an error: {escaped(e.detail)}" for e in document.errors]
    missing = document.selection.missing
    if missing:
        lines.append(f"- Not judged in this run: {escaped(', '.join(missing), 2000)}.")
    if document.planned:
        lines.append(f"- Registered, and the test not written yet: {escaped(', '.join(document.planned), 2000)}.")
    why: dict[str, list[str]] = {}
    for claim in document.claims:
        if claim.estimate is None:
            why.setdefault(claim.reason, []).append(claim.id)
    lines += [f"- {escaped(', '.join(ids), 300)}: {escaped(reason, 300)}" for reason, ids in why.items()]
    return lines + [
        f"- {escaped(claim.id, 24)}, {check.kind}: {escaped(check.name)}. {escaped(check.detail)}"
        for claim in document.claims
        for check in claim.checks
        if not check.passed
    ]
