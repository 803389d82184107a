"""A folder of very many images is listed without opening one, in memory that a million of them leave free."""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import shutil
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from why_bird.images.folder import Folder
from why_bird.images.source import find_source

CLASSES = tuple(f"class-{c}" for c in range(10))
MILLION = 1_000_000
# Of a listed file: its path, its class, and its place among the files.
BYTES = 800
PATHS = pathlib.__file__


def write_tree(root: Path, count: int) -> None:
    """Write empty files: whoever opens one finds no image."""
    for split, share in (("train", count * 5 // 6), ("test", count - count * 5 // 6)):
        for c, name in enumerate(CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True)
            here = os.open(folder, os.O_RDONLY)
            for i in range(c, share, len(CLASSES)):
                os.close(os.open(f"image-{i:07d}.png", os.O_CREAT | os.O_WRONLY, dir_fd=here))
            os.close(here)


@contextmanager
def sealed() -> Iterator[None]:
    """Let no file be opened: neither by Pillow, nor by Python, nor by the system's call, but for folders."""

    def refuse(path: Any, *_how: Any, **_more: Any) -> Any:
        raise AssertionError(f"{path} was opened")

    really = os.open

    def folders_alone(path: Any, flags: int, *how: Any, **more: Any) -> int:
        return really(path, flags, *how, **more) if flags & os.O_DIRECTORY else refuse(path)

    with pytest.MonkeyPatch.context() as patch:
        for place in (builtins, io, Image):
            patch.setattr(place, "open", refuse)
        patch.setattr(os, "open", folders_alone)
        yield


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "images"
    # pytest would keep a million files for its next three runs.
    shutil.rmtree(tmp_path / "images")


@pytest.mark.parametrize("count", [20_000, pytest.param(MILLION, marks=pytest.mark.nightly)])
def test_a_million_images_are_listed_without_loading_them(root: Path, count: int) -> None:
    write_tree(root, count)
    tracemalloc.start()
    try:
        with sealed():
            source = find_source(root)
            fingerprint = source.fingerprint
        peak = tracemalloc.get_traced_memory()[1]
        # Python keeps one table of the names in all paths of the process. Whether it grows now, as one block, depends
        # on what else was named before.
        paths = [trace.size for trace in tracemalloc.take_snapshot().traces if trace.traceback[0].filename == PATHS]
        peak -= max(paths)
    finally:
        tracemalloc.stop()
    assert isinstance(source, Folder)
    assert source.count("train") + source.count("test") == count
    assert source.classes == CLASSES
    assert peak / count < BYTES, f"{peak / count:.0f} bytes for each file"
    # Listed again it is the same; with one file written again it is another.
    assert find_source(root).fingerprint == fingerprint
    os.utime(root / "test" / CLASSES[3] / "image-0000003.png", (0, 0))
    assert find_source(root).fingerprint != fingerprint
