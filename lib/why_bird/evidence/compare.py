"""Put two runs side by side: ``why-bird compare THEN NOW``.

How far values may move, and the exit codes, are those of ``pytest hypotheses/ --gate``: 0 held, or amber with a
warning; 1 moved, or not to be held; 4 where a file cannot be used. Noise is not drawn again, so nothing is looked at
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from why_bird.command_line import Parser, command
from why_bird.errors import BadInput
from why_bird.evidence.accepted import read_baseline
from why_bird.evidence.comparison.comparison import Comparison, compare
from why_bird.evidence.comparison.markdown import markdown
from why_bird.evidence.comparison.terminal import lines
from why_bird.evidence.exit_code import ExitCode, gate_code
from why_bird.evidence.gate_lines import gate_total
from why_bird.files import write_together, written
from why_bird.printing import printable


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is otherwise now, write it as a page and as Markdown where asked, and return the exit code."""
    parser = Parser(prog="why-bird compare", description=(__doc__ or "").split(":")[0])
    parser.add_argument("then", type=Path, help="report folder, evidence.json or accepted.json of the earlier run")
    parser.add_argument("now", type=Path, help="the same of the later run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write compare.html and compare.md there")
    given = parser.parse_args(arguments)
    found = _compared(given.then, given.now)
    if given.out is not None:
        _write(given.out, found)
    print("\n".join(lines(found)))
    if found.gate is None:
        return ExitCode.REJECTED
    print(f"\n{printable(gate_total(found.gate))}")
    return gate_code(found.gate)


def _compared(then: Path, now: Path) -> Comparison:
    old, fresh = read_baseline(then), read_baseline(now)
    try:
        return compare(old, fresh)
    except ValueError as error:  # a threshold may say nothing about what matters
        raise BadInput(f"{now} cannot be held against {then}: {error}") from None


def _write(folder: Path, found: Comparison) -> None:
    from why_bird.evidence.comparison.page import html

    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_together({folder / "compare.html": html(found), folder / "compare.md": markdown(found)})
