"""The store keeps what it was given, makes each entry once, and notices every kind of damage."""

import json
import multiprocessing
import os
import re
import resource
import signal
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.errors import BadInput, Unavailable
from why_bird.measure import entry as entry_module
from why_bird.measure.entry import Key
from why_bird.measure.store import Store

KEY = Key("forward", 1, {"network": "ab12", "images": {"hash": "cd34", "count": 4}})
LOGITS = np.arange(12, dtype=np.float32).reshape(4, 3)
LABELS = np.array([2, 2, 0, 1])


def compute(_scratch):
    return {"logits": LOGITS, "labels": LABELS}


def never(_scratch):
    raise AssertionError("computed although a layer has it")


def entries(cache):
    return sorted(path.name for path in (cache / "measurements").iterdir() if path.suffix != ".lock")


def test_what_was_computed_is_read_by_the_next_store(tmp_path):
    first = Store(tmp_path)
    made = first.get(KEY, compute, images=4)
    again = Store(tmp_path)
    read = again.get(KEY, never, images=4)
    assert (made.origin, read.origin) == ("computed", "cache")
    for entry in (made, read):
        np.testing.assert_array_equal(entry["logits"], LOGITS)
        np.testing.assert_array_equal(entry["labels"], LABELS)
        assert entry["logits"].dtype == np.float32
        assert entry.images == 4
        with pytest.raises(ValueError, match="read-only"):
            entry["logits"][0, 0] = 1
    assert [(r.key, r.origin, r.images) for r in first.ledger + again.ledger] == [
        (KEY, "computed", 4),
        (KEY, "cache", 0),
    ]


def test_the_ledger_names_a_measurement_once(tmp_path):
    store = Store(tmp_path)
    for _ in range(3):
        store.get(KEY, compute, images=4)
    assert [(r.origin, r.images) for r in store.ledger] == [("computed", 4)]


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 5), np.float32), np.float64(3.5).reshape(()), np.asfortranarray(LOGITS), np.array(["bird", "cat"])],
    ids=["empty", "scalar", "fortran", "text"],
)
def test_arrays_of_every_form_come_back(tmp_path, array):
    Store(tmp_path).get(KEY, lambda _: {"a": array})
    warnings = []
    read = Store(tmp_path, warn=warnings.append).get(KEY, never)["a"]
    assert (read.dtype, read.shape, warnings) == (array.dtype, array.shape, [])
    np.testing.assert_array_equal(read, array)


def test_an_array_built_in_the_scratch_folder_is_not_written_again(tmp_path):
    nodes = []

    def build(scratch):
        array = np.lib.format.open_memmap(scratch / "a.npy", mode="w+", dtype=np.float32, shape=(4, 3))
        array[:] = LOGITS
        nodes.append((scratch / "a.npy").stat().st_ino)
        (scratch / "left-over").write_text("no array")
        return {"a": array}

    store = Store(tmp_path)
    np.testing.assert_array_equal(store.get(KEY, build)["a"], LOGITS)
    folder = tmp_path / "measurements" / KEY.name
    assert (folder / "a.npy").stat().st_ino == nodes[0]
    assert {path.name for path in folder.iterdir()} == {"a.npy", "entry.json"}


@pytest.mark.parametrize(
    "view", [lambda a: a[::-1], lambda a: a[:2], lambda a: a.T], ids=["reversed", "part", "turned"]
)
def test_a_view_of_a_mapped_array_is_stored_as_what_it_shows(tmp_path, view):
    def build(scratch):
        array = np.lib.format.open_memmap(scratch / "a.npy", mode="w+", dtype=np.float32, shape=(4, 3))
        array[:] = LOGITS
        return {"a": view(array)}

    np.testing.assert_array_equal(Store(tmp_path).get(KEY, build)["a"], view(LOGITS))
    np.testing.assert_array_equal(Store(tmp_path).get(KEY, never)["a"], view(LOGITS))


def test_without_a_computation_the_reason_is_given(tmp_path):
    with pytest.raises(Unavailable, match="--images=download"):
        Store(tmp_path).get(KEY, None)
    assert not any(tmp_path.iterdir())


def ship(tmp_path):
    source = Store(tmp_path / "source")
    source.get(KEY, compute, images=4)
    source.export([KEY], tmp_path / "reference")
    return tmp_path / "reference"


