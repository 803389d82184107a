"""The charts of a run, drawn, with what they belong to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path

import numpy as np

from why_bird.errors import BadInput
from why_bird.evidence.charts.chart import Chart
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document
from why_bird.evidence.record import ClaimRecord
from why_bird.measure.entry import Key
from why_bird.measure.store import Store
from why_bird.progress import SILENT, Progress


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its claim, and drawn."""

    name: str
    """Unique in a run, fit for a file name and for the prefix of ids (``"p2-bars"``)."""
    claim: ClaimRecord
    chart: Chart
    """One of the record's."""
    svg: str = ""
    """Empty as long as it is not drawn. One ``<svg>`` element without XML declaration; it refers to nothing outside
    itself, has a viewBox and no fixed size, its ids begin with the chart's name, and its text is text in
    ``currentColor``. What it shows is said around it, by the chart's description."""


def undrawn(document: Document) -> Iterator[Figure]:
    """Yield the charts of a run in the order of its claims."""
    taken: set[str] = set()
    for claim in document.claims:
        for chart in claim.charts:
            stem = re.sub("[^a-z0-9]+", "-", f"{claim.id}-{chart.kind}".lower()).strip("-")
            yield Figure(free(stem, taken), claim, chart)


def free(stem: str, taken: set[str]) -> str:
    """Return a name that is not taken, which is so from now on: the stem, else with a number from 2 on."""
    name = next(each for each in chain([stem], (f"{stem}-{n}" for n in count(2))) if each not in taken)
    taken.add(name)
    return name


def leading(charts: Iterable[Figure]) -> list[Figure]:
    """Return the charts with which a run opens: those that lead, of the first claim that has any."""
    lead = [each for each in charts if each.chart.leads]
    return [each for each in lead if each.claim is lead[0].claim]


def drawn(document: Document, progress: Progress = SILENT, store: Store | None = None) -> list[Figure]:
    """Draw the charts of a run, or take from `store` the drawings of what was drawn before, which are kept there."""
    charts, figures = list(undrawn(document)), []
    with progress("charts of the report", len(charts)) as advance:
        for each in charts:
            figures.append(replace(each, svg=_drawing(each, store)))
            advance(1)
    return figures


def _drawing(of: Figure, store: Store | None) -> str:
    def draw() -> str:
        # Imported late: what draws takes seconds to load.
        from why_bird.evidence.charts.drawing import svg_of

        return svg_of(of.chart, of.name, described=False)

    if store is None:
        return draw()
    said = json.dumps([of.name, encode(of.chart)], sort_keys=True)
    shows = hashlib.sha256(said.encode()).hexdigest()
    key = Key("drawing", 1, {"shows": shows, **_drawn_by()})
    try:
        entry = store.get(key, lambda _scratch: {"svg": np.frombuffer(draw().encode(), dtype=np.uint8)})
    except BadInput:  # a cache that cannot be written is no reason to have no figure
        return draw()
    return entry["svg"].tobytes().decode()


@cache
def _drawn_by() -> dict[str, str]:
    """Return a hash of all that draws, and matplotlib's version: the next report shows a change of either."""
    here = Path(__file__).parent
    sources = sorted([*here.glob("*.py"), here.parent / "numbers.py", here.parents[1] / "printing.py"])
    code = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return {"code": code, "matplotlib": version("matplotlib")}
