"""The graph of the classes and noise: its minimum spanning tree, and how sure each edge of it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.distances import RESAMPLES, resampled_distances
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.labels import place_labels
from lib.evidence.figures.names import enough_room, full, listed, short
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, INK, SMALL, VERMILLION, bare
from lib.evidence.numbers import number
from lib.measure.proximity import spanning_tree

__all__ = ["ClassGraph", "Edge", "classical_scaling", "draw", "gather"]

NAMES = {True: "class-graph", False: "class-graph-raw"}
_SHOWN = 0.10
_MOST = 16
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the tree, or one that is in the tree of some resamples.

    Parameters
    ----------
    first, second : int
        Nodes.
    distance, support : float
        Support is the share of resamples whose tree has the edge.
    """

    first: int
    second: int
    distance: float
    support: float


@dataclass(frozen=True, slots=True, eq=False)
class ClassGraph:
    """The graph as it is drawn.

    Parameters
    ----------
    network : str
    names : tuple of str
        Of the nodes; the last is noise.
    target : int
        The class of noise.
    nearest : int
        The class that is nearest to noise.
    tree, others : tuple of Edge
        Edges of the tree, shortest first, and the others of more support than a tenth.
    points : (nodes, 2) float64 array
        Where the nodes are drawn.
    kept : float
        Share of the variance that two dimensions keep.
    centred : bool
        Whether the mean of the class means was taken off.
    """

    network: str
    names: tuple[str, ...]
    target: int
    nearest: int
    tree: tuple[Edge, ...]
    others: tuple[Edge, ...]
    points: Array
    kept: float
    centred: bool


def classical_scaling(distances: Array) -> tuple[Array, float]:
    """Return points of the plane by classical multidimensional scaling, and the share of variance that they keep.

    Parameters
    ----------
    distances : (N, N) float64 array
        ½(1 − cos): a quarter of the squared Euclidean distance between unit vectors, so that they enter unsquared.

    References
    ----------
    Torgerson, W. S. (1952), Psychometrika 17, 401–419.
    """
    centring = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances @ centring)
    values = np.maximum(values[::-1], 0)
    axes = vectors[:, ::-1][:, :2]
    # An eigenvector has no sign: the same picture is to come out everywhere.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), [0, 1]])
    return axes * np.sqrt(values[:2]), float(values[:2].sum() / values.sum())


def _tree(distances: Array) -> dict[tuple[int, int], float]:
    names = tuple(str(i) for i in range(len(distances)))
    edges = ((sorted((int(a), int(b))), d) for a, b, d in spanning_tree(distances, names))
    return {(first, second): d for (first, second), d in edges}


def gather(source: Sources, *, centred: bool) -> ClassGraph:
    """Find the tree, and in how many resamples its edges are found again.

    Raises
    ------
    Unavailable
        If there are no features or too many classes.
    """
    subject = source.subject
    classes = enough_room(subject.classes, _MOST)
    found = resampled_distances(source, centred=centred)
    counts = Counter(edge for each in found.resampled for edge in _tree(each))
    tree = _tree(found.values)

    def edge(ends: tuple[int, int]) -> Edge:
        return Edge(*ends, float(found.values[ends]), counts[ends] / len(found.resampled))

    rest = sorted(ends for ends, n in counts.items() if ends not in tree and n / len(found.resampled) >= _SHOWN)
    points, kept = classical_scaling(found.values)
    return ClassGraph(
        source.network,
        (*classes, "noise"),
        subject.target.index,
        int(found.values[-1, :-1].argmin()),
        tuple(edge(ends) for ends in tree),
        tuple(edge(ends) for ends in rest),
        points,
        kept,
        centred,
    )


def draw(data: ClassGraph) -> Drawing:
    """Return the tree in the plane."""
    noise = len(data.names) - 1
    words = [f"{short(name)}" for name in data.names]

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        bare(axes)
        for each in data.others:
            axes.plot(*data.points[[each.first, each.second]].T, color=INK, alpha=0.6, linewidth=1, linestyle=":")
        for each in data.tree:
            color = VERMILLION if each.second == noise else BLUE
            line = {"linewidth": 0.8 + 3 * each.support, "solid_capstyle": "round", "zorder": 2}
            axes.plot(*data.points[[each.first, each.second]].T, color=color, **line)
        for i, point in enumerate(data.points):
            mark = (
                {"marker": "*", "color": VERMILLION, "s": 150}
                if i == noise
                else {"marker": "o", "color": BLUE, "s": 42}
            )
            axes.scatter(*point, zorder=3, linewidths=0, **mark)
        axes.set_aspect("equal")
        axes.margins(0.14, 0.1)
        canvas.canvas.draw()
        place_labels(axes, data.points, words, _drawn(data), [f"{100 * e.support:.0f}" for e in data.tree], SMALL)

    joined = [e for e in data.tree if e.second == noise]
    ends = [
        f"{full(data.names[e.first])} (distance {number(e.distance)}, in {100 * e.support:.0f} % of resamples)"
        for e in joined
    ]
    longest = "; ".join(
        f"{full(data.names[e.first])}–{full(data.names[e.second])} {number(e.distance)}, {100 * e.support:.0f} %"
        for e in data.tree
    )
    how = "after the mean of the class means is taken off" if data.centred else "without centring, as the post measured"
    return Drawing(
        NAMES[data.centred],
        "test_feature_proximity",
        "Classes and noise in feature space" + ("" if data.centred else ", as the post measured"),
        f"Graph of {noise} classes and noise. The minimum spanning tree joins noise to {listed(ends)}; nearest to "
        f"noise is {full(data.names[data.nearest])}, and the class of noise is {full(data.names[data.target])}. Edges "
        f"with distance and support: {longest}.",
        f"Minimum spanning tree of the distances ½(1 − cos) between the mean features of {noise} classes and of noise "
        f"(★) in {data.network}, {how}. Numbers and width: per cent of {RESAMPLES} resamples of the images whose tree "
        "has the edge; dotted: edges that a tenth of the resamples or more have instead. Drawn by classical scaling "
        f"to two dimensions, which keep {100 * data.kept:.0f} % of the variance.",
        paint,
        height=4.4,
    )


def _drawn(data: ClassGraph) -> list[tuple[Array, Array]]:
    return [(data.points[e.first], data.points[e.second]) for e in data.tree]
