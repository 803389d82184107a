"""Any file is a register or is refused in one sentence, and no change of a claim goes unnoticed."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from hostile_values import changed, damaged, names, read_or_refused
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.evidence.claim import Claim
from why_bird.evidence.register import Amendment, Register, read_register, write_register

from .samples import BIAS, NOISE, REGISTER

HISTORY = REGISTER.amended([replace(BIAS, threshold=0.2), replace(NOISE, id="Q9")], reason="new", date="2026-01-02")

# What a Python file can hold, and a TOML file: no lone surrogate. The reason of an amendment comes from the shell.
sentences = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)
pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1])
TOML_VALUES = st.sampled_from(
    [
        "nan", "-inf", "1e999", "9" * 400, "9" * 5000, "0", "1", "1.0", "true", "false", '""', "''", "'a'", "[]", "{}",
        "[0.2, 0.1]", "[0.1, 0.2]", "[nan, 1]", "[1, 2, 3]", '"a\\nb\\u001b"', "2026-01-02", "2026-01-02T03:04:05Z",
        "03:04:05", "{a = 1}", '{"a\\nb" = 1}', *("[" * depth + "]" * depth for depth in (100, 900, 1900, 20_000)),
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)  # fmt: skip


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    side = draw(st.sampled_from(["above", "below", "within"]))
    procedure = draw(st.booleans())
    scope = draw(st.sampled_from(["dataset", "network", *["procedure"] * procedure]))
    return Claim(
        *(draw(sentences) for _ in range(4)),
        draw(pairs if side == "within" else numbers),
        side,
        scope,
        procedure,
        draw(st.integers(1, 9)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.none() | numbers) if procedure and side == "above" else None,
        draw(sentences),
        *(draw(st.booleans()) for _ in range(2)),
        scope == "procedure" and draw(st.booleans()),
        tuple(draw(st.lists(sentences, max_size=2))),
        *(draw(st.booleans()) for _ in range(4)),
    )


@st.composite
def registers(draw: st.DrawFn) -> Register:
    found = {claim.id: claim for claim in draw(st.lists(claims(), max_size=3))}
    some = st.none() | claims().map(lambda claim: replace(claim, planned=False))
    history = draw(st.lists(st.builds(Amendment, sentences, sentences, some, some), max_size=2))
    return Register(found, tuple(history), draw(st.sampled_from([1, 2])))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("register") / "register.toml"


@settings(max_examples=100)
@given(registers())
def test_any_register_comes_back_as_it_was_written(path: Path, made: Register) -> None:
    write_register(path, made)
    found = read_register(path)
    assert found == made
    assert found.digest() == made.digest()
    assert list(found.claims) == list(made.claims)


@settings(max_examples=100)
@given(names.filter(str.strip))
def test_a_register_with_any_reason_can_be_read(path: Path, reason: str) -> None:
    made = REGISTER.amended([replace(BIAS, threshold=0.2)], reason=reason, date="2026-01-02")
    write_register(path, made)
    assert read_register(path) == made


@settings(max_examples=200)
@given(st.data())
def test_a_register_with_one_value_changed_is_the_same_or_refused(path: Path, data: st.DataObject) -> None:
    write_register(path, HISTORY)
    text = data.draw(changed(tomllib.loads(path.read_text("utf-8")), TOML_VALUES, written))
    path.write_text(text, "utf-8")
    assert read_or_refused(lambda: read_register(path)) in (None, HISTORY)


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_register_is_the_same_or_refused(path: Path, data: st.DataObject) -> None:
    write_register(path, HISTORY)
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    assert read_or_refused(lambda: read_register(path)) in (None, HISTORY)


@settings(max_examples=100)
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: f"digest = {json.dumps(text)}".encode()))
def test_any_file_is_refused_in_one_sentence(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_or_refused(lambda: read_register(path)) is None


def test_a_folder_is_refused_in_one_sentence(path: Path) -> None:
    assert read_or_refused(lambda: read_register(path.parent)) is None


def written(document: object) -> str:
    """Write TOML; a lone surrogate, which none can hold, as the escape that a reader stumbles over."""
    text = tomli_w.dumps(document if isinstance(document, dict) else {"claim": document})
    return text.encode("utf-8", "backslashreplace").decode()
