"""How often half precision gives the label of full precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.checks import Check

LEAST_EQUAL = 0.999
"""The smallest share of equal labels with which half precision may speak for full precision."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of how many images half precision gives the label of full precision."""

    kinds: Mapping[str, tuple[int, int]]
    """What the images are, to how many labels are equal, and of how many."""

    @property
    def least(self) -> float:
        """The smallest share of any kind of images, from 0 to 1."""
        return min(equal / n for equal, n in self.kinds.values())

    @property
    def check(self) -> Check:
        """Whether half precision may speak for full precision."""
        shares = [f"{equal:,} of {n:,} {kind}" for kind, (equal, n) in self.kinds.items()]
        detail = f"of {' and '.join(shares)} (at least {LEAST_EQUAL:.1%} of each needed)"
        return Check("bfloat16 gives the labels of float32", self.least >= LEAST_EQUAL, detail)


def agreement(labels: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Agreement:
    """Count equal labels.

    Parameters
    ----------
    labels : mapping of str to two (N,) int arrays
        What the images are, to their labels in the two precisions.

    Raises
    ------
    ValueError
        If there are no images, or not as many of one precision as of the other.
    """
    if not labels or any(half.shape != full.shape or not len(half) for half, full in labels.values()):
        raise ValueError("labels of the same images are compared, one image or more of each kind")
    return Agreement({kind: (int((half == full).sum()), len(half)) for kind, (half, full) in labels.items()})
