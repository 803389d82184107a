"""The post's distance graph: ten classes and noise, d(v, w) = ½(1 − cos(v, w)) between mean features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from why_bird.errors import Unavailable
from why_bird.measure.group_means import GroupMeans, Products, group_means

Array = NDArray[np.float64]

BETWEEN = (-1.0, 1.0)
"""Where a difference of two distances ½(1 − cos) lies."""

LARGEST = 2**31
"""Bytes that the distances with each image left out may take: so many of 130 classes and 15,000 images."""

_ROUNDING = 1e-12
"""Squared length, of the largest one, below which a centred mean is what rounding left of a difference."""


@dataclass(frozen=True, slots=True, eq=False)
class Proximity:
    """Distances between the K classes and noise, and the same with each image left out.

    Noise is the last row and column.
    """

    distances: Array
    """(K + 1, K + 1)."""
    replicates: tuple[Array, ...]
    """(n_g, K + 1, K + 1) each, for each class, then for noise: the distances with each of its images left out in
    turn."""

    @property
    def noise(self) -> int:
        """Index of noise."""
        return len(self.distances) - 1

    def nearer(self, own: int, other: int) -> tuple[float, list[Array]]:
        """Return d(noise, other) − d(noise, own), and the same with each image left out."""
        every = (self.distances, *self.replicates)
        value, *left_out = (each[..., self.noise, other] - each[..., self.noise, own] for each in every)
        return float(value), left_out


def cosine_distances(products: Products, *, centred: bool) -> Array:
    """Return ½(1 − cos) between group means; the last group is noise, the others are classes.

    The result is a (..., K + 1, K + 1) float64 array: between 0 (same direction) and 1 (opposite). Raises Unavailable
    if a mean has no direction: it is zero, or with centring μ₀, up to rounding.

    Parameters
    ----------
    products : Products
        Of K classes and noise, (..., K + 1, K + 1).
    centred : bool
        Whether the balanced mean μ₀ of the class means is taken off every vector first. Features after
        a ReLU are positive, so that raw cosines are all close to 1.
    """
    gram = _about_the_balanced_mean(products.gram) if centred else products.gram
    largest = np.diagonal(products.gram, axis1=-2, axis2=-1).max(-1, keepdims=True)
    squared = np.diagonal(gram, axis1=-2, axis2=-1)
    if not (squared > _ROUNDING * largest).all():
        origin_name = "the mean of the class means" if centred else "zero"
        raise Unavailable(f"the mean feature vector of a class or of noise is {origin_name}, so it has no direction")
    norm = np.sqrt(squared)
    cosine = gram / (norm[..., :, None] * norm[..., None, :])
    return np.asarray(0.5 * (1 - np.clip(cosine, -1, 1)))


def _about_the_balanced_mean(gram: Array) -> Array:
    """Return inner products of the group means less the mean of all but the last of them."""
    origin = gram[..., :-1].mean(-1, keepdims=True)
    moved = gram - origin - np.swapaxes(origin, -1, -2) + origin[..., :-1, :].mean(-2, keepdims=True)
    return np.asarray(moved)


def log_strength(products: Products) -> Array:
    """Return log(‖μ_noise − μ₀‖ / mean over the classes of ‖μ_c − μ₀‖); of the groups the last is noise.

    The result is a (...) float64 array: −∞ where the mean of noise is μ₀. `products` are of K classes and noise, (...,
    K + 1, K + 1).

    Examples
    --------
    >>> from why_bird.measure.group_means import group_means
    >>> classes, noise = [np.array([[1.0, 0.0]] * 2), np.array([[-1.0, 0.0]] * 2)], np.array([[0.0, 3.0]] * 2)
    >>> round(float(np.exp(log_strength(group_means([*classes, noise]).products))), 4)  # three times as far as a class
    3.0
    """
    squared = np.diagonal(_about_the_balanced_mean(products.gram), axis1=-2, axis2=-1)
    lengths = np.sqrt(np.maximum(squared, 0.0))
    if not lengths[..., :-1].any(-1).all():
        raise Unavailable("the classes have one mean feature, so noise is at no number of their distances from it")
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(lengths[..., -1]) - np.log(lengths[..., :-1].mean(-1)))


def bottleneck(distances: Array, start: int, end: int) -> Array:
    """Return the bottleneck of the best path between two nodes that does not use their own edge.

    The bottleneck of a path is its longest edge; the best path has the shortest one. The minimum
    spanning tree holds the edge (start, end) exactly when the edge is shorter than this.

    `distances` is a (..., N, N) float64 array. The result is a (...) float64 array.

    Notes
    -----
    Floyd's algorithm over (min, max) instead of (min, +): Pollack, M. (1960), "The maximum capacity
    through a network", Operations Research 8, 733–736.

    Examples
    --------
    >>> distances = np.array([[0, 1, 5], [1, 0, 2], [5, 2, 0.0]])
    >>> float(bottleneck(distances, 0, 2))  # by way of 1
    2.0
    """
    path = distances.copy()
    path[..., start, end] = path[..., end, start] = np.inf
    for via in range(path.shape[-1]):
        np.minimum(path, np.maximum(path[..., :, via, None], path[..., None, via, :]), out=path)
    return np.asarray(path[..., start, end])


def spanning_tree(distances: Array, names: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """Return the edges of the minimum spanning tree, shortest first.

    Examples
    --------
    >>> spanning_tree(np.array([[0, 1, 5], [1, 0, 2], [5, 2, 0.0]]), ("cat", "dog", "noise"))
    [('cat', 'dog', 1.0), ('dog', 'noise', 2.0)]
    """
    later, earlier = np.tril_indices(len(names), -1)
    # Places in the order of length have the same tree, and none of them is 0, which would be no edge.
    places = np.argsort(np.argsort(distances[later, earlier], kind="stable")) + 1
    tree = minimum_spanning_tree(coo_matrix((places, (earlier, later)), shape=distances.shape)).tocoo()
    found = sorted(zip(tree.data, tree.row, tree.col, strict=True))
    return [(names[a], names[b], float(distances[a, b])) for _, a, b in found]


def measure_proximity(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    noise: NDArray[np.floating],
    *,
    centred: bool = True,
) -> Proximity:
    """Return :func:`proximity_of` (N, D) features of test images of classes 0 … K − 1, and (M, D) of noise.

    Examples
    --------
    >>> features, noise = np.array([[1.0, 0.0]] * 2 + [[-1.0, 0.0]] * 2), np.array([[3.0, 0.0]] * 2)
    >>> measure_proximity(features, np.array([0, 0, 1, 1]), noise).distances[-1].tolist()  # along class 0
    [0.0, 1.0, 0.0]
    """
    classes = int(labels.max()) + 1
    return proximity_of(group_means([*(features[labels == c] for c in range(classes)), noise]), centred=centred)


def proximity_of(groups: GroupMeans, *, centred: bool) -> Proximity:
    """Measure the distances of the graph, and how they hang on each image, of the K classes and, last, of noise.

    See :func:`cosine_distances` for `centred`.

    Raises Unavailable if a mean has no direction, or there are so many classes that the replicates would not fit into
    memory.
    """
    classes = len(groups.means) - 1
    needed = sum(map(len, groups.vectors)) * (classes + 1) ** 2 * 8
    if needed > LARGEST:
        raise Unavailable(
            f"the distances between {classes:,} classes, with each image left out in turn, would take "
            f"{needed / 2**30:,.0f} GiB"
        )
    replicates = tuple(cosine_distances(products, centred=centred) for products in groups.left_out())
    return Proximity(cosine_distances(groups.products, centred=centred), replicates)
