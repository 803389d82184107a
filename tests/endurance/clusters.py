"""A cluster of processes on this machine, as `dask scheduler` and `dask worker` start them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
from asking import PROJECT

from .held import HELD, LEDGER, REACHED

PATIENCE = 3600.0
"""Seconds after which what should come is given up."""


def said_in(path: Path) -> str:
    """Wait for a file, and for what is said in it."""
    deadline = time.monotonic() + PATIENCE
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} does not come"
        time.sleep(0.02)
    return path.read_text()


class Cluster:
    """A scheduler, and the workers that are started for it."""

    def __init__(self, root: Path, stack: contextlib.ExitStack, protocol: str, **environment: str) -> None:
        self.root, self._stack, self._environment = root, stack, environment
        self.ledger = root / "ledger.txt"
        self.ledger.touch()
        self._file = root / "scheduler.json"
        words = ["--protocol", protocol, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", *words, "--scheduler-file", str(self._file))
        self.address: str = json.loads(said_in(self._file))["address"]

    def _start(
        self, program: str, *words: str, lib: Path = PROJECT / "lib", **environment: str
    ) -> subprocess.Popen[bytes]:
        paths = (lib, PROJECT / "fixtures", PROJECT / "tests" / "plugin", PROJECT)
        given = {"PYTHONPATH": os.pathsep.join(map(str, paths)), LEDGER: str(self.ledger)}
        log = self._stack.enter_context((self.root / f"{program}.log").open("ab"))
        process = self._stack.enter_context(
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", f"distributed.cli.{program}", *words],
                env=os.environ | given | self._environment | environment,
                cwd=self.root,
                stdout=log,
                stderr=log,
            )
        )
        self._stack.callback(process.kill)
        return process

    def worker(
        self, *words: str, held: int = 0, lib: Path = PROJECT / "lib", nanny: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a worker; one without a nanny is the process itself, and is not started again when it dies."""
        named = [*words, "--scheduler-file", str(self._file), "--no-dashboard", *([] if nanny else ["--no-nanny"])]
        named += [] if "--nthreads" in words else ["--nthreads", "1"]
        return self._start("dask_worker", *named, "--preload", "tests.endurance.held", lib=lib, **{HELD: str(held)})

    def wait_for_workers(self, count: int) -> None:
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count)

    def wait_until_held(self) -> str:
        """Wait until a worker waits in an entry, and return which."""
        return said_in(self.ledger.with_suffix(REACHED))


@contextlib.contextmanager
def cluster(root: Path, protocol: str = "tcp", **environment: str) -> Iterator[Cluster]:
    with contextlib.ExitStack() as stack:
        yield Cluster(root, stack, protocol, **environment)
