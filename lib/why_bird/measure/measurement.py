"""A measurement is declared once: planning, storing, shipping and the fixture of its name follow from that.

On a subject of one's own repository as on ours::

    @stored(shipped=True)
    def blurred(subject: Classifier) -> Stored[Answers]:
        \"\"\"Answers on test images that were blurred.\"\"\"
        return answers(subject.network, Pass("test images, blurred", source, count, read))
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Generic, Self, TypeAlias, TypeVar, get_args, get_origin, get_type_hints, overload

from why_bird.errors import Unavailable
from why_bird.images.select import listed
from why_bird.measure.inputs import Inputs
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings, Stored, still_to_make

S = TypeVar("S", bound="Measurable")
T = TypeVar("T")
Classes: TypeAlias = tuple[str, ...]
"""Names of classes, in the order of the logits or of the images' labels."""

_DECLARED: dict[type, list[Measurement[Any, Any]]] = {}


class Measurement(Generic[S, T]):
    """What is measured of a subject: made once for each, and read as an attribute of the class that declares it.

    Parameters
    ----------
    make : callable
        Gives the value for a subject. Its name and its docstring are the measurement's.
    entries : callable
        Gives the entries of the store that the value is read from. For planning: it measures nothing.
    needs : tuple of Measurement
        What it is calculated from.
    shipped : bool
        Whether its entries are written into a repository, so that a fresh clone has them.
    fixture : str, optional
        Name of its fixture, where it is another.
    """

    def __init__(
        self,
        make: Callable[[S], T],
        *,
        entries: Callable[[S], Iterable[Stored[Any]]],
        needs: tuple[Measurement[Any, Any], ...],
        shipped: bool,
        fixture: str | None,
    ) -> None:
        self.name = make.__name__
        self.__doc__ = make.__doc__
        self.entries, self.needs, self.shipped = entries, needs, shipped
        self.fixture = fixture or self.name
        self.module = make.__module__
        self._make = make

    @property
    def value_type(self) -> object:
        """What its values are, as it was declared."""
        said = get_type_hints(self._make).get("return", Any)
        return get_args(said)[0] if get_origin(said) in (Stored, Readings) else said

    def __repr__(self) -> str:
        return f"<measurement {self.name}>"

    def __set_name__(self, owner: type, name: str) -> None:
        _DECLARED.setdefault(owner, []).append(self)

    @overload
    def __get__(self, subject: None, owner: type) -> Self: ...
    @overload
    def __get__(self, subject: S, owner: type) -> T: ...
    def __get__(self, subject: S | None, owner: type) -> Self | T:
        return self if subject is None else self.of(subject)

    def of(self, subject: S) -> T:
        """Return the value for a subject.

        Raises Unavailable if it cannot be had of this subject.
        """
        if self not in subject.made:
            subject.made[self] = self._make(subject)
        value: T = subject.made[self]
        return value

    def wanted(self, subject: S) -> Iterator[Stored[Any]]:
        """Yield the entries of the store that it and what it needs are read from; of what cannot be had, none."""
        for need in self.needs:
            yield from need.wanted(subject)
        try:
            yield from self.entries(subject)
        except Unavailable:
            return


def measurement(
    *needs: Measurement[Any, Any], fixture: str | None = None
) -> Callable[[Callable[[S], T]], Measurement[S, T]]:
    """Declare what is calculated from other measurements.

    Parameters
    ----------
    *needs : Measurement
        Those.
    fixture : str, optional
        Name of the fixture, where it is not that of the function.
    """

    def declare(make: Callable[[S], T]) -> Measurement[S, T]:
        return Measurement(make, entries=lambda _subject: (), needs=needs, shipped=False, fixture=fixture)

    return declare


def stored(
    *after: Measurement[Any, Any], shipped: bool = False
) -> Callable[[Callable[[S], Stored[T] | Readings[T]]], Measurement[S, T]]:
    """Declare what the store keeps: the function says which entries, and measures nothing.

    Parameters
    ----------
    *after : Measurement
        Those that decide what passes. They are made first; before, the function has to get by without.
    shipped : bool, default False
        Whether the entries are written into a repository.

    Examples
    --------
    >>> @stored()
    ... def sharp(subject):
    ...     return answers(subject.network, subject.planned.test)
    >>> sharp.name, sharp.shipped
    ('sharp', False)
    """

    def declare(where: Callable[[S], Stored[T] | Readings[T]]) -> Measurement[S, T]:
        @wraps(where)
        def make(subject: S) -> T:
            for each in after:
                each.of(subject)
            return where(subject).get(subject.store)

        return Measurement(
            make, entries=lambda subject: where(subject).entries, needs=after, shipped=shipped, fixture=None
        )

    return declare


class Measurable(ABC):
    """What can be measured: a network with images, or the images alone.

    Attributes
    ----------
    made : dict of Measurement to value
        What was measured so far.
    """

    owner: str
    """Whose the classes are, for messages."""

    def __init__(self, inputs: Inputs, store: Store) -> None:
        self.inputs = inputs
        self.store = store
        self.made: dict[Measurement[Any, Any], Any] = {}

    def ask(self, wanted: Measurement[Any, T]) -> T:
        """Return a measurement of it, whoever declared that."""
        return wanted.of(self)

    def knows(self, wanted: Measurement[Any, Any]) -> bool:
        """Return whether a measurement was made, or can be read without computing anything."""
        return wanted in self.made or not still_to_make(wanted.wanted(self), self.store)

    @abstractmethod
    def class_names(self) -> Classes:
        """Return the names of the classes."""

    def class_index(self, name: str) -> int:
        """Return the place of a class.

        Raises Unavailable if no class has the name.
        """
        if name not in self.class_names():
            raise Unavailable(f"no class is named {name}: the {self.owner} are {listed(self.class_names())}")
        return self.class_names().index(name)

    @measurement()
    def classes(self) -> Classes:
        """Class names in the order of the logits."""
        return self.class_names()

    @measurement()
    def bird(self) -> int:
        """Index of the class named bird, the post's."""
        return self.class_index("bird")


def declared(kind: type[Measurable]) -> list[Measurement[Any, Any]]:
    """Return the measurements that a class and those it is made of declare, in order."""
    return [each for base in reversed(kind.__mro__) for each in _DECLARED.get(base, ())]
