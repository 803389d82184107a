"""Runs ``pytest hypotheses/`` inside this process, on a planted world."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import undrawn
from filelock import FileLock

PROJECT = Path(__file__).resolve().parents[2]
HYPOTHESES = str(PROJECT / "hypotheses")
# Nothing is written into the checkout, and its own order is the one that is compared with others.
QUIET = ("-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:randomly", "--capture=sys")


@dataclass(frozen=True)
class Answer:
    """What a run said: exit code, output, and where its reports would be."""

    code: int
    output: str
    folder: Path

    @property
    def evidence(self) -> dict[str, Any]:
        return read(self.folder)

    @property
    def partial(self) -> dict[str, Any]:
        return read(self.folder.with_name(f"{self.folder.name}-partial"))

    @property
    def wrote_nothing(self) -> bool:
        return not list(self.folder.parent.glob(f"{self.folder.name}*"))

    @property
    def complaint(self) -> str:
        """The one line that says what is wrong."""
        lines = [line for line in self.output.splitlines() if line.startswith("ERROR: ")]
        assert len(lines) == 1, self.output
        assert "Traceback" not in self.output
        assert "INTERNALERROR" not in self.output
        return lines[0].removeprefix("ERROR: ")


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    return content


def run(
    *arguments: object,
    folder: Path | None,
    plugins: tuple[object, ...] = (),
    quiet: tuple[str, ...] = QUIET,
    figures: bool = False,
) -> Answer:
    """Run pytest here, with its output kept. Figures take as long as all claims: they are drawn where it is asked.

    Without a folder the report goes where reports go by themselves, below the current folder.
    """
    output = io.StringIO()
    words = [*quiet, *([f"--evidence-dir={folder}"] if folder else []), *map(str, arguments)]
    more = () if figures else (undrawn,)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), environment():
        # At its end pytest collects garbage several times, and would go through every object of the outer run.
        gc.freeze()
        try:
            code = int(pytest.main(words, plugins=[*plugins, *more]))
        finally:
            gc.unfreeze()
    return Answer(code, output.getvalue(), folder or Path("reports", "latest").absolute())


def forget_modules(folder: Path) -> None:
    """Forget what was loaded from a folder of a test's own: pytest refuses another folder's module of the same name."""
    files = {name: module.__dict__.get("__file__") or "" for name, module in sys.modules.items()}
    for name, file in files.items():
        if file.startswith(f"{folder}{os.sep}"):
            del sys.modules[name]


def alone(*words: object, cwd: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest without figures in a process of its own, which sees this checkout's code and none of ours."""
    paths = [str(checkout / "lib"), str(checkout / "fixtures"), str(Path(__file__).parent)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(  # noqa: S603
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            "-p",
            "undrawn",
            *map(str, words),
        ],
        cwd=cwd,
        env=environment | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def environment() -> Iterator[None]:
    """Keep what the outer run left in the environment from the inner one."""
    before = dict(os.environ)
    os.environ.pop("PYTEST_XDIST_WORKER", None)
    os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass(frozen=True)
class World:
    """Images, and networks whose behaviour on noise is planted."""

    root: Path

    def options(self, *networks: str, images: bool = True) -> list[str]:
        given = [f"--checkpoint={self.root / network}.safetensors" for network in networks]
        given += ["--network=planted_networks:planted", f"--evidence-cache={self.root / 'cache'}"]
        return [*given, f"--images={self.root / 'images'}"] if images else given

    def whole(self, network: str) -> Answer:
        """Return the run of everything on one network, made once by all who share this world."""
        folder, said = self.root / "reports" / network, self.root / f"{network}.json"
        with FileLock(said.with_suffix(".lock")):
            if not said.exists():
                # Of one network they are drawn: whole runs differ in what there is to draw, not in how.
                drawn = network == "feature-sink"
                answer = run(HYPOTHESES, *self.options(network), folder=folder, figures=drawn)
                said.write_text(json.dumps([answer.code, answer.output]), encoding="utf-8")
        code, output = json.loads(said.read_text(encoding="utf-8"))
        return Answer(code, output, folder)

    def ask(self, network: str, *arguments: object, folder: Path, **more: Any) -> Answer:
        return run(HYPOTHESES, *self.options(network), *arguments, folder=folder, **more)


class Planted:
    """A pytest plugin that puts another body into one claim, which still states the same."""

    def __init__(self, test: str, body: Callable[..., None]) -> None:
        self.test, self.body = test, body

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if isinstance(item, pytest.Function) and item.originalname == self.test:
                original = item.obj
                item.obj = functools.wraps(original)(lambda **given: self.body(**given))


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    """Return the verdict of each claim, those of a procedure as ``X1[procedure]``."""
    return {
        claim["id"] + ("[procedure]" if claim["network"] == "procedure" else ""): claim["verdict"]
        for claim in document["claims"]
    }


def evidence(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return all that was found, without what tells one run from another: time, and columns of whole runs."""
    passing = {"seconds", "holm", "benjamini_hochberg"}
    return {
        (claim["id"], claim["network"]): {name: value for name, value in claim.items() if name not in passing}
        for claim in document["claims"]
    }
