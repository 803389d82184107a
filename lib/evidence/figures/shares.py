"""A share with its interval, as figures draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.style import INK
from lib.evidence.numbers import probability
from lib.stats import Proportion

__all__ = ["LEVEL", "Share", "whiskers"]

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A share of independent images, with its 95 % interval by Clopper and Pearson.

    Parameters
    ----------
    name : str
        Of what.
    value, low, high : float
    """

    name: str
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, name: str, hits: NDArray[np.bool_]) -> Self:
        """Return the share of images that are hits."""
        return cls.counted(name, int(hits.sum()), len(hits))

    @classmethod
    def counted(cls, name: str, successes: int, n: int) -> Self:
        """Return the share of n images."""
        share = Proportion(successes, n, "images")
        interval = share.interval(LEVEL)
        return cls(name, share.value, interval.low, interval.high)

    @property
    def words(self) -> str:
        """The share with its interval."""
        return f"{probability(self.value)} ({probability(self.low)} to {probability(self.high)})"


def whiskers(axes: Any, shares: tuple[Share, ...], places: NDArray[np.int64]) -> None:
    """Draw the intervals of shares that stand in rows."""
    ends = np.array([(share.value - share.low, share.high - share.value) for share in shares]).T
    values = [share.value for share in shares]
    axes.errorbar(values, places, xerr=np.maximum(ends, 0), fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
