"""The forest plot of all claims: one small SVG a claim, on one scale for all units."""

from __future__ import annotations

import math

from markupsafe import Markup

from why_bird.evidence.exhibits import Reading
from why_bird.evidence.record import ClaimRecord

__all__ = ["SCALE", "TICKS", "plot", "position", "scaled"]

SCALE = (
    "Every claim has a unit of its own, so the plot shows how far past its threshold the estimate lies, "
    "as a multiple of "
    "the threshold: (estimate − threshold) / |threshold|, turned round where the claim says “below”, so "
    "that right of the "
    "line is always what the claim says; −1 is an estimate of 0 where it says “above”. For “within” it is the distance "
    "to the nearer limit, as a multiple of half the distance between the two. The axis is compressed "
    "(inverse hyperbolic "
    "sine) and ends at ±20; an arrow points to what lies beyond."
)

TICKS = (-10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0)
_FURTHEST = 20.0
_BEND = 0.1
_MARKS = {
    "confirmed": '<circle r="5.5"/>',
    "rejected": '<path d="M-5 -5 5 5M-5 5 5 -5"/>',
    "inconclusive": '<path d="M0 -6.5 6.5 0 0 6.5 -6.5 0Z"/>',
}


def scaled(claim: ClaimRecord, value: float) -> float:
    """Return how far past its threshold a value lies, as a multiple of the threshold.

    Parameters
    ----------
    claim : ClaimRecord
        Its threshold and side count.
    value : float
        In the claim's unit; it may be infinite.

    Returns
    -------
    float
        Positive where the claim says so; with a threshold of 0, in the claim's own unit.
    """
    if isinstance(claim.threshold, tuple):
        low, high = claim.threshold
        half = (high - low) / 2
        if not 0 < half < math.inf:
            half = 1.0
        return 1 - abs(value - low - half) / half
    threshold = claim.threshold
    distance = value - threshold if claim.side == "above" else threshold - value
    return distance / (abs(threshold) or 1.0)


def position(multiple: float) -> float:
    """Return where a multiple of the threshold stands on the axis, from 0 to 100."""
    held = min(max(multiple, -_FURTHEST), _FURTHEST)
    return 50 + 50 * math.asinh(held / _BEND) / math.asinh(_FURTHEST / _BEND)


def plot(claim: ClaimRecord) -> Markup:
    """Return the row of a claim as an SVG element whose width is that of its place; what it shows stands beside it."""
    drawn = "".join(
        f'<line class="{"edge" if tick == 0 else "grid"}" x1="{at}" x2="{at}" y1="0" y2="100%"/>'
        for tick, at in ((tick, _percent(position(tick))) for tick in TICKS)
    )
    estimate = claim.estimate
    if estimate is not None:
        low, high = _ends(claim, estimate)
        for end in (low, high):
            if abs(end) > _FURTHEST:
                tip = math.copysign(7, end)
                drawn += _placed(position(end), f'<path class="arrow" d="M0 -5 {tip:g} 0 0 5Z"/>')
        drawn += (
            f'<line class="band" x1="{_percent(position(low))}" x2="{_percent(position(high))}" y1="50%" y2="50%"/>'
        )
        if estimate.value is not None:
            drawn += _placed(position(scaled(claim, estimate.value)), _MARKS[claim.verdict])
    # Every part of it is ours or a number: nothing of the document enters as text.
    return Markup(f'<svg class="forest {claim.verdict}" aria-hidden="true" height="22">{drawn}</svg>')  # noqa: S704


def _ends(claim: ClaimRecord, estimate: Reading) -> tuple[float, float]:
    found = [scaled(claim, end) for end in (estimate.low, estimate.high)]
    if isinstance(claim.threshold, tuple):
        middle = sum(claim.threshold) / 2
        # Between the limits the distance to the nearer one rises and falls again.
        found += [1.0] if estimate.low <= middle <= estimate.high else []
    return min(found), max(found)


def _placed(at: float, content: str) -> str:
    return f'<svg x="{_percent(at)}" y="50%" overflow="visible">{content}</svg>'


def _percent(at: float) -> str:
    return f"{at:.2f}%"
