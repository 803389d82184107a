"""Ranks of a few numbers, such as the scores of classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def midranks(scores: ArrayLike) -> NDArray[np.float64]:
    """Return the rank of each number along the last axis, from 1; those that tie share the mean of their ranks.

    Parameters
    ----------
    scores : (..., k) array_like of float
        All pairs of the k are compared, so k is to be small.

    Examples
    --------
    >>> midranks([3.0, 1.0, 3.0])  # R: rank(c(3, 1, 3))
    array([2.5, 1. , 2.5])
    """
    own, others = np.expand_dims(scores, -1), np.expand_dims(scores, -2)
    return np.asarray((others < own).sum(-1) + ((others == own).sum(-1) + 1) / 2)
