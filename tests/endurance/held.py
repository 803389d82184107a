"""What a worker of Dask loads first: it notes every entry that it begins, and waits in one of them to be killed."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from why_bird.measure import store
from why_bird.measure.entry import Key

LEDGER, HELD = "ENTRIES_BEGUN", "HELD_IN_ENTRY"
"""Name the file, and of a worker that waits, the number of the entry."""

REACHED = ".reached"
"""Ending of the file that is there as soon as it waits."""

make_folder, entries = store.scratch_folder, iter(range(1, 1000))


def noted(folder: Path, key: Key) -> Path:
    with Path(os.environ[LEDGER]).open("a") as file:
        file.write(f"{folder / key.name}\n")
    if next(entries) == int(os.environ.get(HELD, 0)):
        Path(os.environ[LEDGER]).with_suffix(REACHED).write_text(key.name)
        time.sleep(600)
    return make_folder(folder, key)


def dask_setup(_worker: object) -> None:
    """Begin to note. Dask calls it in a worker that is to load this module; whoever else imports it is left alone."""
    store.scratch_folder = noted


def begun(ledger: Path, cache: Path) -> Counter[str]:
    """Return how often each entry of a cache was begun."""
    paths = map(Path, ledger.read_text().split())
    return Counter(f"measurements/{path.name}" for path in paths if path.is_relative_to(cache))
