"""What the record of a claim is made of: readings, checks, lines beside the verdict, tables."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Literal, get_args

from why_bird.printing import printable

CheckKind = Literal["precondition", "manipulation", "control"]
Cell = str | int | float | bool | None

LONGEST_TEXT = 20_000
"""Characters that a reader may be asked to read at once, far beyond any sentence of ours."""

LARGEST_COUNT = 2**53
"""Counts stay where every reader of JSON keeps them exact."""


class Printed:
    """A frozen record whose texts are printable.

    Raises ValueError if a text is too long, or empty and may not be.
    """

    __slots__ = ()
    _filled: ClassVar[tuple[str, ...]] = ()
    """Texts that may not be empty."""

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # what it is mixed into is a dataclass
            value = getattr(self, each.name)
            if isinstance(value, str) and not isinstance(value, Enum):
                object.__setattr__(self, each.name, self._text(each.name, value))
            elif isinstance(value, tuple | list) and value and all(isinstance(item, str) for item in value):
                object.__setattr__(self, each.name, tuple(self._text(each.name, item) for item in value))
        self._check()

    def _text(self, name: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"{name} has {len(text):,} characters, expected {LONGEST_TEXT:,} at most")
        text = printable(text)
        if not text and name in self._filled:
            raise ValueError(f"{type(self).__name__} needs a {name}")
        return text

    def _check(self) -> None:
        """Raise ValueError where fields do not fit one another."""


def count_field(target: Any, name: str) -> None:
    """Make a field a plain count, or raise ValueError where it is negative or too large for JSON."""
    n = operator.index(getattr(target, name))
    if not 0 <= n <= LARGEST_COUNT:
        raise ValueError(f"{name} is {n}, expected 0 to 2**53")
    object.__setattr__(target, name, n)


def _bounded(target: Any) -> None:
    """Check a value between two ends and store all three as plain floats."""
    value = None if target.value is None else float(target.value)
    low, high = float(target.low), float(target.high)
    if value is not None and not math.isfinite(value):
        raise ValueError(f"the value is {value!r}, expected a finite number or None")
    # Asked as what must hold, so that a NaN cannot pass.
    if not (low <= high and low < math.inf and high > -math.inf):
        raise ValueError(f"the interval is [{low!r}, {high!r}], expected low <= high")
    for name, number in (("value", value), ("low", low), ("high", high)):
        object.__setattr__(target, name, number)


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"the level is {level!r}, expected one between 0 and 1")
    return float(level)


@dataclass(frozen=True, slots=True)
class Reading:
    """An estimate with the interval that is read, not the one that decides.

    Raises ValueError if the value is not finite, the ends are not in order, or the level is not between 0 and 1.
    """

    value: float | None
    """Point estimate; None where it is not a finite number."""
    low: float
    high: float
    """Ends, in the estimate's unit; they may be infinite."""
    level: float = 0.95
    """Confidence."""

    def __post_init__(self) -> None:
        _bounded(self)
        object.__setattr__(self, "level", _level(self.level))


@dataclass(frozen=True, slots=True)
class Part(Printed):
    """One contrast of an intersection–union test, with its interval at the level of the reading."""

    _filled = ("label",)

    label: str
    value: float | None
    low: float
    high: float

    def _check(self) -> None:
        _bounded(self)


@dataclass(frozen=True, slots=True)
class Beside(Printed):
    """A line beside the verdict: a secondary estimate, a sensitivity check, or something found by looking."""

    _filled = ("label",)

    label: str
    """What was estimated."""
    value: float | None
    low: float = -math.inf
    high: float = math.inf
    """Ends of its interval; both infinite where it has none."""
    level: float = 0.95
    n: int = 0
    """Number of units, 0 where nothing was counted."""
    unit: str = ""
    exploratory: bool = False
    """True where it was not registered before: it then never has a verdict and the report says so."""

    def _check(self) -> None:
        _bounded(self)
        count_field(self, "n")
        object.__setattr__(self, "level", _level(self.level))


@dataclass(frozen=True, slots=True)
class Check(Printed):
    """Something that must hold before a claim can be judged."""

    _filled = ("name",)

    name: str
    passed: bool
    detail: str
    """What was found, in words and numbers."""
    kind: CheckKind
    """A failed precondition or manipulation check makes a claim inconclusive, a failed control voids the run."""

    def _check(self) -> None:
        object.__setattr__(self, "passed", bool(self.passed))
        if self.kind not in get_args(CheckKind):
            raise ValueError(f"the kind of check {self.name!r} is {self.kind!r}, expected {get_args(CheckKind)}")


@dataclass(frozen=True, slots=True)
class Table(Printed):
    """A small table of the evidence; a number that is not finite becomes None.

    Raises ValueError if there is no column or a row has another number of cells than there are columns.
    """

    _filled = ("title",)

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def _check(self) -> None:
        rows = tuple(tuple(_cell(cell) for cell in row) for row in self.rows)
        if not self.columns or any(len(row) != len(self.columns) for row in rows):
            raise ValueError(f"table {self.title!r}: every row needs {len(self.columns)} cells, and at least one")
        object.__setattr__(self, "rows", rows)


def _cell(cell: Any) -> Cell:
    # A numpy scalar knows its Python value; JSON and pytest-xdist know only the latter.
    plain = cell.item() if hasattr(cell, "item") else cell
    if plain is None or isinstance(plain, bool):
        return plain
    if isinstance(plain, int):
        return plain if abs(plain) <= LARGEST_COUNT else str(plain)
    if isinstance(plain, float):
        return plain if math.isfinite(plain) else None
    return printable(str(plain))
