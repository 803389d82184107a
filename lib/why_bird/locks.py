"""Locks between runs: whoever waits for one says so, and does not wait for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from why_bird.errors import BadInput
from why_bird.outputs import aloud

_PATIENCE = 10.0
"""Seconds that a wait may take before it is worth a word."""

_LONGEST = 4 * 3600.0
"""Seconds after which whoever holds the lock is taken to hang: nothing that is made under one takes as long."""


@contextmanager
def locked(path: Path, doing: str, say: Callable[[str], None] = aloud) -> Iterator[None]:
    """Hold a lock as long as the block lasts. It is given back also where its holder is killed.

    Parameters
    ----------
    path : Path
        The lock's own file, in a folder that is there.
    doing : str
        What is done under it, as in "another run is decoding these images".
    say : callable
        Told once where another run has to be waited for.

    Raises
    ------
    BadInput
        If another run has held it for four hours.
    OSError
        If the file cannot be made, or is no file.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        say(f"waiting: another run is {doing} (it holds {path})")
        try:
            lock.acquire(timeout=_LONGEST)
        except Timeout:
            raise BadInput(
                f"another run is still {doing}, it has held {path} for more than {_LONGEST / 3600:g} hours: end that "
                "run, and run again"
            ) from None
    try:
        yield
    finally:
        lock.release()
