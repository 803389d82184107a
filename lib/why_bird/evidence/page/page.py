"""The report as one page of HTML that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from why_bird.evidence.answer import answer
from why_bird.evidence.charts.figure import Figure
from why_bird.evidence.document import Document
from why_bird.evidence.gate_lines import gate_lines, gate_total
from why_bird.evidence.headlines import PREVIEW, facts, measured_on
from why_bird.evidence.numbers import count
from why_bird.evidence.page.anchors import anchors
from why_bird.evidence.page.forest import SCALE, TICKS, position
from why_bird.evidence.page.sections import NumberedFigure, sections
from why_bird.evidence.suspects import suspects

__all__ = ["html"]

_MARKS = {"confirmed": "●", "rejected": "✕", "inconclusive": "◇", "mixed": "◐"}
_MOST_LEADING = 6


def html(document: Document, figures: Sequence[Figure] = ()) -> str:
    """Return the page.

    Parameters
    ----------
    document : Document
        The evidence.
    figures : sequence of Figure
        In the order in which they are shown; their SVG is trusted, everything of the document is escaped.

    Returns
    -------
    str
        HTML with its style inside, without script; it asks for nothing from outside, and forbids itself to.
    """
    # Of a void run nothing stands in the answer.
    first = [] if document.void else [figure for figure in figures if figure.of.chart.leads][:_MOST_LEADING]
    rest = [figure for figure in figures if figure not in first]
    page = (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            style=Markup(_text("style.css")),  # noqa: S704 - ours
            void=document.void,
            preview=PREVIEW,
            measured=measured_on(document),
            answer=answer(document),
            suspects=suspects(document),
            places=anchors(document),
            leading=[NumberedFigure(i, figure) for i, figure in enumerate(first, 1)],
            sections=sections(document, rest, len(first) + 1),
            scale=SCALE,
            ticks=[(f"{tick:+g}" if tick else "threshold", f"{position(tick):.2f}%") for tick in TICKS],
            gate=document.gate,
            gate_lines=gate_lines,
            gate_total=gate_total,
            facts=facts(document),
            input_rows=[(each.name, each.source) for each in document.provenance.inputs],
        )
    )
    # A lone surrogate is no character of a file.
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["marks"] = _MARKS
    environment.filters["count"] = count
    environment.filters["together"] = _together
    return environment


def _together(text: str) -> str:
    """Return the text with no line break before a per cent sign, nor between a limit and its number."""
    space = "\N{NO-BREAK SPACE}"
    return text.replace(" %", f"{space}%").replace("> ", f">{space}").replace("< ", f"<{space}")


@cache
def _text(name: str) -> str:
    return files("why_bird.evidence.page").joinpath(name).read_text("utf-8")
