"""The gate: a whole run held against accepted findings."""

from __future__ import annotations

from why_bird.errors import BadInput
from why_bird.evidence.accepted import Baseline
from why_bird.evidence.gate_lines import Gate, Line
from why_bird.evidence.held import hold_finding
from why_bird.evidence.noise_class import fell_elsewhere
from why_bird.evidence.numbers import number
from why_bird.evidence.record import ClaimRecord

_TERMS = ("statement", "side", "threshold", "weight", "scope")
_MILDEST = ("green", "noted", "amber", "red")


def require_same_images(accepted: Baseline, images: str, name: str) -> None:
    """Refuse to hold a run on one image set against findings on another.

    Raises
    ------
    BadInput
        If the content hashes differ.
    """
    if images != accepted.images:
        raise BadInput(
            f"the accepted findings were measured on {accepted.images_name} ({accepted.images[:8]}) and this run is on "
            f"{name} ({images[:8]}): findings on different images are not held against each other; give those images, "
            "or accept a baseline of these with --accept"
        )


def hold(accepted: Baseline, new: Baseline) -> Gate:
    """Hold a run against what was accepted.

    Raises
    ------
    BadInput
        If the two were measured on different images.
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
        return [f"{len(new.claims)} findings are accepted, the first ones."]
    before, after = ({each.key: each for each in some.claims} for some in (old, new))
    said = []
    for key, finding in after.items():
        was = before.get(key)
        name = f"{finding.id} ({finding.network_name})"
        now = f"{number(finding.value)}, {finding.verdict}"
        if was is None:
            said.append(f"{name} is new: {now}.")
        elif finding != was:
            said.append(f"{name} was {number(was.value)}, {was.verdict}, and is {now}.")
    said += [f"{each.id} ({each.network_name}) is gone." for key, each in before.items() if key not in after]
    return said or ["nothing changed."]
