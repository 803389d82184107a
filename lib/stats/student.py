"""One-sided Student bounds around a location, shared by every engine that studentises."""

from __future__ import annotations

from scipy.special import stdtr, stdtrit

__all__ = ["lower_bound", "p_above"]


def lower_bound(location: float, se: float, df: float, alpha: float) -> float:
    """Return location − t(1 − alpha; df) · se."""
    return location + float(stdtrit(df, alpha)) * se


def p_above(location: float, se: float, df: float, threshold: float) -> float:
    """Return P(T > (location − threshold) / se), the inverse of :func:`lower_bound` in alpha."""
    return float(stdtr(df, (threshold - location) / se))
