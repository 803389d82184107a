"""How evenly predictions spread over the classes."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, entr

from why_bird.stats.estimate import Estimate, Scale


@dataclass(frozen=True, slots=True)
class PredictionEntropy(Estimate):
    """Entropy of the predicted classes as a share of its greatest value, ln K.

    Notes
    -----
    At error rate α every class has a two-sided Clopper–Pearson interval of error α/K, so all K hold
    together with probability 1 − α. upper(α) is the greatest entropy of a distribution inside that box,
    found by filling the classes up to one level (the entropy is Schur-concave). lower(α) is a bound on
    the least one from below: the Lagrangian dual max over λ of λ + Σ min over the box's ends of
    h(p) − λp with h(p) = −p ln p, whose kinks are at λ_k = (h(u_k) − h(l_k)) / (u_k − l_k). Both are
    conservative and never of zero width.

    Examples
    --------
    >>> round(PredictionEntropy((3, 1), "images").value, 4)  # R: -sum(p * log2(p)) with p = c(3, 1) / 4
    0.8113
    """

    counts: tuple[int, ...]
    """How many units were predicted as each of the K >= 2 classes, zeros included."""
    unit: str
    method: ClassVar[str] = "simultaneous Clopper–Pearson, inverted"
    null: ClassVar[None] = None
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        counts = tuple(operator.index(count) for count in self.counts)
        if len(counts) < 2 or min(counts) < 0 or sum(counts) == 0:
            raise ValueError(f"counts of at least two classes and one unit are needed, not {self.counts!r}")
        object.__setattr__(self, "counts", counts)

    @property
    def _shares(self) -> NDArray[np.float64]:
        return np.array(self.counts, dtype=np.float64) / self.n

    @property
    def value(self) -> float:
        """Entropy of the observed shares / ln K, from 0 to 1."""
        return min(float(entr(self._shares).sum() / math.log(len(self.counts))), 1.0)

    @property
    def n(self) -> int:
        """Number of predictions."""
        return sum(self.counts)

    @property
    def variance(self) -> float | None:
        """Variance by the delta method; None where it vanishes (one class only, or all equal)."""
        shares = self._shares[self._shares > 0.0]
        spread = float(np.sum(shares * np.log(shares) ** 2) - entr(shares).sum() ** 2)
        variance = spread / (self.n * math.log(len(self.counts)) ** 2)
        return variance if variance > 1e-15 else None

    def _box(self, alpha: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        counts = np.array(self.counts, dtype=np.float64)
        tail = alpha / (2 * counts.size)
        low, high = np.zeros_like(counts), np.ones_like(counts)
        some, missed = counts > 0, counts < self.n
        low[some] = betaincinv(counts[some], self.n - counts[some] + 1, tail)
        high[missed] = betainccinv(counts[missed] + 1, self.n - counts[missed], tail)
        return low, high

    def _lower(self, alpha: float) -> float:
        low, high = self._box(alpha)
        kinks = (entr(high) - entr(low)) / (high - low)
        at_low = entr(low) - kinks[:, None] * low
        at_high = entr(high) - kinks[:, None] * high
        dual = kinks + np.minimum(at_low, at_high).sum(axis=1)
        return float(dual.max()) / math.log(len(self.counts))

    def _upper(self, alpha: float) -> float:
        low, high = self._box(alpha)
        # The total mass grows piecewise linearly with the water level, with kinks at the box's ends.
        levels = np.sort(np.concatenate([low, high]))
        mass = np.clip(levels[:, None], low, high).sum(axis=1)
        shares = np.clip(np.interp(1.0, mass, levels), low, high)
        return float(entr(shares).sum() / math.log(shares.size))
