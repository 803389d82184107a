"""What every frozen value of the package asks of its numbers when it is made."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def error_rate(alpha: float) -> float:
    """Return a one-sided error rate, or raise ValueError unless 0 < `alpha` < 1."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha!r}")
    return float(alpha)


def finite_sample(name: str, values: ArrayLike, *, minimum: int = 1) -> NDArray[np.float64]:
    """Return a one-dimensional float array of at least `minimum` finite numbers, or raise ValueError.

    Examples
    --------
    >>> finite_sample("values", [1, 2]).tolist()
    [1.0, 2.0]
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or sample.size < minimum:
        raise ValueError(f"{name} must be one-dimensional with at least {minimum} values, not of shape {sample.shape}")
    if not np.isfinite(sample).all():
        raise ValueError(f"{name} holds {int((~np.isfinite(sample)).sum())} values that are not finite")
    return sample


def require_scores(given: NDArray[np.float64], drawn: NDArray[np.float64]) -> None:
    """Refuse scores of classes, (m, k), and resampled ones, (B, m, k), of which nothing can be said.

    Raises ValueError if shapes do not fit, a number is not finite, or a row gives all classes the same score.

    Examples
    --------
    >>> require_scores(np.array([[1.0, 2.0], [3.0, 3.0]]), np.ones((2, 2, 2)))
    Traceback (most recent call last):
    ValueError: a score is the same for all classes, so that it says nothing of them
    """
    if given.ndim != 2 or min(given.shape) < 2 or drawn.ndim != 3 or drawn.shape[1:] != given.shape or len(drawn) < 2:
        raise ValueError(
            f"scores need the shape (scores, classes) and resampled ones (resamples, scores, classes), two of each "
            f"at least, not {given.shape} and {drawn.shape}"
        )
    if not (np.isfinite(given).all() and np.isfinite(drawn).all()):
        raise ValueError("a score or a resampled score is not finite")
    if np.any(np.ptp(given, axis=1) == 0.0):
        raise ValueError("a score is the same for all classes, so that it says nothing of them")


def resampled_variance(values: NDArray[np.float64]) -> float:
    """Return the variance of a statistic over resamples; 0 where its values are equal but for rounding.

    Examples
    --------
    >>> resampled_variance(np.array([1.0, 3.0])), resampled_variance(np.array([0.3, 0.1 + 0.2]))
    (2.0, 0.0)
    """
    return float(np.var(values, ddof=1)) if np.ptp(values) > 1e-12 else 0.0


def store_counts(target: Any, *names: str, minimum: int = 0) -> None:
    """Turn fields of a frozen dataclass into plain ints, so that they can be written as JSON.

    Raises TypeError if a field is not an integer; ValueError if it is below `minimum`.
    """
    for name in names:
        number = operator.index(getattr(target, name))
        if number < minimum:
            raise ValueError(f"{name} must be at least {minimum}, not {number}")
        object.__setattr__(target, name, number)


def store_finite(target: Any, *names: str, minimum: float = -math.inf) -> None:
    """Turn fields of a frozen dataclass into plain finite floats; a field that is None stays None.

    Raises ValueError if a field is NaN, infinite, or below `minimum`.
    """
    for name in names:
        given = getattr(target, name)
        if given is None:
            continue
        number = float(given)
        if not (math.isfinite(number) and number >= minimum):
            raise ValueError(f"{name} must be finite and at least {minimum}, not {given!r}")
        object.__setattr__(target, name, number)
