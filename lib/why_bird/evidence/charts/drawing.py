"""A chart becomes an SVG element for a page, or a PNG file."""

from __future__ import annotations

import io
import warnings
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure as EmptyCanvas

from why_bird.evidence.charts.chart import Chart
from why_bird.evidence.charts.style import INK, SETTINGS, WIDTH
from why_bird.evidence.charts.svg import clean

__all__ = ["png_of", "svg_of"]

_DOTS_PER_INCH = 200


def svg_of(chart: Chart, name: str, *, described: bool = True) -> str:
    """Return a chart as one SVG element that takes the colours of the page around it.

    Parameters
    ----------
    name : str
        All ids begin with it.
    described : bool, default True
        Whether it says itself what it shows, for those who cannot see it; a page may say it around the drawing.
    """
    # Without a date, a drawing is the same bytes whenever it is made.
    raw = _saved(chart, "svg", transparent=True, metadata={"Date": None}).decode("utf-8")
    return clean(raw, name, (chart.heading, chart.description) if described else None)


def png_of(chart: Chart) -> bytes:
    """Return a chart as a PNG file, black on white."""
    return _saved(chart, "png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})


def _saved(chart: Chart, form: str, **how: Any) -> bytes:
    file = io.BytesIO()
    with mpl.rc_context({**SETTINGS, "axes.prop_cycle": cycler(color=[INK])}), warnings.catch_warnings():
        # Of letters that the measuring font lacks, which a browser draws with another; of names that leave no room.
        warnings.simplefilter("ignore")
        canvas = EmptyCanvas(figsize=(WIDTH, chart.height), layout="constrained")
        chart.paint(canvas)
        canvas.savefig(file, format=form, **how)
    return file.getvalue()
