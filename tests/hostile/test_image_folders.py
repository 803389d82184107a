"""Folders of images that are none, or of which a part is damaged, and those that only look odd."""

from __future__ import annotations

import os
import pickle
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from worlds import SIZE

from .odd_networks import GLOBAL, Payload
from .scene import Refusal, Scene, mode

LAYOUT = "an image tree with train/<class>/ and test/<class>/, a folder that holds cifar-10-batches-py"
REPLACE = "replace it or take it out"
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n"
RESIZE = "resize them to one size"


@pytest.fixture
def tree(scene: Scene) -> Path:
    """A copy of the planted images, to be spoilt."""
    return Path(shutil.copytree(scene.images, scene.tmp / "images"))


def _write(where: str, content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / where).write_bytes(content)


def _save(where: str, image: Image.Image) -> Callable[[Path], object]:
    return lambda root: image.save(root / where)


def _truncate(root: Path) -> None:
    os.truncate(root / "train/frog/000.png", 300)


def _empty_class(root: Path) -> None:
    for path in (root / "train/cat").iterdir():
        path.unlink()


def _one_class(root: Path) -> None:
    for split in ("train", "test"):
        for folder in (root / split).iterdir():
            if folder.name != "bird":
                shutil.rmtree(folder)


def _black(root: Path) -> None:
    for path in root.rglob("*.png"):
        Image.new("RGB", (SIZE, SIZE)).save(path)


def _of_one_pixel(root: Path) -> None:
    for i, path in enumerate(root.rglob("*.png")):
        Image.new("RGB", (1, 1), (i, i, i)).save(path)


def _nothing(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


def _file(root: Path) -> None:
    shutil.rmtree(root)
    root.write_bytes(b"images")


def _loop(root: Path) -> None:
    (root / "train/cat/again").symlink_to(root / "train", target_is_directory=True)


def _link_to_itself(root: Path) -> None:
    shutil.rmtree(root)
    root.symlink_to(root.name)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int) -> bytes:
    """Return a small file that says that it is a large white image of one bit a pixel."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(999))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _other_classes(root: Path) -> None:
    for split in ("train", "test"):
        for folder in (root / split).iterdir():
            folder.rename(folder.with_name(f"n0{len(folder.name)}{folder.name[::-1]}"))


def _twice(root: Path) -> None:
    for split in ("train", "test"):
        for name in ("caf\u00e9", "cafe\u0301"):
            shutil.copytree(root / split / "cat", root / split / name)


def _unspeakable(root: Path) -> None:
    for split in ("train", "test"):
        (root / split / "cat").rename(root / split / os.fsdecode(b"\xffcat"))


def _batches(root: Path) -> None:
    """Put a folder of CIFAR-10 whose pickles would make a folder in the tree's place."""
    _nothing(root)
    (root / "cifar-10-batches-py").mkdir()
    for name in ("batches.meta", "test_batch", *(f"data_batch_{i}" for i in range(1, 6))):
        content = {"label_names": ["a", "b"], "data": Payload(root / "ran")}
        (root / "cifar-10-batches-py" / name).write_bytes(pickle.dumps(content, protocol=2))


def _half_batches(root: Path) -> None:
    _nothing(root)
    (root / "cifar-10-batches-py").mkdir()
    (root / "cifar-10-batches-py" / "batches.meta").write_bytes(pickle.dumps({"label_names": ["a", "b"]}, protocol=2))


DEEP = Image.fromarray(np.full((SIZE, SIZE), 40000, np.uint16))