def test_what_is_shipped_is_used_even_where_nothing_can_be_written(tmp_path):
    reference = ship(tmp_path)
    blocked = tmp_path / "file"
    blocked.touch()
    store = Store(blocked / "cache", reference)
    entry = store.get(KEY, never, images=4)
    assert (entry.origin, entry.images, store.ledger[0].images) == ("shipped", 4, 0)
    np.testing.assert_array_equal(entry["logits"], LOGITS)


def test_the_cache_goes_before_what_is_shipped(tmp_path):
    reference = ship(tmp_path)
    Store(tmp_path / "cache").get(KEY, lambda _: {"logits": LOGITS + 1})
    entry = Store(tmp_path / "cache", reference).get(KEY, never)
    assert entry.origin == "cache"
    np.testing.assert_array_equal(entry["logits"], LOGITS + 1)


def test_what_was_not_measured_is_not_shipped(tmp_path):
    store = Store(tmp_path / "cache")
    with pytest.raises(Unavailable, match="was not measured yet"):
        store.export([Key("other", 1, {})], tmp_path / "reference")


def truncate(folder):
    os.truncate(folder / "logits.npy", (folder / "logits.npy").stat().st_size - 1)


def flip_a_bit(folder):
    content = bytearray((folder / "logits.npy").read_bytes())
    content[-1] ^= 1
    (folder / "logits.npy").write_bytes(content)


def lose_an_array(folder):
    (folder / "labels.npy").unlink()


def lose_the_record(folder):
    (folder / "entry.json").unlink()


def break_the_record(folder):
    os.truncate(folder / "entry.json", 30)


def edit(**changes):
    def damage(folder):
        record = json.loads((folder / "entry.json").read_text())
        record.update(changes)
        (folder / "entry.json").write_text(json.dumps(record))

    return damage


def become_a_file(folder):
    entry_module.remove(folder)
    folder.touch()


