"""The rule that turns an estimate and a threshold into a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from why_bird.stats.estimate import Estimate, Interval, Side, Threshold, limits
from why_bird.stats.intersection import Intersection, require_above


class Outcome(StrEnum):
    """What can be said about a claim."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a claim, and on what.

    A verdict has no truth value: ask ``.confirmed``, ``.rejected`` or ``.inconclusive``.

    Raises ValueError if there is no reason, or a p-value or alpha is out of its range.
    """

    outcome: Outcome
    """The decision."""
    reason: str
    """One plain sentence."""
    interval_at_alpha: Interval | None
    """The interval that decided, of level 1 − 2·alpha; None where there is no estimate."""
    interval95: Interval | None
    """The interval for reading."""
    p: float | None
    p_adjusted: float | None
    """One-sided p-value of the claim, and min(1, p / share of the error budget); None where nothing was tested."""
    alpha: float
    """One-sided error rate of this claim."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", Outcome(self.outcome))
        if not self.reason.strip():
            raise ValueError("a verdict needs a reason")
        if not 0.0 < self.alpha < 0.5:
            raise ValueError(f"a one-sided error rate lies between 0 and 0.5, not {self.alpha!r}")
        for p in (self.p, self.p_adjusted):
            if p is not None and not 0.0 <= p <= 1.0:
                raise ValueError(f"a p-value lies between 0 and 1, not {p!r}")

    @property
    def confirmed(self) -> bool:
        """Whether the interval lies wholly past the threshold."""
        return self.outcome is Outcome.CONFIRMED

    @property
    def rejected(self) -> bool:
        """Whether the interval lies wholly short of the threshold."""
        return self.outcome is Outcome.REJECTED

    @property
    def inconclusive(self) -> bool:
        """Whether neither can be said."""
        return self.outcome is Outcome.INCONCLUSIVE

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has no truth value: ask .confirmed, .rejected or .inconclusive")


def inconclusive(reason: str, alpha: float, estimate: Estimate | None = None) -> Verdict:
    """Return the verdict of a claim that cannot be judged (a failed precondition, a missing input).

    Parameters
    ----------
    reason : str
        One plain sentence that says what stands in the way.
    alpha : float
        One-sided error rate of the claim.
    estimate : Estimate, optional
        What was measured nonetheless; its intervals are kept for reading, a p-value is not.

    Examples
    --------
    >>> inconclusive("No image is of the class bird.", 0.025).outcome.value
    'inconclusive'
    """
    at_alpha = estimate.interval(1.0 - 2.0 * alpha) if estimate else None
    return Verdict(
        Outcome.INCONCLUSIVE, reason, at_alpha, estimate.interval(0.95) if estimate else None, None, None, alpha
    )


