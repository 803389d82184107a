"""What is sent to workers: tasks, and the functions that do them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Task", "Work"]


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work. What travels is text, and functions by their names.

    Parameters
    ----------
    prepare : callable
        Opens what stands ready for every task, given the setup, and keeps it; raises :class:`BadInput` where this
        worker lacks something.
    perform : callable
        Does one task, given the setup and what is asked, and returns what it says of it.
    setup : str
        JSON, the same for all tasks.
    gpu : bool
        Whether a task takes a worker's GPU, the resource of that name.
    """

    prepare: Callable[[str], object]
    perform: Callable[[str, str], str]
    setup: str
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One task: what is made by it has the name of the key, whoever asks for it.

    Parameters
    ----------
    asked : str
        JSON.
    """

    key: str
    asked: str
