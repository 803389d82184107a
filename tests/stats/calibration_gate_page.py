"""The gate's section of `docs/calibration.md`, from what the nightly tests recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .calibration_gate import NETWORKS, WORLDS, Red

__all__ = ["EXPECTED", "LEAST_RED", "MOST_RED", "GateRow", "gate_row", "gate_section", "section"]

MOST_RED, LEAST_RED = 0.003, 0.95

EXPECTED = 2 * len(WORLDS) + 2 * len(NETWORKS) + 2
"""Rows of a complete run."""

HEAD = """
## The gate

A run is held against an accepted one, claim by claim, each drawn anew from a world whose truth is known, through the
functions that decide (`tests/stats/calibration_gate.py`). Amber is looked at once more, with four times the draws,
where these are noise.

**The same network, fresh draws, all {claims} claims of the protocol that have a sampling error:** {runs} runs, in
{red} of which anything was red; under {bound} is asked. In {amber} of the {held} single comparisons the first look left
it open, and in {left} the second did. Two classes that truly hold the same share of the noise may each be called the
class of noise: {level_runs} runs, {level_red} red, {level_amber} amber.

**A finding that drifted by 2Δ:** red in more than {least} is asked. Δ is that of the world: the floor, or 5.7 standard
errors of the difference. Where nothing is looked at again (–), the claim draws no noise that could be drawn anew.

| claims | world | Δ | runs | red | amber | looked at again |
|---|---|---|---|---|---|---|
"""

SEVERAL = """
**Networks of one recipe, against accepted ones of it.** One against several is held against where one more would fall,
several against several by Welch's t. Normal numbers with a floor too low to matter, so that Δ is 5.7 standard errors,
as estimated from the networks: the fewer they are, the less a drift by 2Δ can be told. Reported, not held.

| accepted | new | runs | red where nothing changed | amber | red after a drift by 2Δ | amber |
|---|---|---|---|---|---|---|
"""

Found = Mapping[tuple[str, int], tuple[float, Red]]
GateRow = tuple[str, int, float, int, int, int, int]


def gate_row(check: str, place: int, margin: float, found: Red) -> GateRow:
    """Return what one check found, in a form that a worker can send."""
    return check, place, margin, found.runs, found.red, found.amber, found.looked_again


def gate_section(rows: Iterable[GateRow]) -> str:
    """Return the section from the rows of a complete run."""
    return section({(check, place): (margin, Red(*counts)) for check, place, margin, *counts in rows})


def section(found: Found) -> str:
    """Return the section of a complete run.

    Parameters
    ----------
    found : mapping
        (check, place) to (Δ or 0, figures).
    """
    whole, level = found["any", 0][1], found["level", 0][1]
    single = [found["unchanged", i][1] for i in range(len(WORLDS))]
    parts = [
        HEAD.format(
            claims=sum(world.count for world in WORLDS),
            runs=f"{whole.runs:,}",
            red=whole.red,
            bound=f"{MOST_RED:.1%}",
            amber=f"{sum(each.looked_again for each in single) + _open(single):,}",
            held=f"{sum(each.runs for each in single):,}",
            left=f"{sum(each.amber for each in single):,}",
            level_runs=f"{level.runs:,}",
            level_red=level.red,
            level_amber=f"{level.amber:,}",
            least=f"{LEAST_RED:.0%}",
        )
    ]
    for i, world in enumerate(WORLDS):
        margin, said = found["drifted", i]
        again = f"{said.looked_again:,}" if world.on_noise else "–"
        cells = (
            world.claims,
            world.name,
            f"{margin:.4f}",
            f"{said.runs:,}",
            _rate(said.red, said),
            _rate(said.amber, said),
        )
        parts.append(f"| {' | '.join((*cells, again))} |\n")
    parts.append(SEVERAL)
    for i, (accepted, new) in enumerate(NETWORKS):
        same, moved = found["networks", i][1], found["networks drifted", i][1]
        rates = (_rate(each, said) for said in (same, moved) for each in (said.red, said.amber))
        parts.append(f"| {accepted} | {new} | {same.runs:,} | {' | '.join(rates)} |\n")
    return "".join(parts)


def _open(single: list[Red]) -> int:
    """Return what was left open where nothing could be looked at again."""
    return sum(each.amber for each, world in zip(single, WORLDS, strict=True) if not world.on_noise)


def _rate(count: int, said: Red) -> str:
    return f"{count / said.runs:.4f}"
