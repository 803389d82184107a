"""The charts of a run, drawn, with what they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from why_bird.evidence.charts.chart import Chart
from why_bird.evidence.document import Document
from why_bird.evidence.record import ClaimRecord
from why_bird.progress import SILENT, Progress

__all__ = ["Figure", "Owned", "drawn", "owned"]


@dataclass(frozen=True, slots=True)
class Owned:
    """A chart and its claim.

    Parameters
    ----------
    name : str
        Unique in a run, fit for a file name and for the prefix of ids (``"p2-bars"``).
    claim : ClaimRecord
    chart : Chart
        One of the record's.
    """

    name: str
    claim: ClaimRecord
    chart: Chart


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart that is drawn.

    Parameters
    ----------
    of : Owned
    svg : str
        One ``<svg>`` element without XML declaration; it refers to nothing outside itself, has a viewBox and no fixed
        size, its ids begin with the chart's name, and its text is text in ``currentColor``.
    """

    of: Owned
    svg: str


def owned(document: Document) -> Iterator[Owned]:
    """Yield the charts of a run in the order of its claims."""
    taken: set[str] = set()
    for claim in document.claims:
        for chart in claim.charts:
            stem = re.sub("[^a-z0-9]+", "-", f"{claim.id}-{chart.kind}".lower()).strip("-")
            names = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
            name = next(each for each in names if each not in taken)
            taken.add(name)
            yield Owned(name, claim, chart)


def drawn(document: Document, progress: Progress = SILENT) -> list[Figure]:
    """Draw the charts of a run."""
    # Imported late: what draws takes seconds to load, and a run that is refused draws nothing.
    from why_bird.evidence.charts.drawing import svg_of

    charts, figures = list(owned(document)), []
    with progress("charts of the report", len(charts)) as advance:
        for each in charts:
            figures.append(Figure(each, svg_of(each.chart, each.name)))
            advance(1)
    return figures
