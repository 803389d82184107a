"""Whatever stands behind an option is a value that the run can use, or one sentence of bad usage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile_values import check_sentence
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.fixtures import options


class Options:
    """Takes down what is added, as pytest's parser and its group."""

    def __init__(self) -> None:
        self.types: dict[str, Callable[[str], Any]] = {}

    def getgroup(self, *_: str) -> Options:
        return self

    def addoption(self, name: str, **how: Any) -> None:
        if "type" in how:
            self.types[name] = how["type"]


ADDED = Options()
options.pytest_addoption(ADDED)  # type: ignore[arg-type]
RANGES = {"--input-size": (1, 1024), "--noise-seed": (0, 2**32 - 1)}
THREE = ("--mean", "--std")
NAMES = ("--class-names", "--two-class-names")

digits = st.text(st.characters(categories=["Nd", "Nl", "No"]), min_size=1, max_size=12)
texts = (
    st.text(st.characters(), max_size=20)
    | digits
    | st.integers().map(str)
    | st.lists(st.floats().map(str) | digits, max_size=4).map(",".join)
    | st.sampled_from(["9" * 5000, "1" * 400, "1_0", "+1", " 1", "1.0", "nan,inf,-inf", "1e999,0,0", "~nobody-here/x"])
)


def parsed(option: str, text: str) -> Any:
    """Return the value, or None where it was refused in one sentence that names the option."""
    try:
        return ADDED.types[option](text)
    except pytest.UsageError as error:
        said = str(error)
    check_sentence(said)
    assert said.startswith(f"{option} is ")
    return None


def test_the_options_that_are_parsed_are_known_here() -> None:
    assert {*RANGES, *THREE, *NAMES} <= ADDED.types.keys()


@pytest.mark.parametrize("option", sorted(ADDED.types))
@settings(max_examples=100)
@given(texts)
def test_any_text_is_a_value_or_one_sentence(option: str, text: str) -> None:
    found = parsed(option, text)
    if found is None:
        return
    if option in RANGES:
        lowest, highest = RANGES[option]
        assert type(found) is int
        assert lowest <= found <= highest
    elif option in THREE:
        assert [type(number) for number in found] in ([float], [float] * 3)
    elif option in NAMES:
        assert len(set(found)) == len(found) > 1
        assert all(name and name == name.strip() for name in found)
    elif option == "--workers" and isinstance(found, int):
        assert found == int(text)
        assert 1 <= found <= 1024
    else:
        assert found == text


@pytest.mark.parametrize("option", sorted(RANGES))
@settings(max_examples=50)
@given(st.data())
def test_a_whole_number_in_range_comes_back_and_no_other(option: str, data: st.DataObject) -> None:
    lowest, highest = RANGES[option]
    number = data.draw(st.integers(lowest, highest) | st.integers())
    assert parsed(option, str(number)) == (number if lowest <= number <= highest else None)


@pytest.mark.parametrize("option", THREE)
@settings(max_examples=50)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=5))
def test_a_number_or_three_come_back_and_no_other_many(option: str, numbers: list[float]) -> None:
    found = parsed(option, ",".join(map(repr, numbers)))
    assert found == (tuple(numbers) if len(numbers) in (1, 3) else None)


@pytest.mark.parametrize("option", NAMES)
@settings(max_examples=50)
@given(st.lists(st.text(st.characters(exclude_characters=","), max_size=6).map(str.strip), max_size=4))
def test_different_names_come_back_and_no_others(option: str, names: list[str]) -> None:
    is_good = len(names) > 1 and all(names) and len(set(names)) == len(names)
    assert parsed(option, ",".join(names)) == (tuple(names) if is_good else None)
