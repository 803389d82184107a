"""How the definitions of clutter order the classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import enough_room, full, short
from lib.evidence.figures.shares import LEVEL
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, INK, SMALL, VERMILLION
from lib.evidence.numbers import count, interval, number
from lib.measure.class_scores import class_scores
from lib.stats import kendall_w

__all__ = ["ClutterRanks", "draw", "gather"]

NAME = "clutter-ranks"
_MOST = 12


@dataclass(frozen=True, slots=True, eq=False)
class ClutterRanks:
    """Ranks of K classes under m definitions of clutter.

    Parameters
    ----------
    network : str
    n : int
        Test images.
    definitions : tuple of m str
    classes : tuple of K str
        By mean rank, the most cluttered first.
    ranks : (m, K) float64 array
        1 is the most cluttered; classes that are level share a rank.
    target : int
        Place of the class of noise.
    agreement, low, high : float
        Kendall's W with its 95 % interval.
    """

    network: str
    n: int
    definitions: tuple[str, ...]
    classes: tuple[str, ...]
    ranks: NDArray[np.float64]
    target: int
    agreement: float
    low: float
    high: float


def gather(source: Sources) -> ClutterRanks:
    """Rank the classes as claim C5 does.

    Raises
    ------
    Unavailable
        If clutter or the room of the classes was not measured, or there are too many classes.
    """
    subject, imagery = source.subject, source.imagery
    classes = enough_room(subject.classes, _MOST)
    scores = imagery.test_scores
    found = class_scores(
        scores, imagery.classes, classes, imagery.manifolds, subject.geometry.penultimate, imagery.inputs.seed
    )
    ranks = rankdata(-found.scores, axis=1)
    order = np.argsort(ranks.mean(0), kind="stable")
    n = len(scores.labels)
    agreement = kendall_w(found.scores, found.resampled, n, "test images")
    ends = agreement.interval(LEVEL)
    return ClutterRanks(
        source.network,
        n,
        found.names,
        tuple(classes[c] for c in order),
        ranks[:, order],
        int(np.flatnonzero(order == subject.target.index)[0]),
        agreement.value,
        ends.low,
        ends.high,
    )


def draw(data: ClutterRanks) -> Drawing:
    """Return a grid of ranks, the deeper the colour the more cluttered."""
    m, K = data.ranks.shape

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for row in range(m):
            for c in range(K):
                rank = data.ranks[row, c]
                cell = {"color": BLUE, "alpha": 0.05 + 0.55 * (K - rank) / max(K - 1, 1), "linewidth": 0}
                axes.fill_between([c - 0.47, c + 0.47], row - 0.46, row + 0.46, **cell)
                axes.text(c, row, f"{rank:g}", ha="center", va="center_baseline", fontsize=SMALL if K <= 10 else 8)
            # Line by line, so that every line ends at the grid whatever letters a page chooses.
            lines = data.definitions[row].split(", ")
            for i, line in enumerate(lines):
                place = row + 0.42 * (i - (len(lines) - 1) / 2)
                axes.text(-0.65, place, line, ha="right", va="center", fontsize=SMALL)
        frame = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, m - 0.5), (-0.5, m - 0.5), (-0.5, -0.5)])
        axes.plot(frame[:, 0] + data.target, frame[:, 1], color=VERMILLION, linewidth=2)
        axes.set_yticks([])
        axes.set_xticks(
            range(K), [short(name) for name in data.classes], rotation=60, ha="left", rotation_mode="anchor"
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0, color=INK)
        axes.set_xlim(-0.55, K - 0.45)
        axes.set_ylim(m - 0.4, -0.55)
        for spine in axes.spines.values():
            spine.set_visible(False)

    extremes = "; ".join(
        f"{name}: {full(data.classes[int(row.argmin())])} most, {full(data.classes[int(row.argmax())])} least, "
        f"{full(data.classes[data.target])} rank {row[data.target]:g}"
        for name, row in zip(data.definitions, data.ranks, strict=True)
    )
    w = f"Kendall's W = {number(data.agreement)}, 95 % interval {interval(data.low, data.high)}"
    return Drawing(
        NAME,
        "test_clutter",
        "Classes from most to least cluttered, by definition",
        f"Grid of the ranks of {K} classes under {m} definitions of clutter (1: most cluttered). {extremes}. {w}.",
        f"Ranks of the classes on {count(data.n)} test images under each definition (1 and deep blue: most cluttered). "
        "The first three are means over images; the others measure a class as a whole, in pixels or in the "
        f"penultimate features of {data.network}. Framed: {full(data.classes[data.target])}, the class of noise. "
        f"Agreement: {w} (1: all agree).",
        paint,
        height=1.1 + 0.4 * m,
    )
