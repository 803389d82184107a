"""Hostile folders, pickles and caches end in one sentence, or are mended."""

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from why_bird.errors import BadInput
from why_bird.images.decode import open_images
from why_bird.progress import SILENT, Advance

from .layouts import newer_batch, small_set, write_batches, write_tree


def refuse(spec: str | Path, cache: Path, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as error:
        open_images(str(spec), cache)
    text = str(error.value)
    assert "\n" not in text
    text.encode()  # can be printed


# --- folders


def _one_class(root: Path) -> None:
    for split in ("train", "test"):
        for name in ("bird", "cat"):
            shutil.rmtree(root / split / name)


def _empty_class(root: Path) -> None:
    for path in (root / "train/cat").iterdir():
        path.unlink()


def _loop(root: Path) -> None:
    (root / "train/cat/again").symlink_to(root / "train", target_is_directory=True)


def _other_size(root: Path) -> None:
    Image.new("RGB", (16, 24)).save(root / "train/frog/zzzz.png")


def _other_test_size(root: Path) -> None:
    for path in (root / "test").rglob("*.png"):
        Image.new("RGB", (16, 16)).save(path)


def _bytes_name(root: Path) -> None:
    for split in ("train", "test"):
        (root / split / os.fsdecode(b"\xff\xfe")).mkdir()


def _bytes_file(root: Path) -> None:
    (root / "train/cat" / os.fsdecode(b"\xff.png")).write_bytes(b"no image")


def _truncated(root: Path) -> None:
    path = next((root / "train/cat").glob("*.png"))
    path.write_bytes(path.read_bytes()[:300])


FOLDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no test": (lambda r: shutil.rmtree(r / "test"), "has no test/ and no cifar-10-batches-py"),
    "nothing": (lambda r: [shutil.rmtree(r / s) for s in ("train", "test")], "has no train/ and no test/"),
    "other classes": (lambda r: shutil.rmtree(r / "test/cat"), "train/ and test/ differ in cat: both need"),
    "one class": (_one_class, r"holds 1 class folder\(s\): a classifier needs two"),
    "empty class": (_empty_class, "holds no image: it needs files that end in .bmp, .jpeg"),
    "link to above": (_loop, "is a link to a folder that it lies in: take the link out"),
    "link to itself": (lambda r: (r / "train/cat/x.png").symlink_to("x.png"), "levels of symbolic links"),
    "dangling link": (lambda r: (r / "train/cat/x.png").symlink_to("gone.png"), "x.png is a broken link or no file"),
    "pipe": (lambda r: os.mkfifo(r / "train/cat/x.png"), "x.png is a broken link or no file"),
    "text": (lambda r: (r / "train/cat/x.png").write_text("no image"), "x.png cannot be decoded"),
    "empty file": (lambda r: (r / "train/cat/x.png").touch(), "x.png cannot be decoded"),
    "truncated": (_truncated, "cannot be decoded"),
    "16 bits": (
        lambda r: Image.fromarray(np.full((32, 32), 40000, np.uint16)).save(r / "train/cat/x.png"),
        "more than 8 bits a channel",
    ),
    "other size": (_other_size, "of 16×24 pixels beside one of 32×32: resize them"),
    "other test size": (_other_test_size, "training and test images differ in size"),
    "class name no UTF-8": (_bytes_name, "has a name that is not UTF-8: rename it"),
    "file name no UTF-8": (_bytes_file, r"\\xff.png cannot be decoded"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_hostile_folder(case: str, tmp_path: Path) -> None:
    harm, sentence = FOLDERS[case]
    root = write_tree(tmp_path / "set", small_set())
    harm(root)
    refuse(root, tmp_path / "cache", sentence)
    assert not [p for p in (tmp_path / "cache").rglob("*") if "decoding" in p.name]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", "given no folder"),
        ("no/such/folder", "no folder no/such/folder: give an image tree"),
        ("a\0b", "no folder"),
        ("x" * 5000, "cannot be read"),
        ("~nobody-of-this-name/images", "cannot be found"),
        (__file__, "is a file, not a folder"),
    ],
)
def test_hostile_spec(spec: str, sentence: str, tmp_path: Path) -> None:
    refuse(spec, tmp_path / "cache", sentence)


def test_an_unreadable_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tree(tmp_path / "set", small_set())
    opened = Image.open

    def deny(path: Path, **how: Any) -> object:
        # Tests may run as root, whom no permission stops.
        if path.parent.name == "frog":
            raise PermissionError(13, "Permission denied")
        return opened(path, **how)

    monkeypatch.setattr(Image, "open", deny)
    refuse(root, tmp_path / "cache", "cannot be decoded .*Permission denied.*: replace it or take it out")


# --- pickles


