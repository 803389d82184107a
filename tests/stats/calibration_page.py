"""`docs/calibration.md`, from what the nightly tests recorded."""

from __future__ import annotations

from collections.abc import Iterable

from .calibration_figures import CLASSES, small_rates, smallest_alpha
from .calibration_gate_page import EXPECTED as EXPECTED_OF_THE_GATE
from .calibration_gate_page import GateRow, gate_section
from .calibration_scenario import Scenario
from .calibration_scenarios import SCENARIOS

__all__ = ["EXPECTED", "ROW", "Row", "page", "row"]

ROW = "calibration"
Row = tuple[int, str, float, int, int, float]

EXPECTED = sum(7 + (each.planned is not None) for each in SCENARIOS) + EXPECTED_OF_THE_GATE
"""Rows of a complete run."""

HEAD = """# Calibration

What *The suite's own honesty* in [protocol.md](protocol.md) asks of every engine, as it was simulated. Each sample
is drawn in a world whose truth is known and goes through `decide`, which gives the verdicts. The worlds are in
`tests/stats/calibration_scenarios.py`, `calibration_scores.py` and `calibration_features.py`, which draws from what the
shipped networks made of images and of noise. *Images* stands for the scopes dataset and network,
whose units are images. A row in *italics* is reported and not held to its bounds. An exact value has no error rate
and no row.

Written by `make calibrate` with {versions}; the same versions give the same figures.
"""

NULL = """
## At the threshold, α = .025

θ = δ. False confirms and false rejects: at most 310 of 10,000 each. Coverage of the 95 % interval: at least .9417.

| engine | scope | scenario | simulations | false confirms | false rejects | bound | coverage | bound |
|---|---|---|---|---|---|---|---|---|
"""

SMALL = """
## At the threshold, α = {alpha:.3g}, {scope}

{what} The bound is the 1e-4 upper quantile of the count at an exact error rate. Entropy, rankings and
intersections, and what is drawn from the shipped networks, are simulated 10,000 times: 100,000 would take too long.

| engine | scope | scenario | simulations | false confirms | false rejects | bound |
|---|---|---|---|---|---|---|
"""

POWER = """
## Power

θ₁ = δ + .05 for proportions, δ + .04 for P(X > Y), 2δ for standardised effects, at sizes of the claims and at the
smallest αᵢ of the ledger, in worlds where the normal approximation gives .85 or more. At least .827 is asked.

| engine | scope | scenario | αᵢ | simulations | share confirmed | bound |
|---|---|---|---|---|---|---|
"""


def row(scenario: Scenario, check: str, alpha: float, count: int, simulations: int, bound: float) -> Row:
    """Return what one check found, in a form that a worker can send."""
    return SCENARIOS.index(scenario), check, alpha, count, simulations, bound


def page(rows: Iterable[Row | GateRow], versions: str) -> str:
    """Return the page of all figures, made with some versions."""
    engines, gate = [], []
    for each in rows:
        # Those of the gate begin with what was asked.
        (gate if isinstance(each[0], str) else engines).append(each)
    found = {(index, check, alpha): (count, n, bound) for index, check, alpha, count, n, bound in engines}
    parts = [HEAD.format(versions=versions), NULL]
    for i, scenario in enumerate(SCENARIOS):
        cells = [found[i, check, 0.025] for check in ("false confirm", "false reject", "coverage")]
        parts.append(
            _line(
                scenario,
                scenario.name,
                f"{cells[0][1]:,}",
                f"{cells[0][0]}",
                f"{cells[1][0]}",
                f"{cells[0][2]}",
                f"{cells[2][0] / cells[2][1]:.4f}",
                f"{cells[2][2]}",
            )
        )
    for scope in ("images", "procedure"):
        smallest, of_a_part = small_rates(scope)
        whose = "the network and dataset ledger" if scope == "images" else "a claim about a procedure"
        for alpha, what in (
            (smallest, f"The smallest αᵢ of {whose}."),
            (of_a_part, f"The same over K − 1 = {CLASSES - 1}, at which an intersection rejects."),
        ):
            parts.append(SMALL.format(alpha=alpha, what=what, scope=scope))
            for i, scenario in enumerate(SCENARIOS):
                if scenario.scope == scope:
                    confirms, rejects = found[i, "false confirm", alpha], found[i, "false reject", alpha]
                    parts.append(
                        _line(
                            scenario,
                            scenario.name,
                            f"{confirms[1]:,}",
                            f"{confirms[0]}",
                            f"{rejects[0]}",
                            f"{confirms[2]}",
                        )
                    )
    parts.append(POWER)
    for i, scenario in enumerate(SCENARIOS):
        if scenario.planned:
            alpha = smallest_alpha(scenario.scope)
            count, n, bound = found[i, "power", alpha]
            parts.append(_line(scenario, scenario.planned[0], f"{alpha:.3g}", f"{n:,}", f"{count / n:.4f}", f"{bound}"))
    return "".join([*parts, gate_section(gate)])


def _line(scenario: Scenario, name: str, *cells: str) -> str:
    shown = [scenario.engine, scenario.scope, name if scenario.held else f"*{name}*", *cells]
    return f"| {' | '.join(shown)} |\n"
