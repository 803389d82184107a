"""Labels of a graph, put where they cover neither nodes nor lines nor each other."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts.style import INK, SIZE

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

_ANGLES = np.arange(16) * np.pi / 8
_WIDTH, _LINE = 0.6, 1.25
"""Of a letter and of a line, in units of the size of the letters: generous, since a page may choose another font."""

_HALF = 2.5
"""Half of the width of a line, and a little air, in points."""

_ALONG = np.linspace(0.2, 0.8, 13)
_FURTHER = (0.0, 8.0, 16.0, 24.0, 32.0)
_BESIDE = 8.0
"""What stands further from its point is joined to it."""


def place_labels(
    axes: Any,
    points: Array,
    words: list[str],
    edges: list[tuple[Array, Array]],
    numbers: list[str],
    avoid: Array | None = None,
) -> None:
    """Write a word beside each point and a number beside the middle of each edge.

    Parameters
    ----------
    axes : matplotlib axes
        Of a canvas that was drawn, so that places are known.
    points : (N, 2) float64 array
    words : list of N str
    edges : list of E pairs of (2,) arrays
        End points.
    numbers : list of E str
    avoid : (M, 2) float64 array, optional
        Points that should stay visible.

    Notes
    -----
    One label after the other takes the place, of sixteen around its point, where it covers least.
    """
    scale = axes.figure.dpi / 72
    nodes = axes.transData.transform(points) / scale
    lines = [tuple(axes.transData.transform(np.stack(edge)) / scale) for edge in edges]
    left, bottom, right, top = np.array(axes.figure.bbox.extents) / scale
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in nodes]
    seen = np.empty((0, 2)) if avoid is None else axes.transData.transform(avoid) / scale
    trail = np.concatenate([seen, *(np.linspace(a, b, 40) for a, b in lines)])

    def cost(box: Box) -> float:
        x0, y0, x1, y1 = box
        covered = sum(_overlap(box, other) for other in taken)
        beside = (trail > (x0 - _HALF, y0 - _HALF)) & (trail < (x1 + _HALF, y1 + _HALF))
        crossed = beside.all(1).sum()
        outside = max(0, left - x0) + max(0, x1 - right) + max(0, bottom - y0) + max(0, y1 - top)
        return float(covered + 12 * crossed + 100 * outside)

    def write(word: str, places: list[Array], reach: float) -> None:
        if not word:
            return
        width, height = _WIDTH * SIZE * len(word), _LINE * SIZE
        best, least = None, np.inf
        for place, angle, far in product(places, _ANGLES, _FURTHER):
            way = np.array([np.cos(angle), np.sin(angle)])
            centre = place + way * (reach + far + np.abs(way) * (width / 2, height / 2))
            box = (centre[0] - width / 2, centre[1] - height / 2, centre[0] + width / 2, centre[1] + height / 2)
            found = cost(box) + far
            if found < least - 1e-6:
                best, least = (centre, box, place if far > _BESIDE else None), found
        assert best is not None  # noqa: S101 - there is a place
        centre, box, far_from = best
        taken.append(box)
        if far_from is not None:
            # To the nearest place of the box.
            ends = np.stack([far_from, np.clip(far_from, box[:2], box[2:])])
            axes.plot(*axes.transData.inverted().transform(ends * scale).T, color=INK, linewidth=0.6, zorder=5)
        x, y = axes.transData.inverted().transform(centre * scale)
        axes.text(x, y, word, ha="center", va="center", zorder=6)

    for word, node in zip(words, nodes, strict=True):
        write(word, [node], 6.0)
    for text, (start, end) in zip(numbers, lines, strict=True):
        write(text, [start + (end - start) * t for t in _ALONG], 3.0)


def _overlap(a: Box, b: Box) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high)
