"""A smooth statistic of several samples, by the stratified delete-one jackknife."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from why_bird.stats import student
from why_bird.stats.estimate import Estimate
from why_bird.stats.validation import finite_sample, store_counts, store_finite

Transform = Literal["identity", "exp"]


@dataclass(frozen=True, slots=True)
class Jackknife(Estimate):
    """An estimate with a jackknife standard error and a t interval.

    Notes
    -----
    Bounds are location ∓ (t + g(2t² + 1)/(6√n)) se with t = t(1 − α; df), then transformed; g is the skewness where
    it makes large errors on that side of the estimate more frequent, else 0: the correction widens and never
    narrows. A standard error of 0 says that the replicates show nothing about the sampling error: the interval is
    then infinite and `note` says so.

    References
    ----------
    Johnson, N. J. (1978), Journal of the American Statistical Association 73, 536–544.
    """

    value: float
    """The estimate as it is shown and held against a threshold: with ``transform="exp"`` the ratio, not its
    logarithm."""
    se: float
    """Standard error on the scale of the estimation (of the logarithm for ``"exp"``); 0 where no replicate differs."""
    df: float
    """Degrees of freedom of the t quantile."""
    n: int
    """Number of units over all strata."""
    unit: str
    transform: Transform = "identity"
    """How the scale of the estimation becomes the one shown."""
    null: float | None = 0.0
    """The value shown where there is no effect."""
    skewness: float = 0.0
    """Of the units' influences on the estimate."""
    support: tuple[float, float] | None = None
    """The least and the greatest value, as shown, that the quantity can take."""

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=2)
        store_finite(self, "value", "null", "skewness")
        store_finite(self, "se", minimum=0.0)
        if self.se > 0.0:
            store_finite(self, "df", minimum=1e-9)
        if self.transform not in ("identity", "exp"):
            raise ValueError(f"transform must be 'identity' or 'exp', not {self.transform!r}")
        if self.transform == "exp" and self.value <= 0.0:
            raise ValueError(f"a ratio must be positive, not {self.value!r}")

    @property
    def method(self) -> str:
        """Name of the test."""
        scale = " on the log scale" if self.transform == "exp" else ""
        return f"stratified jackknife, t{scale}, widened for skewness"

    @property
    def variance(self) -> float | None:
        """Sampling variance of the value shown (delta method for a ratio); None where se is 0."""
        if self.se == 0.0:
            return None
        return (self.se * (self.value if self.transform == "exp" else 1.0)) ** 2

    @property
    def note(self) -> str:
        """Why the interval is infinite, where it is."""
        return (
            "" if self.se > 0.0 else "no jackknife replicate differs from another, which says nothing about the error"
        )

    @property
    def _location(self) -> float:
        return math.log(self.value) if self.transform == "exp" else self.value

    def _show(self, location: float) -> float:
        if self.transform == "identity":
            return location
        return math.exp(location) if location < 700.0 else math.inf

    def _hide(self, shown: float) -> float:
        if self.transform == "identity":
            return shown
        return math.log(shown) if shown > 0.0 else -math.inf

    def _tilt(self, side: float) -> float:
        return student.tilt(side * self.skewness, self.n)

    def _lower(self, alpha: float) -> float:
        if self.se == 0.0:
            return self._show(-math.inf)
        return self._show(student.lower_bound(self._location, self.se, self.df, alpha, self._tilt(-1.0)))

    def _upper(self, alpha: float) -> float:
        if self.se == 0.0:
            return math.inf
        return self._show(-student.lower_bound(-self._location, self.se, self.df, alpha, self._tilt(1.0)))

    def _p_above(self, threshold: float) -> float:
        if self.se == 0.0:
            return 0.0 if threshold < self._show(-math.inf) else 1.0
        return student.p_above(self._location, self.se, self.df, self._hide(threshold), self._tilt(-1.0))

    def _p_below(self, threshold: float) -> float:
        if self.se == 0.0:
            return 1.0
        return student.p_above(-self._location, self.se, self.df, -self._hide(threshold), self._tilt(1.0))


