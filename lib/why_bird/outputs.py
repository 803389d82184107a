"""Standard output and error, which nobody may take: they are closed, or their disk is full."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO


class Output:
    """An output that may be lost (a full disk, a pipe that nobody reads) without ending the run."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.lost: OSError | None = None
        self.is_heard = True
        """Whether what is written goes anywhere."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        if self.is_heard:
            self._try("write", text)
        return len(text)

    def flush(self) -> None:
        """Send what was written on its way."""
        self._try("flush")

    def _try(self, what: str, *given: str) -> None:
        if self.lost is None:
            try:
                getattr(self._stream, what)(*given)
            except OSError as error:
                self.lost = error
                let_go(self._stream)


def reopen() -> None:
    """Let what was closed lead nowhere: a file would get its number, and be written to by whoever says something.

    What an output has no letters for is written as escapes.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The number stays taken, also where another stream is put in its place.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8", closefd=False))
        if mode == "w" and isinstance(getattr(sys, name), io.TextIOWrapper):
            getattr(sys, name).reconfigure(errors="backslashreplace")


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
