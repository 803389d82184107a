"""What a run says to the shell."""

from __future__ import annotations

from enum import IntEnum

from why_bird.evidence.document import Document
from why_bird.evidence.gate_lines import Gate


class ExitCode(IntEnum):
    """Exit codes of ``pytest hypotheses/``."""

    JUDGED = 0
    """Something was judged and nothing rejected; under the gate: held, or amber with a warning."""
    REJECTED = 1
    """Rejections, and nothing worse; under the gate: a finding has moved or disappeared."""
    INTERRUPTED = 2
    """Stopped from outside."""
    BROKEN = 3
    """A claim raised, or a negative control is broken."""
    USAGE = 4
    """Bad usage or bad input."""
    NOTHING = 5
    """No claim was confirmed or rejected."""


def exit_code(
    document: Document,
    errors: int = 0,
    *,
    interrupted: bool = False,
    usage: bool = False,
    accepts: bool = False,
) -> ExitCode:
    """Return the exit code of a run; the worst that happened decides.

    Parameters
    ----------
    document : Document
        The evidence. Where it was held against accepted findings, those decide and no verdict does.
    errors : int, default 0
        How many errors pytest saw: a claim that raised, a fixture that failed, a claim that never judged. Those
        the document names count too.
    interrupted : bool, default False
        Whether the run was stopped from outside; what it had judged until then decides nothing.
    usage : bool, default False
        Whether it stopped on bad usage or bad input.
    accepts : bool, default False
        Whether its findings were to be accepted as they are: then no verdict is a failure.
    """
    if usage:
        return ExitCode.USAGE
    if interrupted:
        return ExitCode.INTERRUPTED
    if errors or document.errors or document.void is not None:
        return ExitCode.BROKEN
    if document.gate is not None:
        return gate_code(document.gate)
    if accepts:
        return ExitCode.JUDGED
    if document.summary.rejected:
        return ExitCode.REJECTED
    return ExitCode.JUDGED if document.summary.confirmed else ExitCode.NOTHING


def gate_code(gate: Gate) -> ExitCode:
    """Return the exit code of a run that was held: 1 where anything is red, else 0."""
    return ExitCode.REJECTED if gate.counts.red else ExitCode.JUDGED
