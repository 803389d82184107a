"""A stored measurement is what was written, or it is reported as damaged, whatever became of its files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hostile_values import changed, check_sentence, damaged, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from why_bird.measure.entry import DamageError, Key, scratch_folder, seal, unseal

KEY = Key("forward", 1, {"network": "ab12", "images": {"hash": "cd34", "count": 4}})
ARRAYS = {"logits": np.arange(12, dtype=np.float32).reshape(4, 3), "labels": np.array([2, 2, 0, 1])}
ABOUT = {"seconds": 1.5, "images": 4, "made": "2026-01-02T03:04:05+00:00"}

dtypes = st.sampled_from(["<f2", "<f4", "<f8", "|i1", "<i8", "|b1", "|u1", "<U3"])
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("measurements")


@pytest.fixture(scope="module")
def entry(folder: Path) -> Path:
    return seal(scratch_folder(folder, KEY), KEY, ARRAYS, ABOUT)


def read(entry: Path, key: Key = KEY, *, checksums: bool = True) -> dict[str, np.ndarray] | None:
    """Return the arrays, or None where the damage was reported in one sentence."""
    try:
        found = unseal(entry, key, checksums=checksums)
    except DamageError as error:
        check_sentence(str(error))
        return None
    assert found is not None
    return found[0]


def same(found: dict[str, np.ndarray] | None, expected: dict[str, np.ndarray]) -> bool:
    return (
        found is not None
        and found.keys() == expected.keys()
        and all(
            (found[name].dtype, found[name].shape, found[name].tobytes()) == (each.dtype, each.shape, each.tobytes())
            for name, each in expected.items()
        )
    )


@settings(max_examples=60)
@given(
    st.dictionaries(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True), arrays, min_size=1, max_size=3)
)
def test_any_arrays_come_back(folder: Path, made: dict[str, np.ndarray]) -> None:
    key = Key("any", 1, {})
    assert same(read(seal(scratch_folder(folder, key), key, made, ABOUT), key), made)


@settings(max_examples=200)
@given(st.data())
def test_a_record_with_one_value_changed_is_of_the_same_arrays_or_damaged(entry: Path, data: st.DataObject) -> None:
    record = entry / "entry.json"
    content = record.read_text("utf-8")
    try:
        record.write_text(data.draw(changed(json.loads(content)) | texts), "utf-8")
        found = read(entry)
        assert found is None or same(found, ARRAYS)
    finally:
        record.write_text(content, "utf-8")


@pytest.mark.parametrize("checksums", [True, False])
@settings(max_examples=150)
@given(data=st.data())
def test_damage_of_any_file_is_noticed_by_its_checksum_and_never_an_error_without(
    entry: Path, *, checksums: bool, data: st.DataObject
) -> None:
    path = entry / data.draw(st.sampled_from(["entry.json", "labels.npy", "logits.npy"]))
    content = path.read_bytes()
    try:
        path.write_bytes(data.draw(damaged(content)))
        found = read(entry, checksums=checksums)
        assert found is None or not checksums or same(found, ARRAYS)
    finally:
        path.write_bytes(content)
