"""The probability that one sample's unit exceeds the other's, by Brunner and Munzel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from why_bird.stats import student
from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.validation import finite_sample, store_counts, store_finite

Array = NDArray[np.float64]


def placements(images: ArrayLike, noise: ArrayLike) -> tuple[Array, Array]:
    r"""Return the placement of each image among the noise, and of each noise among the images, in O(n log n).

    Raises ValueError if there is none of either, or a score is not finite.

    Parameters
    ----------
    images, noise : array_like of float, shapes (m,) and (n,)
        Scores, higher for noise.

    Returns
    -------
    of_images : (m,) float64 array
        :math:`V_i = \frac{1}{n} \sum_j [Y_j > X_i] + \frac12 [Y_j = X_i]`: the share of noise above image i.
    of_noise : (n,) float64 array
        The share of images below noise j, ties counting half. The mean of either is the AUROC.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44, 837–845; from ranks as in Sun, X. and
    Xu, W. (2014), IEEE Signal Processing Letters 21, 1389–1393.

    Examples
    --------
    >>> of_images, of_noise = placements([0, 1, 2], [1, 3])
    >>> of_images.tolist(), of_noise.tolist()  # either has the AUROC as its mean
    ([1.0, 0.75, 0.5], [0.5, 1.0])
    """
    x, y = finite_sample("images", images), finite_sample("noise", noise)
    return 1.0 - _shares_below(x, y), _shares_below(y, x)


def _shares_below(points: Array, sample: Array) -> Array:
    """Return for each point the share of the sample below it, ties counting half."""
    ordered = np.sort(sample)
    twice = np.searchsorted(ordered, points, "left") + np.searchsorted(ordered, points, "right")
    return np.asarray(twice / (2 * sample.size))


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

    value: float
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
        store_finite(self, "value", "se", minimum=0.0)
        if self.value > 1.0:
            raise ValueError(f"a probability of {self.value!r} cannot be")
        if self.se > 0.0:
            store_finite(self, "df", minimum=1e-9)

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
        what = "all values are equal" if self.value == 0.5 else "the samples are separated completely"
        return f"{what}: bounded by the mass that could have stayed unseen"

    def _lower(self, alpha: float) -> float:
        return self._bound(self.value, alpha)

    def _upper(self, alpha: float) -> float:
        return 1.0 - self._bound(1.0 - self.value, alpha)

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
        return self.se / (self.value * (1.0 - self.value))

    def _p_above(self, threshold: float) -> float:
        return self._p(self.value, threshold)

    def _p_below(self, threshold: float) -> float:
        return self._p(1.0 - self.value, 1.0 - threshold)

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

    Raises ValueError if a value is not finite or a sample is too small.

    Parameters
    ----------
    x, y : array_like of float, shapes (n1,) and (n2,)
        The two samples, at least two units each.

    Examples
    --------
    >>> x, y = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4], [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    >>> found = superiority(x, y, "patients")  # R: lawstat::brunner.munzel.test gives .7890, df 17.683
    >>> round(found.value, 4), round(found.df, 3)
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
