"""A tree of names in the plane, as the minimum spanning tree of distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lib.evidence.charts.chart import Chart
from lib.evidence.charts.labels import place_labels
from lib.evidence.charts.style import BLUE, INK, VERMILLION, Canvas, bare, short
from lib.evidence.charts.values import Checked
from lib.evidence.numbers import number

__all__ = ["Edge", "Node", "Tree", "classical_scaling"]

_LABELLED = 24
"""Of more nodes only the highlighted ones have room for a name."""


@dataclass(frozen=True, slots=True)
class Node(Checked):
    """A name, and where it is drawn."""

    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge(Checked):
    """A line between two nodes.

    Parameters
    ----------
    first, second : int
        Places of the nodes.
    length : float
    support : float, default 1
        How sure it is, from 0 to 1, drawn as its width.
    """

    first: int
    second: int
    length: float
    support: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Chart):
    """Nodes joined by edges.

    Parameters
    ----------
    nodes : tuple of Node
    edges : tuple of Edge
        Of the tree, labelled with their lengths.
    others : tuple of Edge
        Dotted ones, that another sample would have.
    highlight : tuple of str
        Nodes in another colour, with the edges that end in them.
    """

    kind: ClassVar[str] = "tree"

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    others: tuple[Edge, ...] = ()
    highlight: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise ValueError where an edge ends nowhere."""
        n = len(self.nodes)
        if not n or any(not 0 <= end < n for each in (*self.edges, *self.others) for end in (each.first, each.second)):
            raise ValueError(f"{self.title!r}: an edge ends at none of {n} nodes")

    @property
    def description(self) -> str:
        """Every edge with its length, and how sure those are that are not certain."""
        said = []
        for each in self.edges:
            unsure = f", in {100 * each.support:.0f} % of resamples" if each.support < 0.995 else ""
            said.append(f"{self._name(each.first)}–{self._name(each.second)} {number(each.length)}{unsure}")
        return f"Tree of {len(self.nodes)} nodes. Edges with their lengths: {'; '.join(said) or 'none'}."

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return 4.2

    def _name(self, node: int) -> str:
        return self.nodes[node].label

    def paint(self, canvas: Canvas) -> None:
        """Draw nodes and edges, then labels where there is room."""
        axes = canvas.subplots()
        bare(axes)
        points = np.array([(node.x, node.y) for node in self.nodes])
        found = [node.label in self.highlight for node in self.nodes]
        for each in self.others:
            axes.plot(*points[[each.first, each.second]].T, color=INK, alpha=0.6, linewidth=1, linestyle=":")
        for each in self.edges:
            color = VERMILLION if found[each.first] or found[each.second] else BLUE
            width = 0.8 + 2.6 * min(1.0, max(0.0, each.support))
            axes.plot(*points[[each.first, each.second]].T, color=color, linewidth=width, solid_capstyle="round")
        for point, is_found in zip(points, found, strict=True):
            look = {"marker": "*", "color": VERMILLION, "s": 150} if is_found else {"color": BLUE, "s": 42}
            axes.scatter(*point, zorder=3, linewidths=0, **look)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.2, 0.12)
        canvas.canvas.draw()
        many = len(self.nodes) > _LABELLED
        words = ["" if many and not each else short(node.label) for node, each in zip(self.nodes, found, strict=True)]
        lines = [(points[each.first], points[each.second]) for each in self.edges]
        place_labels(axes, points, words, lines, ["" if many else number(e.length) for e in self.edges])


def classical_scaling(distances: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return points of the plane by classical multidimensional scaling, and the share of variance that they keep.

    Parameters
    ----------
    distances : (N, N) float64 array
        Squared Euclidean distances up to a factor, as ½(1 − cos) between vectors is.

    References
    ----------
    Torgerson, W. S. (1952), Psychometrika 17, 401–419.
    """
    centring = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances @ centring)
    values = np.maximum(values[::-1], 0)
    axes = vectors[:, ::-1][:, :2]
    # An eigenvector has no sign: the same picture is to come out everywhere.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    total = float(values.sum())
    return axes * np.sqrt(values[:2]), float(values[:2].sum()) / total if total else 1.0
