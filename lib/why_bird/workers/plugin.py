"""What makes a worker fit for the tasks of a run."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from distributed import Worker, WorkerPlugin

from why_bird.errors import BadInput
from why_bird.workers.shared import require
from why_bird.workers.threads import calculate_with
from why_bird.workers.work import Work

_PACKAGES = ("numpy", "scipy", "torch", "torchvision")


@lru_cache(maxsize=1)
def identity() -> Mapping[str, str]:
    """Return what numbers depend on besides what is asked: this package's code, Python, and what calculates."""
    code, package = hashlib.sha256(), Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        code.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes())
    found = {"why-bird": code.hexdigest()[:12], "Python": ".".join(platform.python_version_tuple()[:2])}
    for package_name in _PACKAGES:
        try:
            # A build for another processor is the same version.
            found[package_name] = version(package_name).partition("+")[0]
        except PackageNotFoundError:
            continue
    return found


def _require(expected: Mapping[str, str], address: str) -> None:
    for name, wanted in expected.items():
        has = identity().get(name, "none")
        if has != wanted:
            of = "code " if name == "why-bird" else ""
            raise BadInput(
                f"the worker {address} has {name} of {of}{has}, and this run {of}{wanted}: start it from the same "
                "installation"
            )


_met: set[str] = set()
"""Setups whose folders this process shares: the run that marked them may be over, and another wait for its tasks."""


def perform(
    expected: Mapping[str, str], marks: tuple[str, ...], work: Callable[[str, str], str], setup: str, asked: str
) -> str:
    """Do one task, in a worker. One that came later may not be fit, so each task asks.

    Raises BadInput if this worker is of another version, or lacks what the task needs.
    """
    _require(expected, f"process {os.getpid()}")
    if setup not in _met:
        require(marks)
        _met.add(setup)
    return work(setup, asked)


class Ready(WorkerPlugin):
    """Makes a worker ready, also one that comes later: threads, and what its tasks need.

    Parameters
    ----------
    expected : mapping of str to str
        The :func:`identity` of the process that sends.
    marks : tuple of str
        In the folders that it has to share.
    threads : int
        With which each worker calculates.
    """

    def __init__(self, work: Work, expected: Mapping[str, str], marks: tuple[str, ...], threads: int) -> None:
        self.work, self.expected, self.marks, self.threads = work, expected, marks, threads

    def setup(self, worker: Worker) -> None:
        """Make a worker ready.

        Raises BadInput if it is of another version, has several threads, or lacks something.
        """
        _require(self.expected, worker.address)
        if worker.state.nthreads != 1:
            raise BadInput(
                f"the worker {worker.address} does {worker.state.nthreads} tasks at once, and networks are asked one "
                "at a time: start it with --nthreads 1"
            )
        # Loaded now, so that it takes as many: to what is loaded later Dask's own variables say one.
        import torch  # noqa: F401

        calculate_with(self.threads)
        try:
            require(self.marks)
            _met.add(self.work.setup)
            self.work.prepare(self.work.setup)
        except BadInput as error:
            raise BadInput(f"the worker {worker.address} cannot take part: {error}") from None
