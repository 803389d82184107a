"""Write every chart of a run, as SVG and as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from why_bird.command_line import Parser, command
from why_bird.evidence.charts.figure import undrawn
from why_bird.evidence.document import Document, read_evidence
from why_bird.files import written
from why_bird.shipped import REPORTS

_SHIPPED = REPORTS / "reference" / "evidence.json"


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(prog="why-bird figures", description="Draw the charts of a run. Measures nothing.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into, made where it is not there")
    parser.add_argument("--evidence", type=Path, default=_SHIPPED, help="evidence.json of a run (default: the shipped)")
    options = parser.parse_args(arguments)
    again = "`pytest hypotheses/` writes an evidence.json that can be drawn"
    n = _write(options.out, read_evidence(options.evidence, again))
    print(f"{n} charts in {options.out}")
    return 0


def _write(folder: Path, document: Document) -> int:
    from why_bird.evidence.charts.drawing import png_of, svg_of

    charts = list(undrawn(document))
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for each in charts:
            (folder / f"{each.name}.svg").write_text(svg_of(each.chart, each.name) + "\n", encoding="utf-8")
            (folder / f"{each.name}.png").write_bytes(png_of(each.chart))
    return len(charts)
