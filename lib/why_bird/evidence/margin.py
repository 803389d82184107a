"""How far a claim was planned to be able to see: the scale of its drift margin."""

from __future__ import annotations

from why_bird.stats import Side, Threshold
from why_bird.stats.estimate import Scale, limits

__all__ = ["margin_floor", "planned_distance"]

_SHARE, _PROBABILITY = 0.05, 0.04


def planned_distance(scale: Scale, threshold: Threshold, side: Side) -> float:
    """Return the distance from a claim's threshold δ to the effect θ₁ that it was planned to see.

    Parameters
    ----------
    scale : {"share", "probability", "difference", "standardised"}
        What kind of quantity the estimate is.
    side : {"above", "below", "within"}

    Returns
    -------
    float
        .05 for a share or a difference of shares, .04 for P(X > Y), |δ| for a standardised effect (θ₁ = 2δ; of a
        claim that something is smaller, |δ|/2, since θ₁ = δ/2). Where 2δ would be past 1 it is a quantity between 0
        and 1 and planned as a share. Of a claim *within* two limits it is half their distance, if that is less: θ₁ is
        then the middle.
    """
    low, high = limits(threshold, side)
    delta = abs(high if side == "below" else low)
    standardised = _SHARE if delta > 0.5 else delta / 2 if side == "below" else delta
    distance = {
        "share": _SHARE,
        "probability": _PROBABILITY,
        "standardised": standardised,
        "difference": min(_SHARE, standardised),
    }[scale]
    return min(distance, (high - low) / 2) if side == "within" else distance


def margin_floor(scale: Scale, threshold: Threshold, side: Side) -> float:
    """Return the least drift margin: half the distance from the threshold to the planned effect.

    Raises
    ------
    ValueError
        If the threshold is 0, which says nothing about what matters.
    """
    floor = planned_distance(scale, threshold, side) / 2
    if not floor > 0.0:
        raise ValueError(f"a threshold of {threshold!r} says nothing about how far a finding may move")
    return floor
