"""The gate: a whole run held against accepted findings."""

from __future__ import annotations

from collections.abc import Mapping

from why_bird.errors import BadInput
from why_bird.evidence.accepted import Baseline
from why_bird.evidence.gate_lines import Gate, Line
from why_bird.evidence.held import hold_pair, hold_several, line
from why_bird.evidence.noise_class import fell_elsewhere
from why_bird.evidence.numbers import number
from why_bird.evidence.record import PROCEDURE, ClaimRecord

__all__ = ["changes", "hold", "is_open", "require_same_images"]

Key = tuple[str, str]
_TERMS = ("statement", "side", "threshold", "weight", "scope")


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


def hold(accepted: Baseline, new: Baseline, second: Mapping[Key, ClaimRecord] | None = None) -> Gate:
    """Hold a run against what was accepted.

    Parameters
    ----------
    accepted, new : Baseline
    second : mapping of (str, str) to ClaimRecord, optional
        Second looks by claim and network, on more draws of noise.

    Raises
    ------
    BadInput
        If the two were measured on different images.
    """
    require_same_images(accepted, new.images, new.images_name)
    known, found = accepted.by_claim, new.by_claim
    elsewhere: dict[str, Line] = {}
    lines: list[Line] = []
    for claim, old in known.items():
        fresh = found.get(claim)
        if fresh is None:
            words = f"is missing: it was accepted ({number(old[0].value)}, {old[0].verdict}) and has no record now"
            lines.append(line(claim, None, "red", "missing", words, old[0].value))
            continue
        changed = _changed_term(claim, old[0], fresh[0])
        lines += [changed] if changed else _held(claim, old, fresh, accepted, new, second or {}, elsewhere)
    for claim, fresh in found.items():
        if claim not in known:
            words = f"is new: {number(fresh[0].value)}, {fresh[0].verdict}; --accept would keep it"
            lines.append(line(claim, fresh[0], "noted", "new", words))
    return Gate.of(lines, accepted.commit, accepted.date)


def is_open(accepted: Baseline, new: ClaimRecord, noise_seed: int) -> bool:
    """Whether a second look at more noise could decide about a finding that a first one leaves open.

    Parameters
    ----------
    accepted : Baseline
    new : ClaimRecord
    noise_seed : int
        That the run draws from.
    """
    if new.network == PROCEDURE:
        return False
    old = [each for each in accepted.by_claim.get(new.id, ()) if _first_changed(new, each) is None]
    same = [each for each in old if each.network == new.network] or old
    if len(same) != 1 or same[0].target != new.target:
        return False
    return hold_pair(new.id, same[0], new, is_same_draws=accepted.noise_seed == noise_seed).is_undecided


def changes(old: Baseline | None, new: Baseline) -> list[str]:
    """Return what a new baseline changes, one sentence each.

    Parameters
    ----------
    old : Baseline or None
        None where there was no baseline, or none that could be read.
    new : Baseline
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


def _first_changed(old: ClaimRecord, new: ClaimRecord) -> str | None:
    """Return the first term of the claim that the other record's claim has otherwise."""
    return next((name for name in _TERMS if getattr(old, name) != getattr(new, name)), None)


def _changed_term(claim: str, old: ClaimRecord, new: ClaimRecord) -> Line | None:
    name = _first_changed(old, new)
    if name is None:
        return None
    was, now = getattr(old, name), getattr(new, name)
    words = f"says something else in the register: its {name} was {was!r} when accepted and is {now!r} now"
    return line(claim, None, "red", "register", words, old.value)


def _held(
    claim: str,
    old: tuple[ClaimRecord, ...],
    new: tuple[ClaimRecord, ...],
    accepted: Baseline,
    run: Baseline,
    second: Mapping[Key, ClaimRecord],
    elsewhere: dict[str, Line],
) -> list[Line]:
    by_network = {each.network: each for each in old}
    lines: list[Line] = []
    strangers: list[ClaimRecord] = []
    for each in new:
        same = by_network.get(each.network)
        against = [same] if same else list(old)
        moved = fell_elsewhere(claim, against, each, accepted.noise, run.noise)
        if moved is not None:
            # Said once a network: every other claim about the class asks about another class now.
            lines.append(
                line(claim, each, "noted", "another class", f"is not held: it is about {each.target} now")
                if each.network in elsewhere
                else moved
            )
            elsewhere.setdefault(each.network, moved)
        elif same is not None or len(old) == 1:
            noise = next((counts for counts in run.noise if counts.network == each.network), None)
            lines.append(
                hold_pair(
                    claim,
                    against[0],
                    each,
                    is_same_draws=accepted.noise_seed == run.noise_seed,
                    near_ties=noise.near_ties if noise else 0,
                    second=second.get(each.key),
                )
            )
        else:
            strangers.append(each)
    return lines + (hold_several(claim, old, strangers) if strangers else [])
