"""What the gate says of a run: a line a claim, and those lines as a terminal and a page show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["green", "amber", "red", "noted"]
Kind = Literal[
    "held",
    "drift",
    "same draws",
    "class of noise",
    "another class",
    "missing",
    "register",
    "not measured",
    "never measured",
    "measured first",
    "not given",
    "reversed",
    "new",
]

_TOGETHER: dict[Kind, str] = {
    "another class": "not held, they are about another class now",
    "never measured": "measured neither when accepted nor now",
    "measured first": "measured for the first time",
    "not given": "not held, they are about several networks trained alike, which this run was not given",
    "new": "new; --accept would keep them",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What the gate says of one claim."""

    claim: str
    """Id, with ``[procedure]`` of a procedure."""
    about: str
    """Content hash of a network, ``"dataset"``, ``"procedure"``, or empty."""
    status: Status
    """Green: held. Amber: a warning. Red: reversed, moved, gone, or not to be held. Noted: nothing to hold."""
    kind: Kind
    """What the line is about, for programs."""
    sentence: str
    accepted: float | None = None
    new: float | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines have each status."""

    green: int
    amber: int
    red: int
    noted: int


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says of a run."""

    commit: str | None
    """Of the accepted run."""
    date: str
    """When that run started."""
    counts: Counts
    lines: tuple[Line, ...]
    """In the order of the accepted claims, new ones last."""

    @classmethod
    def of(cls, lines: Iterable[Line], commit: str | None, date: str) -> Gate:
        """Return the gate that says these lines."""
        said = tuple(lines)
        found = Counter(each.status for each in said)
        return cls(commit, date, Counts(found["green"], found["amber"], found["red"], found["noted"]), said)


def gate_lines(gate: Gate) -> list[tuple[Status, str]]:
    """Return (status, sentence) of every claim that did not simply hold, the worst first.

    Returns
    -------
    list of (str, str)
        What is noted of several claims for one reason is one sentence.
    """
    said: list[tuple[Status, str]] = [
        (each.status, each.sentence) for status in ("red", "amber") for each in gate.lines if each.status == status
    ]
    noted: dict[Kind, list[Line]] = {}
    for each in gate.lines:
        if each.status == "noted":
            noted.setdefault(each.kind, []).append(each)
    for kind, group in noted.items():
        names = ", ".join(dict.fromkeys(each.claim for each in group))
        said.append(("noted", group[0].sentence if len(group) == 1 else f"{names}: {_TOGETHER[kind]}."))
    return said


def gate_total(gate: Gate) -> str:
    """Return the counts in one sentence."""
    counts = gate.counts
    commit = f" of commit {gate.commit[:8]}" if gate.commit else ""
    return (
        f"gate: {counts.green} held, {counts.amber} amber, {counts.red} red, {counts.noted} noted, against "
        f"the findings{commit} of {gate.date[:10]}"
    )