def decide(estimate: Estimate, threshold: Threshold, side: Side, alpha: float, weight_share: float = 1.0) -> Verdict:
    """Judge a claim: confirmed past the threshold, rejected short of it, else inconclusive.

    Raises ValueError if the threshold, alpha or the share is out of its range, or an intersection is held against
    another side than *above*.

    Parameters
    ----------
    estimate : Estimate
        What was measured.
    threshold : float or tuple of float
        The smallest effect that matters; a pair for ``side="within"``.
    side : {"above", "below", "within"}
        Where the claim puts the quantity.
    alpha : float
        One-sided error rate of this very claim: its share of the family's 0.025, already multiplied.
    weight_share : float, default 1
        That share, from 0 to 1; it only adjusts the p-value.

    Notes
    -----
    The deciding interval has level 1 − 2·alpha. A rejection says which it is: *not shown* (the interval
    holds the value of no effect), *reversed* (it lies wholly on the other side of it), *real but too
    small* (past it, yet short of the threshold); *falls short* where no value means no effect. Of an intersection it
    says by which part it fails; it is reversed where all of its parts are. One of a single part is that part.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> decide(Proportion(95, 100, "images"), 0.9, "above", 0.025).reason
    'The estimate 0.95 with its interval [0.8872, 0.9836] lies partly above 0.9.'
    """
    if not 0.0 < weight_share <= 1.0:
        raise ValueError(f"a share of the error budget lies between 0 and 1, not {weight_share!r}")
    low, high = limits(threshold, side)
    require_above(estimate, side)
    if isinstance(estimate, Intersection) and len(estimate.parts) == 1:
        ((_, estimate),) = estimate.parts
    interval = estimate.interval(1.0 - 2.0 * alpha)
    is_point = interval.low == interval.high
    subject, note = _subject(estimate.value, interval), estimate.note
    # An end that the claim does not have is past in any case, also where the interval is infinite.
    if (low == -math.inf or low < interval.low) and (high == math.inf or interval.high < high):
        outcome, sentence = Outcome.CONFIRMED, f"{subject} lies wholly {_region(threshold, side)}"
    elif interval.high < low or interval.low > high or is_point:
        kind, words = _rejection(interval, threshold, side, estimate.null)
        if isinstance(estimate, Intersection):
            kind, more, note = _by_parts(estimate, threshold, side, alpha)
            words += more
        outcome, sentence = Outcome.REJECTED, f"{kind}: {subject} {words}"
    else:
        outcome = Outcome.INCONCLUSIVE
        sentence = f"{subject} lies partly {_region(threshold, side)}"
    p = estimate.p_value(threshold, side)
    adjusted = None if p is None else min(1.0, p / weight_share)
    noted = f"{sentence[0].upper()}{sentence[1:]}{f' ({note})' if note else ''}."
    return Verdict(outcome, noted, interval, estimate.interval(0.95), p, adjusted, alpha)


def _rejection(interval: Interval, threshold: Threshold, side: Side, null: float | None) -> tuple[str, str]:
    """Return which rejection it is, and what the interval does."""
    region = _region(threshold, side)
    if isinstance(threshold, tuple):
        return "falls outside", f"is nowhere {region}"
    sign = 1.0 if side == "above" else -1.0
    opposite = "below" if side == "above" else "above"
    if null is None or not sign * null < sign * threshold:
        return "falls short", f"is nowhere {region}"
    no_effect = f"{_number(null)}, the value of no effect"
    ends = sorted((sign * interval.low, sign * interval.high))
    if ends[1] < sign * null:
        return "reversed", f"lies wholly {opposite} {no_effect}"
    if ends[0] > sign * null:
        return "real but too small", f"lies {side} {no_effect}, yet nowhere {region}"
    return "not shown", f"holds {no_effect}, and is nowhere {region}"


def _by_parts(estimate: Intersection, threshold: Threshold, side: Side, alpha: float) -> tuple[str, str, str]:
    """Return by which part an intersection is rejected, how many reach what was asked, and what is to be noted."""
    parts = estimate.parts
    kinds = {_rejection(part.interval(1.0 - 2.0 * alpha), threshold, side, part.null)[0] for _, part in parts}
    if kinds == {"reversed"}:
        return "reversed", f", and so does each of its {len(parts)} parts", estimate.note
    name, short = min(parts, key=lambda part: part[1].upper(alpha / len(parts)))
    low, high = limits(threshold, side)
    reached = sum(low < part.value < high for _, part in parts)
    return f"falls short ({name})", f"; {_region(threshold, side)}: {reached} of {len(parts)} parts", short.note


def _region(threshold: Threshold, side: Side) -> str:
    if isinstance(threshold, tuple):
        return f"within {_number(threshold[0])} to {_number(threshold[1])}"
    return f"{side} {_number(threshold)}"


def _subject(value: float, interval: Interval) -> str:
    if interval.low == interval.high:
        return f"the exact value {_number(value)}"
    return f"the estimate {_number(value)} with its interval [{_number(interval.low)}, {_number(interval.high)}]"


def _number(value: float) -> str:
    return f"{value:.4g}"
