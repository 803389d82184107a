"""How far several scores of the same few classes say the same, where the scores are uncertain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from why_bird.stats import student
from why_bird.stats.estimate import Estimate
from why_bird.stats.validation import require_scores, store_counts, store_finite

Floats = NDArray[np.float64]

LEAST_RELIABILITY = 0.5
"""Share of a score's spread between classes that has to be more than its sampling error."""
_STEP = 0.25
"""Part of a resample's deviation by which the scores are moved, to see how the concordance follows."""


@dataclass(frozen=True, slots=True)
class Concordance(Estimate):
    """Which share of the spread of m standardised scores between k classes they have in common.

    Notes
    -----
    Bounds are those of the logit, logit(value) ∓ t · se/(value(1 − value)); where the value is 0 or 1, value ∓ t · se.
    """

    value: float
    """Between 0 (what one score says of a class, others take back) and 1 (all say the same); 1/m where the scores have
    nothing to do with each other."""
    se: float
    """Standard error; 0 where the resamples say nothing about it."""
    df: int
    """Degrees of freedom of the t quantile."""
    m: int
    """Number of scores."""
    n: int
    """Number of units that the scores were made from."""
    unit: str
    note: str = ""
    """Why the interval is open, where it is."""
    method: ClassVar[str] = "concordance of standardised scores, t over resamples on the logit scale"
    support: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        store_counts(self, "df", "m", "n", minimum=1)
        store_finite(self, "value", "se", minimum=0.0)
        if self.value > 1.0:
            raise ValueError(f"a concordance lies between 0 and 1, not at {self.value!r}")

    @property
    def variance(self) -> float | None:
        """Squared standard error; None where the resamples say nothing about it."""
        return self.se**2 if self.se > 0.0 else None

    @property
    def null(self) -> float:
        """1/m, that of scores that have nothing to do with each other."""
        return 1.0 / self.m

    def _lower(self, alpha: float) -> float:
        return self._bound(self.value, alpha)

    def _upper(self, alpha: float) -> float:
        return 1.0 - self._bound(1.0 - self.value, alpha)

    def _bound(self, value: float, alpha: float) -> float:
        if self.se == 0.0:
            return -math.inf
        spread = value * (1.0 - value)
        if spread == 0.0:
            return student.lower_bound(value, self.se, self.df, alpha)
        return float(expit(student.lower_bound(float(logit(value)), self.se / spread, self.df, alpha)))


def concordance(scores: ArrayLike, resampled: ArrayLike, n: int, unit: str) -> Concordance:
    """Return the concordance of several scores of the same classes, free of their sampling error.

    Parameters
    ----------
    scores : array_like of float, shape (m, k)
        Each row scores the k classes, on a scale of its own.
    resampled : array_like of float, shape (B, m, k)
        The scores of B resamples, drawn within classes. Only how they vary is used: where they come from
        subsamples of b of n units, give scores + √(b/n)·(resampled − their mean).
    n : int
        Number of units that the scores were made from.

    Raises
    ------
    ValueError
        If a number is not finite, shapes do not fit, there are fewer than two resamples, or a row gives all
        classes the same score.

    Notes
    -----
    With r_ab the correlation of two scores over the classes, W = Σ_ab r_ab / m²: the variance of the classes' mean
    standardised score. That is Kendall's coefficient of concordance with the scores in place of their ranks, and unlike
    it smooth: two classes that are level do not make it jump.

    Sampling error weakens correlations. Its covariances, from the resamples, are taken off those of the scores,
    C_ab, before r_ab = C_ab/√(C_aa C_bb) (Spearman's correction for attenuation). The scores are moved by ± a quarter
    of each resample's deviation: half the differences give the standard error, and the mean of the sums the bias
    that is left, which is taken off too. Where the sampling error is more than half of what a score varies between
    the classes, that score says too little, and the interval is open; likewise where no resample differs.

    References
    ----------
    Kendall, M. G. and Babington Smith, B. (1939), Annals of Mathematical Statistics 10, 275–287; Spearman, C. (1904),
    American Journal of Psychology 15, 72–101.

    Examples
    --------
    >>> scores = [[1, 2, 3, 4], [10, 20, 30, 40]]
    >>> concordance(scores, [scores, scores], 10, "images").value
    1.0
    """
    given, drawn = np.asarray(scores, dtype=np.float64), np.asarray(resampled, dtype=np.float64)
    require_scores(given, drawn)
    m, k = given.shape
    # On one scale, so that nothing under- or overflows.
    spread = given.std(axis=1)[:, None]
    given, deviations = given / spread, (drawn - drawn.mean(0)) / spread
    errors = np.einsum("bak,bck->ac", deviations, deviations) / (len(drawn) - 1) * (k - 1) / k**2
    reliable = 1.0 - np.diag(errors) >= LEAST_RELIABILITY
    plain = float(np.clip(_in_common(given, np.zeros_like(errors)), 0.0, 1.0))
    if not reliable.all():
        note = f"of {int((~reliable).sum())} of {m} scores most of what varies between the classes is sampling error"
        return Concordance(plain, 0.0, 1, m, n, unit, note)
    if not np.diag(errors).all():
        note = f"a score does not change when {unit} are resampled, which says nothing about its error"
        return Concordance(plain, 0.0, 1, m, n, unit, note)
    up, down = (_in_common(given + side * _STEP * deviations, (1.0 + _STEP**2) * errors) for side in (1.0, -1.0))
    value = _in_common(given, errors)
    bias = float(np.mean((up + down) / 2.0 - value)) / _STEP**2
    se = float(np.std((up - down) / (2.0 * _STEP), ddof=1))
    return Concordance(float(np.clip(value - bias, 0.0, 1.0)), se, len(drawn) - 1, m, n, unit)


def _in_common(scores: Floats, errors: Floats) -> Floats:
    """Return the mean correlation of scores (..., m, k) over all pairs, each with itself too, less errors."""
    centred = scores - scores.mean(axis=-1, keepdims=True)
    covariance = np.einsum("...ak,...bk->...ab", centred, centred) / scores.shape[-1] - errors
    sd = np.sqrt(np.maximum(np.einsum("...aa->...a", covariance), 1e-12))
    return np.asarray(np.mean(covariance / (sd[..., :, None] * sd[..., None, :]), axis=(-2, -1)))
