"""A pytest plugin that kills its process just before one of the steps in which it changes a folder."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WHERE, STEP = "FELLED_WHERE", "FELLED_AT_STEP"

_WRITES = os.O_WRONLY | os.O_RDWR
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate")


def pytest_configure(config: pytest.Config) -> None:
    where, step = os.environ[WHERE], int(os.environ[STEP])
    steps = iter(range(step))

    def watch(event: str, given: tuple[Any, ...]) -> None:
        touched = any(path.startswith(where) and not path.endswith(".lock") for path in _changed(event, given))
        if touched and next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    # It cannot be taken out again: only a process that is used up may have it.
    sys.addaudithook(watch)


def _changed(event: str, given: tuple[Any, ...]) -> Iterator[str]:
    is_written = event == "open" and isinstance(given[2], int) and given[2] & _WRITES
    if is_written or event in _CHANGES:
        yield from (os.fspath(path) for path in given[:2] if isinstance(path, str | Path))
