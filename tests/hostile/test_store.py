"""Damaged measurements are said and made again; a cache that cannot be used is refused, or is not needed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .odd_networks import Payload
from .scene import Refusal, Scene, mode


@pytest.fixture
def cache(scene: Scene) -> Path:
    """A copy of the cache in which everything is measured, to be spoilt."""
    return Path(shutil.copytree(scene.unspoilt, scene.tmp / "cache"))


def _entry(cache: Path) -> Path:
    """Return the entry of the test images: it is asked for in every run."""
    [truth] = cache.glob("measurements/*/truth.npy")
    return truth.parent


def _record(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def damage(entry: Path) -> None:
        content = json.loads((entry / "entry.json").read_text())
        change(content)
        (entry / "entry.json").write_text(json.dumps(content))

    return damage


def _flip(where: float) -> Callable[[Path], None]:
    def damage(entry: Path) -> None:
        content = bytearray((entry / "logits.npy").read_bytes())
        content[int(where * len(content))] ^= 4
        (entry / "logits.npy").write_bytes(content)

    return damage


def _replace_by_file(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_bytes(b"no folder")


def _empty(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.mkdir()


def _pickled(entry: Path) -> None:
    """Put objects that would make a folder into an array, with sums that fit."""
    objects = np.empty(1, object)
    objects[0] = Payload(entry.parents[1] / "ran")
    np.save(entry / "logits.npy", objects, allow_pickle=True)
    content = (entry / "logits.npy").read_bytes()
    said = {"shape": [1], "dtype": "|O", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _record(lambda record: record["arrays"].update(logits=said))(entry)


def _of_another_network(entry: Path) -> None:
    other = next(each for each in entry.parent.glob("forward-*") if each.is_dir() and each != entry)
    shutil.rmtree(entry)
    shutil.copytree(other, entry)


def _put(name: str, content: str) -> Callable[[Path], object]:
    return lambda entry: (entry / name).write_text(content)


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "array cut": (lambda e: os.truncate(e / "logits.npy", 300), "logits.npy has 300 bytes instead of"),
    "array empty": (lambda e: os.truncate(e / "features.npy", 0), "features.npy has 0 bytes instead of"),
    "array longer": (lambda e: os.truncate(e / "truth.npy", 9999), "truth.npy has 9999 bytes instead of"),
    "array gone": (lambda e: (e / "truth.npy").unlink(), "entry.json describes other arrays than are there"),
    "bit of a number flipped": (_flip(0.7), "logits.npy differs from its SHA-256"),
    "bit of a header flipped": (_flip(0.0), "logits.npy differs from its SHA-256"),
    "array of objects that run code": (_pickled, "logits.npy cannot be read: Array can't be memory-mapped"),
    "array a folder": (lambda e: [(e / "logits.npy").unlink(), (e / "logits.npy").mkdir()], "logits.npy has"),
    "record cut": (lambda e: os.truncate(e / "entry.json", 100), "entry.json cannot be read"),
    "record empty": (lambda e: os.truncate(e / "entry.json", 0), "entry.json cannot be read"),
    "record gone": (lambda e: (e / "entry.json").unlink(), "entry.json cannot be read"),
    "record no text": (lambda e: (e / "entry.json").write_bytes(b"\xff\xfe"), "entry.json cannot be read"),
    "record a list": (_put("entry.json", "[1]"), "entry.json is not of format 1"),
    "record nested without end": (_put("entry.json", "[" * 100_000), "entry.json cannot be read"),
    "record of another format": (_record(lambda r: r.update(format=2)), "entry.json is not of format 1"),
    "record of another version": (_record(lambda r: r["key"].update(version=99)), "it is another measurement's"),
    "another measurement": (_of_another_network, "it is another measurement's"),
    "record without arrays": (_record(lambda r: r.pop("arrays")), "does not describe its arrays"),
    "record with one array less": (
        _record(lambda r: r["arrays"].pop("logits")),
        "entry.json describes other arrays than are there",
    ),
    "record with other shapes": (_record(lambda r: r["arrays"]["logits"].update(shape=[4, 100])), "logits.npy holds"),
    "record without seconds": (_record(lambda r: r.pop("seconds")), "'seconds'"),
    "entry a file": (_replace_by_file, "it is no folder"),
    "entry empty": (_empty, "entry.json cannot be read"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_measurement_is_said_once_and_made_again(case: str, scene: Scene, cache: Path) -> None:
    damage, words = DAMAGED[case]
    entry = _entry(cache)
    damage(entry)
    answer = scene.ask(cache=cache)
    warnings = [line for line in answer.output.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1, answer.output
    assert f"the stored measurement {entry} is damaged and is not used: " in warnings[0]
    assert words in warnings[0]
    assert scene.findings(answer) == scene.expected
    assert not (cache / "ran").exists()
    whole = _entry(scene.unspoilt)
    for path in whole.glob("*.npy"):
        assert (entry / path.name).read_bytes() == path.read_bytes()
    made, before = (json.loads((each / "entry.json").read_text()) for each in (entry, whole))
    assert made["arrays"] == before["arrays"]
    assert not list(entry.parent.glob(".forward*"))


LEFT: dict[str, Callable[[Path], object]] = {
    "half an entry of a killed run": lambda m: shutil.copytree(_entry(m.parent), m / f".{_entry(m.parent).name}-0a1b"),
    "files of other programs": lambda m: [(m / "desktop.ini").touch(), (m / "@eaDir").mkdir()],
    "a link to itself": lambda m: (m / "loop").symlink_to("loop"),
    "a lock that nobody holds": lambda m: (m / f"{_entry(m.parent).name}.lock").touch(),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT)
def test_what_lies_beside_measurements_changes_nothing(case: str, scene: Scene, cache: Path) -> None:
    LEFT[case](cache / "measurements")
    assert scene.judged(cache=cache) == scene.expected


def _decoded(cache: Path) -> Path:
    [sums] = cache.glob("images/*/sums.json")
    return sums.parent


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _no_pixels(sums: Path) -> None:
    sums.write_text(json.dumps(json.loads(sums.read_text()) | {"test-pixels.npy": 0}))


PIXELS: dict[str, Callable[[Path], object]] = {
    "pixels cut": lambda d: os.truncate(d / "test-pixels.npy", 500),
    "labels cut": lambda d: os.truncate(d / "train-labels.npy", 0),
    "labels a pipe": lambda d: _pipe(d / "train-labels.npy"),
    "pixels a pipe": lambda d: [_pipe(d / "test-pixels.npy"), _no_pixels(d / "sums.json")],
    "sums cut": lambda d: os.truncate(d / "sums.json", 9),
    "sums nested without end": lambda d: (d / "sums.json").write_text("[" * 100_000),
    "sums of others": lambda d: (d / "sums.json").write_text("{}"),
}


@pytest.mark.parametrize("case", PIXELS)
def test_damaged_pixels_are_decoded_again(case: str, scene: Scene, cache: Path) -> None:
    PIXELS[case](_decoded(cache))
    assert scene.judged(cache=cache) == scene.expected
    for path in _decoded(scene.unspoilt).iterdir():
        assert (_decoded(cache) / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["my cache of  2026", "Speicher für 日本 🐦", os.fsdecode(b"cache-\xff"), "a\nb"])
def test_a_cache_may_be_called_anything(name: str, scene: Scene) -> None:
    assert scene.judged(cache=scene.tmp / name / "new") == scene.expected


@contextmanager
def _read_only(cache: Path) -> Iterator[None]:
    with ExitStack() as stack:
        for folder in [cache, *(path for path in cache.rglob("*") if path.is_dir())]:
            stack.enter_context(mode(folder, 0o555))
        yield


def test_a_read_only_cache_in_which_all_is_measured_is_enough(scene: Scene, cache: Path) -> None:
    with _read_only(cache):
        assert scene.judged(cache=cache) == scene.expected


CLOSED_CACHE = ("cannot be written (Permission denied)", "name another folder with --evidence-cache")
UNWRITABLE: dict[str, tuple[list[str], Callable[[Path], object], Refusal]] = {
    "other noise": (["--noise-seed=7"], lambda _: None, CLOSED_CACHE),
    "a damaged entry": ([], lambda c: _flip(0.7)(_entry(c)), CLOSED_CACHE),
    "no images": (
        [],
        lambda c: shutil.rmtree(_decoded(c)),
        ("decoded images cannot be written", "that can be written with --evidence-cache"),
    ),
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_a_read_only_cache_that_lacks_something_is_refused(case: str, scene: Scene, cache: Path) -> None:
    given, change, refusal = UNWRITABLE[case]
    change(cache)
    with _read_only(cache):
        scene.refused(refusal, *given, cache=cache)


CLOSED: dict[str, tuple[Callable[[Scene], dict[str, Path]], Refusal]] = {
    "cache": (lambda s: {"cache": s.tmp / "closed"}, ("cannot be", "name ")),
    "cache below": (
        lambda s: {"cache": s.tmp / "closed" / "a"},
        ("cannot be used (Permission denied)", "name another"),
    ),
    "checkpoint below": (lambda s: {"checkpoint": s.tmp / "closed" / "a.pt"}, ("Permission denied", "would work")),
    "images below": (lambda s: {"images": s.tmp / "closed" / "a"}, ("Permission denied", "give an image tree")),
}


@pytest.mark.parametrize("case", CLOSED)
def test_what_lies_in_a_closed_folder_is_refused(case: str, scene: Scene) -> None:
    named, refusal = CLOSED[case]
    (scene.tmp / "closed").mkdir()
    with mode(scene.tmp / "closed", 0o000):
        answer = scene.ask(**named(scene))  # type: ignore[arg-type]
    scene.check(answer, refusal)


def test_a_cache_with_a_file_where_measurements_go_is_refused(scene: Scene, cache: Path) -> None:
    shutil.rmtree(cache / "measurements")
    (cache / "measurements").touch()
    scene.refused(("cannot be written (File exists)", "name another folder"), cache=cache)


def test_measurements_that_may_not_be_read_are_refused(scene: Scene, cache: Path) -> None:
    with mode(cache / "measurements", 0o000):
        answer = scene.ask(cache=cache)
    scene.check(answer, ("cannot be read (Permission denied)", "name another folder"))
