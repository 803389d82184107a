"""What may stand in a file of the user's: any JSON, one value of a document changed, one place of a file damaged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import strategies as st

from why_bird.errors import BadInput

T = TypeVar("T")
Step = str | int

_MARK = "<here>"
_HOSTILE = [
    "NaN", "Infinity", "-Infinity", "1e999",
    "1e200", "-1.7e308", "1.7e308", "-0.0", "5e-324", "9" * 400, "9" * 5000, "-1", "0", "1", "2", "1e0",
    "true", "false", "null", '""', '" "', '"\\ud800"', '"a\\nb"', '"\\u001b[31mred"', '"\\u202e"', '"\\u0000"',
    '"' + "x" * 3000 + '"', "[]", "{}", "[[]]", "[null, null]", '{"a\\nb": 1}', '{"\\ud800": 1}', "[1, 2]", "[2, 1]",
    *("[" * depth + "]" * depth for depth in (100, 900, 1900, 5000)), '{"a":' * 1500 + "1" + "}" * 1500,
]  # fmt: skip
"""JSON that readers stumble over, as text: no Python value is a number of 5,000 digits that can be written."""

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
"""Any small JSON value, lone surrogates, NaN and infinities among it."""

texts = st.sampled_from(_HOSTILE) | values.map(json.dumps)
"""The text of any JSON value."""

names = st.text(st.characters(), max_size=8) | st.sampled_from(["a\nb", "\x1b[31m", "\ud800", "", "../../up"])


def read_or_refused(read: Callable[[], T]) -> T | None:
    """Return what was read, or None where the input was refused in one sentence; any other error is the reader's."""
    try:
        return read()
    except BadInput as error:
        check_sentence(str(error))
    return None


def check_sentence(text: str) -> None:
    """Hold a message to what the house promises: one line that any terminal can show."""
    assert text.strip() == text
    assert text
    assert text.isprintable(), ascii(text)


def changed(
    document: Any, texts: st.SearchStrategy[str] = texts, dumps: Callable[[Any], str] = json.dumps
) -> st.SearchStrategy[str]:
    """Return the text of a document with one value, anywhere in it, replaced, taken out or put in."""
    places = list(_places(document, ()))
    parents = [place for place in places if isinstance(_at(document, place), dict | list)]
    marked = st.one_of(
        st.builds(lambda place: _with(document, place), st.sampled_from(places)),
        st.builds(lambda place, name: _beside(document, place, name), st.sampled_from(parents), names),
    )
    return st.one_of(
        st.builds(lambda copy, text: dumps(copy).replace(f'"{_MARK}"', text), marked, texts),
        st.builds(lambda place: dumps(_without(document, place)), st.sampled_from(places[1:])),
    )


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """Return a file with one byte changed, cut off anywhere, or with a few bytes put in."""
    places = st.integers(0, len(content) - 1)
    return st.one_of(
        st.builds(
            lambda at, flip: content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :], places, st.integers(1, 255)
        ),
        places.map(lambda at: content[:at]),
        st.builds(lambda at, more: content[:at] + more + content[at:], places, st.binary(min_size=1, max_size=4)),
    )


def _places(value: Any, above: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield from _places(each, (*above, step))


def _at(document: Any, place: tuple[Step, ...]) -> Any:
    for step in place:
        document = document[step]
    return document


def _copy(document: Any, place: tuple[Step, ...]) -> tuple[Any, Any]:
    copy = json.loads(json.dumps([document]))
    return copy, _at(copy, (0, *place)[:-1])


def _with(document: Any, place: tuple[Step, ...]) -> Any:
    copy, parent = _copy(document, place)
    parent[(0, *place)[-1]] = _MARK
    return copy[0]


def _without(document: Any, place: tuple[Step, ...]) -> Any:
    copy, parent = _copy(document, place)
    del parent[place[-1]]
    return copy[0]


def _beside(document: Any, place: tuple[Step, ...], name: str) -> Any:
    copy, _ = _copy(document, place)
    target = _at(copy, (0, *place))
    if isinstance(target, dict):
        target[name] = _MARK
    else:
        target.append(_MARK)
    return copy[0]
