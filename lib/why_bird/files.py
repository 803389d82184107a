"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_together", "write_whole"]

_ABANDONED = 600.0
"""Seconds after which nobody is still writing a file: what lies there so long was left by a kill."""


def write_whole(path: Path, content: str | bytes) -> None:
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


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """Write files of one meaning: all are on the disk before the first of them takes its place.

    Parameters
    ----------
    contents : mapping of Path to str or bytes
        In the order in which they take their places; see :func:`write_whole`.

    Raises
    ------
    OSError
        If the disk refuses; where it is full, all old files are then as they were.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, content in contents.items():
            data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
            prefix = f".{path.name}."
            _remove_abandoned(path.parent, prefix)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=prefix, suffix=".tmp", delete=False) as file:
                staged.append((Path(file.name), path))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in staged:
            temporary.chmod(0o644)
            os.replace(temporary, path)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _remove_abandoned(folder: Path, prefix: str) -> None:
    for leftover in folder.glob(f"{prefix}*.tmp"):
        # Another writer may be at work on the same file, or have taken its own away by now.
        try:
            if time.time() - leftover.stat().st_mtime > _ABANDONED:
                leftover.unlink()
        except FileNotFoundError:
            continue
