"""Whether a finding has moved: two independent looks at one quantity held against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from why_bird.stats.estimate import Estimate, Interval

_RED_ALPHA = 1e-4
_MARGIN_IN_SE = 5.7

GATE_LEVEL = 1.0 - 2.0 * _RED_ALPHA
"""Confidence of the interval whose ends are one-sided bounds at 1e-4."""


class DriftOutcome(StrEnum):
    """What the gate says about a finding."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the gate needs of an estimate, and what can be kept of it in a file.

    Raises ValueError if the value or its variance is not finite, or an interval has another level.
    """

    value: float
    variance: float
    """Sampling variance of `value`; 0 where it is exact or the data show no variation."""
    reading: Interval
    strict: Interval
    """Of confidence .95 and `GATE_LEVEL`."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or not 0.0 <= self.variance < math.inf:
            raise ValueError(f"a value of {self.value!r} with variance {self.variance!r} cannot be held")
        if not math.isclose(self.reading.level, 0.95) or not math.isclose(self.strict.level, GATE_LEVEL):
            raise ValueError(f"intervals of level .95 and {GATE_LEVEL} are held, not others")


def measured(estimate: Estimate) -> Measured:
    """Return what the gate needs of an estimate."""
    return Measured(estimate.value, estimate.variance or 0.0, estimate.interval(0.95), estimate.interval(GATE_LEVEL))


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a finding has moved, and what the gate says about it.

    Raises ValueError if the difference is not finite or the margin is not positive.
    """

    outcome: DriftOutcome
    """Green: within the margin. Red: beyond it. Amber: neither can be said."""
    accepted: float
    new: float
    """The two values."""
    margin: float
    """The difference that would matter."""
    interval95: Interval
    """Of the difference."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.difference) or not 0.0 < self.margin < math.inf:
            raise ValueError(f"a drift of {self.difference!r} against a margin of {self.margin!r} cannot be judged")

    @property
    def difference(self) -> float:
        """New value minus accepted value."""
        return self.new - self.accepted


def drift(accepted: Estimate, new: Estimate, margin_floor: float) -> Drift:
    """Hold a new estimate against the accepted one, both from fresh and independent draws.

    See :func:`drift_of` for the rule, the margin, and what is refused.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> moved = drift(Proportion(500, 1000, "images"), Proportion(700, 1000, "images"), 0.01)
    >>> moved.outcome.value, round(moved.interval95.low, 4), round(moved.interval95.high, 4)  # R: from two binom.test
    ('amber', 0.1569, 0.2423)
    """
    return drift_of(measured(accepted), measured(new), margin_floor)


def drift_of(accepted: Measured, new: Measured, margin_floor: float) -> Drift:
    """Hold what was measured anew against what was accepted.

    Raises ValueError if `margin_floor` is not positive and finite.

    Parameters
    ----------
    accepted, new : Measured
        Of one quantity, from independent draws.
    margin_floor : float
        The least margin: half the distance from the claim's threshold to its planned effect.

    Notes
    -----
    The margin Δ is max(`margin_floor`, 5.7 · SE of the difference). Green when the 95 % interval of the
    difference lies in ±Δ; red when |difference| <= Δ is refused at one-sided 1e-4; amber between. The
    interval of the difference is recovered from the two estimates' own bounds, so that their fallbacks
    (a share of 1, no variation) carry over: lower = d − √((new − its lower)² + (accepted's upper − accepted)²).

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693–1702.
    """
    if not 0.0 < margin_floor < math.inf:
        raise ValueError(f"a drift margin must be positive and finite, not {margin_floor!r}")
    reading = _difference(accepted.value, accepted.reading, new.value, new.reading)
    strict = _difference(accepted.value, accepted.strict, new.value, new.strict)
    margin = max(margin_floor, _MARGIN_IN_SE * math.sqrt(accepted.variance + new.variance))
    # Both are asked as what must be shown, so that nothing undefined is green.
    if -margin < reading.low and reading.high < margin:
        outcome = DriftOutcome.GREEN
    elif strict.low > margin or strict.high < -margin:
        outcome = DriftOutcome.RED
    else:
        outcome = DriftOutcome.AMBER
    return Drift(outcome, accepted.value, new.value, margin, reading)


def _difference(accepted: float, old: Interval, new: float, fresh: Interval) -> Interval:
    # A bound on the wrong side of its value (a mixture's) brings nothing nearer.
    down = math.hypot(max(0.0, new - fresh.low), max(0.0, old.high - accepted))
    up = math.hypot(max(0.0, fresh.high - new), max(0.0, accepted - old.low))
    return Interval(new - accepted - down, new - accepted + up, fresh.level)
