"""Where this project keeps what it can make again."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """Return the user's cache folder: ``WHY_BIRD_CACHE``, else ``XDG_CACHE_HOME``, else ``~/.cache``."""
    own = os.environ.get("WHY_BIRD_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "why-bird"
