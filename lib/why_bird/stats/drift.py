"""Whether a finding has moved: two independent looks at one quantity held against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from why_bird.stats import student
from why_bird.stats.estimate import Estimate, Interval
from why_bird.stats.network_mean import NetworkMean

__all__ = ["GATE_LEVEL", "Drift", "DriftOutcome", "Measured", "drift", "drift_of", "measured", "predicted", "welch"]

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

    Parameters
    ----------
    value : float
    variance : float
        Sampling variance of `value`; 0 where it is exact or the data show no variation.
    reading, strict : Interval
        Of confidence .95 and `GATE_LEVEL`.

    Raises
    ------
    ValueError
        If the value or its variance is not finite, or an interval has another level.
    """

    value: float
    variance: float
    reading: Interval
    strict: Interval

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

    Parameters
    ----------
    accepted, new : Measured
        Of one quantity, from independent draws.
    margin_floor : float
        The least margin: half the distance from the claim's threshold to its planned effect.

    Raises
    ------
    ValueError
        If `margin_floor` is not positive and finite.

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
    reading = _difference(accepted.value, accepted.reading, new.value, new.reading)
    strict = _difference(accepted.value, accepted.strict, new.value, new.strict)
    se = math.sqrt(accepted.variance + new.variance)
    return _judged(accepted.value, new.value, se, margin_floor, reading, strict)


def welch(accepted: NetworkMean, new: NetworkMean, margin_floor: float) -> Drift:
    """Hold the mean of several networks against that of several accepted ones.

    Parameters
    ----------
    accepted, new : NetworkMean
        One number a network.
    margin_floor : float
        See :func:`drift_of`.

    Notes
    -----
    Variances are not taken to be equal: the difference of the means ± t(f) · √(v₁ + v₂), v = s²/R, with
    f = (v₁ + v₂)² / (v₁²/(R₁ − 1) + v₂²/(R₂ − 1)). Where a mean has no variance the interval is infinite.

    References
    ----------
    Welch, B. L. (1947), Biometrika 34, 28–35.
    """
    variances = [each.variance for each in (accepted, new)]
    first, second = (variance or 0.0 for variance in variances)
    se = math.sqrt(first + second)
    df = 0.0
    if all(variances):
        df = (first + second) ** 2 / (first**2 / (accepted.n - 1) + second**2 / (new.n - 1))
    return _by_t(accepted.value, new.value, se, df, margin_floor)


def predicted(accepted: NetworkMean, new: float, margin_floor: float) -> Drift:
    """Hold one network against where one more of several accepted ones would fall.

    Parameters
    ----------
    accepted : NetworkMean
        One number a network.
    new : float
        That of the new network.
    margin_floor : float
        See :func:`drift_of`.

    Returns
    -------
    Drift
        Red where the new value lies outside the prediction interval at one-sided 1e-4 and beyond Δ; green where
        the 95 % interval of the difference, of the same standard error s·√(1 + 1/R), lies in ±Δ.
    """
    se = math.sqrt((accepted.variance or 0.0) * (accepted.n + 1))
    found = _by_t(accepted.value, new, se, accepted.n - 1 if accepted.variance else 0, margin_floor)
    ends = accepted.prediction(GATE_LEVEL)
    is_outside = not ends.low <= new <= ends.high and abs(found.difference) > found.margin
    if is_outside:
        outcome = DriftOutcome.RED
    else:
        outcome = DriftOutcome.GREEN if found.outcome is DriftOutcome.GREEN else DriftOutcome.AMBER
    sentence = _sentence(outcome, accepted.value, new, found.interval95, found.margin)
    return Drift(outcome, sentence, found.difference, found.margin, found.interval95)


def _by_t(accepted: float, new: float, se: float, df: float, margin_floor: float) -> Drift:
    ends = []
    for level in (0.95, GATE_LEVEL):
        half = -student.lower_bound(0.0, se, df, (1.0 - level) / 2.0) if df > 0.0 else math.inf
        ends.append(Interval(new - accepted - half, new - accepted + half, level))
    return _judged(accepted, new, se, margin_floor, *ends)


def _judged(accepted: float, new: float, se: float, floor: float, reading: Interval, strict: Interval) -> Drift:
    if not 0.0 < floor < math.inf:
        raise ValueError(f"a drift margin must be positive and finite, not {floor!r}")
    margin = max(floor, _MARGIN_IN_SE * se)
    # Both are asked as what must be shown, so that nothing undefined is green.
    if -margin < reading.low and reading.high < margin:
        outcome = DriftOutcome.GREEN
    elif strict.low > margin or strict.high < -margin:
        outcome = DriftOutcome.RED
    else:
        outcome = DriftOutcome.AMBER
    return Drift(outcome, _sentence(outcome, accepted, new, reading, margin), new - accepted, margin, reading)


def _sentence(outcome: DriftOutcome, accepted: float, new: float, interval: Interval, margin: float) -> str:
    words = {
        DriftOutcome.GREEN: "has held",
        DriftOutcome.AMBER: "may have moved",
        DriftOutcome.RED: "has moved",
    }[outcome]
    return (
        f"The finding {words}: {accepted:.4g} was accepted, {new:.4g} is new, difference "
        f"{new - accepted:+.4g} [{interval.low:+.4g}, {interval.high:+.4g}] against a margin of ±{margin:.4g}."
    )


def _difference(accepted: float, old: Interval, new: float, fresh: Interval) -> Interval:
    # A bound on the wrong side of its value (a mixture's) brings nothing nearer.
    down = math.hypot(max(0.0, new - fresh.low), max(0.0, old.high - accepted))
    up = math.hypot(max(0.0, fresh.high - new), max(0.0, accepted - old.low))
    return Interval(new - accepted - down, new - accepted + up, fresh.level)
