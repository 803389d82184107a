"""What a long computation tells the person who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Advance = Callable[[int], None]
"""Called with the number of items done since the last call."""

Progress = Callable[[str, int], AbstractContextManager[Advance]]
"""Opened with a label and the number of items to come."""


@contextmanager
def SILENT(label: str, total: int) -> Iterator[Advance]:  # noqa: ARG001, N802
    """Show nothing: for pytest-xdist workers, ``-q``, CI and tests."""
    yield lambda _done: None


@contextmanager
def bars(label: str, total: int) -> Iterator[Advance]:
    """Show a bar with rate and time left on standard error."""
    # Imported here because a run that computes nothing shows no bar.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(label, total=total)
        yield lambda done: display.advance(task, done)
