"""Gram matrix of group means, and what each single image does to it (delete-one jackknife)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Inner products between group means, once or once for each image left out."""

    gram: Array
    """(..., G, G): inner products of the G group means."""
    square: Array
    """(..., G): mean of the squared norms of a group's vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupMeans:
    """Groups of vectors reduced to their means, with the vectors kept for the jackknife."""

    vectors: tuple[Array, ...]
    """(n_g, D) each."""
    means: Array
    """(G, D)."""
    products: Products
    """Of all vectors."""

    def left_out(self) -> Iterator[Products]:
        """Yield, group by group, the products with each of its vectors left out in turn.

        Leaving vector f out of a group of n moves its mean by δ = (mean − f)/(n − 1) and leaves the others, so one row
        and column of the Gram matrix change: nothing is averaged again. ``gram`` is (n_g, G, G) then, and ``square``
        (n_g, G).
        """
        for group, f in enumerate(self.vectors):
            n = len(f)
            change = (self.means[group] - f) / (n - 1)
            gram = np.array(np.broadcast_to(self.products.gram, (n, *self.products.gram.shape)))
            shift = change @ self.means.T
            gram[:, group, :] += shift
            gram[:, :, group] += shift
            gram[:, group, group] += _squared_norms(change)
            square = np.array(np.broadcast_to(self.products.square, (n, *self.products.square.shape)))
            square[:, group] += (square[:, group] - _squared_norms(f)) / (n - 1)
            yield Products(gram, square)


def group_means(groups: Sequence[NDArray[np.floating]]) -> GroupMeans:
    """Reduce groups of vectors to means and inner products, in double precision.

    Groups are (n_g, D) arrays, of two vectors or more. Raises ValueError if a group has fewer than two vectors.

    Examples
    --------
    >>> found = group_means([np.array([[1.0, 0.0], [3.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 4.0]])])
    >>> found.products.gram.tolist()
    [[4.0, 0.0], [0.0, 9.0]]
    """
    vectors = tuple(np.asarray(group, dtype=np.float64) for group in groups)
    small = [i for i, group in enumerate(vectors) if len(group) < 2]
    if small:
        raise ValueError(f"group {small[0]} has {len(vectors[small[0]])} vectors: a jackknife needs two or more")
    means = np.stack([group.mean(0) for group in vectors])
    square = np.array([_squared_norms(group).mean() for group in vectors])
    return GroupMeans(vectors, means, Products(means @ means.T, square))


def _squared_norms(vectors: Array) -> Array:
    """Return (n,) squared norms of (n, D) vectors; squaring them all first takes seven times as long."""
    return np.asarray(np.einsum("ij,ij->i", vectors, vectors))
