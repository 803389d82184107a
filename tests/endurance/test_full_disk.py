"""A disk that is full, really: one sentence, and nothing half-written."""

from __future__ import annotations

import mmap
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from asking import evidence, read

from .caches import entries, unfinished
from .conftest import Endurance

FULL = "No space left on device"
KIB = 1024


def _mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)  # noqa: S603, S607


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount a file system in memory that holds some bytes."""
    place.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small file system can be mounted by root alone, and where mounts are allowed: {error}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S603, S607


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    with ExitStack() as mounted:
        yield lambda size: mounted.enter_context(small_disk(tmp_path / "disk", size))


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def pages(size: int) -> int:
    """Return what a file takes of a file system in memory."""
    return -(-size // mmap.PAGESIZE) * mmap.PAGESIZE


def size_of(folder: Path) -> int:
    return sum(pages(path.stat().st_size) for path in folder.rglob("*") if path.is_file())


def test_no_room_for_the_decoded_images(endurance: Endurance, tmp_path: Path, disk: Callable[[int], Path]) -> None:
    cache = disk(64 * KIB) / "cache"
    answer = endurance.start(cache, tmp_path / "latest").answer()
    assert answer.complaint.startswith(f"decoded images cannot be written to the cache {cache}")
    assert FULL in answer.complaint
    assert "WHY_BIRD_CACHE" in answer.complaint
    assert answer.code == 4
    assert {Path(name).suffix for name in files(cache)} <= {".lock"}
    assert unfinished(cache) == []
    assert answer.wrote_nothing


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_no_room_for_a_measurement(
    endurance: Endurance, tmp_path: Path, disk: Callable[[int], Path], share: float
) -> None:
    images, measured = (size_of(endurance.world.root / "cache" / kind) for kind in ("images", "measurements"))
    place = disk(int(images + share * measured))
    cache = place / "cache"
    answer = endurance.start(cache, tmp_path / "latest").answer()
    assert answer.complaint.startswith(f"the cache {cache} cannot be written (")
    assert FULL in answer.complaint or "it took a part alone" in answer.complaint
    assert "WHY_BIRD_CACHE" in answer.complaint
    assert answer.code == 4
    assert answer.wrote_nothing
    # What was whole before stays, and serves the run that has room.
    there = entries(cache)
    assert there
    assert unfinished(cache) == []
    _mount("-o", f"remount,size={64 * KIB * KIB}", place)
    again = endurance.start(cache, tmp_path / "latest").answer()
    assert evidence(again.partial) == evidence(read(endurance.undisturbed))
    assert "warning:" not in again.output
    assert there.items() <= entries(cache).items()


def fill(place: Path, room: int) -> None:
    """Take all of a disk but some bytes."""
    filler = place / "filler"
    filler.unlink(missing_ok=True)
    there = os.statvfs(place)
    filler.write_bytes(bytes(there.f_bavail * there.f_frsize - pages(room)))


def test_no_room_for_the_report(endurance: Endurance, tmp_path: Path, disk: Callable[[int], Path]) -> None:
    cache, place = endurance.world.root / "cache", disk(4 * KIB * KIB)
    folder = place / "latest"
    assert endurance.start(cache, folder, aside=tmp_path).answer().code == 1
    report = endurance.report(folder)
    former = {path.name: path.read_bytes() for path in report.iterdir()}
    assert sorted(former) == ["evidence.html", "evidence.json", "evidence.md"]
    # There is room for nothing, and for the first of three files, which then must not stand beside two old ones.
    for room in (0, len(former["evidence.html"])):
        fill(place, room)
        answer = endurance.start(cache, folder, aside=tmp_path).answer()
        assert answer.complaint.startswith(f"the report cannot be written into {report} ({FULL})")
        assert "--evidence-dir" in answer.complaint
        assert answer.code == 4
        # What was judged is said all the same.
        assert re.search(r"^CONFIRMED +P2 ", answer.output, re.MULTILINE)
        assert {path.name: path.read_bytes() for path in report.iterdir()} == former
