"""Hold two evidence files against each other: ``why-bird compare ACCEPTED NEW``.

The rule and the exit codes are those of ``pytest hypotheses/ --gate``: 0 held, or amber with a warning; 1 moved;
4 where a file cannot be used. Noise is not drawn again, so nothing is looked at twice.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from why_bird.command_line import Parser
from why_bird.errors import BadInput
from why_bird.evidence.accepted import read_baseline
from why_bird.evidence.exit_code import ExitCode, gate_code
from why_bird.evidence.gate import hold
from why_bird.evidence.gate_lines import Gate, gate_lines, gate_total
from why_bird.evidence.text import printable

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> ExitCode:
    """Print one line for each claim that did not simply hold, and return the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.
    """
    parser = Parser(prog="why-bird compare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("accepted", type=Path, help="evidence.json, or accepted.json, that is held to be right")
    parser.add_argument("new", type=Path, help="evidence.json that is held against it")
    given = parser.parse_args(arguments)
    try:
        gate = _held(given.accepted, given.new)
    except BadInput as error:
        print(f"ERROR: {printable(str(error))}", file=sys.stderr)
        return ExitCode.USAGE
    for status, sentence in gate_lines(gate):
        print(f"{status.upper():5} {printable(sentence)}")
    print(gate_total(gate))
    return gate_code(gate)


def _held(accepted: Path, new: Path) -> Gate:
    old, fresh = read_baseline(accepted), read_baseline(new)
    try:
        return hold(old, fresh)
    except BadInput:
        raise
    except ValueError as error:  # a threshold may say nothing about what matters
        raise BadInput(f"{new} cannot be held against {accepted}: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
