"""A tree of names in the plane, as the minimum spanning tree of distances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts.chart import Chart
from why_bird.evidence.charts.labels import place_labels
from why_bird.evidence.charts.style import BLUE, INK, VERMILLION, Canvas, bare, short
from why_bird.evidence.charts.values import Checked
from why_bird.evidence.numbers import number, probability
from why_bird.measure.proximity import spanning_tree

_LABELLED = 24
"""Of more nodes only the highlighted ones have room for a name."""

_DOTTED = 0.1
_HOW_DRAWN = "The wider, the more resamples have the edge; dotted: what a tenth or more have instead."


@dataclass(frozen=True, slots=True)
class Node(Checked):
    """A name, and where it is drawn."""

    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge(Checked):
    """A line between two nodes."""

    first: int
    second: int
    """Places of the nodes."""
    length: float
    support: float = 1.0
    """How sure it is, from 0 to 1, drawn as its width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Chart):
    """Nodes joined by edges."""

    kind: ClassVar[str] = "tree"

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    """Of the tree, labelled with their lengths."""
    others: Sequence[Edge] = ()
    """Dotted ones, that another sample would have."""
    highlight: Sequence[str] = ()
    """Nodes in another colour, with the edges that end in them."""

    def _check(self) -> None:
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

    Examples
    --------
    >>> line = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 4.0], [9.0, 4.0, 0.0]])  # squared, of points at 0, 1 and 3
    >>> points, kept = classical_scaling(line)
    >>> np.abs(np.diff(points[:, 0])).round(4).tolist(), round(kept, 4)  # R: cmdscale(sqrt(line))
    ([1.0, 2.0], 1.0)
    """
    centring = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances @ centring)
    values = np.maximum(values[::-1], 0)
    axes = vectors[:, ::-1][:, :2]
    # An eigenvector has no sign: the same picture is to come out everywhere.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    total = float(values.sum())
    return axes * np.sqrt(values[:2]), float(values[:2].sum()) / total if total else 1.0


def resampled_means(
    value: NDArray[np.float64], left_out: Sequence[NDArray[np.float64]], times: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return what resampling within groups would give, as far as each item moves the value alone.

    Parameters
    ----------
    value : (...) float64 array
    left_out : sequence of (n, ...) arrays
        By group: the value with each of its items left out in turn.

    Returns
    -------
    (times, ...) float64 array

    References
    ----------
    Efron, B. (1992), J. R. Statist. Soc. B 54, 83–111: jackknife-after-bootstrap, its linear part.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 6.0])
    >>> left_out = (values.sum() - values) / 2
    >>> found = resampled_means(values.mean(), [left_out], 1000, np.random.default_rng(0))
    >>> bool(abs(found.std() - values.std() / np.sqrt(3)) < 0.1)  # that of a mean of three
    True
    """
    moved = np.zeros((times, value.size))
    for group in left_out:
        n = len(group)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=times) - 1.0
        # An item left out moves the value by −1/(n − 1) of what it adds.
        moved -= (n - 1) / n * weights @ (group - group.mean(0)).reshape(n, -1)
    return value + moved.reshape(times, *value.shape)


def tree_of(names: Sequence[str], distances: NDArray[np.float64], resampled: NDArray[np.float64], **words: Any) -> Tree:
    """Return the minimum spanning tree of distances.

    Parameters
    ----------
    names : sequence of N str
    distances : (N, N) float64 array
    resampled : (B, N, N) float64 array
        How sure an edge is, is the share of these whose tree has it; those in a tenth of them and more are dotted.
    **words
        Title, caption, highlight: as of :class:`Tree`.

    Examples
    --------
    >>> distances = np.array([[0, 1, 5], [1, 0, 2], [5, 2, 0.0]])
    >>> tree_of(["cat", "dog", "noise"], distances, distances[None], title="noise hangs on dog").description
    'Tree of 3 nodes. Edges with their lengths: cat–dog 1.00; dog–noise 2.'
    """
    own, trees = _edges(distances), [_edges(each) for each in resampled]
    having = Counter(ends for each in trees for ends in each)
    support = {ends: having[ends] / max(1, len(trees)) for ends in (*own, *having)}
    points, kept = classical_scaling(distances)
    others = [(ends, share) for ends, share in sorted(support.items()) if ends not in own and share >= _DOTTED]
    words["caption"] = (
        f"{words.get('caption', '')} {_HOW_DRAWN} Two dimensions keep {probability(kept)} of the variance."
    )
    return Tree(
        nodes=tuple(Node(name, *point) for name, point in zip(names, points, strict=True)),
        edges=tuple(Edge(*ends, length, support[ends]) for ends, length in own.items()),
        others=tuple(Edge(*ends, float(distances[ends]), share) for ends, share in others),
        **words,
    )


def _edges(distances: NDArray[np.float64]) -> dict[tuple[int, int], float]:
    found = spanning_tree(distances, tuple(str(i) for i in range(len(distances))))
    ends = ((sorted((int(a), int(b))), length) for a, b, length in found)
    return {(first, second): length for (first, second), length in ends}
