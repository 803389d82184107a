"""Mean ablation: what a linear head says where some penultimate units are set to their mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.readout import Head

Array = NDArray[np.float64]
Units = NDArray[np.int64]


def ablated_logits(head: Head, features: NDArray[np.floating], units: Units, balanced: Array) -> Array:
    """Return the logits where some units are set to their balanced mean.

    The result is a (N, K) float64 array: logits − (f_S − μ₀_S) W_Sᵀ for the set S of units. Where there is no unit,
    every bit of them stays as it is.

    Examples
    --------
    >>> head = Head(np.array([[2.0, 0.0], [0.0, 1.0]]), np.zeros(2))
    >>> features, balanced = np.array([[3.0, 1.0]]), np.array([1.0, 1.0])
    >>> ablated_logits(head, features, np.array([0]), balanced).tolist()  # 6 before, 2 at the balanced mean
    [[2.0, 1.0]]
    """
    return head.logits(features) - _carried(head, features, units, balanced)


def _carried(head: Head, features: NDArray[np.floating], units: Units, balanced: Array) -> Array:
    """Return (N, K) what the units carry of the logits: (f_S − μ₀_S) W_Sᵀ."""
    return np.asarray((features[:, units].astype(np.float64) - balanced[units]) @ head.weight[:, units].T)


def accuracy_cost(
    head: Head,
    features: NDArray[np.floating],
    truth: NDArray[np.integer],
    units: Units,
    balanced: Array,
    target: int,
) -> float:
    """Return what ablation costs the other classes: their accuracy before − after.

    Accuracy is taken over the test images of all classes but the target. Raises Unavailable if there is no image of
    another class.

    Examples
    --------
    >>> head = Head(np.eye(2), np.zeros(2))
    >>> features, truth = np.array([[0.0, 3.0], [0.0, 2.0], [5.0, 0.0]]), np.array([1, 1, 0])
    >>> accuracy_cost(head, features, truth, np.array([1]), np.array([1.0, -1.0]), target=0)  # class 1 is lost
    1.0
    """
    others = truth != target
    if not others.any():
        raise Unavailable("there is no test image of another class, so the cost of an ablation cannot be known")
    kept, classes = features[others], truth[others]
    after = ablated_logits(head, kept, units, balanced).argmax(1) == classes
    return float((head.labels(kept) == classes).mean() - after.mean())


def doubling_counts(limit: int) -> tuple[int, ...]:
    """Return 0, 1, 2, 4, … below a limit, and the limit.

    Examples
    --------
    >>> doubling_counts(5)
    (0, 1, 2, 4, 5)
    """
    powers = (2**i for i in range(limit.bit_length()))
    return (0, *(count for count in powers if count < limit), limit) if limit else (0,)


def ablation_curve(
    head: Head,
    features: NDArray[np.floating],
    orders: NDArray[np.int64],
    counts: tuple[int, ...],
    balanced: Array,
    target: int,
) -> Array:
    """Return the share of a class after ablating the first units of one or several orders.

    The result is a (R, C) float64 array. Raises ValueError if there is no image, or the counts do not ascend from 0 to
    L at most.

    Parameters
    ----------
    features : (N, D) array
    orders : (R, L) int array
        Units in the order in which they are ablated, such as the strongest first, or one matched set a row.
    counts : tuple of C int
        How many, each at most L, ascending; 0 is no ablation at all.
    balanced : (D,) float64 array
    target : int
        The class.

    Examples
    --------
    >>> head, noise = Head(np.eye(2), np.zeros(2)), np.array([[3.0, 1.0], [2.0, 1.0], [0.0, 1.0]])
    >>> ablation_curve(head, noise, np.array([[0]]), (0, 1), np.zeros(2), target=0).round(4).tolist()
    [[0.6667, 0.0]]
    """
    bounds = (0, *counts)
    if any(low > high for low, high in zip(bounds, counts, strict=False)) or bounds[-1] > orders.shape[1]:
        raise ValueError(f"counts {counts} have to ascend, and {orders.shape[1]} units can be ablated")
    if not len(features):
        raise ValueError("a share needs an image")
    features = features.astype(np.float64)
    intact = head.logits(features)
    shares = np.empty((len(orders), len(counts)))
    for r, order in enumerate(orders):
        logits = intact
        for c, count in enumerate(counts):
            logits = logits - _carried(head, features, order[bounds[c] : count], balanced)
            shares[r, c] = (logits.argmax(1) == target).mean()
    return shares
