"""The gate: a whole run, and one finding, held against what was accepted; ``docs/gate.md`` says it in words."""

from __future__ import annotations

import math

from why_bird.errors import BadInput
from why_bird.evidence.accepted import Baseline
from why_bird.evidence.gate_lines import Gate, Kind, Line, Status
from why_bird.evidence.noise_counts import fell_elsewhere
from why_bird.evidence.numbers import counted, number, signed
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Drift, DriftOutcome, Interval, Outcome, Side, Threshold
from why_bird.stats.drift import Measured, drift_of
from why_bird.stats.estimate import Scale, limits

_TERMS = ("statement", "side", "threshold", "weight", "scope")
_MILDEST = ("green", "noted", "amber", "red")


_RELATIVE = 1e-4

# One label changes a share by 1/n, a difference of shares by at most 2/n, and the entropy of up to 100,000 by less.
_MOST_BY_ONE_LABEL = 5.0

_DRIFT: dict[DriftOutcome, tuple[Status, Kind, str]] = {
    DriftOutcome.GREEN: ("green", "held", "has held"),
    DriftOutcome.AMBER: ("amber", "drift", "may have moved"),
    DriftOutcome.RED: ("red", "drift", "has moved"),
}

_SHARE, _PROBABILITY = 0.05, 0.04


def require_same_images(accepted: Baseline, images: str, name: str) -> None:
    """Refuse to hold a run on one image set against findings on another.

    Raises BadInput if the content hashes differ.
    """
    if images != accepted.images:
        raise BadInput(
            f"the accepted findings were measured on {accepted.images_name} ({accepted.images[:8]}) and this run is on "
            f"{name} ({images[:8]}): findings on different images are not held against each other; give those images, "
            "or accept a baseline of these with --accept"
        )


def hold(accepted: Baseline, new: Baseline) -> Gate:
    """Hold a run against what was accepted.

    Raises BadInput if the two were measured on different images.
    """
    require_same_images(accepted, new.images, new.images_name)
    known, found = accepted.by_claim, new.by_claim
    elsewhere: set[str] = set()
    lines: list[Line] = []
    for claim, old in known.items():
        fresh = found.get(claim, ())
        first = old[0]
        changed = next((name for name in _TERMS if fresh and getattr(first, name) != getattr(fresh[0], name)), None)
        if not fresh:
            words = f"is missing: it was accepted ({number(first.value)}, {first.verdict}) and has no record now"
            lines.append(Line(claim, "", "red", "missing", f"{claim} {words}.", first.value))
        elif changed:
            was, now = getattr(first, changed), getattr(fresh[0], changed)
            words = f"says something else in the register: its {changed} was {was!r} when accepted and is {now!r} now"
            lines.append(Line(claim, "", "red", "register", f"{claim} {words}.", first.value))
        else:
            lines += [_held(claim, old, each, accepted, new, elsewhere) for each in fresh]
    for claim, (first, *_) in found.items():
        if claim not in known:
            words = f"is new: {number(first.value)}, {first.verdict}; --accept would keep it"
            lines.append(Line(claim, first.network, "noted", "new", f"{claim} ({first.network_name}) {words}."))
    return Gate.of(lines, accepted.commit, accepted.date)


def _held(
    claim: str, old: tuple[ClaimRecord, ...], new: ClaimRecord, accepted: Baseline, run: Baseline, elsewhere: set[str]
) -> Line:
    against = [each for each in old if each.network == new.network] or list(old)
    moved = fell_elsewhere(claim, against, new, accepted.noise, run.noise)
    if moved is not None and new.network in elsewhere:
        # Said once a network: every other claim about the class asks about another class now.
        sentence = f"{claim} ({new.network_name}) is not held: it is about {new.target} now."
        return Line(claim, new.network, "noted", "another class", sentence)
    if moved is not None:
        elsewhere.add(new.network)
        return moved
    is_same_draws = accepted.noise_seed == run.noise_seed
    near_ties = next((each.near_ties for each in run.noise if each.network == new.network), 0)
    lines = [
        hold_finding(claim, each, new, is_same_draws=is_same_draws, near_ties=near_ties)
        for each in [each for each in against if each.value is not None] or against
    ]
    return min(lines, key=lambda line: _MILDEST.index(line.status))


def changes(old: Baseline | None, new: Baseline) -> list[str]:
    """Return what a new baseline changes, one sentence each.

    The old one is None where there was none, or none that could be read.
    """
    if old is None:
        return [f"Accepted for the first time: {counted(len(new.claims), 'findings')}."]
    before, after = ({each.key: each for each in some.claims} for some in (old, new))
    said = []
    for key, finding in after.items():
        was = before.get(key)
        name = f"{finding.id} ({finding.network_name})"
        now = f"{number(finding.value)}, {finding.verdict}"
        if was is None:
            said.append(f"{name} is new: {now}.")
        elif (before_now := f"{number(was.value)}, {was.verdict}") != now:
            said.append(f"{name} was {before_now}, and is {now}.")
        elif finding != was:
            said.append(f"{name} is {now}, as before; {_beside(was, finding)}.")
    said += [f"{each.id} ({each.network_name}) is gone." for key, each in before.items() if key not in after]
    return said or ["nothing changed."]


