"""What comes out of a file is of the kind that its field is of, or it is refused."""

from __future__ import annotations

import reprlib
import sys
from collections.abc import Mapping
from types import UnionType
from typing import Any

__all__ = ["check_kinds", "is_finite"]


def check_kinds(target: Any, kinds: Mapping[str, type | UnionType]) -> None:
    """Hold fields of a value to their kinds. A bool is no whole number here, as it is none in JSON.

    Parameters
    ----------
    target : object
    kinds : mapping of str to type
        By the name of the field.

    Raises
    ------
    ValueError
        If a field is of another kind; the message names the first one.
    """
    for name, kind in kinds.items():
        value = getattr(target, name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            expected = kind.__name__ if isinstance(kind, type) else str(kind)
            raise ValueError(f"the {name} of a {type(target).__name__} is {reprlib.repr(value)}, expected {expected}")


def is_finite(number: object) -> bool:
    """Whether this is a number that a float can hold: no bool, NaN or infinity, and no larger whole number."""
    return isinstance(number, int | float) and not isinstance(number, bool) and abs(number) <= sys.float_info.max
