"""What the store keeps of a measurement: under which key, what passes for it, how it is made, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from why_bird.measure.entry import Arrays
from why_bird.measure.store import Count, Entry, Key, Store

__all__ = ["Readings", "Stored", "by_name", "still_to_make"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Generic[T]):
    """One entry of the store, before it is read or made.

    Parameters
    ----------
    key : Key
    read : callable
        Makes the value of its arrays.
    compute : callable or None
        Makes the arrays, given the store (for what it needs) and a folder for large ones; None without images.
    label : str
        What passes, for people.
    images : int or callable
        Images that `compute` passes itself, or what tells it from the arrays.
    passes : int
        Of those, how many are announced before a run: at most so many, and none where they take no time.
    needs : tuple of Stored
        Entries that `compute` asks for.
    beside : Key, optional
        Of the entry in whose pass this one is made too, so that it costs nothing where that is still to be made.
    """

    key: Key
    read: Callable[[Arrays], T]
    compute: Callable[[Store, Path], Arrays] | None
    label: str = ""
    images: Count = 0
    passes: int = 0
    needs: tuple[Stored[Any], ...] = ()
    beside: Key | None = None

    @property
    def entries(self) -> tuple[Stored[T]]:
        """Itself, as :attr:`Readings.entries`."""
        return (self,)

    def entry(self, store: Store) -> Entry:
        """Return the entry, made where no layer of the store has it.

        Raises
        ------
        Unavailable
            If it cannot be made.
        """
        return store.get(self.key, self.compute and partial(self.compute, store), images=self.images)

    def get(self, store: Store) -> T:
        """Return the value; see :meth:`entry`."""
        return self.read(self.entry(store).arrays)

    def missing(self, store: Store) -> Iterator[Stored[Any]]:
        """Yield what is still to be made for it, itself last."""
        if not store.holds(self.key):
            for each in self.needs:
                yield from each.missing(store)
            yield self


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Generic[T]):
    """Several entries of the store that make one value.

    Parameters
    ----------
    entries : tuple of Stored
    get : callable
        Makes the value, given the store.
    """

    entries: tuple[Stored[Any], ...]
    get: Callable[[Store], T]


def by_name(entries: Mapping[str, Stored[T]]) -> Readings[dict[str, T]]:
    """Return entries as one dictionary."""
    return Readings(tuple(entries.values()), lambda store: {name: each.get(store) for name, each in entries.items()})


def still_to_make(entries: Iterable[Stored[Any]], store: Store) -> list[Stored[Any]]:
    """Return what no layer of the store has, each once, but for what is made in the pass of another.

    Parameters
    ----------
    entries : iterable of Stored
    store : Store
    """
    found = {each.key: each for wanted in entries for each in wanted.missing(store)}
    return [each for each in found.values() if each.beside not in found]
