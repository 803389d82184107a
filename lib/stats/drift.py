"""Whether a finding has moved: two independent draws held against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from lib.stats.estimate import Estimate, Interval

__all__ = ["Drift", "DriftOutcome", "drift"]

_RED_ALPHA = 1e-4
_MARGIN_IN_SE = 5.4


class DriftOutcome(StrEnum):
    """What the gate says about a finding."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a finding has moved, and what the gate says about it.

    Parameters
    ----------
    outcome : DriftOutcome
        Green: within the margin. Red: beyond it. Amber: neither can be said.
    sentence : str
        One plain sentence.
    difference : float
        New value minus accepted value.
    margin : float
        The difference that would matter.
    interval95 : Interval
        Of the difference.

    Raises
    ------
    ValueError
        If the difference is not finite or the margin is not positive.
    """

    outcome: DriftOutcome
    sentence: str
    difference: float
    margin: float
    interval95: Interval

    def __post_init__(self) -> None:
        if not math.isfinite(self.difference) or not 0.0 < self.margin < math.inf:
            raise ValueError(f"a drift of {self.difference!r} against a margin of {self.margin!r} cannot be judged")


def drift(accepted: Estimate, new: Estimate, margin_floor: float) -> Drift:
    """Hold a new estimate against the accepted one, both from fresh and independent draws.

    Parameters
    ----------
    accepted, new : Estimate
        The two estimates of one quantity.
    margin_floor : float
        The least margin: half the distance from the claim's threshold to its planned effect.

    Returns
    -------
    Drift

    Raises
    ------
    ValueError
        If `margin_floor` is not positive and finite.

    Notes
    -----
    The margin Δ is max(`margin_floor`, 5.4 · SE of the difference). Green when the 95 % interval of the
    difference lies in ±Δ; red when |difference| <= Δ is refused at one-sided 1e-4; amber between. The
    interval of the difference is recovered from the two estimates' own bounds, so that their fallbacks
    (a share of 1, no variation) carry over: lower = d − √((new − its lower)² + (accepted's upper − accepted)²).

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693–1702.
    """
    if not 0.0 < margin_floor < math.inf:
        raise ValueError(f"a drift margin must be positive and finite, not {margin_floor!r}")
    se = math.sqrt((accepted.variance or 0.0) + (new.variance or 0.0))
    margin = max(margin_floor, _MARGIN_IN_SE * se)
    difference = new.value - accepted.value
    interval = _difference_interval(accepted, new, 0.95)
    strict = _difference_interval(accepted, new, 1.0 - 2.0 * _RED_ALPHA)
    # Both are asked as what must be shown, so that nothing undefined is green.
    if -margin < interval.low and interval.high < margin:
        outcome, words = DriftOutcome.GREEN, "has held"
    elif strict.low > margin or strict.high < -margin:
        outcome, words = DriftOutcome.RED, "has moved"
    else:
        outcome, words = DriftOutcome.AMBER, "may have moved"
    sentence = (
        f"The finding {words}: {accepted.value:.4g} was accepted, {new.value:.4g} is new, difference "
        f"{difference:+.4g} [{interval.low:+.4g}, {interval.high:+.4g}] against a margin of ±{margin:.4g}."
    )
    return Drift(outcome, sentence, difference, margin, interval)


def _difference_interval(accepted: Estimate, new: Estimate, level: float) -> Interval:
    old, fresh = accepted.interval(level), new.interval(level)
    difference = new.value - accepted.value
    down = math.hypot(new.value - fresh.low, old.high - accepted.value)
    up = math.hypot(fresh.high - new.value, accepted.value - old.low)
    return Interval(difference - down, difference + up, level)
