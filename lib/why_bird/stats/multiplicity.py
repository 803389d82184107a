"""The error budget: fixed by the register, whatever was selected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from why_bird.stats.validation import error_rate

FAMILY_ALPHA = 0.025
"""One-sided error rate of each ledger of claims."""


def shares(weights: Mapping[str, int]) -> dict[str, float]:
    """Return each claim's share of its ledger's error budget; they sum to 1.

    Every claim of the ledger is weighed, 1 or more, as registered and never as selected; its error rate is
    ``FAMILY_ALPHA`` times its share (weighted Bonferroni). Raises ValueError if there is no claim, or a weight is below
    1.

    Examples
    --------
    >>> shares({"P1": 1, "P2": 3})
    {'P1': 0.25, 'P2': 0.75}
    """
    if not weights or min(weights.values()) < 1:
        raise ValueError(f"every claim of a ledger needs a weight of 1 or more, not {dict(weights)!r}")
    total = sum(weights.values())
    return {claim: weight / total for claim, weight in weights.items()}


def networks_needed(alpha: float) -> int:
    """Return the least number R of networks with 2⁻ᴿ <= `alpha`: with fewer no sign test could reach it.

    Raises ValueError unless 0 < `alpha` < 1.

    Examples
    --------
    >>> networks_needed(0.0042)
    8
    """
    # alpha = m · 2ᵉ with ½ <= m < 1, so 2ᵉ⁻¹ is the greatest power of two that is not above it; exact, unlike log2.
    return 1 - math.frexp(error_rate(alpha))[1]


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given; for reading only, they decide nothing.

    Examples
    --------
    >>> holm([0.01, 0.02, 0.03])  # R: p.adjust(c(.01, .02, .03), "holm")
    [0.03, 0.04, 0.04]
    """
    ordered, places = _ordered(p)
    raised = np.maximum.accumulate(ordered * np.arange(len(p), 0, -1))
    return _in_place(raised, places)


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p-values, in the order given; for reading only.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.02, 0.03])  # R: p.adjust(c(.01, .02, .03), "BH")
    [0.03, 0.03, 0.03]
    """
    ordered, places = _ordered(p)
    raised = ordered * len(p) / np.arange(1, len(p) + 1)
    return _in_place(np.minimum.accumulate(raised[::-1])[::-1], places)


def _ordered(p: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    given = np.array(p, dtype=np.float64)
    if not np.all((given >= 0.0) & (given <= 1.0)):
        raise ValueError("p-values lie between 0 and 1")
    places = np.argsort(given, kind="stable")
    return given[places], places


def _in_place(raised: NDArray[np.float64], places: NDArray[np.intp]) -> list[float]:
    found = np.empty_like(raised)
    found[places] = np.minimum(raised, 1.0)
    return [float(each) for each in found]
