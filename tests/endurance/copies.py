"""Runs in processes of their own, made by copying one that has loaded every library: a run then costs only itself."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asking import PROJECT, Answer, run

PATIENCE = 3600.0
"""Seconds after which a run that should end is given up."""


@dataclass(frozen=True)
class Started:
    """A run that is on its way, in a process group of its own.

    Parameters
    ----------
    copies : Copies
    pid : int
    folder, said : Path
        Where its report goes, and where it writes down what it said.
    """

    copies: Copies
    pid: int
    folder: Path
    said: Path

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)

    def ended(self, within: float = PATIENCE) -> int | None:
        """Wait for its end and return how it came: 0, or minus the signal; None where it goes on after some seconds."""
        return self.copies.ask({"wait": self.pid, "within": within})

    def answer(self) -> Answer:
        """Wait for a run that nobody kills, and return what it said."""
        status = self.ended()
        assert status == 0, f"the run that reports into {self.folder} ended with {status}"
        return self.said_answer()

    def said_answer(self) -> Answer:
        """Return what a run said that has ended by itself."""
        said = json.loads(self.said.read_text(encoding="utf-8"))
        return Answer(said["code"], said["output"], self.folder)


class Copies:
    """The process that is copied, and what is asked of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, request: dict[str, Any]) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply: int | None = json.loads(self._process.stdout.readline())
        return reply

    def start(
        self, *words: object, folder: Path, aside: Path | None = None, environment: dict[str, str] | None = None
    ) -> Started:
        """Start ``pytest`` with these words, reporting into a folder.

        Parameters
        ----------
        words : object
        folder : Path
        aside : Path, optional
            Where it is written down what the run said, and where pytest has its own; beside the folder if not given.
        environment : dict of str to str, optional
            Variables that are set besides.
        """
        aside = aside or folder.parent
        aside.mkdir(parents=True, exist_ok=True)
        said = aside / f".{folder.name}-said.json"
        said.unlink(missing_ok=True)
        request = {
            # What a killed run leaves of pytest's own is not this project's.
            "words": [*map(str, words), f"--basetemp={aside / f'.{folder.name}-base'}"],
            "folder": str(folder),
            "said": str(said),
            "environment": environment or {},
        }
        pid = self.ask(request)
        assert pid is not None
        return Started(self, pid, folder, said)


@contextlib.contextmanager
def copies(*first: object, folder: Path) -> Iterator[Copies]:
    """Load everything by one run with these words, and be ready to copy the process; nothing of it stays."""
    paths = [str(PROJECT / each) for each in (".", "lib", "fixtures", "tests/plugin")]
    # One thread: of several, a copy would have one only.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, str(folder), *map(str, first)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready == "ready\n", ready
            yield Copies(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _serve(folder: Path, first: list[str]) -> None:
    answer = run(*first, f"--basetemp={folder}-base", folder=folder)
    if answer.code > 1:
        raise SystemExit(answer.output)
    # What is there by now is never garbage, and a copy need not look at it.
    gc.freeze()
    print("ready", flush=True)
    living: set[int] = set()
    try:
        for line in sys.stdin:
            request = json.loads(line)
            if "wait" in request:
                reply = _end_of(request["wait"], request["within"])
                living -= {request["wait"]} if reply is not None else set()
            else:
                reply = _copy(request)
                living.add(reply)
            print(json.dumps(reply), flush=True)
    finally:
        for pid in living:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _end_of(pid: int, within: float) -> int | None:
    deadline = time.monotonic() + within
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(0.001)


def _copy(request: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        # Both do it, so that whoever is first knows that it is done.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    code, output = -1, ""
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(nowhere, descriptor)
        os.environ |= request["environment"]
        answer = run(*request["words"], folder=Path(request["folder"]))
        code, output = answer.code, answer.output
    except BaseException:
        output = traceback.format_exc()
    finally:
        Path(request["said"]).write_text(json.dumps({"code": code, "output": output}), encoding="utf-8")
        os._exit(0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), sys.argv[2:])
