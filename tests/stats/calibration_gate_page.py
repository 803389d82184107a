"""The gate's section of `docs/calibration.md`, from what the nightly tests recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .calibration_gate import EFFECTS, WITHOUT_WORLD, WORLDS, Red, margin

__all__ = ["CHECKS", "EXPECTED", "MOST_RED", "GateRow", "gate_row", "gate_section", "section"]

MOST_RED = 0.003

CHECKS = ("any", "level", "unchanged", *(f"drifted by {by}" for by in EFFECTS))
EXPECTED = (1 + len(EFFECTS)) * len(WORLDS) + 2
"""Rows of a complete run."""

HEAD = """
## The gate

A run is held against an accepted one, claim by claim, each drawn anew from a world whose truth is known, through the
functions that decide (`tests/stats/calibration_gate.py`). A world stands for claims of one kind of estimate, of about
one size and planned effect; an asterisk stands for several networks. An intersection is drawn as its weakest part, that
of P7 as a whole. Not simulated: {without}.

**The same network, fresh draws, {claims} comparisons, of each kind as many as a run makes:** {runs} runs, in
{red} of which anything was red; under {bound} is asked. {amber} of the {held} single comparisons were amber. Two
classes that truly hold the same share of the noise may each be called the class of noise: {level_runs} runs,
{level_red} red, {level_amber} amber.

**A finding that drifted**, away from where the shipped network has it and towards the threshold or beyond: how often
it is red, by how far it drifted. The unit is the claim's *planned effect*, the distance from its threshold δ to the
effect θ₁ that it was planned to see: what matters, by the protocol. Δ is the margin, in the same unit: where it is
large, a drift within one verdict is not found before it is as large, and only a reversed verdict is. – where nothing
of the kind can drift so far.

| claims | world | Δ | {heads} |
|---|---|---|{rules}|
"""

Found = Mapping[tuple[str, str], Red]
GateRow = tuple[str, str, int, int, int]


def gate_row(check: str, world: str, found: Red) -> GateRow:
    """Return what one check found in a world (of that name, if it is one of them), as a worker can send it."""
    return check, world, found.runs, found.red, found.amber


def gate_section(rows: Iterable[GateRow]) -> str:
    """Return the section from the rows of a complete run."""
    return section({(check, world): Red(*counts) for check, world, *counts in rows})


def section(found: Found) -> str:
    """Return the section of a complete run.

    Parameters
    ----------
    found : mapping
        (check, name of the world) to figures.
    """
    whole, level = found["any", ""], found["level", ""]
    single = [found["unchanged", world.name] for world in WORLDS]
    kinds = dict.fromkeys(WITHOUT_WORLD.values())
    without = [f"{kind} ({', '.join(c for c, its in WITHOUT_WORLD.items() if its == kind)})" for kind in kinds]
    parts = [
        HEAD.format(
            without="; ".join(without),
            claims=sum(world.count for world in WORLDS),
            runs=f"{whole.runs:,}",
            red=whole.red,
            bound=f"{MOST_RED:.1%}",
            amber=f"{sum(each.amber for each in single):,}",
            held=f"{sum(each.runs for each in single):,}",
            level_runs=f"{level.runs:,}",
            level_red=level.red,
            level_amber=f"{level.amber:,}",
            heads=" | ".join(f"{by} planned effect{'s' * (by > 1)}" for by in EFFECTS),
            rules="|".join("---" for _ in EFFECTS),
        )
    ]
    for world in WORLDS:
        said = [found[f"drifted by {by}", world.name] for by in EFFECTS]
        rates = (f"{each.red / each.runs:.3f}" if each.runs else "–" for each in said)
        parts.append(f"| {' | '.join((world.claims, world.name, f'{margin(world):.2g}', *rates))} |\n")
    return "".join(parts)
