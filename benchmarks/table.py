"""The table of benchmarks in docs/speed.md, from what the last runs wrote down: ``python -m benchmarks.table``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import RESULTS, Compared
from why_bird.evidence.escape import escaped, row, table_head
from why_bird.evidence.readme import with_block
from why_bird.files import write_whole

__all__ = ["SECTIONS", "block", "with_table"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "speed.md"
SECTIONS = (
    "forward",
    "memory",
    "runs",
    "a retrained network",
    "quick",
    "resampling",
    "clutter",
    "dimension",
    "workers",
)
"""In the order of the table."""


def block(results: dict[str, Any]) -> str:
    """Return the table, and the machines that its numbers come from.

    Parameters
    ----------
    results : dict
        What ``benchmarks/results.json`` holds.
    """
    known = [name for name in SECTIONS if name in results]
    lines = table_head("what", "this", "against", "that", "ratio [least, greatest]")
    for name in known:
        lines += [_line(Compared(**content)) for content in results[name]["rows"]]
    machines = {json.dumps((results[name]["machine"], results[name]["versions"])) for name in known}
    lines.append("")
    for text in sorted(machines):
        machine, versions = json.loads(text)
        packages = ", ".join(f"{package} {version}" for package, version in versions.items())
        lines.append(f"Measured on {machine['cores']} cores of {machine['cpu']}, {machine['os']}, {packages}.")
    return "\n".join(lines) + "\n"


def _line(found: Compared) -> str:
    spread = f" [{found.least:.3g}, {found.greatest:.3g}]" if found.least < found.greatest else ""
    ratio = f"{found.ratio:.3g}{spread} {found.heading}"
    values = (_number(found.ours, found.unit), _number(found.other, found.unit))
    return row(*map(escaped, (found.what, values[0], found.against, values[1], ratio)))


def _number(value: float, unit: str) -> str:
    digits = f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
    # The rows of rates say their unit in what they are of.
    return digits if unit in ("images/s", "of them") else f"{digits} {unit}"


def with_table(text: str, results: dict[str, Any]) -> str:
    """Return a page with the block between its benchmark marks made anew.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    return with_block(text, "benchmarks", block(results))


def main() -> int:
    """Write the table."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    write_whole(PAGE, with_table(PAGE.read_text(encoding="utf-8"), results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
