"""What noise does to each network: the first sentences of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.evidence.numbers import count, probability

__all__ = ["opening"]

_MOST_NAMES = 3


def opening(document: dict[str, Any]) -> list[str]:
    """Return what noise does to each network, a paragraph each.

    Parameters
    ----------
    document : dict
        The evidence.

    Returns
    -------
    list of str
        Of a void run nothing but that it answers nothing.
    """
    void = document["void"]
    if void:
        return [
            f"This run answers nothing: the negative control {void['control']} is broken for {void['network']}, "
            "so every "
            "verdict is withheld."
        ]
    if not document["claims"]:
        return ["No claim was judged in this run, so there is no answer."]
    said = [_noise_of(p2, _same_network(document, "P3", p2)) for p2 in _claims(document, "P2")]
    if len(said) > _MOST_NAMES:
        return [_noise_of_many(_claims(document, "P2"))]
    return said or ["Which class most of the noise falls into (claim P2) was not judged in this run."]


def _claims(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [claim for claim in document["claims"] if claim["id"] == name]


def _same_network(document: dict[str, Any], name: str, other: dict[str, Any]) -> dict[str, Any] | None:
    return next((c for c in _claims(document, name) if c["network"] == other["network"]), None)


def _value(claim: dict[str, Any]) -> float | None:
    value: float | None = claim["estimate"] and claim["estimate"]["value"]
    return value


def _noise_of(p2: dict[str, Any], p3: dict[str, Any] | None) -> str:
    share, target = _value(p2), p2["target"]
    if share is None:
        return f"Where the noise of {p2['network_name']} falls could not be measured: {p2['reason'].rstrip('.')}."
    said = [
        f"Of {count(p2['n'])} images of noise that {p2['network_name']} was shown, it calls {probability(share)} "
        f"{target or 'one and the same class'}{_band(p2['estimate'])}{_next(p2)}.",
        {
            "confirmed": "That is nearly all, as in the post: more than nine tenths, which was asked.",
            "rejected": "That is short of the post's “nearly all”: more than nine tenths was asked.",
            "inconclusive": "Whether it is more than nine tenths, the post's “nearly all”, is open.",
        }[p2["verdict"]],
    ]
    return " ".join([*said, *_bird(target, p3)])


def _band(estimate: dict[str, Any]) -> str:
    low, high = estimate["low"], estimate["high"]
    return "" if low is None or high is None else f" (95 % interval {100 * low:.1f} to {probability(high)})"


def _bird(target: str | None, p3: dict[str, Any] | None) -> list[str]:
    """Say what of the noise is the post's bird."""
    if p3 is None or _value(p3) is None:
        return []
    if target == "bird":
        return ["The class is the post's, bird."]
    said = f"The post's class, bird, takes {probability(_value(p3))}."
    return [f"The class is not the post's. {said}" if target else said]


def _next(p2: dict[str, Any]) -> str:
    """Return which class takes most of the rest, from the claim's own table."""
    for table in p2["tables"]:
        if table["columns"] == ["class", "noise images", "share"]:
            rest = [cells for cells in table["rows"] if cells[0] != p2["target"] and cells[1] and cells[2] is not None]
            if rest and p2["target"]:
                name, _, share = max(rest, key=lambda cells: cells[1])
                return f" and {probability(share)} {name}"
    return ""


def _noise_of_many(judged: Sequence[dict[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for claim in judged:
        if claim["target"]:
            counts[claim["target"]] = counts.get(claim["target"], 0) + 1
    named = sum(counts.values())
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    falls = ", ".join(f"{name} in {n}" for name, n in most)
    held = sum(claim["verdict"] == "confirmed" for claim in judged)
    of = f"Of {len(judged)} networks, "
    where = f"the class that takes most of the noise is {falls} of {named}; " if named else ""
    return f"{of}{where}more than nine tenths of it, the post's “nearly all”, is confirmed in {held}."