class Attack:
    """What a hostile pickle does when it is loaded by anything but a restricted reader."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize("file", ["batches.meta", "data_batch_3", "test_batch"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_the_system_is_refused_unrun(tmp_path: Path, file: str, protocol: int) -> None:
    root = write_batches(tmp_path / "set", small_set())
    witness = tmp_path / "ran"
    attack = pickle.dumps({"data": Attack(f"touch {witness}"), "labels": []}, protocol=protocol)
    (root / "cifar-10-batches-py" / file).write_bytes(attack)
    refuse(root, tmp_path / "cache", f"{file} is not a batch of CIFAR-10 .*system, which no CIFAR-10 batch does")
    assert not witness.exists()
    pickle.loads(attack)
    assert witness.exists()  # the attack would have worked


@pytest.mark.parametrize("name", ["numpy.load", "numpy.memmap", "builtins.eval", "numpy.core.multiarray.fromfile"])
def test_no_other_callable_can_be_named(tmp_path: Path, name: str) -> None:
    module, _, function = name.rpartition(".")
    root = write_batches(tmp_path / "set", small_set())
    (root / "cifar-10-batches-py/test_batch").write_bytes(f"c{module}\n{function}\n(S'x'\ntR.".encode())
    refuse(root, tmp_path / "cache", f"it names {name}")


def _batch(**changes: object) -> bytes:
    pixels, labels = small_set()["test"]
    content: dict[str, object] = pickle.loads(newer_batch(pixels, labels, 4))
    return pickle.dumps({k: v for k, v in (content | changes).items() if v is not None}, protocol=4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a batch"),
        (b"no pickle", "not a batch"),
        (_batch()[:200], "not a batch"),
        (pickle.dumps([1, 2]), "it holds no table"),
        (_batch(labels=None), "it has no labels"),
        (_batch(data=None), "it has no data"),
        (_batch(data="text"), "not a batch"),
        (_batch(labels=[0] * 11), "labels and images differ in number"),
        (_batch(labels=[0] * 11 + [3]), "labels are not all from 0 to 2"),
        (_batch(labels=[0] * 11 + ["1"]), "labels are not all from 0 to 2"),
        (_batch(data=np.zeros((12, 3071), np.uint8)), r"its images have the shape \(12, 3071\)"),
        (_batch(data=np.zeros((12, 3072))), "its array holds other things than bytes"),
        (_batch(data=np.array([[{}]], dtype=object)), "its array holds other things than bytes"),
    ],
    ids=range(13),
)
def test_hostile_batch(tmp_path: Path, content: bytes, reason: str) -> None:
    root = write_batches(tmp_path / "set", small_set())
    (root / "cifar-10-batches-py/test_batch").write_bytes(content)
    refuse(root, tmp_path / "cache", f"test_batch is not a batch.*{'' if reason == 'not a batch' else reason}")


def test_a_missing_batch_is_named(tmp_path: Path) -> None:
    root = write_batches(tmp_path / "set", small_set())
    (root / "cifar-10-batches-py/data_batch_4").unlink()
    refuse(root, tmp_path / "cache", "has no data_batch_4: get it again with --images=download")


# --- the cache


def entry_of(cache: Path) -> Path:
    (entry,) = (path for path in (cache / "images").iterdir() if path.is_dir())
    return entry


def _flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "pixels cut": lambda e: os.truncate(e / "train-pixels.npy", 1000),
    "pixels changed": lambda e: _flip(e / "test-pixels.npy", 5000),
    "header changed": lambda e: _flip(e / "train-pixels.npy", 3),
    "labels changed": lambda e: _flip(e / "train-labels.npy", -8),
    "digests gone": lambda e: (e / "test-digests.npy").unlink(),
    "sums empty": lambda e: (e / "sums.json").write_text("{}"),
    "sums no table": lambda e: (e / "sums.json").write_text("[1]"),
    "sums gone": lambda e: (e / "sums.json").unlink(),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_entry_is_said_and_made_again(case: str, tmp_path: Path) -> None:
    root, cache = write_tree(tmp_path / "set", small_set()), tmp_path / "cache"
    before = open_images(str(root), cache)
    hashes = (before.train.hash, before.test.hash, before.train.pixels.sum())
    DAMAGE[case](entry_of(cache))
    said: list[tuple[str, int]] = []
    after = open_images(str(root), cache, lambda label, total: said.append((label, total)) or SILENT(label, total))  # type: ignore[func-returns-value]
    assert (after.train.hash, after.test.hash, after.train.pixels.sum()) == hashes
    assert said == [("decoding images again, the cached copy was damaged", 24)]


def test_a_whole_entry_is_not_decoded_again_and_needs_no_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write_tree(tmp_path / "set", small_set()), tmp_path / "cache"
    first = open_images(str(root), cache)
    monkeypatch.setattr("why_bird.images.decode._decode", lambda *_: pytest.fail("decoded or locked again"))
    second = open_images(str(root), cache)
    assert second.train.hash == first.train.hash
    with pytest.raises(ValueError, match="read-only"):
        second.train.pixels[0] = 0


def test_a_changed_file_of_equal_name_size_and_time_is_noticed(tmp_path: Path) -> None:
    root, cache = write_tree(tmp_path / "set", small_set(), "{i:04d}.bmp"), tmp_path / "cache"
    first = open_images(str(root), cache)
    path = next((root / "train/cat").iterdir())
    stat = path.stat()
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert open_images(str(root), cache).train.hash != first.train.hash


def test_what_a_killed_decoding_left_is_cleared_away(tmp_path: Path) -> None:
    root, cache = write_tree(tmp_path / "set", small_set()), tmp_path / "cache"
    open_images(str(root), cache)
    entry = entry_of(cache)
    left = entry.with_name(f".{entry.name}-decoding")
    shutil.move(entry, left)
    open_images(str(root), cache)
    assert entry.is_dir()
    assert not left.exists()


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "set", small_set())
    (tmp_path / "file").touch()
    refuse(root, tmp_path / "file" / "cache", "cannot be written to the cache .*: name a folder .* WHY_BIRD_CACHE")


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write_tree(tmp_path / "set", small_set()), tmp_path / "cache"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    refuse(root, cache, "No space left on device")
    assert [p.suffix for p in (cache / "images").iterdir()] == [".lock"]


def test_progress_counts_every_image(tmp_path: Path) -> None:
    seen: list[int] = []

    @contextmanager
    def progress(label: str, total: int) -> Iterator[Advance]:
        yield seen.append

    open_images(str(write_tree(tmp_path / "set", small_set(per_class=100))), tmp_path / "cache", progress)
    assert sum(seen) == 600
