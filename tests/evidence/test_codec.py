"""Records to JSON and back: what is no record is refused with its place, what was found and what was expected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import pytest

from why_bird.evidence.codec import decode, encode
from why_bird.stats import Interval


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    kind: Literal["one", "two"] = "one"


@dataclass(frozen=True, slots=True)
class Outer:
    inner: tuple[Inner, ...]
    limit: float | tuple[float, float]
    cells: tuple[str | int | float | bool | None, ...]
    counts: Mapping[str, int]
    colour: Colour
    ends: Interval | None = None

    def __post_init__(self) -> None:
        if len(self.inner) > 2:
            raise ValueError("more than two")


ENDS = Interval(-math.inf, 1.0, 0.9)
MADE = Outer((Inner("a"), Inner("b", "two")), (0.1, 0.2), ("x", 1, 0.5, True, None), {"n": 3}, Colour.RED, ENDS)
WRITTEN = {
    "inner": [{"name": "a", "kind": "one"}, {"name": "b", "kind": "two"}],
    "limit": [0.1, 0.2],
    "cells": ["x", 1, 0.5, True, None],
    "counts": {"n": 3},
    "colour": "red",
    "ends": {"low": None, "high": 1.0, "level": 0.9},
}


def test_a_record_comes_back_as_it_was():
    assert encode(MADE) == WRITTEN
    assert decode(Outer, WRITTEN) == MADE
    assert [type(cell) for cell in decode(Outer, WRITTEN).cells] == [str, int, float, bool, type(None)]


def test_what_has_a_default_may_be_missing_and_a_whole_number_is_a_number():
    found = decode(Outer, {**WRITTEN, "inner": [{"name": "a"}], "limit": 1} | {"ends": None})
    assert found.inner == (Inner("a"),)
    assert (found.limit, type(found.limit), found.ends) == (1.0, float, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inner": [{"name": 5}]}, "the file/inner/0/name is 5, expected str"),
        (
            {"inner": [{"name": "a", "kind": "three"}]},
            "the file/inner/0/kind is 'three', expected Literal['one', 'two']",
        ),
        ({"inner": [{}]}, "the file/inner/0 has no name"),
        ({"inner": [{"name": "a", "age": 3}]}, "the file/inner/0 has 'age', which is no field of a Inner"),
        (
            {"inner": {"name": "a"}},
            "the file/inner is {'name': 'a'}, expected tuple[tests.evidence.test_codec.Inner, ...]",
        ),
        ({"limit": [0.1]}, "the file/limit is [0.1], expected tuple[float, float]"),
        ({"limit": "0.1"}, "the file/limit is '0.1', expected float"),
        ({"limit": math.inf}, "the file/limit is inf, which is not finite"),
        ({"limit": 10**400}, "which is not finite"),
        ({"cells": [[1]]}, "the file/cells/0 is [1], expected str | int | float | bool | None"),
        ({"counts": {"n": True}}, "the file/counts/n is True, expected int"),
        ({"counts": [1]}, "the file/counts is [1], expected"),
        ({"colour": "blue"}, "the file/colour is 'blue', expected Colour"),
        ({"ends": {"low": 0.0, "high": 1.0, "level": None}}, "the file/ends/level is None, expected float"),
        ({"inner": [{"name": name} for name in "abc"]}, "more than two"),
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(change, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared
        decode(Outer, {**WRITTEN, **change}, "the file")
    assert message.replace("tests.evidence", __name__.rpartition(".")[0]) in str(caught.value)


def test_what_json_cannot_hold_is_not_written():
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        encode({"x": {1, 2}})
