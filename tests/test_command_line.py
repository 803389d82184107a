"""A command has one way out: a sentence and an exit code, whatever happens in it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from why_bird.command_line import Parser, command
from why_bird.errors import BadInput


def faulty() -> None:
    raise RuntimeError("planted\nhere")


class PanicException(BaseException):
    """No Exception, as what Rust raises in a library."""


def panicking() -> None:
    raise PanicException("planted")


def refusing() -> None:
    raise BadInput("it is bad\x1b[31m")


def stopped(number: int) -> None:
    os.kill(os.getpid(), number)


def talking_to_nobody() -> None:
    print("something", file=sys.stdout)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (faulty, 3, "error: RuntimeError: planted here (not foreseen, in line"),
        (panicking, 3, "error: PanicException: planted (not foreseen, in line"),
        (refusing, 4, r"error: it is bad\x1b[31m"),
        (lambda: stopped(signal.SIGTERM), 2, "error: stopped from outside"),
        (lambda: stopped(signal.SIGHUP), 2, "error: stopped from outside"),
        (lambda: stopped(signal.SIGINT), 2, "error: stopped from outside"),
        (talking_to_nobody, 3, "No space left on device"),
    ],
)
def test_whatever_happens(
    body: object, code: int, words: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @command
    def main(_arguments: Sequence[str] | None = None) -> int:
        body()  # type: ignore[operator]
        return 0

    # What a full disk does to what was printed shows when it is sent.
    with Path("/dev/full" if body is talking_to_nobody else os.devnull).open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main([]) == code
    said = capfd.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_an_end_while_a_command_is_imported(tmp_path: Path, name: str) -> None:
    # In code that is text, as dataclasses are: where one comes out of that, Python would end by the signal.
    text = f"import signal; signal.raise_signal(signal.{name})"
    (tmp_path / "ended.py").write_text(f"exec({text!r})", encoding="utf-8")
    code = "import sys\nfrom why_bird.commands import main\nmain._COMMANDS['ended'] = ('ended', '')\n"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{code}sys.exit(main.main(['ended']))"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "error: stopped from outside; what was finished before is kept\n"
    assert done.returncode == 2


@pytest.mark.parametrize("words", [["--out="], ["--out", ""], [""]])
def test_an_empty_value_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="planted")
    parser.add_argument("--out")
    with pytest.raises(SystemExit) as end:
        parser.parse_args(words)
    assert end.value.code == 4
    assert "is empty, give it a value or leave it out" in capsys.readouterr().err


@pytest.mark.parametrize("buffering", [-1, 0])
def test_help_that_nobody_takes_is_a_fault(
    buffering: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main = command(lambda words: Parser(prog="planted").parse_args(words))
    with Path("/dev/full").open("wb", buffering=buffering) as full:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(full, write_through=buffering == 0))
        assert main(["--help"]) == 3
    assert "No space left on device" in capfd.readouterr().err


def test_what_an_output_has_no_letters_for(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open("w", encoding="ascii") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert command(lambda _words: print("N|tcp://…", file=sys.stdout) or 0)([]) == 0
    assert capfd.readouterr().err == ""


def test_a_home_is_found_behind_an_equals_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    parser = Parser(prog="planted")
    parser.add_argument("--out", type=Path)
    assert parser.parse_args(["--out=~/x"]).out == tmp_path / "x"
    with pytest.raises(SystemExit) as end:
        parser.parse_args(["--out=~nobody-of-this-name/x"])
    assert end.value.code == 4
    assert "names a home folder that nobody here has" in capsys.readouterr().err


def test_a_value_may_end_as_an_empty_one_does() -> None:
    parser = Parser(prog="planted")
    parser.add_argument("--out")
    assert parser.parse_args(["--out=a="]).out == "a="


def test_what_was_said_before_a_fault_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @command
    def main(_arguments: Sequence[str] | None = None) -> int:
        print("half of it", file=sys.stdout)
        faulty()
        return 0

    with (tmp_path / "log").open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main([]) == 3
    assert (tmp_path / "log").read_text(encoding="utf-8") == "half of it\n"
