"""The report as one page of HTML that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from why_bird.evidence.answer import answer
from why_bird.evidence.charts import ImageGrid
from why_bird.evidence.charts.figure import Figure, leading
from why_bird.evidence.document import Document
from why_bird.evidence.gate_lines import gate_lines, gate_total
from why_bird.evidence.headlines import facts, tally, warnings
from why_bird.evidence.numbers import probability
from why_bird.evidence.page.claims import anchors, labels, sections, views
from why_bird.evidence.page.small import bar, small
from why_bird.evidence.retrained import is_of_table, retrained, total
from why_bird.evidence.suspects import Suspect, suspects
from why_bird.evidence.templates import render

_MOST_NETWORKS = 3


def html(document: Document, figures: Sequence[Figure] = ()) -> str:
    """Return the page; figures stand in their order, their SVG is trusted, everything of the document is escaped.

    Returns
    -------
    str
        HTML with its style inside, without script; it asks for nothing from outside, and forbids itself to.
    """
    first = [] if document.void else leading(figures)
    found = [(each, _picture(each)) for each in suspects(document)]
    rest = [each for each in figures if each not in first and not is_of_table(each.chart, each.claim)]
    return render(
        "why_bird.evidence.page",
        "page.html",
        "report.css",
        document=document,
        title=_title(document),
        judged=_judged(document),
        warnings=warnings(document),
        answer=answer(document),
        # Drawn by us.
        first=[(figure, Markup(figure.svg)) for figure in first],  # noqa: S704
        suspects=found,
        guessed=[each for each in found if not each[0].observed],
        seen=[each for each in found if each[0].observed],
        retrained=[(each, bar(each.chart, each.stack)) for each in retrained(document)],
        total=total(document),
        asked_by=next((c.question.quoted_from for c in document.claims if c.question.quoted_from), ""),
        sections=sections(document, rest),
        amended={each.claim for each in document.amendments if each.before},
        claim_views=views(document),
        places=anchors(document),
        labels=labels(document),
        gate=document.gate,
        gate_lines=gate_lines,
        gate_total=gate_total,
        facts=facts(document),
    )


def _title(document: Document) -> str:
    classes = list(dict.fromkeys(claim.target for claim in document.claims if claim.target is not None))
    if len(classes) == 1:
        return f"Why is noise called {classes[0]}?"
    return "Why does noise fall where it falls?" if classes else "What was asked, and what was found"


def _judged(document: Document) -> str:
    """Return in one line what was judged, and how it came out."""
    pairs = {claim.network for claim in document.claims if claim.two_class}
    networks = [
        each.name + ("" if each.accuracy is None else f" ({probability(each.accuracy)} accurate)")
        for each in document.provenance.networks
        if each.hash not in pairs
    ]
    if len(networks) > _MOST_NETWORKS:
        networks = [f"{len(networks)} networks"]
    images = document.provenance.images
    asked = f"{len(document.claims)} verdicts: {tally(document)}"
    return "; ".join([", ".join(networks), *([images.name] if images else []), asked]) + "."


def _picture(suspect: Suspect) -> Markup:
    # Of what a number says an image says nothing.
    charts = sorted((c for claim in suspect.claims for c in claim.charts), key=lambda c: isinstance(c, ImageGrid))
    return next((drawn for drawn in map(small, charts) if drawn), Markup())
