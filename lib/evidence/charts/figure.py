"""The charts of a run, drawn, with what they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.evidence.charts.chart import Chart
from lib.evidence.charts.travel import chart_from_json
from lib.progress import SILENT, Progress

__all__ = ["Figure", "Owned", "drawn", "owned"]


@dataclass(frozen=True, slots=True)
class Owned:
    """A chart and its claim.

    Parameters
    ----------
    name : str
        Unique in a run, fit for a file name and for the prefix of ids (``"p2-bars"``).
    claim, module, about : str
        Whose it is: the claim's id, its module, and what it speaks about, for a reader.
    chart : Chart
    """

    name: str
    claim: str
    module: str
    about: str
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


def owned(document: dict[str, Any]) -> Iterator[Owned]:
    """Yield the charts of a run in the order of its claims; a file from before schema 1.3 has none.

    Parameters
    ----------
    document : dict
        The evidence.
    """
    taken: set[str] = set()
    for claim in document["claims"]:
        for content in claim.get("charts", ()):
            chart = chart_from_json(content)
            stem = re.sub("[^a-z0-9]+", "-", f"{claim['id']}-{chart.kind}".lower()).strip("-")
            names = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
            name = next(each for each in names if each not in taken)
            taken.add(name)
            yield Owned(name, claim["id"], claim["module"], claim["network_name"], chart)


def drawn(document: dict[str, Any], progress: Progress = SILENT) -> list[Figure]:
    """Draw the charts of a run.

    Parameters
    ----------
    document : dict
        The evidence.
    progress : Progress
    """
    # Imported late: what draws takes seconds to load, and a run that is refused draws nothing.
    from lib.evidence.charts.drawing import svg_of

    charts, figures = list(owned(document)), []
    with progress("charts of the report", len(charts)) as advance:
        for each in charts:
            figures.append(Figure(each, svg_of(each.chart, each.name)))
            advance(1)
    return figures