DAMAGE = {
    "truncated": truncate,
    "bit": flip_a_bit,
    "no array": lose_an_array,
    "no record": lose_the_record,
    "half a record": break_the_record,
    "other format": edit(format=2),
    "other key": edit(key={"measure": "forward", "version": 2, "parts": {}}),
    "no arrays described": edit(arrays=None),
    "arrays described wrongly": edit(arrays={"logits": 3}),
    "no time": edit(seconds=None),
    "file": become_a_file,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_said_once_and_made_again(tmp_path, damage):
    Store(tmp_path).get(KEY, compute)
    damage(tmp_path / "measurements" / KEY.name)
    warnings = []
    store = Store(tmp_path, warn=warnings.append)
    entry = store.get(KEY, compute)
    assert entry.origin == "computed"
    np.testing.assert_array_equal(entry["logits"], LOGITS)
    assert len(warnings) == 1
    assert KEY.name in warnings[0]
    assert entries(tmp_path) == [KEY.name]
    assert Store(tmp_path, warn=pytest.fail).get(KEY, never).origin == "cache"


def test_a_file_cut_while_the_store_is_open_is_noticed(tmp_path):
    warnings = []
    store = Store(tmp_path, warn=warnings.append)
    store.get(KEY, compute)
    truncate(tmp_path / "measurements" / KEY.name)
    assert store.get(KEY, compute).origin == "computed"
    assert "bytes instead of" in warnings[0]


def test_damage_of_what_is_shipped_is_said_and_computed(tmp_path):
    reference = ship(tmp_path)
    flip_a_bit(reference / "measurements" / KEY.name)
    before = (reference / "measurements" / KEY.name / "logits.npy").read_bytes()
    warnings = []
    entry = Store(tmp_path / "cache", reference, warn=warnings.append).get(KEY, compute)
    assert entry.origin == "computed"
    assert "logits.npy differs from its SHA-256" in warnings[0]
    assert (reference / "measurements" / KEY.name / "logits.npy").read_bytes() == before


def test_a_failed_computation_leaves_nothing(tmp_path):
    def fail(scratch):
        (scratch / "logits.npy").write_bytes(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Store(tmp_path).get(KEY, fail)
    assert entries(tmp_path) == []


def test_a_computation_has_its_own_errors(tmp_path):
    def fail(_scratch):
        raise FileNotFoundError("an image went missing")

    with pytest.raises(FileNotFoundError, match="an image went missing"):
        Store(tmp_path).get(KEY, fail)


def killed_before_the_rename(cache):
    entry_module.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    Store(cache).get(KEY, compute)


def run(target, *arguments, copies=1):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=target, args=arguments) for _ in range(copies)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def test_a_killed_writer_leaves_a_store_that_works(tmp_path):
    assert run(killed_before_the_rename, tmp_path) == [-signal.SIGKILL]
    assert len(entries(tmp_path)) == 1
    assert entries(tmp_path)[0].startswith(".")
    entry = Store(tmp_path, warn=pytest.fail).get(KEY, compute)
    assert entry.origin == "computed"
    assert entries(tmp_path) == [KEY.name]


def one_of_many(cache, counter):
    def slowly(scratch):
        with counter.open("a") as file:
            file.write("computed\n")
        time.sleep(0.5)
        return compute(scratch)

    np.testing.assert_array_equal(Store(cache, warn=pytest.fail).get(KEY, slowly)["logits"], LOGITS)


def test_four_processes_compute_once(tmp_path):
    counter = tmp_path / "counter"
    assert run(one_of_many, tmp_path / "cache", counter, copies=4) == [0, 0, 0, 0]
    assert counter.read_text() == "computed\n"


def test_a_cache_that_cannot_be_written_is_bad_input(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(BadInput, match=r"cannot be written .*WHY_BIRD_CACHE"):
        Store(blocked / "cache").get(KEY, compute)


def test_a_full_disk_is_bad_input(tmp_path):
    store = Store(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses as it does on a full disk, only with another number.
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(BadInput, match="cannot be written"):
            store.get(KEY, lambda _: {"a": np.zeros(10_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert entries(tmp_path) == []


@pytest.mark.parametrize(
    "arrays", [{}, {"../a": LOGITS}, {"a": np.array([None])}], ids=["none", "path in the name", "objects"]
)
def test_what_cannot_be_stored_is_refused(tmp_path, arrays):
    with pytest.raises(ValueError, match="forward gave"):
        Store(tmp_path).get(KEY, lambda _: arrays)
    assert entries(tmp_path) == []


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.dictionaries(st.text(), JSON_VALUES, max_size=5)


def turned(value):
    """The same with every dict in the opposite order and every list a tuple."""
    if isinstance(value, dict):
        return {name: turned(inner) for name, inner in reversed(value.items())}
    return tuple(map(turned, value)) if isinstance(value, list) else value


@settings(max_examples=60)
@given(PARTS, JSON_VALUES)
def test_a_key_is_its_content_not_its_order(parts, extra):
    key = Key("measure", 1, parts)
    same = Key("measure", 1, turned(parts))
    assert (key, key.name, hash(key)) == (same, same.name, hash(same))
    assert re.fullmatch("measure-[0-9a-f]{16}", key.name)
    name = "".join(parts) + "x"
    others = [Key("measure", 2, parts), Key("other", 1, parts), Key("measure", 1, {**parts, name: extra})]
    assert len({key.name, *(other.name for other in others)}) == 4


@settings(max_examples=15)
@given(PARTS)
def test_any_key_finds_its_entry(tmp_path_factory, parts):
    cache = tmp_path_factory.mktemp("cache")
    Store(cache).get(Key("measure", 1, parts), compute)
    assert Store(cache, warn=pytest.fail).get(Key("measure", 1, turned(parts)), never).origin == "cache"


def test_a_key_stays_the_same_for_ever():
    # What sha256sum says of
    # {"measure":"forward","parts":{"images":{"count":4,"hash":"cd34"},"network":"ab12"},"version":1}
    assert KEY.name == "forward-44e2258154923917"


def test_a_key_does_not_follow_its_dict():
    parts = {"network": ["a"]}
    key = Key("measure", 1, parts)
    name = key.name
    parts["network"].append("b")
    assert (key.name, key.parts) == (name, {"network": ["a"]})


@pytest.mark.parametrize(
    "parts",
    [{"a": float("nan")}, {"a": float("inf")}, {1: "a"}, {"a": [{2: "b"}]}, {"a": {1, 2}}, {"a": np.float32(1)}],
    ids=["nan", "infinite", "number as name", "number as inner name", "set", "numpy"],
)
def test_what_is_not_json_is_no_key(parts):
    with pytest.raises(ValueError, match="parts of"):
        Key("measure", 1, parts)


def test_a_measure_has_a_name_for_a_folder():
    with pytest.raises(ValueError, match=r"a measure is named '\.\./up'"):
        Key("../up", 1, {})
