"""Charts read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.evidence.charts.bars import Bars
from lib.evidence.charts.chart import Chart
from lib.evidence.charts.curves import Curves
from lib.evidence.charts.dots import Dots
from lib.evidence.charts.heatmap import HeatMap
from lib.evidence.charts.imagegrid import ImageGrid
from lib.evidence.charts.scatter import Scatter
from lib.evidence.charts.stacked import Stacked
from lib.evidence.charts.tree import Tree

__all__ = ["KINDS", "chart_from_json"]

KINDS: Mapping[str, type[Chart]] = {
    each.kind: each for each in (Bars, Curves, Dots, HeatMap, ImageGrid, Scatter, Stacked, Tree)
}


def chart_from_json(content: Mapping[str, Any]) -> Chart:
    """Return the chart that :meth:`Chart.to_json` wrote.

    Raises
    ------
    ValueError, TypeError
        If the content is of no chart.
    """
    values = dict(content)
    kind = KINDS.get(values.pop("kind", None))
    if kind is None:
        raise ValueError(f"there is no chart of kind {content.get('kind')!r:.40}: {', '.join(KINDS)}")
    return kind(**values)
