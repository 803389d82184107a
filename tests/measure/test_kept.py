"""What the cache keeps is listed by network, and what is old leaves it without a run noticing."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from why_bird.commands.caching import main
from why_bird.errors import BadInput
from why_bird.images.cifar import download_cifar10
from why_bird.measure.entry import Key
from why_bird.measure.kept import DOWNLOADS, IMAGES, LEFT, Kept, kept, outdated, remove_kept
from why_bird.measure.store import Store

DAY = 86_400.0


def key(network: str | None, n: int = 0) -> Key:
    return Key("noise", 1, {"n": n} | ({"network": network} if network else {"images": "c1fa"}))


def write(store: Store, network: str | None, n: int = 0, *, size: int = 1000, days: float = 0.0) -> Path:
    store.get(key(network, n), lambda _: {"x": np.zeros(size, np.uint8)})
    path = store.cache / "measurements" / key(network, n).name
    moment = time.time() - days * DAY
    os.utime(path / "entry.json", (moment, moment))
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def test_it_is_listed_by_network_the_oldest_first(store: Store) -> None:
    write(store, "a" * 64, days=1)
    write(store, "a" * 64, 1, days=3)
    write(store, None, days=2)
    store.get(Key("drawing", 1, {"shows": "x"}), lambda _: {"x": np.zeros(2000, np.uint8)})
    os.utime(next((store.cache / "measurements").glob("drawing-*[0-9a-f]")) / "entry.json", (9, 9))
    (store.cache / "downloads").mkdir()
    (store.cache / "downloads" / "cifar.tar.gz").write_bytes(bytes(500))
    left = store.cache / "measurements" / ".noise-0-dead"
    left.mkdir()
    os.utime(left, (0, 0))
    # What cannot be read is none of ours to count.
    broken = [write(store, "b" * 64, n) / "entry.json" for n in range(3)]
    broken[0].write_text("{")
    os.truncate(broken[1], 2**40)
    broken[2].unlink()
    os.mkfifo(broken[2])
    found = kept(store.cache)
    assert [each.network for each in found] == [LEFT, "drawing", "a" * 64, IMAGES, "a" * 64, DOWNLOADS]
    assert found[-1].bytes == 500
    assert all(1000 < each.bytes < 5000 for each in found[1:5])


def test_reading_makes_an_entry_young_again(store: Store) -> None:
    write(store, "a", days=30)
    Store(store.cache).get(key("a"), None)
    assert time.time() - kept(store.cache)[0].used < DAY


@pytest.mark.parametrize(
    ("older_than", "max_size", "stays"),
    [(None, None, "0123"), (1.5 * DAY, None, "01"), (None, 250, "01"), (None, 0, ""), (2.5 * DAY, 100, "0")],
)
def test_the_oldest_go(older_than: float | None, max_size: int | None, stays: str) -> None:
    now = time.time()
    entries = [Kept(Path(str(i)), "a", 100, now - i * DAY) for i in (2, 0, 3, 1)]
    gone = outdated(entries, older_than=older_than, max_size=max_size)
    assert {each.path.name for each in entries} - {each.path.name for each in gone} == set(stays)


def test_a_run_that_reads_an_entry_keeps_it_and_one_that_asks_again_makes_it_again(store: Store) -> None:
    said: list[str] = []
    store.warn = said.append
    path = write(store, "a")
    entry = store.get(key("a"), None)
    assert remove_kept(kept(store.cache)[0])
    assert not path.exists()
    assert entry["x"].sum() == 0
    assert store.get(key("a"), lambda _: {"x": np.ones(3)}).origin == "computed"
    assert said == []


def test_what_another_run_is_making_stays(store: Store) -> None:
    path = write(store, "a")
    with FileLock(f"{path}.lock"):
        assert not remove_kept(kept(store.cache)[0])
    assert path.is_dir()


def test_a_download_under_way_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[bool] = []

    def removed(_url: str, folder: str, *_: str) -> None:
        found.extend(remove_kept(each) for each in kept(tmp_path))
        found.append(Path(folder).is_dir())
        raise OSError("nothing came")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", removed)
    with pytest.raises(BadInput, match="nothing came"):
        download_cifar10(tmp_path / DOWNLOADS)
    assert found == [False, True]


def test_runs_and_removals_race_without_a_word(store: Store) -> None:
    said: list[str] = []
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        try:
            for n in range(150):
                # A store of its own, as another process has: it knows nothing of what it has read.
                reader = Store(store.cache, warn=said.append)
                found = reader.get(key("a", n % 3), lambda _, n=n: {"x": np.full(50, n % 3)})
                if not (found["x"] == n % 3).all():
                    wrong.append(found)
        except BaseException as error:
            wrong.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    removed = 0
    while not done.is_set():
        removed += sum(map(remove_kept, kept(store.cache)))
    thread.join()
    assert (wrong, said) == ([], [])
    assert removed


def test_a_new_cache_is_its_users_alone_and_an_old_one_stays_as_it_is(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(Store(tmp_path / "a" / "new"), "a")
        (tmp_path / "shared").mkdir(mode=0o755)
        write(Store(tmp_path / "shared"), "a")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a" / "new", tmp_path / "shared")]
    assert modes == [0o700, 0o755]


def test_the_command_says_what_would_go_before_it_goes(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    write(store, "a" * 64, days=40)
    write(store, "b" * 64)
    words = [f"--folder={store.cache}", "--older-than=30d"]
    assert main([*words, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would go: 1 entry" in said
    assert "aaaaaaaa" in said
    assert len(kept(store.cache)) == 2
    assert main(words) == 0
    assert "gone: 1 entry" in capsys.readouterr().out
    assert [each.network for each in kept(store.cache)] == ["b" * 64]


@pytest.mark.parametrize("words", [["--older-than=soon"], ["--max-size=-1"], ["--max-size=3x"]])
def test_bad_usage_is_a_sentence(words: list[str], store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(store, "a", days=400)
    with pytest.raises(SystemExit) as stop:
        main([f"--folder={store.cache}", *words])
    assert stop.value.code == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert path.is_dir()
