"""Files of others are read up to a limit; our own are written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from why_bird.errors import BadInput
from why_bird.signals import undisturbed

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be replaced anyway
    fcntl = None  # type: ignore[assignment]

LARGEST = 2**26
"""Bytes of the largest file that is read at once. The longest of ours, an evidence.json, has some megabytes."""

LARGEST_HASHED = 2**35
"""Bytes of the largest file that is held against its SHA-256, and of the largest checkpoint. The largest networks for
images that are known by name have half as many."""

_ATTEMPTS = 400
"""Of 50 milliseconds: a few files are put in place at once."""

_ABANDONED = 600.0
"""Seconds after which nobody is still writing a file: what lies there so long was left by a kill."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file of at most :data:`LARGEST_HASHED` bytes; else as :func:`read_whole`."""
    with _opened(path, LARGEST_HASHED) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_whole(path: Path) -> bytes:
    """Read a file of at most :data:`LARGEST` bytes that may be anybody's.

    A link is followed, as to a file of a shared cache. A pipe or a device is not opened: it may never end.

    Raises OSError if it is no file, is larger, or cannot be read.
    """
    with _opened(path, LARGEST) as file:
        content = file.read(LARGEST + 1)
    _require_size(len(content), LARGEST)
    return content


@contextmanager
def _opened(path: Path, most: int) -> Iterator[io.BufferedIOBase]:
    require_file(path)
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        # Asked again of what was opened: it may have been replaced.
        size = _regular(os.fstat(file.fileno())).st_size
        _require_size(size, most)
        # A file of /proc says that it is empty, and may have no end.
        yield file if size else io.BytesIO()


def _require_size(size: int, most: int) -> None:
    if size > most:
        raise OSError(errno.EFBIG, f"it has {size:,} bytes, and {most:,} are the most")


@contextmanager
def written(what: object, works: str = "name another folder") -> Iterator[None]:
    """Say in one sentence what could not be written, and what would work.

    Raises
    ------
    BadInput
        In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise BadInput(f"{what} cannot be written ({error.strerror or error}): {works}") from None


def read_text(path: Path) -> str:
    """Read text in UTF-8 as :func:`read_whole` reads bytes; it raises UnicodeDecodeError, too."""
    return read_whole(path).decode("utf-8")


def require_file(path: Path) -> os.stat_result:
    """Return what is known of a file without opening it, or raise OSError where there is none, or something else."""
    return _regular(path.stat())


def _regular(found: os.stat_result) -> os.stat_result:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, and no file")
    return found


def _require_replaceable(path: Path) -> None:
    """Refuse to put a file in the place of what somebody made something else: the link would lead to the old one."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.EINVAL, f"{path.name} is a link, and a file would take its place")
    _regular(found)


def write_whole(path: Path, content: str | bytes | memoryview) -> None:
    """Write a file so that a reader, or a kill, sees the old one or the new one and never a part.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    content : str or bytes
        Text is written as UTF-8, a lone surrogate as an escape.

    Raises
    ------
    OSError
        If the disk refuses; the old file is then as it was.
    """
    write_together({path: content})


def write_together(
    contents: Mapping[Path, str | bytes | memoryview], first: Callable[[], object] = lambda: None
) -> None:
    """Write files of one meaning: all are on the disk before the first of them takes its place.

    Parameters
    ----------
    contents : mapping of Path to str or bytes
        In the order in which they take their places; see :func:`write_whole`.
    first : callable, optional
        Puts folders in their places, before the first of the files and no more to be parted from them.

    Raises
    ------
    OSError
        If the disk refuses, or a place is taken by a link, a device or a folder; where it is full, all old files are
        then as they were.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path in contents:
            _require_replaceable(path)
        for path, content in contents.items():
            data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
            prefix = f".{path.name}."
            _remove_abandoned(path.parent, prefix)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=prefix, suffix=".tmp", delete=False) as file:
                staged.append((Path(file.name), path))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        with undisturbed(), _alone_in({path.parent for path in contents}):
            first()
            for temporary, path in staged:
                temporary.chmod(0o644)
                os.replace(temporary, path)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


@contextmanager
def _alone_in(folders: Iterable[Path]) -> Iterator[None]:
    """Let no other run put a file of its own among those that belong together."""
    with ExitStack() as held:
        for folder in sorted(folders) if fcntl is not None else ():
            # The folder itself is locked: a lock's file would stay behind beside the report.
            opened = os.open(folder, os.O_RDONLY)
            held.callback(os.close, opened)
            for attempt in range(_ATTEMPTS):
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if attempt == _ATTEMPTS - 1:
                        raise OSError(errno.EAGAIN, "another run does not stop writing there") from None
                    time.sleep(0.05)
        yield


def _remove_abandoned(folder: Path, prefix: str) -> None:
    for leftover in folder.glob(f"{prefix}*.tmp"):
        # Another writer may be at work on the same file, or have taken its own away by now.
        try:
            if time.time() - leftover.stat().st_mtime > _ABANDONED:
                leftover.unlink()
        except FileNotFoundError:
            continue
