"""One-sided Student bounds around a location, shared by every engine that studentises."""

from __future__ import annotations

import math

from scipy.special import stdtr, stdtrit


def tilt(skewness: float, n: int) -> float:
    """Return the tilt that :func:`lower_bound` takes for the mean of `n` values: `skewness` / (6√n), 0 if negative."""
    return max(skewness, 0.0) / (6.0 * math.sqrt(n))


def lower_bound(location: float, se: float, df: float, alpha: float, tilt: float = 0.0) -> float:
    """Return location − (t + tilt·(2t² + 1)) · se with t = t(1 − alpha; df).

    Parameters
    ----------
    location, se, df : float
        Estimate, standard error, degrees of freedom.
    alpha : float
        One-sided error rate.
    tilt : float, default 0
        How far the studentised mean may lean to large values, 0 or more. Past alpha = 1/2 its term
        changes sides with t, so that the bound moves one way.

    Notes
    -----
    For the mean of n values of skewness γ, P(T > t) = 1 − Φ(t) − γ(2t² + 1)φ(t)/(6√n) to the second order, so
    that large T are too frequent where γ is *negative*, and Cornish and Fisher's quantile is
    t − γ(2t² + 1)/(6√n). A lower bound therefore takes the tilt of −γ and an upper one that of γ.

    References
    ----------
    Johnson, N. J. (1978), Journal of the American Statistical Association 73, 536–544; Hall, P. (1992),
    The Bootstrap and Edgeworth Expansion, section 2.6.
    """
    t = float(stdtrit(df, alpha))
    if math.isinf(t):
        # Of an odd df and an alpha near the smallest number, scipy's quantile comes back with the wrong sign.
        t = math.copysign(t, alpha - 0.5)
    lean = math.copysign(tilt * (2.0 * t * t + 1.0), t) if tilt else 0.0
    return location + (t + lean) * se


def p_above(location: float, se: float, df: float, threshold: float, tilt: float = 0.0) -> float:
    """Return the inverse of :func:`lower_bound` in alpha; without tilt P(T > (location − threshold) / se)."""
    distance = (threshold - location) / se
    if math.isinf(distance):
        return float(distance > 0.0)
    beyond = abs(distance) - tilt
    # |distance| = t + tilt·(2t² + 1), solved for t without cancellation; within ±tilt there is no t but 0.
    t = 2.0 * beyond / (1.0 + math.sqrt(1.0 + 8.0 * tilt * beyond)) if beyond > 0.0 else 0.0
    return float(stdtr(df, math.copysign(t, distance)))
