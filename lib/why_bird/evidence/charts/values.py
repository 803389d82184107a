"""Values that check themselves: every field becomes what its type says, or the value is not made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from why_bird.printing import printable, shorten

Whole: TypeAlias = Annotated[str, "not cut"]
"""Text that is no text for readers, as a file in base64."""

_DIGITS = 6
"""Significant digits that are kept: a drawing shows fewer, and the evidence stays small."""

_MOST = 400
"""Items of any list: a drawing of more dots takes half a megabyte and shows no more."""

_COLUMNS = 400
"""Of any text: a class may be called anything."""


class Checked:
    """A frozen dataclass whose fields are made what their types say, from plain values, arrays or JSON.

    Numbers are finite and keep six significant digits, text is printable and of at most 400 columns, lists become
    tuples of at most 400 items.

    Raises ValueError if a field cannot be made so, or :meth:`_check` finds that the fields do not fit one another.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        kinds = _hints(type(self))  # type: ignore[arg-type]  # a class can be hashed, whatever its instances
        for each in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            made = _fitted(kinds[each.name], getattr(self, each.name), f"{type(self).__name__}.{each.name}")
            object.__setattr__(self, each.name, made)
        self._check()

    def _check(self) -> None:
        """Raise ValueError where fields do not fit one another."""

    def _same_length(self, *names: str) -> None:
        lengths = {name: len(found) for name in names if (found := getattr(self, name))}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{type(self).__name__}: lengths differ: {lengths}")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _fitted(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        return None if value is None else _fitted(get_args(kind)[0], value, where)
    if origin is Sequence:
        items = tuple(_fitted(get_args(kind)[0], each, where) for each in value)
        if len(items) > _MOST:
            raise ValueError(f"{where} has {len(items)} items, and a chart takes {_MOST}: thin them out with evenly()")
        return items
    if isinstance(kind, type) and issubclass(kind, Checked):
        return _instance(kind, value, where)
    if origin is Annotated:
        return _instance(str, value, where)
    if kind is str:
        return shorten(printable(str(value)), _COLUMNS)
    if kind is float:
        return _finite(value, where)
    # Counts and flags; numpy's know what they are in Python.
    return _instance(kind, value.item() if hasattr(value, "item") else value, where)


def _instance(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{where} is {value!r:.80}, expected {kind.__name__}")
    return value


def _finite(value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where} is {value!r:.80}, expected a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{where} is {number!r}, expected a finite number or, where it may be missing, None")
    return float(f"{number:.{_DIGITS}g}")


def evenly(n: int, most: int = 100) -> list[int]:
    """Return at most `most` of the places 0 to n − 1, evenly spread, the first and the last among them.

    Examples
    --------
    >>> evenly(3), evenly(9, 3)
    ([0, 1, 2], [0, 4, 8])
    """
    return list(range(n)) if n <= most else [round(i * (n - 1) / (most - 1)) for i in range(most)]
