"""The gate: a whole run held against accepted findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from lib.errors import BadInput
from lib.evidence.exitcode import ExitCode
from lib.evidence.findings import Finding, Findings
from lib.evidence.held import Line, Status, hold_pair, hold_several, line
from lib.evidence.noiseclass import fell_elsewhere
from lib.evidence.numbers import number
from lib.evidence.record import PROCEDURE

__all__ = ["Gate", "changes", "hold", "is_open", "require_same_images"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says of a run.

    Parameters
    ----------
    lines : tuple of Line
        In the order of the accepted claims, new ones last.
    commit : str or None
        Of the accepted run.
    date : str
        When that run started.
    """

    lines: tuple[Line, ...]
    commit: str | None
    date: str

    @property
    def counts(self) -> dict[str, int]:
        """How many lines have each status."""
        found = Counter(each.status for each in self.lines)
        return {status: found[status] for status in get_args(Status)}

    @property
    def exit_code(self) -> ExitCode:
        """1 where anything is red, else 0."""
        return ExitCode.REJECTED if self.counts["red"] else ExitCode.JUDGED

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values, in the published schema."""
        lines = [each.to_json() for each in self.lines]
        return {"commit": self.commit, "date": self.date, "counts": self.counts, "lines": lines}


def require_same_images(accepted: Findings, images: str, name: str) -> None:
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


def hold(accepted: Findings, new: Findings, second: Mapping[Key, Finding] | None = None) -> Gate:
    """Hold a run against what was accepted.

    Parameters
    ----------
    accepted, new : Findings
    second : mapping of (str, str) to Finding, optional
        Second looks by claim and network, on more draws of noise.

    Returns
    -------
    Gate

    Raises
    ------
    BadInput
        If the two were measured on different images.
    ValueError
        If nothing is known of what a claim's test was planned to see.
    """
    require_same_images(accepted, new.images, new.images_name)
    known, found = accepted.claims, new.claims
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
    return Gate(tuple(lines), accepted.commit, accepted.date)


def is_open(accepted: Findings, new: Finding, noise_seed: int) -> bool:
    """Whether a second look at more noise could decide about a finding that a first one leaves open.

    Parameters
    ----------
    accepted : Findings
    new : Finding
    noise_seed : int
        That the run draws from.
    """
    if "noise" not in new.unit or new.network == PROCEDURE:
        return False
    old = [each for each in accepted.claims.get(new.id, ()) if new.changed_term(each) is None]
    same = [each for each in old if each.network == new.network] or old
    if len(same) != 1 or same[0].target != new.target:
        return False
    return hold_pair(new.id, same[0], new, is_same_draws=accepted.noise_seed == noise_seed).is_undecided


def changes(old: Findings | None, new: Findings) -> list[str]:
    """Return what a new baseline changes, one sentence each.

    Parameters
    ----------
    old : Findings or None
        None where there was no baseline, or none that could be read.
    new : Findings
    """
    if old is None:
        return [f"{len(new.findings)} findings are accepted, the first ones."]
    before, after = ({each.key: each for each in some.findings} for some in (old, new))
    said = []
    for key, finding in after.items():
        was = before.get(key)
        name = f"{finding.id} ({finding.network_name})"
        now = f"{number(finding.value)}, {finding.verdict}"
        if was is None:
            said.append(f"{name} is new: {now}.")
        elif finding.to_json() != was.to_json():
            said.append(f"{name} was {number(was.value)}, {was.verdict}, and is {now}.")
    said += [f"{each.id} ({each.network_name}) is gone." for key, each in before.items() if key not in after]
    return said or ["nothing changed."]


def _changed_term(claim: str, old: Finding, new: Finding) -> Line | None:
    changed = old.changed_term(new)
    if changed is None:
        return None
    name, was, now = changed
    words = f"says something else in the register: its {name} was {was!r} when accepted and is {now!r} now"
    return line(claim, None, "red", "register", words, old.value)


def _held(
    claim: str,
    old: tuple[Finding, ...],
    new: tuple[Finding, ...],
    accepted: Findings,
    run: Findings,
    second: Mapping[Key, Finding],
    elsewhere: dict[str, Line],
) -> list[Line]:
    by_network = {each.network: each for each in old}
    lines: list[Line] = []
    strangers: list[Finding] = []
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
            noise = run.noise.get(each.network)
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
