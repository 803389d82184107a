"""Small pictures beside a sentence: what a chart shows at first glance, in letters of twelve pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import TypeAlias

import numpy as np
from markupsafe import Markup, escape

from why_bird.evidence.charts import Axis, Chart, Curves, ImageGrid, Scatter, Stack, Stacked, Tree
from why_bird.evidence.charts.rows import Rows
from why_bird.evidence.charts.scatter import around
from why_bird.evidence.charts.style import listed, short, wrapped
from why_bird.evidence.numbers import number, quoted
from why_bird.printing import shorten

Point: TypeAlias = tuple[float, float]
Placing: TypeAlias = Callable[[float, float], Point]

_WIDTH, _LINE, _BAR, _UNDER, _PLOT, _MARGIN = 220.0, 14.0, 16.0, 3.0, 90.0, 6.0
_MOST, _WORDS = 3, 80
_TURN = np.linspace(0, 2 * np.pi, 25)


@singledispatch
def small(chart: Chart) -> Markup:
    """Return a small picture of a chart; nothing where it has none."""
    del chart
    return Markup()


@small.register
def _(chart: Rows) -> Markup:
    column = next((each for each in chart.columns if each.axis.percent), chart.columns[0])
    known = [i for i, value in enumerate(column.values) if value is not None]
    wanted = [i for i in known if chart.rows[i] in chart.highlight]
    # Beside what is found the first, the last, and the next ones after the first.
    wanted = list(dict.fromkeys([*wanted, *known[:1], *known[-1:], *known[1:_MOST]]))
    values = {i: column.values[i] or 0.0 for i in known}
    low, high = min([0.0, *values.values()]), 1.0 if column.axis.percent else max([0.0, *values.values()])
    lines = [
        _labelled(
            f"{short(chart.rows[i], _WORDS)} {_said(column.axis, values[i])}",
            [((0.0 - low), values[i], chart.rows[i] in chart.highlight)],
            high - low or 1.0,
        )
        for i in sorted(wanted[:_MOST])
    ]
    return _stacked(lines, column.axis.label)


@small.register
def _(chart: Stacked) -> Markup:
    return _stacked([_whole(chart, each, each.label) for each in chart.stacks[:_MOST]], chart.axis)


def bar(chart: Stacked, stack: Stack) -> Markup:
    """Return one whole of a chart, with what is highlighted and the largest part named."""
    return _stacked([_whole(chart, stack)])


def _whole(chart: Stacked, stack: Stack, label: str = "") -> tuple[str, float]:
    said = chart.told(stack, 1 if label else 2)
    at, pieces = 0.0, []
    for p in chart.order(stack):
        pieces.append((at, stack.shares[p], chart.parts[p] in chart.highlight))
        at += stack.shares[p]
    return _labelled(f"{short(label, _WORDS)}: {said}" if label else said, pieces, 1.0)


def _labelled(words: str, pieces: Sequence[tuple[float, float, bool]], whole: float) -> tuple[str, float]:
    """Return words over a bar of pieces, each with its start, its length and whether it is the finding; its height."""
    drawn, under = _written(words)
    for start, length, is_found in pieces:
        left, wide = (start + min(0.0, length)) / whole * _WIDTH, abs(length) / whole * _WIDTH
        if wide >= 0.5:
            drawn += f'<rect class="{_look(is_found)}" x="{left:.1f}" y="{under + 3:g}" width="{wide:.1f}" height="8"/>'
    return drawn, under + _BAR


def _stacked(lines: Sequence[tuple[str, float]], what: str = "") -> Markup:
    """Return lines below one another, and what their numbers are of."""
    inside, top = "", 0.0
    for drawn, height in [*lines, _written(shorten(what, _WORDS), "of")]:
        inside += f'<g transform="translate(0 {top:g})">{drawn}</g>'
        top += height
    return _svg(inside, top + _UNDER)


def _written(words: str, look: str = "") -> tuple[str, float]:
    """Return words in as many lines as they need, and the height of those."""
    lines = wrapped(words, _WIDTH).splitlines()
    look = f'class="{look}" ' * bool(look)
    drawn = "".join(f'<text {look}y="{_LINE * i - 2:g}">{escape(line)}</text>' for i, line in enumerate(lines, 1))
    return drawn, _LINE * len(lines)


@small.register
def _(chart: Curves) -> Markup:
    curves = [(_known(each.x, each.y), each.label in chart.highlight) for each in chart.curves]
    place = _placing([point for points, _ in curves for point in points])
    drawn = "".join(_way(points, place, is_found=found) for points, found in curves)
    return _captioned(drawn, chart.highlight, _over(chart.x, chart.y))


@small.register
def _(chart: Scatter) -> Markup:
    rings = [(list(around(each, _TURN).T), each.label in chart.highlight) for each in chart.ellipses]
    clouds = [(_known(each.x, each.y), each.label in chart.highlight) for each in chart.clouds]
    place = _placing([point for points, _ in (*rings, *clouds) for point in points])
    drawn = "".join(_way(points, place, is_found=found) for points, found in rings)
    for points, found in clouds:
        drawn += "".join(_dot(*place(*point), 1.5, is_found=found) for point in points)
    if chart.trend is not None:
        drawn += _way(_known(chart.trend.x, chart.trend.y), place, is_found=True)
    groups = listed([each.label for each in chart.ellipses], _MOST)
    return _captioned(drawn, chart.highlight, f"rings: {groups}" if groups else _over(chart.x, chart.y))


@small.register
def _(chart: Tree) -> Markup:
    place = _placing([(node.x, node.y) for node in chart.nodes])
    drawn = ""
    for each in chart.edges:
        ends = chart.nodes[each.first], chart.nodes[each.second]
        (a, b), (c, d) = (place(node.x, node.y) for node in ends)
        look = _look(any(node.label in chart.highlight for node in ends))
        drawn += f'<line class="line {look}" x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}"/>'
    for node in chart.nodes:
        drawn += _dot(*place(node.x, node.y), 4, is_found=node.label in chart.highlight)
    return _captioned(drawn, chart.highlight, "")


@small.register
def _(chart: ImageGrid) -> Markup:
    size = _WIDTH / 4 - 3
    images = "".join(
        f'<image href="data:image/png;base64,{png}" x="{i * (size + 4):.0f}" width="{size:.0f}" height="{size:.0f}"/>'
        for i, png in enumerate(chart.rows[0].pngs[:4])
    )
    return _svg(images, size)


def _placing(points: Sequence[Point]) -> Placing:
    # Of a drawing without a point nothing is placed.
    (left, right), (low, high) = ((min(each), max(each)) for each in zip(*(points or [(0, 0)]), strict=True))

    def place(x: float, y: float) -> Point:
        across = (x - left) / (right - left or 1.0)
        up = (y - low) / (high - low or 1.0)
        return _MARGIN + across * (_WIDTH - 2 * _MARGIN), _PLOT - _MARGIN - up * (_PLOT - 2 * _MARGIN)

    return place


def _way(points: Sequence[Point], place: Placing, *, is_found: bool) -> str:
    along = " ".join("{:.1f},{:.1f}".format(*place(*each)) for each in points)
    return f'<polyline class="line {_look(is_found)}" points="{along}"/>'


def _dot(x: float, y: float, radius: float, *, is_found: bool) -> str:
    return f'<circle class="{_look(is_found)}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'


def _known(x: Sequence[float | None], y: Sequence[float | None]) -> list[Point]:
    return [(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None]


def _captioned(drawn: str, highlight: Sequence[str], what: str) -> Markup:
    return _stacked([(drawn, _PLOT + 2), _written(short(", ".join(highlight), _WORDS) if highlight else "")], what)


def _svg(inside: str, height: float) -> Markup:
    size = f'width="{_WIDTH:g}" height="{height:g}"'
    # Ours but for texts, which are escaped.
    return Markup(f'<svg class="small" aria-hidden="true" {size}>{inside}</svg>')  # noqa: S704


def _look(is_found: bool) -> str:  # noqa: FBT001 - one thing is asked
    return "found" if is_found else "other"


def _over(x: Axis, y: Axis) -> str:
    return f"{y.label}, by {x.label}"


def _said(axis: Axis, value: float) -> str:
    return quoted(value) if axis.percent else number(value)
