"""The difference of two proportions of the same units, by Tango's score test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from why_bird.stats.score import Score, ScoreDifference
from why_bird.stats.validation import store_counts


@dataclass(frozen=True, slots=True)
class PairedDrop(ScoreDifference):
    """How much more often the first condition holds than the second, on the same units.

    Notes
    -----
    Tango's score test of p(first) − p(second) = Δ, with b and c the discordant counts: the excess
    (b − c)/n − Δ is held against the variance σ²/n, σ² = 2q + Δ(1 − Δ), where q, the constrained
    maximum-likelihood estimate of the probability of *second only*, is (√(B² − 4AC) − B) / 2A with A = 2n,
    B = −b − c + (2n − b + c)Δ, C = −cΔ(1 − Δ). Of one pair the third moment is Δ − 3Δ(2q + Δ) + 2Δ³;
    :class:`~why_bird.stats.score.Score` says how that widens the test. The bounds invert it by bisection. The variance
    under the constraint is positive also where no pair is discordant.

    References
    ----------
    Tango, T. (1998), Statistics in Medicine 17, 891–908; for the skewness Gart, J. J. and Nam, J. (1988),
    Biometrics 44, 323–338.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    """The two-by-two table of the paired units."""
    unit: str
    method: ClassVar[str] = "Tango score, widened for skewness"

    def __post_init__(self) -> None:
        store_counts(self, "both", "first_only", "second_only", "neither")
        if self.n == 0:
            raise ValueError("a paired table needs at least one pair")

    @property
    def value(self) -> float:
        """Share of the first condition minus share of the second."""
        return (self.first_only - self.second_only) / self.n

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def variance(self) -> float:
        """Multinomial variance with one pair added to either discordant cell, so that it is never 0."""
        total = self.n + 2
        first, second = (self.first_only + 1) / total, (self.second_only + 1) / total
        return (first + second - (first - second) ** 2) / self.n

    @property
    def _mirror(self) -> PairedDrop:
        return PairedDrop(self.both, self.second_only, self.first_only, self.neither, self.unit)

    def score(self, difference: float) -> Score:
        """Return what the data say of a hypothetical difference of the shares, from −1 to 1."""
        n, b, c = self.n, self.first_only, self.second_only
        linear = -b - c + (2 * n - b + c) * difference
        constant = -c * difference * (1.0 - difference)
        root = math.sqrt(max(linear * linear - 8 * n * constant, 0.0))
        # The root without cancellation: the product of the two roots is known.
        q = (root - linear) / (4 * n) if linear <= 0 else -2.0 * constant / (root + linear)
        discordant = 2.0 * q + difference
        variance = discordant - difference**2
        excess = self.value - difference
        if variance <= 0.0:
            return Score(excess, 0.0, 0.0)
        third = difference * (1.0 - 3.0 * discordant + 2.0 * difference**2)
        return Score(excess, math.sqrt(variance / n), third / (variance * n))


def paired_drop(first: ArrayLike, second: ArrayLike, unit: str = "noise images") -> PairedDrop:
    """Return how much more often `first` holds than `second` on the same units.

    Raises ValueError if the two are not boolean, one-dimensional, not empty and equally long.

    Parameters
    ----------
    first, second : array_like of bool, shape (n,)
        Whether the condition holds for each unit, in the same order.

    Examples
    --------
    >>> drop = paired_drop([True, True, True, False], [True, False, False, False])
    >>> drop.value, drop.first_only, drop.second_only
    (0.5, 2, 0)
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.dtype != np.bool_ or b.dtype != np.bool_ or a.ndim != 1 or a.shape != b.shape or a.size == 0:
        raise ValueError(
            "paired_drop needs two boolean arrays of one length, "
            f"not {a.dtype} of shape {a.shape} and {b.dtype} of shape {b.shape}"
        )
    return PairedDrop(
        both=int(np.count_nonzero(a & b)),
        first_only=int(np.count_nonzero(a & ~b)),
        second_only=int(np.count_nonzero(~a & b)),
        neither=int(np.count_nonzero(~a & ~b)),
        unit=unit,
    )
