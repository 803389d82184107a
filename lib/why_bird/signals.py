"""Ends from outside: a terminal that closes or a batch system that stops a run is heard as Ctrl-C is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGTERM and SIGHUP as long as the block lasts, where nobody else decides on them.

    Whoever catches it decides on the exit code.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # One that is ignored stays so: nohup asks for that.
    ours = [number for number in _ENDS if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        # Python ends by SIGINT whatever the exit code where one came out of code that is text, of which dataclasses
        # are made, until other such code begins.
        exec("")  # noqa: S102


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold signals that end a run back as long as the block lasts: what belongs together is then done or not begun."""
    if threading.current_thread() is not threading.main_thread():  # which no handler interrupts
        yield
        return
    # Not masked: a mask holds for one thread, and a signal that another takes would be heard in this one.
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDS)}
    ours = {number: how for number, how in before.items() if how not in (signal.SIG_IGN, None)}
    for number in ours:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, how in ours.items():
            signal.signal(number, how)
        for number in came:
            signal.raise_signal(number)
