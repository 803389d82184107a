"""The store: a measurement is read from the user's cache, else as shipped, else computed once."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from why_bird.cache import make_private, note_reading
from why_bird.errors import BadInput, Unavailable
from why_bird.locks import locked
from why_bird.measure.entry import JSON, RECORD, Arrays, DamageError, Key, remove, scratch_folder, seal, unseal
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.outputs import aloud
from why_bird.progress import SILENT, Progress

Origin = Literal["cache", "shipped", "computed"]
Compute = Callable[[Path], Arrays]
"""Makes the arrays. In the folder it is given it may build large ones as memory-mapped ``<name>.npy``."""
Count = int | Callable[[Arrays], int]
"""How many images it passes through a network, or what tells it from the arrays."""

_FOLDER = "measurements"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A measurement."""

    arrays: Mapping[str, NDArray[Any]]
    """Memory-mapped, read-only. Shipped floats may have 16 bits: whoever calculates with them casts up."""
    origin: Origin
    """Where it came from."""
    seconds: float
    """What it took to compute, whenever that was."""
    images: int
    """How many images went through a network for it, whenever that was."""
    made: str
    """When, in ISO 8601 (UTC)."""

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one measurement cost this run."""

    key: Key
    origin: Origin
    images: int
    """Images passed through a network in this process, 0 unless computed."""
    seconds: float
    """Seconds this process needed, also to read or to wait for another worker."""


def sent(receipts: Iterable[Receipt]) -> str:
    """Return receipts as another process sends them."""
    return json.dumps([[e.key.measure, e.key.version, e.key.parts, e.origin, e.images, e.seconds] for e in receipts])


def received(text: str) -> list[Receipt]:
    """Return receipts that another process sent."""
    return [Receipt(Key(*key), origin, images, seconds) for *key, origin, images, seconds in json.loads(text)]


@dataclass(slots=True, eq=False)
class Store:
    """Read-through layers: the user's cache, what is shipped, the computation.

    Every worker may have its own store on the same folders: a lock for each key lets one of them
    compute while the others wait for its result.

    Attributes
    ----------
    ledger : list of Receipt
        One for each measurement that was asked for, in order of the first asking.
    """

    cache: Path
    """Writable; entries go into ``cache/measurements``. It is made when something is written."""
    reference: Path | None = None
    """Read-only; entries are sought in ``reference/measurements``."""
    progress: Progress = SILENT
    """Kept for those who compute."""
    warn: Callable[[str], None] = lambda _message: None
    """Told once of every damaged entry."""
    say: Callable[[str], None] = aloud
    """Told at once where another run has to be waited for."""
    ledger: list[Receipt] = field(default_factory=list, init=False)
    _entered: set[Key] = field(default_factory=set, init=False)
    _proved: set[Path] = field(default_factory=set, init=False)
    _warned: set[Path] = field(default_factory=set, init=False)

    def get(self, key: Key, compute: Compute | None, *, images: Count = 0) -> Entry:
        """Return a measurement, computing it where no layer has it.

        Parameters
        ----------
        compute : callable or None
            None where it cannot be computed.
        images : int or callable, default 0
            How many images the computation passes through a network, for the ledger; or what tells it from the
            arrays, where nobody knows before.

        Raises
        ------
        Unavailable
            If no layer has it and ``compute`` is None.
        BadInput
            If the cache cannot be written.
        """
        started = time.perf_counter()
        entry = self.find(key)
        if entry is None:
            if compute is None:
                raise Unavailable(NEEDS_IMAGES)
            with self._lock(key) as folder:
                # Another worker may have made it while this one waited.
                entry = self._read(folder, key, "cache") or self._make(folder, key, compute, images)
        passed = entry.images if entry.origin == "computed" else 0
        self.enter([Receipt(key, entry.origin, passed, time.perf_counter() - started)])
        return entry

    def enter(self, receipts: Iterable[Receipt]) -> None:
        """Enter into the ledger what is not there yet: what this process measured, or others for it."""
        for receipt in receipts:
            if receipt.key not in self._entered:
                self._entered.add(receipt.key)
                self.ledger.append(receipt)

    def export(self, keys: Collection[Key], reference: Path) -> None:
        """Write measurements that a layer has into ``reference/measurements``, to be shipped.

        Raises Unavailable if no layer has one of them.
        """
        folder = reference / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for key in keys:
            entry = self.find(key)
            if entry is None:
                raise Unavailable(f"{key.name} was not measured yet")
            about: dict[str, JSON] = {"seconds": entry.seconds, "images": entry.images, "made": entry.made}
            seal(scratch_folder(folder, key), key, entry.arrays, about)

    def find(self, key: Key) -> Entry | None:
        """Return a measurement that a layer has, or None; for the ledger it is not asked."""
        entry = self._read(self.cache / _FOLDER, key, "cache")
        if entry is None and self.reference is not None:
            entry = self._read(self.reference / _FOLDER, key, "shipped")
        return entry

    def _read(self, folder: Path, key: Key, origin: Origin) -> Entry | None:
        """Return an entry of one layer; a damaged one is reported and as good as none."""
        path = folder / key.name
        try:
            found = unseal(path, key, checksums=path not in self._proved)
            if found is None:
                return None
            arrays, record = found
            entry = Entry(arrays, origin, float(record["seconds"]), int(record["images"]), str(record["made"]))
        except FileNotFoundError:
            return None  # another process has taken it away meanwhile
        except OSError as error:
            raise BadInput(
                f"the cache {folder.parent} cannot be read ({error.strerror or error}): name another folder with "
                "--evidence-cache or in WHY_BIRD_CACHE"
            ) from None
        except (DamageError, KeyError, TypeError, ValueError, OverflowError) as error:
            # What another process has taken away meanwhile is no damage.
            if path not in self._warned and path.exists():
                self._warned.add(path)
                self.warn(f"the stored measurement {path} is damaged and is not used: {error}")
            return None
        if path not in self._proved and origin != "shipped":
            note_reading(path / RECORD)
        self._proved.add(path)
        return entry

    def _make(self, folder: Path, key: Key, compute: Compute, images: Count) -> Entry:
        started = time.perf_counter()
        with self._disk_errors():
            scratch = scratch_folder(folder, key)
        try:
            with self._disk_errors(errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                arrays = compute(scratch)
            seconds = time.perf_counter() - started
            made = datetime.now(UTC).isoformat(timespec="seconds")
            passed = images(arrays) if callable(images) else images
            about: dict[str, JSON] = {"seconds": seconds, "images": passed, "made": made}
            with self._disk_errors():
                path = seal(scratch, key, arrays, about)
        finally:
            if scratch.exists():
                remove(scratch)
        # Read back, so that what is judged now is what will be judged from the store tomorrow.
        self._proved.add(path)
        entry = self._read(folder, key, "computed")
        if entry is None:
            raise BadInput(f"the cache {self.cache} lost {key.name} just after it was written: is its disk sound?")
        return entry

    @contextmanager
    def _lock(self, key: Key) -> Iterator[Path]:
        folder = self.cache / _FOLDER
        with ExitStack() as held:
            with self._disk_errors():
                make_private(self.cache)
                folder.mkdir(exist_ok=True)
                held.enter_context(locked(folder / f"{key.name}.lock", f"measuring {key.measure}", self.say))
            yield folder

    @contextmanager
    def _disk_errors(self, *only: int) -> Iterator[None]:
        """Turn what the disk refuses into one sentence (of a computation, only what says that it is full)."""
        try:
            yield
        except OSError as error:
            if only and error.errno not in only:
                raise
            # numpy says of a disk that becomes full how many numbers it took, and not why it took no more.
            why = error.strerror or f"it took a part alone, {error}"
            raise BadInput(
                f"the cache {self.cache} cannot be written ({why}): "
                "free space there, or name another folder with --evidence-cache or in WHY_BIRD_CACHE"
            ) from error
