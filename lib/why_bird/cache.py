"""Where this project keeps what it can make again."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from why_bird.errors import BadInput


def cache_folder() -> Path:
    """Return the user's cache folder: ``WHY_BIRD_CACHE``, else ``XDG_CACHE_HOME``, else ``~/.cache``.

    Raises BadInput if nobody is at home here.
    """
    own = os.environ.get("WHY_BIRD_CACHE")
    try:
        if own:
            return Path(own).expanduser()
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "why-bird"
    except RuntimeError as error:
        raise BadInput(
            f"the cache has no place here ({error}): name a folder in the environment variable WHY_BIRD_CACHE"
        ) from None


def make_private(folder: Path) -> None:
    """Make a folder that its user alone may read, where there is none; one that is there stays as it is.

    Raises OSError if the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def note_reading(path: Path) -> None:
    """Note that a file was read, in its time of access, which not every file system keeps by itself.

    By that `why-bird cache` tells what is old. The time of its last change stays, and a cache may be read-only.
    """
    with suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
