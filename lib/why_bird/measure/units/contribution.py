"""What each penultimate unit adds to the margin of a class, and how selective it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _margin_weights(weight: Array) -> Array:
    """Return (K, D) weights of the margin of each class on its own images: its logit − mean of the others'."""
    classes = len(weight)
    if classes < 2:
        raise ValueError("a margin needs a second class")
    others: Array = (weight.sum(0) - weight) / (classes - 1)
    return np.asarray(weight - others)


def class_contributions(weight: Array, means: Array) -> Array:
    """Return what each unit adds to the margin of a class on images of that class.

    `means` are the (K, D) mean activations in each class. Raises ValueError if there is one class only.

    Returns
    -------
    (K, D) float64 array
        (W_cj − mean over k ≠ c of W_kj) (μ_cj − μ₀_j), μ₀ the mean of the class means: by so much the mean margin of
        class c on its own images falls when unit j is set to μ₀_j.

    Notes
    -----
    The margin is linear in the features, so the contributions of all units and the margin at μ₀ add up to the margin.
    With two classes both rows are the same.

    Examples
    --------
    >>> weight, means = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[4.0, 0.0], [0.0, 2.0]])
    >>> class_contributions(weight, means).tolist()
    [[2.0, 1.0], [2.0, 1.0]]
    """
    return np.asarray(_margin_weights(weight) * (means - means.mean(0)))


def contributions_on(features: NDArray[np.floating], weight: Array, target: int, balanced: Array) -> Array:
    """Return (D,) what each unit adds to the margin of a class, in the mean over some images.

    The images have no class, as noise: the margin is the logit − mean of all the other classes'. Raises ValueError if
    there is one class only, or no image.

    Examples
    --------
    >>> weight, noise = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[3.0, 2.0], [5.0, 2.0]])
    >>> contributions_on(noise, weight, 0, np.array([1.0, 1.0])).tolist()
    [3.0, -1.0]
    """
    if not len(features):
        raise ValueError("contributions need an image")
    return np.asarray(_margin_weights(weight)[target] * (features.mean(0, dtype=np.float64) - balanced))


def units_counted(width: int) -> int:
    """Return ⌈.05 · width⌉: how many units count as few.

    Examples
    --------
    >>> units_counted(512)
    26
    """
    # In whole numbers: .05 · 140 is above 7 in floating point.
    return -(-width // 20)


def top_units(values: Array, m: int) -> NDArray[np.int64]:
    """Return the m units of the largest values, largest first; of equal ones, that of the lower index.

    Raises ValueError if there are fewer than m units, or m is negative.

    Examples
    --------
    >>> top_units(np.array([1.0, 5.0, 3.0, 5.0]), 3).tolist()
    [1, 3, 2]
    """
    if not 0 <= m <= len(values):
        raise ValueError(f"there are {len(values)} units, so {m} cannot be taken")
    return np.argsort(-values, kind="stable")[:m].astype(np.int64)


def top_sets(contributions: Array, m: int) -> NDArray[np.int64]:
    """Return (K, m) the units that carry most of the margin of each class: :func:`top_units` of each row.

    Examples
    --------
    >>> top_sets(np.array([[1.0, 5.0, 3.0], [9.0, 0.0, 2.0]]), 2).tolist()
    [[1, 2], [0, 2]]
    """
    return np.stack([top_units(row, m) for row in contributions])


def units_for_half(contributions: Array) -> int | None:
    """Return how many units, strongest first, carry half of the net margin.

    `contributions` is a (D,) float64 array, of either sign. Their sum is the net margin.

    Returns
    -------
    int or None
        The smallest m such that the m largest contributions add up to at least half of the sum of all. With units
        that work against the class it may be reached by fewer than a half of those that work for it. None where
        the sum is not positive: there is nothing to carry.

    Examples
    --------
    >>> units_for_half(np.array([5.0, 3.0, 2.0, -1.0]))  # 5 of a net 9
    1
    """
    net = float(contributions.sum())
    if net <= 0:
        return None
    reached = np.cumsum(np.sort(contributions)[::-1]) >= 0.5 * net
    return int(reached.argmax()) + 1


def class_selectivity(means: Array) -> Array:
    """Return (D,) how much stronger each unit responds to one class than to the others.

    `means` is a (K, D) float64 array: mean activation in each class. Raises ValueError if there is one class only.

    Returns
    -------
    (D,) float64 array
        (μ_max − μ_−max) / (μ_max + μ_−max), μ_max the largest class mean and μ_−max the mean of the others: from 0 (the
        same for all classes) to 1 (one class only). 0 for a unit that never fires, which tells no class from another;
        NaN for a unit with a negative class mean, for which the index has no such range.

    References
    ----------
    Morcos, A. S., Barrett, D. G. T., Rabinowitz, N. C. and Botvinick, M. (2018), "On the importance of single
    directions for generalization", ICLR.

    Examples
    --------
    >>> class_selectivity(np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0]])).tolist()
    [0.5, 0.0, 1.0]
    """
    if len(means) < 2:
        raise ValueError("selectivity needs a second class")
    largest = means.max(0)
    others = np.delete(np.sort(means, axis=0), -1, axis=0).mean(0)
    total = largest + others
    index = np.divide(largest - others, total, out=np.zeros(means.shape[1]), where=total > 0)
    return np.where(means.min(0) < 0, np.nan, index)
