"""`docs/calibration.json`: the figures of the nightly tests, kept from run to run, so that a part can be made anew."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from why_bird.stats import FAMILY_ALPHA

from .calibration_figures import small_rates
from .calibration_gate import WORLDS
from .calibration_gate_page import CHECKS, GateRow
from .calibration_page import EXPECTED, Row
from .calibration_scenarios import SCENARIOS

__all__ = ["kept", "versions"]


def versions() -> str:
    """Return what the figures depend on beside the code: other versions may give other figures."""
    return f"Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "scipy", "statsmodels")
    )


def kept(path: Path, rows: Iterable[Row | GateRow]) -> list[Row | GateRow]:
    """Put new figures in the place of old ones, and return all that are of scenarios that there still are.

    Parameters
    ----------
    path : Path
        What is there of other versions counts no more.
    rows : iterable of tuple
        What this run found.

    Returns
    -------
    list of tuple
        As many as a page needs where none is missing: :data:`EXPECTED`.
    """
    figures: dict[str, list[object]] = {}
    if path.is_file():
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["versions"] == versions():
            figures = content["figures"]
    figures |= {_name(each): list(each) for each in rows}
    places = {str(scenario): i for i, scenario in enumerate(SCENARIOS)}
    worlds = {"", *(world.name for world in WORLDS)}
    found: list[Row | GateRow] = []
    current = {}
    for name, each in figures.items():
        if isinstance(each[0], int):
            place = places.get(name.split("|")[0])
            if place is None or not _is_asked(SCENARIOS[place].scope, float(each[2])):  # type: ignore[arg-type]
                continue
            each[0] = place
        elif each[0] not in CHECKS or each[1] not in worlds:
            continue
        current[name] = each
        found.append(tuple(each))  # type: ignore[arg-type]
    lines = (f"{_text(name)}: {_text(each)}" for name, each in sorted(current.items()))
    head = f'{{"versions": {_text(versions())}, "figures": {{\n'
    path.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
    assert len(found) <= EXPECTED
    return found


@cache
def _is_asked(scope: str, alpha: float) -> bool:
    """Return whether a scope's scenarios are simulated at an error rate: the smallest one follows the register."""
    return any(math.isclose(alpha, each) for each in (FAMILY_ALPHA, *small_rates(scope)))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _name(row: Row | GateRow) -> str:
    """Return a name that stays when other scenarios come or go."""
    if isinstance(row[0], int):
        scenario = SCENARIOS[row[0]]
        world = scenario.planned[0] if row[1] == "power" and scenario.planned else ""
        return f"{scenario}|{row[1]}|{row[2]:.6g}|{world}"
    return f"gate|{row[0]}|{row[1]}"
