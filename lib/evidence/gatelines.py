"""What the gate says, in lines for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["gate_lines", "gate_total"]

_TOGETHER = {
    "another class": "not held, they are about another class now",
    "never measured": "measured neither when accepted nor now",
    "measured first": "measured for the first time",
    "one network": "one network says nothing of a procedure",
    "new": "new; --accept would keep them",
}


def gate_lines(gate: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (status, sentence) of every claim that did not simply hold, the worst first.

    Parameters
    ----------
    gate : mapping
        The ``gate`` of a document.

    Returns
    -------
    list of (str, str)
        What is noted of several claims for one reason is one sentence.
    """
    lines = [(each["status"], each["sentence"]) for each in gate["lines"]]
    said = [found for status in ("red", "amber") for found in lines if found[0] == status]
    noted: dict[str, list[Mapping[str, Any]]] = {}
    for each in gate["lines"]:
        if each["status"] == "noted":
            noted.setdefault(each["kind"], []).append(each)
    for kind, group in noted.items():
        names = ", ".join(dict.fromkeys(each["claim"] for each in group))
        said.append(("noted", group[0]["sentence"] if len(group) == 1 else f"{names}: {_TOGETHER[kind]}."))
    return said


def gate_total(gate: Mapping[str, Any]) -> str:
    """Return the counts in one sentence."""
    counts = gate["counts"]
    commit = f" of commit {gate['commit'][:8]}" if gate["commit"] else ""
    return (
        f"gate: {counts['green']} held, {counts['amber']} amber, {counts['red']} red, {counts['noted']} noted, against "
        f"the findings{commit} of {gate['date'][:10]}"
    )
