"""Two ways to the same answer, timed in turn in one run, and what that gave."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from why_bird.evidence.provenance import machine, versions
from why_bird.files import write_whole

__all__ = ["RESULTS", "Compared", "in_turn", "rates", "record", "seconds"]

RESULTS = Path(__file__).parent / "results.json"
_SHOWN_VERSIONS = ("python", "torch", "torchvision", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found of one pair.

    Parameters
    ----------
    what, against : str
        What was done, and what it is held against.
    ours, other : float
        Medians over the repetitions.
    unit : str
        Of both.
    ratio, least, greatest : float
        Median, smallest and largest over the repetitions, of what the heading says.
    heading : str
        What the ratio means, such as "times as fast".
    """

    what: str
    against: str
    ours: float
    other: float
    unit: str
    ratio: float
    least: float
    greatest: float
    heading: str

    def line(self) -> str:
        """Return it for the terminal."""
        spread = f"[{self.least:.3g}, {self.greatest:.3g}]"
        return (
            f"{self.what}: {self.ours:,.4g} {self.unit}; {self.against}: {self.other:,.4g} {self.unit}; "
            f"{self.heading}: {self.ratio:.3g} {spread}"
        )


def in_turn(ours: Callable[[], object], other: Callable[[], object], repeats: int) -> list[tuple[float, float]]:
    """Return seconds of both, one pair a repetition: what slows the machine down meets both.

    Parameters
    ----------
    ours, other : callable
    repeats : int
    """
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        other()
        between = time.perf_counter()
        ours()
        times.append((time.perf_counter() - between, between - start))
    return times


def seconds(what: str, against: str, times: Sequence[tuple[float, float]]) -> Compared:
    """Return how many times as fast ours is, from seconds."""
    ratios = sorted(other / ours for ours, other in times)
    mine, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    return Compared(what, against, mine, theirs, "s", statistics.median(ratios), ratios[0], ratios[-1], "times as fast")


def rates(
    what: str, against: str, pairs: Sequence[tuple[float, float]], unit: str, heading: str = "times as fast"
) -> Compared:
    """Return our rate over the other, from pairs of rates."""
    ratios = sorted(ours / other for ours, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Compared(what, against, mine, theirs, unit, statistics.median(ratios), ratios[0], ratios[-1], heading)


def record(section: str, rows: Sequence[Compared]) -> None:
    """Print what was found, and put it in the place of what an earlier run of the section found.

    Parameters
    ----------
    section : str
    rows : sequence of Compared
    """
    for row in rows:
        print(row.line(), flush=True)
    content: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    known = versions()
    content[section] = {
        "machine": asdict(machine()),
        "versions": {name: known[name] for name in _SHOWN_VERSIONS if name in known},
        "rows": [asdict(row) for row in rows],
    }
    write_whole(RESULTS, json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
