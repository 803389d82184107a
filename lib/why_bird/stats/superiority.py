"""The probability that one sample's unit exceeds the other's, by Brunner and Munzel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from why_bird.stats import student
from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.placements import placements
from why_bird.stats.validation import finite_sample, store_counts, store_finite


@dataclass(frozen=True, slots=True)
class Superiority(Estimate):
    """P(X > Y) + P(X = Y)/2 of two independent samples; the AUROC where the samples are scores.

    Notes
    -----
    Bounds are prob ∓ t(1 − α; df) se or the same on the logit scale, logit(prob) ∓ t(1 − α; df) se/(prob(1 − prob)),
    whichever is further out, within [0, 1]: with few units the plain bound is too near where the
    probability leans to an end. At se = 0 with k = min(n1, n2): the data pin only
    masses a of X and b of Y that they have been seen to hold, with a^n1 b^n2 >= α, so a·b >= α^(1/k) and
    lower(α) = prob · α^(1/k), upper(α) = 1 − (1 − prob) α^(1/k). No data show more than complete
    separation does, so the bounds are never beyond α^(1/k) either; that holds back the t bound where
    the samples are all but separated and its variance is hardly estimated.

    References
    ----------
    Brunner, E. and Munzel, U. (2000), Biometrical Journal 42, 17–25; Kaufmann, J., Werner, C. and Brunner, E.
    (2005), Statistical Methods in Medical Research 14, 411–430, for the logit scale.
    """

    prob: float
    """The estimate, from 0 to 1."""
    se: float
    df: float
    """Standard error of `prob` and Satterthwaite degrees of freedom; se 0 where the samples are separated completely or
    all values are equal."""
    n1: int
    n2: int
    """Sample sizes."""
    unit: str
    null: ClassVar[float] = 0.5
    scale: ClassVar[Scale] = "probability"
    support: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        store_counts(self, "n1", "n2", minimum=1)
        store_finite(self, "prob", "se", minimum=0.0)
        if self.prob > 1.0:
            raise ValueError(f"a probability of {self.prob!r} cannot be")
        if self.se > 0.0:
            store_finite(self, "df", minimum=1e-9)

    @property
    def value(self) -> float:
        """Estimated P(X > Y) + P(X = Y)/2."""
        return self.prob

    @property
    def n(self) -> int:
        """Units in both samples together."""
        return self.n1 + self.n2

    @property
    def method(self) -> str:
        """Name of the test."""
        return "Brunner–Munzel, widened on the logit scale" if self.se > 0.0 else "mass never seen"

    @property
    def variance(self) -> float | None:
        """Squared standard error; None where the data show no variation."""
        return self.se**2 if self.se > 0.0 else None

    @property
    def note(self) -> str:
        """Which fallback bounds the probability where the ranks show no variation."""
        if self.se > 0.0:
            return ""
        what = "all values are equal" if self.prob == 0.5 else "the samples are separated completely"
        return f"{what}: bounded by the mass that could have stayed unseen"

    def _lower(self, alpha: float) -> float:
        return self._bound(self.prob, alpha)

    def _upper(self, alpha: float) -> float:
        return 1.0 - self._bound(1.0 - self.prob, alpha)

    def _bound(self, prob: float, alpha: float) -> float:
        separated = math.exp(math.log(alpha) / min(self.n1, self.n2))
        if self.se == 0.0:
            return prob * separated
        bound = student.lower_bound(prob, self.se, self.df, alpha)
        if 0.0 < prob < 1.0:
            on_logits = student.lower_bound(float(logit(prob)), self._logit_se, self.df, alpha)
            bound = min(bound, float(expit(on_logits)))
        return min(bound, separated)

    @property
    def _logit_se(self) -> float:
        return self.se / (self.prob * (1.0 - self.prob))

    def _p_above(self, threshold: float) -> float:
        """Return the p-value of the claim that the probability is above `threshold`."""
        return self._p(self.prob, threshold)

    def _p_below(self, threshold: float) -> float:
        """Return the p-value of the claim that the probability is below `threshold`."""
        return self._p(1.0 - self.prob, 1.0 - threshold)

    def _p(self, prob: float, threshold: float) -> float:
        k = min(self.n1, self.n2)
        if self.se == 0.0:
            return (threshold / prob) ** k if threshold < prob else 1.0
        p = max(student.p_above(prob, self.se, self.df, threshold), threshold**k)
        if 0.0 < prob < 1.0:
            on_logits = student.p_above(float(logit(prob)), self._logit_se, self.df, float(logit(threshold)))
            p = max(p, on_logits)
        return float(p)


def superiority(x: ArrayLike, y: ArrayLike, unit: str) -> Superiority:
    """Return P(X > Y) + P(X = Y)/2, from ranks in O(n log n).

    Parameters
    ----------
    x, y : array_like of float, shapes (n1,) and (n2,)
        The two samples, at least two units each.
    unit : str
        What was counted.

    Raises
    ------
    ValueError
        If a value is not finite or a sample is too small.

    Examples
    --------
    >>> x, y = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4], [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    >>> found = superiority(x, y, "patients")  # R: lawstat::brunner.munzel.test gives .7890, df 17.683
    >>> round(found.prob, 4), round(found.df, 3)
    (0.789, 17.683)
    """
    first, second = finite_sample("x", x, minimum=2), finite_sample("y", y, minimum=2)
    separated = first.min() > second.max() or first.max() < second.min()
    equal = first.min() == first.max() == second.min() == second.max()
    if separated or equal:
        return Superiority(
            float(first.min() > second.max()) if separated else 0.5, 0.0, 0.0, first.size, second.size, unit
        )
    # Brunner and Munzel's differences of ranks are these shares, times the size of the other sample.
    above, below = placements(second, first)
    variances = np.array([each.var(ddof=1) / each.size for each in (below, above)])
    variance = float(variances.sum())
    df = variance**2 / float(np.sum(variances**2 / (below.size - 1, above.size - 1)))
    return Superiority(float(below.mean()), math.sqrt(variance), df, first.size, second.size, unit)
