"""Standard output and error, which nobody may take: they are closed, or their disk is full."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def aloud(message: str) -> None:
    """Say something on standard error, where there is one that takes it."""
    try:
        if sys.stderr is not None:
            print(message, file=sys.stderr, flush=True)
    except OSError:
        let_go(sys.stderr)


def send(stream: TextIO | None) -> None:
    """Send what was written to an output on its way, or let go of it and raise an OSError."""
    try:
        if stream is not None:
            stream.flush()
    except OSError:
        let_go(stream)
        raise


def let_go(stream: object) -> None:
    """Turn an output that nobody takes any more into none, so that its rest is no error at the end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[attr-defined]
        os.close(nowhere)
    except (OSError, AttributeError, ValueError):  # it is no file
        return
