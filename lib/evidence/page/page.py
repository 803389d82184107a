"""The report as one page of HTML that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from lib.evidence.answer import measured_on
from lib.evidence.figures.figure import Figure
from lib.evidence.gatelines import gate_lines, gate_total
from lib.evidence.numbers import count, number, probability
from lib.evidence.page import answer
from lib.evidence.page.forest import SCALE, TICKS, position
from lib.evidence.page.opening import opening
from lib.evidence.page.questions import SOURCE
from lib.evidence.page.sections import NumberedFigure, sections

__all__ = ["html"]

_MARKS = {"confirmed": "●", "rejected": "✕", "inconclusive": "◇", "mixed": "◐"}
_LEADING = ("test_noise_collapse", "test_feature_proximity", "test_bias_dominance")
"""The first figure of each of these stands in the answer: where noise falls, what is near it, what the bias carries."""


def html(document: dict[str, Any], figures: Sequence[Figure] = ()) -> str:
    """Return the page.

    Parameters
    ----------
    document : dict
        The evidence.
    figures : sequence of Figure
        In the order in which they are shown; their SVG is trusted, everything of the document is escaped.

    Returns
    -------
    str
        HTML with its style inside, without script; it asks for nothing from outside, and forbids itself to.
    """
    # Of a void run nothing stands in the answer.
    leading = () if document["void"] else _LEADING
    first = [figure for module in leading for figure in [_first(figures, module)] if figure]
    rest = [figure for figure in figures if figure not in first]
    page = (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            style=Markup(_text("style.css")),  # noqa: S704 - ours
            void=document["void"],
            measured=measured_on(document),
            opening=opening(document),
            reasons=answer.reasons(document),
            overview=answer.overview(document),
            tiles=answer.tiles(document),
            observations=answer.observations(document),
            guesses=answer.guesses(document),
            leading=[NumberedFigure(i, figure) for i, figure in enumerate(first, 1)],
            sections=sections(document, rest, len(first) + 1),
            scale=SCALE,
            ticks=[(f"{tick:+g}" if tick else "threshold", f"{position(tick):.2f}%") for tick in TICKS],
            quoted_from=SOURCE,
            gate=_gate(document),
            facts=_provenance(document),
            input_rows=[(each["name"], each["source"]) for each in document["provenance"]["inputs"]],
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
    return files("lib.evidence.page").joinpath(name).read_text("utf-8")


def _first(figures: Sequence[Figure], module: str) -> Figure | None:
    return next((figure for figure in figures if figure.module == module), None)


def _gate(document: dict[str, Any]) -> dict[str, Any] | None:
    gate = document.get("gate")
    return None if gate is None else {"total": gate_total(gate), "lines": gate_lines(gate)}


def _provenance(document: dict[str, Any]) -> list[tuple[str, str]]:
    provenance = document["provenance"]
    machine, images = provenance["machine"], provenance["images"]
    dirty = ", with changes that are not committed" if provenance["dirty"] else ""
    facts = [
        ("Commit", f"{provenance['commit'] or 'unknown'}{dirty}"),
        ("Register", f"{document['register']['digest']}, {count(document['register']['claims'])} claims"),
        ("Images", f"{images['name']}, {images['hash']}, {images['origin']}" if images else "none"),
    ]
    facts += [
        (
            f"Network {each['name']}",
            f"{each['hash']}, {each['origin']}, accuracy {probability(each['accuracy'])}"
            + (f", fed {each['fed']}" if each.get("fed") else ""),
        )
        for each in provenance["networks"]
    ]
    return [
        *facts,
        ("Seeds", ", ".join(f"{name} {seed}" for name, seed in provenance["seeds"].items())),
        ("Versions", ", ".join(f"{name} {version}" for name, version in provenance["versions"].items())),
        (
            "Machine",
            f"{machine['cpu']}, {machine['cores']} cores, {machine['os']}; networks ran on {provenance['device']}",
        ),
        (
            "Run",
            f"started {provenance['start']}, took {number(provenance['seconds'])} s, "
            f"{count(provenance['images_passed'])} images passed through networks",
        ),
        ("Schema of the evidence", str(document["schema_version"])),
    ]