REFUSED: dict[str, tuple[Callable[[Path], object], Refusal]] = {
    "missing": (shutil.rmtree, ("no folder ", LAYOUT)),
    "empty": (_nothing, ("has no train/ and no test/", LAYOUT)),
    "a file": (_file, ("is a file, not a folder", LAYOUT)),
    "link to itself": (_link_to_itself, ("no folder ", LAYOUT)),
    "without train": (lambda r: shutil.rmtree(r / "train"), ("has no train/", LAYOUT)),
    "without test": (lambda r: shutil.rmtree(r / "test"), ("has no test/", LAYOUT)),
    "train is a file": (lambda r: [shutil.rmtree(r / "train"), (r / "train").touch()], ("has no train/", LAYOUT)),
    "a page of PostScript": (_write("train/frog/000.png", POSTSCRIPT), ("000.png cannot be decoded", REPLACE)),
    "all black": (_black, ("are of one colour, all of them the same", "give images that differ")),
    "of one pixel": (_of_one_pixel, ("are of 1×1 pixels", "needs 4×4 or more")),
    "class missing in test": (lambda r: shutil.rmtree(r / "test/cat"), ("differ in cat", "both need every class")),
    "class missing in train": (lambda r: shutil.rmtree(r / "train/cat"), ("differ in cat", "both need every class")),
    "one class": (_one_class, ("holds 1 class folder(s)", "a classifier needs two or more")),
    "empty class": (_empty_class, ("train/cat holds no image", "it needs files that end in .bmp, .jpeg")),
    "other classes": (_other_classes, ("none of the classes airplane,", "class names with --class-names")),
    "class name in two forms": (_twice, ("holds the class café twice, written differently", "rename one")),
    "class name no UTF-8": (_unspeakable, ("train/\\xffcat has a name that is not UTF-8", "rename it")),
    "link to above": (_loop, ("is a link to a folder that it lies in", "take the link out")),
    "dangling link": (lambda r: (r / "test/cat/9.png").symlink_to("x"), ("9.png is a broken link", "take it out")),
    "pipe": (lambda r: os.mkfifo(r / "test/cat/9.png"), ("9.png is a broken link or no file", "take it out")),
    "truncated image": (_truncate, ("train/frog/000.png cannot be decoded", REPLACE)),
    "text called png": (_write("test/cat/9.png", b"no image"), ("9.png cannot be decoded (cannot identify", REPLACE)),
    "empty image": (_write("test/cat/9.jpg", b""), ("9.jpg cannot be decoded (cannot identify", REPLACE)),
    "page of an error": (_write("test/cat/9.jpg", b"<html>404"), ("9.jpg cannot be decoded", REPLACE)),
    "16 bits": (_save("test/cat/9.png", DEEP), ("it has more than 8 bits a channel", REPLACE)),
    "bomb of 400 megapixels": (_write("test/cat/9.png", _png(20_000, 20_000)), ("exceeds limit of", REPLACE)),
    "huge beside small": (_write("test/cat/9.png", _png(12_000, 12_000)), ("of 12000×12000 pixels beside", RESIZE)),
    "no pixels": (_write("test/cat/9.png", _png(0, 0)), ("9.png cannot be decoded", REPLACE)),
    "small beside large": (
        _save("train/truck/9.png", Image.new("RGB", (8, SIZE))),
        (f"an image of 8×{SIZE} pixels beside one of {SIZE}×{SIZE}", RESIZE),
    ),
    "batches that run code": (_batches, (f"it names {GLOBAL}, which no CIFAR-10 batch does", "--images=download")),
    "batches missing": (_half_batches, ("has no data_batch_1", "get it again with --images=download")),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_is_refused(case: str, scene: Scene, tree: Path) -> None:
    harm, refusal = REFUSED[case]
    harm(tree)
    scene.refused(refusal, images=tree, cache=scene.tmp / "cache")
    assert not (tree / "ran").exists()


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (".", "cannot be read"),
        ("train", "cannot be read"),
        ("train/cat", "cannot be read"),
        ("test/cat/000.png", "000.png cannot be decoded"),
    ],
)
def test_what_may_not_be_read_is_refused(where: str, found: str, scene: Scene, tree: Path) -> None:
    with mode(tree / where, 0o000):
        answer = scene.ask(images=tree, cache=scene.tmp / "cache")
    scene.check(answer, (found, REPLACE if where.endswith("png") else LAYOUT))
    assert "Permission denied" in answer.complaint


@pytest.mark.parametrize("given", [" ", "x" * 300, "~nobody-of-this-name/images"])
def test_a_folder_that_cannot_be_named_is_refused(given: str, scene: Scene) -> None:
    with scene.untouched():
        answer = scene.ask(f"--images={given}", cache=scene.tmp / "cache")
    scene.check(answer, ("", "give "))


def _grey(root: Path) -> None:
    for path in sorted((root / "test/cat").iterdir()):
        Image.open(path).convert("L").save(path)


def _alpha(root: Path) -> None:
    for path in root.rglob("*.png"):
        image = Image.open(path)
        image.putalpha(7)
        image.save(path)


def _other_suffix(root: Path) -> None:
    for path in root.rglob("*.png"):
        Image.open(path).save(path.with_suffix(".BMP"), "BMP")
        path.unlink()


def _strays(root: Path) -> None:
    (root / "README.txt").write_text("about these images")
    (root / "train/.DS_Store").write_bytes(b"\0")
    (root / "train/cat/Thumbs.db").write_bytes(b"\0")
    (root / "train/cat/.hidden.png").write_bytes(b"no image")
    (root / "train/labels.csv").write_text("a,b")


def _deeper(root: Path) -> None:
    (root / "test/cat/of today").mkdir()
    (root / "test/cat/000.png").rename(root / "test/cat/of today/ü 日本.png")


def _named(name: str) -> Callable[[Path], Path]:
    return lambda root: Path(root.rename(root.with_name(name)))


SAME: dict[str, Callable[[Path], object]] = {
    "alpha, which is dropped": _alpha,
    "another format": _other_suffix,
    "files that are no images": _strays,
    "folders inside a class": _deeper,
    "name with spaces": _named("my images of  2026"),
    "name not in ASCII": _named("Bilder für 日本 🐦"),
    "name no UTF-8": _named(os.fsdecode(b"images-\xff\xfe")),
    "name with a line break and an escape": _named("a\nb\x1b[31m"),
    "name with quotes": _named('it\'s "here" $HOME `x` %s {y}'),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_images_in_another_dress_give_the_same_verdicts(case: str, scene: Scene, tree: Path) -> None:
    moved = SAME[case](tree)
    images = moved if isinstance(moved, Path) else tree
    # The same images have the same key in the store, so that nothing is measured again.
    assert scene.judged(images=images) == scene.expected


def test_grey_images_are_taken_as_three_equal_channels(scene: Scene, tree: Path) -> None:
    _grey(tree)
    grey = scene.judged(images=tree)
    for path in (tree / "test/cat").iterdir():
        Image.open(path).convert("RGB").save(path)
    assert scene.judged(images=tree) == grey
