"""A run has one way out: whatever goes wrong is a sentence and an exit code, and what was judged is kept."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, QUIET, Planted, World, environment, read, run, verdicts

TWO = ("-k", "highest_bias or about_as_accurate")


class PanicException(BaseException):
    """No Exception, as what Rust raises in a library."""


def failing(hook: str) -> object:
    """Return a plugin whose hook raises."""

    def fail(*_given: object) -> None:
        raise PanicException("planted\x1b[31m")

    plugin = type("Broken", (), {hook: staticmethod(fail)})
    return plugin()


@pytest.mark.parametrize(
    ("hook", "judged"),
    [
        ("pytest_configure", 0),
        ("pytest_sessionstart", 0),
        ("pytest_collection_modifyitems", 0),
        ("pytest_runtest_logfinish", 1),
        ("pytest_sessionfinish", 2),
        ("pytest_terminal_summary", 2),
    ],
)
def test_what_nobody_foresaw(world: World, folder: Path, hook: str, judged: int) -> None:
    answer = world.ask("bias-sink", *TWO, folder=folder, plugins=(failing(hook),))
    pattern = r"PanicException: planted\\x1b\[31m \(not foreseen, in line \d+ of test_boundary.py\)"
    assert re.fullmatch(pattern, answer.complaint)
    assert len(verdicts(answer.partial)) == judged if judged else answer.wrote_nothing
    assert answer.code == 3


def test_what_a_network_raises_and_prints_reaches_no_terminal_raw(world: World, folder: Path) -> None:
    def fail(**_given: object) -> None:
        print("said\x1b[32m")
        raise RuntimeError("planted\x1b[31m")

    plugin = Planted("test_bird_does_not_have_the_highest_bias", fail)
    answer = world.ask("bias-sink", *TWO, folder=folder, plugins=(plugin,))
    assert "\x1b" not in answer.output
    assert r"said\x1b[32m" in answer.output
    assert r"E       RuntimeError: planted\x1b[31m" in answer.output
    assert [error["detail"] for error in answer.partial["errors"]] == [r"RuntimeError: planted\x1b[31m"]
    assert answer.code == 3


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_an_end_from_outside(world: World, folder: Path, name: str) -> None:
    class Outside:
        def pytest_runtest_logfinish(self) -> None:
            os.kill(os.getpid(), getattr(signal, name))

    answer = world.ask("bias-sink", *TWO, folder=folder, plugins=(Outside(),))
    assert len(verdicts(answer.partial)) == 1
    assert not list(answer.folder.parent.rglob("*.tmp"))
    assert answer.code == 2
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_an_end_while_figures_are_drawn(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("why_bird.fixtures.evidence.drawn", stopped)
    answer = world.ask("bias-sink", *TWO, folder=folder, figures=True)
    assert len(verdicts(answer.partial)) == 2
    assert answer.code == 2


class Full(io.StringIO):
    """A disk without room."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_output_that_nobody_takes(world: World, folder: Path) -> None:
    words = [*QUIET, HYPOTHESES, *world.options("bias-sink"), *TWO, f"--evidence-dir={folder}"]
    said = io.StringIO()
    with contextlib.redirect_stdout(Full()), contextlib.redirect_stderr(said), environment():
        code = pytest.main(words)
    assert (folder.with_name("evidence-partial") / "evidence.json").is_file()
    assert said.getvalue() == "ERROR: what it had to say could not be written ([Errno 28] No space left on device)\n"
    assert code == 3


def test_output_that_nobody_takes_is_let_go_of_for_good(world: World, folder: Path) -> None:
    # As a process has it, where pytest takes the number of standard output away and puts it back.
    words = [*QUIET[:-1], HYPOTHESES, *world.options("bias-sink"), *TWO, f"--evidence-dir={folder}"]
    said, kept = io.StringIO(), os.dup(1)
    try:
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            os.dup2(full.fileno(), 1)
        with open(1, "w", encoding="utf-8", closefd=False) as stdout:
            with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(said), environment():
                code = pytest.main(words)
            stdout.flush()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert said.getvalue() == "ERROR: what it had to say could not be written ([Errno 28] No space left on device)\n"
    assert code == 3


