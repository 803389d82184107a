"""Files of others are read within limits, places that are no files are not written, and no wait is endless."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from filelock import FileLock

from why_bird import files, locks
from why_bird.cache import cache_folder
from why_bird.errors import BadInput
from why_bird.files import read_whole, sha256_of, write_together, write_whole
from why_bird.locks import locked


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**40)


@pytest.mark.parametrize("read", [read_whole, sha256_of])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "a pipe, a socket or a device"),
        (lambda path: path.symlink_to("/dev/zero"), "a pipe, a socket or a device"),
        (Path.mkdir, "Is a directory"),
        (_sparse, r"it has 1,099,511,627,776 bytes, and (67,108,864|34,359,738,368) are the most"),
    ],
)
def test_what_is_no_file_or_has_no_end_is_not_read(
    tmp_path: Path, make: Callable[[Path], object], words: str, read: Callable[[Path], object]
) -> None:
    make(tmp_path / "x")
    with pytest.raises(OSError, match=words):
        read(tmp_path / "x")


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux has such files")
def test_what_says_that_it_is_empty_is_not_read() -> None:
    # As /proc/kmsg does, which never ends.
    assert read_whole(Path("/proc/self/status")) == b""


@pytest.mark.parametrize(
    ("make", "words"),
    [(os.mkfifo, "a pipe"), (lambda path: path.symlink_to("elsewhere"), "x is a link"), (Path.mkdir, "Is a directory")],
)
def test_what_is_no_file_is_not_written_over(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    make(tmp_path / "x")
    before = (tmp_path / "x").lstat()
    with pytest.raises(OSError, match=words):
        write_together({tmp_path / "y": "new", tmp_path / "x": "new"})
    assert (tmp_path / "x").lstat() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("others", [0, 1])
def test_files_of_one_meaning_are_not_parted_by_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    # Another thread may be the one that takes the signal.
    end, replace = Event(), os.replace
    for _ in range(others):
        Thread(target=end.wait, daemon=True).start()

    def stopped(*given: Path) -> None:
        replace(*given)
        os.kill(os.getpid(), 2)

    monkeypatch.setattr(files.os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_together({tmp_path / name: "new" for name in "abc"})
    end.set()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_who_waits_for_a_lock_says_so_and_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.0)
    monkeypatch.setattr(locks, "_LONGEST", 0.0)
    said: list[str] = []
    again = locked(tmp_path / "x.lock", "counting", said.append)
    with FileLock(tmp_path / "x.lock"), pytest.raises(BadInput, match=r"still counting.*end that run"), again:
        raise AssertionError("it was held twice")
    assert said == [f"waiting: another run is counting (it holds {tmp_path / 'x.lock'})"]
    with locked(tmp_path / "x.lock", "counting", said.append):
        pass


def test_a_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    write_whole(tmp_path / "precious", "kept")
    (tmp_path / "x.lock").symlink_to("precious")
    with pytest.raises(OSError), locked(tmp_path / "x.lock", "counting"):  # noqa: PT011 - each system says it otherwise
        raise AssertionError("it was held")
    assert (tmp_path / "precious").read_text() == "kept"


def test_what_is_said_of_bad_input_can_be_printed() -> None:
    said = str(BadInput(f"a\x1b[31m\nb\udcff {'x' * 10**6} c"))
    assert said.startswith(r"a\x1b[31m b\udcff xxx")
    assert said.endswith("xxx c")
    assert len(said) < 3_000
    assert str(pickle.loads(pickle.dumps(BadInput("a\nb")))) == "a b"


def test_the_cache_may_be_named_by_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHY_BIRD_CACHE", "~/x")
    assert cache_folder() == Path.home() / "x"
    monkeypatch.setenv("WHY_BIRD_CACHE", "~nobody-of-this-name/x")
    with pytest.raises(BadInput, match="name a folder in the environment variable WHY_BIRD_CACHE"):
        cache_folder()


def test_files_of_one_meaning_are_one_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, other = os.replace, Thread(target=lambda: write_together({tmp_path / name: "other" for name in "abc"}))

    def slowly(*given: Path) -> None:
        replace(*given)
        if not other.is_alive() and not other.ident:
            other.start()
            other.join(0.3)

    monkeypatch.setattr(files.os, "replace", slowly)
    write_together({tmp_path / name: "first" for name in "abc"})
    other.join()
    assert {(tmp_path / name).read_text() for name in "abc"} == {"other"}
