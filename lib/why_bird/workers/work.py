"""What is sent to other processes, tasks and the functions that do them, and who these processes are."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from why_bird.errors import BadInput

if TYPE_CHECKING:
    from why_bird.workers.cluster import Workers


Where = int | str
"""A number of processes, or the address of a scheduler."""

HELP = (
    "let other processes do it: a number of them on this machine, or the Dask scheduler of a cluster, as "
    "tcp://HOST:8786 or tls://HOST:8786 (needs the extra why-bird[workers])"
)

_MOST = 1024
_ADDRESS = re.compile(r"(tcp|tls)://(?P<host>[^\s/:]+):\d{1,5}")


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work. What travels is text, and functions by their names."""

    prepare: Callable[[str], object]
    """Opens what stands ready for every task, given the setup, and keeps it; raises :class:`BadInput` where this worker
    lacks something."""
    perform: Callable[[str, str], str]
    """Does one task, given the setup and what is asked, and returns what it says of it."""
    setup: str
    """JSON, the same for all tasks."""
    gpu: bool = False
    """Whether a task takes a worker's GPU, the resource of that name."""
    shared: tuple[str, ...] = ()
    """Folders that every worker has to share, and no copy of them."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task, asked in JSON: what is made by it has the name of the key, whoever asks for it."""

    key: str
    asked: str


def parse_workers(text: str) -> Where:
    """Return a number of processes, or the address of a scheduler.

    Raises BadInput if it is neither.
    """
    if text.isdecimal() and len(text) <= len(str(_MOST)) and 1 <= int(text) <= _MOST:
        return int(text)
    with suppress(UnicodeError):
        if (found := _ADDRESS.fullmatch(text)) and found["host"].encode("idna"):
            return text
    raise BadInput(
        f"--workers is {reprlib.repr(text)}: give a number of processes from 1 to {_MOST}, or the address of a Dask "
        "scheduler such as tcp://127.0.0.1:8786"
    )


def open_workers(where: Where, work: Work) -> AbstractContextManager[Workers]:
    """Open workers; see :func:`why_bird.workers.cluster.workers`. Only here Dask is imported.

    Raises BadInput if Dask is not installed.
    """
    try:
        from why_bird.workers.cluster import workers
    except ImportError as error:
        raise BadInput(f"--workers needs Dask ({error}): pip install 'why-bird[workers]'") from None
    return workers(where, work)