@pytest.mark.parametrize(("given", "code"), [("", 3), ("--checkpoint=nowhere", 4), ("--no-such-option", 4)])
def test_a_full_disk_that_takes_no_error_either(world: World, folder: Path, given: str, code: int) -> None:
    words = [*QUIET, HYPOTHESES, *world.options("bias-sink"), *TWO, f"--evidence-dir={folder}", *given.split()]
    with contextlib.redirect_stdout(Full()), contextlib.redirect_stderr(Full()), environment():
        assert pytest.main(words) == code


def test_outputs_that_are_closed(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [*QUIET[:2], HYPOTHESES, *world.options("bias-sink"), *TWO, f"--evidence-dir={folder}"]
    for name in ("stdin", "stdout", "stderr", "__stderr__"):
        monkeypatch.setattr(sys, name, None)
    with environment():
        assert pytest.main(words) == 1
    assert verdicts(read(folder.with_name("evidence-partial"))) == {"Z1": "confirmed", "P1": "rejected"}


def test_without_a_terminal(world: World, folder: Path) -> None:
    answer = world.ask("bias-sink", *TWO, "-p", "no:terminal", folder=folder)
    assert len(verdicts(answer.partial)) == 2
    assert (answer.code, answer.output) == (1, "")


def test_each_claim_counts_once_however_often_it_is_run(world: World, folder: Path) -> None:
    class Twice:
        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            items += items

    answer = world.ask("bias-sink", *TWO, folder=folder, plugins=(Twice(),))
    assert verdicts(answer.partial) == {"Z1": "confirmed", "P1": "rejected"}
    assert answer.code == 1


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only", "--fixtures"])
def test_the_gate_is_not_passed_by_what_judges_nothing(world: World, folder: Path, option: str) -> None:
    answer = world.ask("bias-sink", "--gate", option, folder=folder)
    assert answer.wrote_nothing
    assert answer.code == 4


@pytest.mark.parametrize("place", ["net.safetensors", "net/model.safetensors", "images/train/cat"])
def test_what_is_changed_while_the_run_reads_it(world: World, folder: Path, tmp_path: Path, place: str) -> None:
    shutil.copytree(world.root / "images", tmp_path / "images")
    checkpoint = tmp_path / "net.safetensors"
    shutil.copy(world.root / "bias-sink.safetensors", checkpoint)
    if place.startswith("net/"):  # a model as timm leaves it
        (tmp_path / "net").mkdir()
        (tmp_path / "net" / "config.json").write_text('{"architecture": "planted"}')
        checkpoint = checkpoint.rename(tmp_path / place).parent

    class Writing:
        def pytest_runtest_logfinish(self) -> None:
            path = tmp_path / place
            (path / "new.png").touch() if path.is_dir() else path.write_bytes(b"")

    words = [HYPOTHESES, *world.options("bias-sink", images=False)[1:], f"--images={tmp_path / 'images'}", *TWO]
    answer = run(*words, f"--checkpoint={checkpoint}", folder=folder, plugins=(Writing(),))
    assert f"warning: {tmp_path / place} was changed while the run read it" in " ".join(answer.output.split())
    assert verdicts(answer.partial) == {"Z1": "confirmed", "P1": "rejected"}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_an_end_while_plugins_are_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / f"ended_by_{name}.py").write_text(f"import signal\nsignal.raise_signal(signal.{name})\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("why_bird.fixtures.loading.PLUGINS", (f"ended_by_{name}",))
    with environment(), pytest.raises(SystemExit) as end:
        pytest.main([*QUIET, HYPOTHESES])
    assert end.value.code == 2
    assert capsys.readouterr().err == "ERROR: stopped from outside\n"