def jackknife(
    value: float,
    replicates_by_stratum: Sequence[ArrayLike],
    unit: str,
    transform: Transform = "identity",
    null: float | None = None,
    support: tuple[float, float] | None = None,
) -> Jackknife:
    """Return an estimate with the stratified delete-one jackknife's standard error.

    Raises ValueError if a number is not finite, there is no stratum, or a stratum has fewer than two units.

    Parameters
    ----------
    value : float
        The statistic on all data, on the scale of the estimation: the logarithm for ``transform="exp"``.
    replicates_by_stratum : sequence of array_like of float, shapes (n_h,)
        For each stratum (independent sample) the statistic, on that scale, with one unit of the
        stratum left out and all others kept.
    transform : {"identity", "exp"}, default "identity"
        ``"exp"`` shows the ratio whose logarithm was estimated; thresholds are then ratios.
    null : float, optional
        The value shown where there is no effect; by default 0, or 1 for a ratio.
    support : tuple of float, optional
        The least and the greatest value, as shown, that the quantity can take.

    Notes
    -----
    With influences dₕᵢ = √((n_h − 1)/n_h) · (mean of the stratum's θ₍h·₎ − θ₍hᵢ₎) and v_h = Σᵢdₕᵢ², se² = Σ v_h. Its
    degrees of freedom are Satterthwaite's (Σ v_h)² / Σ v_h²/(n_h − 1), but at most 2(Σd²)² / Σd⁴, so that a
    standard error which few units carry is trusted as few; the skewness is √n Σd³ / (Σd²)^(3/2), n = Σ n_h.

    References
    ----------
    Efron, B. and Tibshirani, R. (1993), An Introduction to the Bootstrap, chapter 11;
    Satterthwaite, F. E. (1946), Biometrics Bulletin 2, 110–114.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 4.0, 8.0])
    >>> found = jackknife(values.mean(), [(values.sum() - values) / 3], "images")
    >>> found.value, round(found.se, 4)  # of a mean it is sd/√n; R: sd(c(1, 2, 4, 8)) / 2
    (3.75, 1.5478)
    """
    strata = [finite_sample("replicates", stratum, minimum=2) for stratum in replicates_by_stratum]
    if not strata:
        raise ValueError("a jackknife needs at least one stratum")
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, not {value!r}")
    influences = [_influences(stratum) for stratum in strata]
    sizes = [stratum.size for stratum in strata]
    spreads = [float(np.sum(each**2)) * n / (n - 1) for each, n in zip(influences, sizes, strict=True)]
    plain = jackknife_from_spreads(value, spreads, sizes, unit, transform, null, support)
    if plain.se == 0.0:
        return plain
    # Scaled, so that fourth powers of tiny numbers do not underflow.
    scaled = np.concatenate(influences) / max(float(np.abs(each).max()) for each in influences)
    # Products, since NumPy takes two hundred times as long for a higher power.
    squares = scaled * scaled
    second = float(np.sum(squares))
    df = min(plain.df, 2.0 * second**2 / float(np.sum(squares * squares)))
    return replace(plain, df=df, skewness=math.sqrt(plain.n) * float(np.sum(squares * scaled)) / second**1.5)


def _influences(replicates: NDArray[np.float64]) -> NDArray[np.float64]:
    # Differences of a few rounding errors are not sampling error.
    rounding = 8.0 * np.finfo(np.float64).eps * float(np.abs(replicates).max())
    if not float(np.ptp(replicates)) > rounding:
        return np.zeros(replicates.size)
    return np.asarray(math.sqrt(1.0 - 1.0 / replicates.size) * (replicates.mean() - replicates))


def jackknife_from_spreads(
    value: float,
    spreads: ArrayLike,
    sizes: Sequence[int],
    unit: str,
    transform: Transform = "identity",
    null: float | None = None,
    support: tuple[float, float] | None = None,
) -> Jackknife:
    """Return the estimate of :func:`jackknife` from summaries of its replicates, which do not tell the skewness.

    Raises ValueError if a number is not finite, a spread is negative, or a stratum has fewer than two units.

    Parameters
    ----------
    value : float
        The statistic on all data, on the scale of the estimation.
    spreads : array_like of float, shape (H,)
        For each stratum Σᵢ(θ₍hᵢ₎ − mean of the stratum's θ₍h·₎)².
    sizes : sequence of int
        Units in each stratum, n_h, two or more.
    unit, transform, null, support
        As for :func:`jackknife`.

    Examples
    --------
    >>> found = jackknife_from_spreads(2.0, [0.5, 1.5], [4, 10], "images")
    >>> round(found.se**2, 4)  # ¾ · .5 + .9 · 1.5
    1.725
    >>> round(found.df, 2)  # Satterthwaite's 1.725² / (.375²/3 + 1.35²/9)
    11.93
    """
    given = np.asarray(spreads, dtype=np.float64)
    if given.shape != (len(sizes),) or not len(sizes) or min(sizes) < 2:
        raise ValueError(f"a jackknife needs strata of two units or more with a spread each, not {list(sizes)!r}")
    if not (np.isfinite(given).all() and (given >= 0.0).all() and math.isfinite(value)):
        raise ValueError(f"value {value!r} and spreads {given.tolist()!r} must be finite, and spreads 0 or more")
    parts = [(n - 1) / n * float(spread) for n, spread in zip(sizes, given, strict=True)]
    total = sum(parts)
    # By shares of the total, whose squares do not underflow where all spreads are tiny.
    df = 1 / sum((v / total) ** 2 / (n - 1) for v, n in zip(parts, sizes, strict=True)) if total > 0.0 else 0.0
    if null is None:
        null = 1.0 if transform == "exp" else 0.0
    shown = math.exp(value) if transform == "exp" else float(value)
    return Jackknife(shown, math.sqrt(total), df, sum(sizes), unit, transform, null, support=support)
