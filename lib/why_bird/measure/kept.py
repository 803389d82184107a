"""What the user's cache keeps, by network, and how what is old leaves it while others are at work."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from why_bird.files import read_text
from why_bird.measure.entry import RECORD

IMAGES, DOWNLOADS, LEFT = "images", "downloads", "left by a kill"
"""In the place of a network: what is of images alone, what was downloaded, what nobody finished."""

_ABANDONED = 24 * 3600.0
"""Seconds after which nobody is still at work on an entry."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry."""

    path: Path
    """Its folder."""
    network: str
    """Content hash, with the precision where that is not full; or :data:`IMAGES`, :data:`DOWNLOADS`, :data:`LEFT`, or
    what is kept where that is of neither."""
    bytes: int
    used: float
    """When it was read last, in seconds since 1970: as far as runs have noted it."""


def kept(cache: Path) -> list[Kept]:
    """Return all entries of a cache, those used last at the end."""
    folders = cache / "measurements", cache / "images"
    found = [*_measurements(folders[0]), *_images(folders[1])]
    found += [each for folder in folders for each in _left(folder)]
    with suppress(OSError):
        found.append(Kept(cache / DOWNLOADS, DOWNLOADS, _size(cache / DOWNLOADS), (cache / DOWNLOADS).stat().st_mtime))
    return sorted(found, key=lambda each: each.used)


def outdated(entries: Iterable[Kept], *, older_than: float | None, max_size: int | None) -> list[Kept]:
    """Return what has to go: all that was not used for so long, and of the rest, oldest first, what is too much.

    `older_than` is in seconds, and `max_size` the bytes that may stay.
    """
    oldest_first = sorted(entries, key=lambda each: each.used)
    limit = -1.0 if older_than is None else time.time() - older_than
    gone = [each for each in oldest_first if each.used < limit]
    stays = oldest_first[len(gone) :]
    size = sum(each.bytes for each in stays)
    while stays and max_size is not None and size > max_size:
        size -= stays[0].bytes
        gone.append(stays.pop(0))
    return gone


def remove_kept(entry: Kept) -> bool:
    """Remove an entry, unless another process is making it right now.

    It leaves its place in one step, so that a run finds it whole or not at all. A run that reads from it already keeps
    what it reads; one that asks for it again makes it again.

    It is said whether it is gone. Raises OSError if the disk refuses.
    """
    path = entry.path
    try:
        with FileLock(f"{path}.lock", blocking=False):
            # As a writer's own scratch it goes with the next one of this name, should this process be killed now.
            gone = path.with_name(f".{path.name}-{secrets.token_hex(8)}-old")
            os.replace(path, gone)
            shutil.rmtree(gone)
    except (Timeout, FileNotFoundError):
        return False
    return True


def _measurements(folder: Path) -> Iterator[Kept]:
    for path in _folders(folder):
        # What another process takes away just now is not there any more.
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            found = (path / RECORD).stat()
            key = json.loads(read_text(path / RECORD))["key"]
            parts = key["parts"]
            network = parts.get("network") or (IMAGES if "images" in parts else key["measure"])
            # To list it is not to use it. Whose it is not cannot say so.
            with suppress(PermissionError):
                os.utime(path / RECORD, ns=(found.st_atime_ns, found.st_mtime_ns))
            yield Kept(path, str(network), _size(path), found.st_atime)


def _images(folder: Path) -> Iterator[Kept]:
    for path in _folders(folder):
        with suppress(OSError):
            yield Kept(path, IMAGES, _size(path), (path / "sums.json").stat().st_atime)


def _left(folder: Path) -> Iterator[Kept]:
    for path in folder.glob(".*"):
        with suppress(OSError):
            used = path.stat().st_mtime
            if path.is_dir() and time.time() - used > _ABANDONED:
                yield Kept(path, LEFT, _size(path), used)


def _folders(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("[!.]*")) if path.is_dir() and not path.is_symlink()]


def _size(folder: Path) -> int:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
