"""What the store keeps of a measurement: under which key, what passes for it, how it is made, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from why_bird.measure.entry import Arrays, Key
from why_bird.measure.store import Count, Entry, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Generic[T]):
    """One entry of the store, before it is read or made."""

    key: Key
    read: Callable[[Arrays], T]
    """Makes the value of its arrays."""
    compute: Callable[[Store, Path], Arrays] | None
    """Makes the arrays, given the store (for what it needs) and a folder for large ones; None without images."""
    label: str = ""
    """What passes, for people."""
    images: Count = 0
    """Images that `compute` passes itself, or what tells it from the arrays."""
    passes: int = 0
    """Of those, how many are announced before a run: at most so many, and none where they take no time."""
    needs: tuple[Stored[Any], ...] = ()
    """Entries that `compute` asks for."""
    beside: Key | None = None
    """Of the entry in whose pass this one is made too, so that it costs nothing where that is still to be made."""

    @property
    def entries(self) -> tuple[Stored[T]]:
        """Itself, as :attr:`Readings.entries`."""
        return (self,)

    def entry(self, store: Store) -> Entry:
        """Return the entry, made where no layer of the store has it.

        Raises Unavailable if it cannot be made.
        """
        return store.get(self.key, self.compute and partial(self.compute, store), images=self.images)

    def get(self, store: Store) -> T:
        """Return the value; see :meth:`entry`."""
        return self.read(self.entry(store).arrays)

    def missing(self, store: Store) -> Iterator[Stored[Any]]:
        """Yield what is still to be made for it, itself last."""
        if store.find(self.key) is None:
            for each in self.needs:
                yield from each.missing(store)
            yield self


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Generic[T]):
    """Several entries of the store that make one value."""

    entries: tuple[Stored[Any], ...]
    get: Callable[[Store], T]
    """Makes the value, given the store."""


def plainly(kind: Callable[..., T]) -> Callable[[Arrays], T]:
    """Return what reads a value whose fields are the arrays, by their names."""
    return lambda arrays: kind(**{name: np.array(value) for name, value in arrays.items()})


def still_to_make(entries: Iterable[Stored[Any]], store: Store) -> list[Stored[Any]]:
    """Return what no layer of the store has, each once, but for what is made in the pass of another."""
    found = {each.key: each for wanted in entries for each in wanted.missing(store)}
    return [each for each in found.values() if each.beside not in found]
