"""Any bytes in the place of a CIFAR-10 batch are images or are refused in one sentence, and nothing in them is run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_values import damaged, names, read_or_refused, values
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.cifar import CifarBatches, find_batches

from .layouts import CLASSES, newer_batch, python2_batch, small_set, write_batches

PIXELS, LABELS = (part[:2] for part in small_set()["test"])
BATCHES = {
    "python 2": python2_batch(PIXELS, LABELS),
    **{f"protocol {n}": newer_batch(PIXELS, LABELS, n) for n in (0, 2, 5)},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_batches(tmp_path_factory.mktemp("cifar"), small_set()) / "cifar-10-batches-py"


def read(root: Path, content: bytes) -> list[tuple[int, NDArray[np.uint8]]] | None:
    """Return what is read of a test batch, or None where it was refused in one sentence."""
    (root / "test_batch").write_bytes(content)
    return read_or_refused(lambda: list(CifarBatches(root, CLASSES).read("test")))


def check(found: list[tuple[int, NDArray[np.uint8]]] | None) -> None:
    for label, pixels in found or ():
        assert 0 <= label < len(CLASSES)
        assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, len(CLASSES) - 1), min_size=1, max_size=4), st.integers(0, 2**32 - 1), st.integers(-1, 5)
)
def test_any_batch_comes_back(root: Path, labels: list[int], seed: int, protocol: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (len(labels), 32, 32, 3), dtype=np.uint8)
    truth = np.array(labels, dtype=np.int64)
    found = read(root, python2_batch(pixels, truth) if protocol < 0 else newer_batch(pixels, truth, protocol))
    assert found is not None
    assert [label for label, _ in found] == labels
    for (_, image), expected in zip(found, pixels, strict=True):
        np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("form", BATCHES)
@settings(max_examples=100)
@given(data=st.data())
def test_a_damaged_batch_is_images_or_refused(root: Path, form: str, data: st.DataObject) -> None:
    content = BATCHES[form]
    # What describes the images stands before and behind them; a pixel that is changed is another pixel.
    head = damaged(content[:400]).map(lambda front: front + content[400:])
    tail = damaged(content[-100:]).map(lambda back: content[:-100] + back)
    check(read(root, data.draw(st.one_of(head, tail, damaged(content)))))


@pytest.mark.parametrize("remembered", [b"r\xff\xff\xff\xff", b"p4294967295\n"], ids=["binary", "text"])
def test_no_room_is_made_for_what_a_pickle_says_that_it_remembers(root: Path, remembered: bytes) -> None:
    content = BATCHES["python 2"]
    (root / "test_batch").write_bytes(content[:2] + b"}" + remembered + content[2:])
    with pytest.raises(BadInput, match="it remembers more than it holds"):
        list(CifarBatches(root, CLASSES).read("test"))


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["data", "labels", "x"]), values | st.binary(max_size=9)) | values)
def test_any_plain_pickle_is_images_or_refused(root: Path, content: Any) -> None:
    check(read(root, pickle.dumps(content, protocol=2)))


@settings(max_examples=100)
@given(st.binary(max_size=60), st.sampled_from([b"", b"\x80\x02", b"\x80\x04\x95", b"(d", b"]" * 40]))
def test_any_bytes_are_refused_in_one_sentence(root: Path, content: bytes, start: bytes) -> None:
    assert not read(root, start + content)


@settings(max_examples=100)
@example(["cat", "cat"])
@example(["../../up", "cat"])
@given(st.lists(names | st.integers(), max_size=4) | values)
def test_any_class_names_are_different_and_printable_or_refused(root: Path, label_names: Any) -> None:
    meta = (root / "batches.meta").read_bytes()
    try:
        (root / "batches.meta").write_bytes(pickle.dumps({"label_names": label_names}, protocol=2))
        found = read_or_refused(lambda: find_batches(root))
    finally:
        (root / "batches.meta").write_bytes(meta)
    if found is not None:
        assert list(found.classes) == label_names
        assert len(set(found.classes)) == len(found.classes) > 1
        for name in found.classes:
            assert name.strip()
            assert name.isprintable()


# --- what a pickle may ask to be called

CALLS = [("os", "mkdir"), ("posix", "mkdir"), ("builtins", "exec"), ("builtins", "eval"), ("os", "system")]
STAND_INS = [("numpy", "dtype"), ("_codecs", "encode"), ("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray")]


def calling(target: Path, module: str, name: str) -> bytes:
    """Return a pickle of a batch that calls what it names, which would leave a trace."""
    text = {"system": f"mkdir {target}", "mkdir": str(target)}.get(name, f"__import__('os').mkdir({str(target)!r})")
    called = f"c{module}\n{name}\n".encode("utf-8", "surrogatepass")
    call = called + pickle.dumps((text,), protocol=0)[:-1] + b"R"
    return b"\x80\x02}(X\x04\0\0\0data" + call + b"X\x06\0\0\0labels]u."


@settings(max_examples=100)
@given(st.sampled_from([*CALLS, *STAND_INS]) | st.tuples(names, names))
def test_nothing_that_a_pickle_names_is_called(root: Path, named: tuple[str, str]) -> None:
    target = root / "ran"
    assert read(root, calling(target, *named)) is None
    assert not target.exists()


def test_those_calls_would_have_left_a_trace(tmp_path: Path) -> None:
    for i, named in enumerate(CALLS):
        pickle.loads(calling(tmp_path / str(i), *named))
        assert (tmp_path / str(i)).is_dir()
