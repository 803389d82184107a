"""The gate's rule for one claim: what is said where a new finding is held against an accepted one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from why_bird.evidence.gate_lines import Kind, Line, Status
from why_bird.evidence.margin import margin_floor
from why_bird.evidence.numbers import number
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.stats import DriftOutcome, Interval, NetworkMean
from why_bird.stats.drift import Drift, Measured, drift_of, predicted, welch
from why_bird.stats.estimate import limits

__all__ = ["hold_pair", "hold_several", "line"]

_RELATIVE = 1e-4
# One label changes a share by 1/n, a difference of shares by at most 2/n, and the entropy of up to 100,000 by less.
_MOST_BY_ONE_LABEL = 5.0
_FEWEST_FOR_PREDICTION = 5
_SEVERITY = ("noted", "green", "amber", "red")


def line(
    claim: str, finding: ClaimRecord | None, status: Status, kind: Kind, words: str, accepted: float | None = None
) -> Line:
    """Return a line that compares no numbers."""
    name = claim if finding is None else f"{claim} ({finding.network_name})"
    return Line(claim, "" if finding is None else finding.network, status, kind, f"{name} {words}.", accepted)


def hold_pair(
    claim: str,
    old: ClaimRecord,
    new: ClaimRecord,
    *,
    is_same_draws: bool,
    near_ties: int = 0,
    second: ClaimRecord | None = None,
) -> Line:
    """Hold one finding against one accepted finding of the same claim.

    Parameters
    ----------
    claim : str
    old, new : ClaimRecord
    is_same_draws : bool
        Whether both runs drew from the same seeds.
    near_ties : int, default 0
        Labels of the network that rounding may change.
    second : ClaimRecord, optional
        A second look at the new one, on more draws: it speaks where the first leaves it open.
    """
    if new.search:
        return _searched(claim, old, new)
    gone = _unmeasured(claim, old, new)
    if gone is not None:
        return gone
    assert old.value is not None and new.value is not None  # noqa: S101, PT018 - just asked
    is_same = _is_same_subject(old, new)
    is_equal = math.isclose(old.value, new.value, rel_tol=_RELATIVE, abs_tol=1e-12)
    if is_same and is_equal:
        return _numbers(claim, new, "green", f"has held: {number(new.value)}, as accepted", old.value, new.value)
    if is_same and is_same_draws:
        return _of_the_same_draws(claim, old, new, near_ties)
    found = _drift(old, new)
    looked = ""
    if found.outcome is DriftOutcome.AMBER and second is not None and second.value is not None:
        found, new = _drift(old, second), second
        looked = f", after a second look at {second.n:,} {second.unit}"
    # Networks differ by more than their own sampling errors: what is firm there is the side of the threshold.
    is_firm = is_same or new.scope != "network"
    return _moved(claim, old, new, found, is_firm=is_firm, looked=looked)


def hold_several(claim: str, old: Sequence[ClaimRecord], new: Sequence[ClaimRecord]) -> list[Line]:
    """Hold networks that were not accepted against several accepted ones, or the other way round.

    Parameters
    ----------
    claim : str
    old, new : sequence of ClaimRecord
        At least one each, and several on one side.

    Returns
    -------
    list of Line
        One network against five or more: whether it lies where one more of them would fall. Against two to four:
        as one against one, against each, and the mildest counts. Several against several: Welch. Several against one:
        each by itself.
    """
    if len(old) == 1 or new[0].search:
        return [hold_pair(claim, old[0], each, is_same_draws=False) for each in new]
    known = [each for each in old if each.value is not None]
    gone = [found for each in new if each.value is None for found in (_unmeasured(claim, (known or old)[0], each),)]
    lines = [each for each in gone if each is not None]
    fresh = [each for each in new if each.value is not None]
    if not fresh:
        return lines
    if not known:
        return [
            *lines,
            *(line(claim, each, "noted", "measured first", "was not measured when accepted") for each in fresh),
        ]
    if len(known) == 1:
        return [*lines, *(hold_pair(claim, known[0], each, is_same_draws=False) for each in fresh)]
    floor = margin_floor(fresh[0].scale, fresh[0].threshold, fresh[0].side)
    accepted, first = _mean(known), fresh[0]
    if len(fresh) > 1:
        together = _mean(fresh)
        found = welch(accepted, together, floor)
        return [*lines, _said(claim, first, found, accepted.value, f", {len(known)} networks against {len(fresh)}")]
    assert first.value is not None  # noqa: S101 - filtered above
    if len(known) >= _FEWEST_FOR_PREDICTION:
        found = predicted(accepted, first.value, floor)
        return [*lines, _said(claim, first, found, accepted.value, f", one network against {len(known)}")]
    each = [hold_pair(claim, known_one, first, is_same_draws=False) for known_one in known]
    return [*lines, min(each, key=lambda found: _SEVERITY.index(found.status))]


def _unmeasured(claim: str, old: ClaimRecord, new: ClaimRecord) -> Line | None:
    if new.value is None and old.value is None:
        return line(claim, new, "noted", "never measured", "was measured neither when accepted nor now")
    if new.value is None:
        why = "its new value is not a number" if new.n else f"nothing was measured now: {new.reason.rstrip('.')}"
        words = f"is not to be held: {number(old.value)} was accepted, and {why}"
        return line(claim, new, "red", "not measured", words, old.value)
    if old.value is None:
        return line(claim, new, "noted", "measured first", f"is measured for the first time: {number(new.value)}")
    if old.unit != new.unit:
        words = (
            f"is not to be held: {number(old.value)} of {old.unit} was accepted, {number(new.value)} is of {new.unit}"
        )
        return line(claim, new, "red", "not measured", words, old.value)
    if new.scope == PROCEDURE and old.n == new.n == 1:
        return line(claim, new, "noted", "one network", "says nothing of a procedure: there was and is one network")
    return None


def _searched(claim: str, old: ClaimRecord, new: ClaimRecord) -> Line:
    if old.verdict == new.verdict:
        return line(claim, new, "green", "held", f"has held: {new.verdict}, as accepted, by a search", old.value)
    words = f"may have moved: {old.verdict} was accepted, {new.verdict} is new, and a search can miss what is there"
    return line(claim, new, "amber", "drift", words, old.value)


def _of_the_same_draws(claim: str, old: ClaimRecord, new: ClaimRecord, near_ties: int) -> Line:
    assert old.value is not None and new.value is not None  # noqa: S101, PT018 - the caller asked
    labels = abs(new.value - old.value) * new.n
    said = f"{number(old.value)} was accepted, {number(new.value)} is new"
    if old.n == new.n and new.scale == "share" and labels <= _MOST_BY_ONE_LABEL * near_ties:
        words = f"has held: {said}, which its network's {near_ties} near-ties of two classes explain"
        return _numbers(claim, new, "green", words, old.value, new.value)
    words = (
        f"cannot be repeated: {said}, of the same network and draws, where a relative difference of {_RELATIVE:g} is "
        "allowed: the code, the libraries or the machine measure something else now"
    )
    return _numbers(claim, new, "red", words, old.value, new.value)


def _drift(old: ClaimRecord, new: ClaimRecord) -> Drift:
    floor = margin_floor(new.scale, new.threshold, new.side)
    if len(old.replicates) > 1 and len(new.replicates) > 1 and new.scale != "share":
        accepted, fresh = (_pooled([(r.value, r.variance or 0.0) for r in each.replicates]) for each in (old, new))
        return welch(accepted, fresh, floor)
    return drift_of(_measured(old), _measured(new), floor)


def _moved(claim: str, old: ClaimRecord, new: ClaimRecord, found: Drift, *, is_firm: bool, looked: str = "") -> Line:
    """Say what the drift rule found; a network that was not accepted has to change sides to be red."""
    # An exact value names no sampling error by which a difference could be refused.
    needs_other_side = not is_firm or new.exact
    if found.outcome is DriftOutcome.RED and needs_other_side and not _is_opposite(old, new, found.margin):
        why = f", and stays on its side of {_limit(new)}" if old.verdict != "inconclusive" else ""
        return _said(claim, new, found, old.value, looked + why, status="amber", words="differs")
    return _said(claim, new, found, old.value, looked)


def _is_opposite(old: ClaimRecord, new: ClaimRecord, margin: float) -> bool:
    """Whether the new value lies on the other side of the threshold by half the margin."""
    low, high = limits(new.threshold, new.side)
    assert new.value is not None  # noqa: S101 - the caller asked
    depth = min(new.value - low, high - new.value)
    if old.verdict == "confirmed":
        return depth <= -margin / 2
    return old.verdict == "rejected" and depth >= min(margin / 2, (high - low) / 2)


_WORDS: dict[str, tuple[Status, str]] = {
    "green": ("green", "has held"),
    "amber": ("amber", "may have moved"),
    "red": ("red", "has moved"),
}


def _said(
    claim: str, new: ClaimRecord, found: Drift, accepted: float | None, more: str, status: str = "", words: str = ""
) -> Line:
    shown, said = _WORDS[status or str(found.outcome)]
    ends: Interval = found.interval95
    value = (accepted or 0.0) + found.difference
    sentence = (
        f"{words or said}: {number(accepted)} was accepted, {number(value)} is new, difference "
        f"{found.difference:+.3g} [{ends.low:+.3g}, {ends.high:+.3g}] against a margin of ±{found.margin:.3g}{more}"
    )
    said_whole = f"{claim} ({new.network_name}) {sentence}."
    is_undecided = found.outcome is DriftOutcome.AMBER
    kind: Kind = "held" if shown == "green" else "drift"
    return Line(claim, new.network, shown, kind, said_whole, accepted, value, found.margin, is_undecided)


def _numbers(claim: str, finding: ClaimRecord, status: Status, words: str, accepted: float, new: float) -> Line:
    kind: Kind = "held" if status == "green" else "same draws"
    return Line(claim, finding.network, status, kind, f"{claim} ({finding.network_name}) {words}.", accepted, new)


def _is_same_subject(old: ClaimRecord, new: ClaimRecord) -> bool:
    return old.network == new.network and {r.network for r in old.replicates} == {r.network for r in new.replicates}


def _measured(record: ClaimRecord) -> Measured:
    assert record.estimate is not None and record.value is not None and record.gate_interval is not None  # noqa: S101, PT018 - asked before
    ends = record.estimate
    reading = Interval(ends.low, ends.high, ends.level)
    return Measured(record.value, (record.standard_error or 0.0) ** 2, reading, record.gate_interval)


def _limit(finding: ClaimRecord) -> str:
    ends = finding.threshold if isinstance(finding.threshold, tuple) else (finding.threshold,)
    return " and ".join(number(end) for end in ends)


def _mean(findings: Sequence[ClaimRecord]) -> NetworkMean:
    return _pooled([(each.value, (each.standard_error or 0.0) ** 2) for each in findings if each.value is not None])


def _pooled(values: Sequence[tuple[float, float]]) -> NetworkMean:
    return NetworkMean(tuple(value for value, _ in values), fmean(variance for _, variance in values), null=None)
