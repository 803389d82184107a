"""Records to JSON and back: one codec for every frozen dataclass that is written into a file or sent to a process.

Where a dataclass is one of several kinds, as a chart is, its ``kind`` is written before its fields, and
``of_kind`` of what they have in common finds it again.

JSON has no infinity: a field named ``low`` or ``high`` that is infinite is written as null, and a null read there is
−∞ or +∞. Every other number has to be finite.
"""

from __future__ import annotations

import math
import reprlib
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")

_OPEN_ENDS = {"low": -math.inf, "high": math.inf}


def encode(value: object) -> Json:
    """Return a record as JSON: a dataclass becomes an object of its fields, a tuple an array.

    Raises TypeError if something in it has no form in JSON.
    """
    if is_dataclass(value) and not isinstance(value, type):
        own = {each.name: getattr(value, each.name) for each in fields(value)}
        open_ends = {name for name in _OPEN_ENDS if isinstance(own.get(name), float) and math.isinf(own[name])}
        written = {name: None if name in open_ends else encode(each) for name, each in own.items()}
        kind = getattr(value, "kind", None) if hasattr(value, "of_kind") else None
        return written if kind is None else {"kind": kind, **written}
    if isinstance(value, Enum):
        return encode(value.value)
    if isinstance(value, Mapping):
        return {str(name): encode(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [encode(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{reprlib.repr(value)} cannot be written as JSON")


def decode(kind: type[T], content: object, where: str = "") -> T:
    """Return the record that :func:`encode` wrote.

    Parameters
    ----------
    kind : type
        Of the record. Fields with a default may be missing; what is no field may not be there.
    content : object
        As read from JSON or TOML.
    where : str, optional
        What it is called in a message.

    Raises
    ------
    ValueError
        If it is not of this kind: the message names the place, what was found there and what was expected.
    """
    return cast("T", _decode(kind, content, where or getattr(kind, "__name__", str(kind))))


def _decode(kind: Any, content: object, where: str) -> object:
    if kind is Any or kind is object:
        return content
    if kind is float:
        return _number(content, where)
    if kind in (str, int, bool, type(None)):
        # Asked for the very type: a bool is no whole number here, as it is none in JSON.
        return content if type(content) is kind else _refuse(kind, content, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return content if content in arguments else _refuse(kind, content, where)
    if origin in (Union, types.UnionType):
        return _one_of(arguments, kind, content, where)
    if origin in (tuple, Sequence):
        return _tuple(arguments if origin is tuple else (*arguments, ...), kind, content, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
            return _refuse(kind, content, where)
        return {name: _decode(arguments[1], each, f"{where}/{name}") for name, each in content.items()}
    if is_dataclass(kind):
        return _record(cast("type", kind), content, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((each for each in kind if each.value == content), None) or _refuse(kind, content, where)
    raise TypeError(f"nothing is known of fields of type {kind}")


def _number(content: object, where: str) -> float:
    if not isinstance(content, int | float) or isinstance(content, bool):
        return _refuse(float, content, where)
    try:
        number = float(content)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{where} is {reprlib.repr(content)}, which is not finite")
    return number


def _one_of(kinds: tuple[Any, ...], kind: Any, content: object, where: str) -> object:
    if type(content) in kinds and not isinstance(content, float):
        return content
    likely = [each for each in kinds if each is not type(None) and _is_array(each) == isinstance(content, list | tuple)]
    # Of plain values a number is the one that may be written as another.
    likely = [each for each in likely if each not in (str, int, bool)] if len(likely) > 1 else likely
    return _decode(likely[0], content, where) if len(likely) == 1 else _refuse(kind, content, where)


def _is_array(kind: Any) -> bool:
    return get_origin(kind) in (tuple, Sequence)


def _tuple(kinds: tuple[Any, ...], kind: Any, content: object, where: str) -> tuple[object, ...]:
    if not isinstance(content, list | tuple):
        _refuse(kind, content, where)
    each_kind = (kinds[0],) * len(content) if kinds[-1] is Ellipsis else kinds
    if len(each_kind) != len(content):
        _refuse(kind, content, where)
    return tuple(
        _decode(one, each, f"{where}/{i}") for i, (one, each) in enumerate(zip(each_kind, content, strict=True))
    )


def _record(kind: type, content: object, where: str) -> object:
    if not isinstance(content, Mapping):
        return _refuse(kind, content, where)
    if hasattr(kind, "of_kind"):
        kind, content = kind.of_kind(content.get("kind")), {name: content[name] for name in content if name != "kind"}
    known, may_lack = _fields(kind)
    strange = [name for name in content if name not in known]
    if strange:
        raise ValueError(f"{where} has {reprlib.repr(strange[0])}, which is no field of a {kind.__name__.lstrip('_')}")
    lacking = [name for name in known if name not in content and name not in may_lack]
    if lacking:
        raise ValueError(f"{where} has no {lacking[0]}")
    return kind(
        **{
            name: _OPEN_ENDS[name]
            if each is None and name in _OPEN_ENDS and known[name] is float
            else _decode(known[name], each, f"{where}/{name}")
            for name, each in content.items()
        }
    )


@cache
def _fields(kind: type) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the types of a dataclass's fields by name, and the names of those that may be missing."""
    hints = get_type_hints(kind)
    own = fields(kind)
    defaults = (each.name for each in own if each.default is not MISSING or each.default_factory is not MISSING)
    return {each.name: hints[each.name] for each in own}, frozenset(defaults)


def _refuse(kind: Any, content: object, where: str) -> NoReturn:
    expected = kind.__name__ if isinstance(kind, type) else str(kind).replace("typing.", "")
    raise ValueError(f"{where} is {reprlib.repr(content)}, expected {expected}")