def _beside(was: ClaimRecord, now: ClaimRecord) -> str:
    """Return what changed of a finding beside its number and its verdict."""
    return f"now: {now.reason.rstrip('.')}" if now.reason not in ("", was.reason) else "what stands beside it changed"


def hold_finding(
    claim: str, old: ClaimRecord, new: ClaimRecord, *, is_same_draws: bool = False, near_ties: int = 0
) -> Line:
    """Hold one finding against one accepted finding of the same claim.

    Parameters
    ----------
    claim : str
        Its name in the line.
    is_same_draws : bool, default False
        Whether both runs drew from the same seeds.
    near_ties : int, default 0
        Labels of the network that rounding may change.
    """
    margin: float | None = None

    def line(status: Status, kind: Kind, words: str) -> Line:
        sentence = f"{claim} ({new.network_name}) {words}."
        return Line(claim, new.network, status, kind, sentence, old.value, new.value, margin)

    is_reversed = {old.verdict, new.verdict} == {Outcome.CONFIRMED, Outcome.REJECTED}
    if new.search and old.verdict == new.verdict:
        return line("green", "held", f"has held: {new.verdict}, as accepted, by a search")
    if new.search and not is_reversed:
        words = f"may have moved: {old.verdict} was accepted, {new.verdict} is new, and a search can miss what is there"
        return line("amber", "drift", words)
    if old.value is None and new.value is None:
        return line("noted", "never measured", "was measured neither when accepted nor now")
    if old.value is None:
        return line("noted", "measured first", f"is measured for the first time: {number(new.value)}")
    if new.value is None and not new.given:
        words = f"is not held: {number(old.value)} was accepted of several networks trained alike"
        return line("noted", "not given", f"{words}, which this run was not given")
    if new.value is None:
        why = "its new value is not a number" if new.n else f"nothing was measured now: {new.reason.rstrip('.')}"
        return line("red", "not measured", f"is not to be held: {number(old.value)} was accepted, and {why}")
    if old.unit != new.unit:
        was, now = (f"{number(each.value)} of {each.unit}" for each in (old, new))
        return line("red", "not measured", f"is not to be held: {was} was accepted, {now} is new")

    is_same = old.network == new.network and _replicates(old) == _replicates(new)
    if is_same and math.isclose(old.value, new.value, rel_tol=_RELATIVE, abs_tol=1e-12):
        return line("green", "held", f"has held: {number(new.value)}, as accepted")
    found = drift_of(_measured(old), _measured(new), margin_floor(new.scale, new.threshold, new.side))
    if is_reversed:
        margin = found.margin
        words = f"is reversed: it was {old.verdict} and is {new.verdict} now; {differs_by(found)}"
        return line("red", "reversed", words)

    if is_same and is_same_draws:
        said = f"{number(old.value)} was accepted, {number(new.value, old.value)} is new"
        labels = abs(new.value - old.value) * new.n
        if old.n == new.n and new.scale == "share" and labels <= _MOST_BY_ONE_LABEL * near_ties:
            words = f"has held: {said}, which its network's {near_ties} near-ties of two classes explain"
            return line("green", "held", words)
        words = (
            f"cannot be repeated: {said}, of the same network and draws, where a relative difference of {_RELATIVE:g} "
            "is allowed: the code, the libraries or the machine measure something else now"
        )
        return line("red", "same draws", words)

    margin, (status, kind, words) = found.margin, _DRIFT[found.outcome]
    # Networks differ by more than their own sampling errors, and an exact value names none.
    if status == "red" and (new.exact or (new.scope == "network" and not is_same)):
        status, words = "amber", "differs, and its verdict is not reversed"
    return line(status, kind, f"{words}: {differs_by(found)}")


def differs_by(found: Drift) -> str:
    """Return how far something has moved, in words."""
    ends = found.interval95
    moved, low, high = (signed(each, "+.3g") for each in (found.difference, ends.low, ends.high))
    return (
        f"{number(found.accepted)} was accepted, {number(found.new, found.accepted)} is new, "
        f"difference {moved} [{low}, {high}] against a margin of ±{found.margin:.3g}"
    )


def _replicates(record: ClaimRecord) -> set[str]:
    return {each.network for each in record.replicates}


def _measured(record: ClaimRecord) -> Measured:
    assert record.estimate is not None and record.value is not None and record.gate_interval is not None  # noqa: S101, PT018 - asked before
    ends = record.estimate
    reading = Interval(ends.low, ends.high, ends.level)
    return Measured(record.value, (record.standard_error or 0.0) ** 2, reading, record.gate_interval)


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

    Raises ValueError if the threshold is 0, which says nothing about what matters.
    """
    floor = planned_distance(scale, threshold, side) / 2
    if not floor > 0.0:
        raise ValueError(f"a threshold of {threshold!r} says nothing about how far a finding may move")
    return floor
