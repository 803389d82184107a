"""Image trees: ``train/<class>/<file>`` and ``test/<class>/<file>``."""

from __future__ import annotations

import hashlib
import os
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from why_bird.errors import BadInput

SPLITS = ("train", "test")

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm", ".tif", ".tiff"}
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "PPM", "TIFF")
"""What is read, whatever a file is called: Pillow knows others that start programs, as PostScript does."""
_DEEP = ("I", "F")
"""Pillow's modes of more than 8 bits a channel begin with these letters."""


@dataclass(frozen=True, slots=True)
class Folder:
    """An ``ImageFolder`` tree: ``train/<class>/<file>`` and ``test/<class>/<file>``."""

    root: Path
    classes: tuple[str, ...]
    """Folder names (Unicode NFC), sorted."""
    files: dict[str, tuple[tuple[int, Path], ...]]
    """For each split, pairs of class index and path, sorted."""
    origin: str = "folder of images"

    @property
    def fingerprint(self) -> str:
        """Changes when a file is added, removed, renamed or written again; reads no image."""
        content = hashlib.sha256("\0".join(self.classes).encode())
        for split in SPLITS:
            for label, path in self.files[split]:
                content.update(f"{split}\0{label}\0".encode() + stamp(path))
        return content.hexdigest()

    def count(self, split: str) -> int:
        """Return the number of images of a split."""
        return len(self.files[split])

    def read(self, split: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield class index and (H, W, 3) pixels of each image of a split.

        Grey images, palettes and transparency become RGB as in torchvision's loader (alpha is dropped).

        Raises BadInput if a file cannot be decoded, holds more than 8 bits a channel, or differs in size from those
        before it.
        """
        size: tuple[int, int] | None = None
        for label, path in self.files[split]:
            pixels = _decode(path, size)
            size = pixels.shape[1], pixels.shape[0]
            yield label, pixels


def path_text(path: Path) -> str:
    """Return a path as text that any terminal can show, also where its bytes are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def stamp(path: Path) -> bytes:
    """Return name, size and times of a file: what changes when it is written again.

    The time of the last status change is in it because archives restore the time of writing: two trees
    of equally large files may agree in all but that.
    """
    stat = path.stat()
    return os.fsencode(path.name) + f"\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\n".encode()


def find_folder(root: Path) -> Folder:
    """List an image tree without opening an image.

    As in torchvision's ``ImageFolder``, folders inside a class folder belong to the class. Hidden files
    are passed over, as are files without an image's suffix.

    Raises BadInput if the splits differ in their classes, there are fewer than two, or a class has no image; OSError if
    a folder cannot be listed.
    """
    folders = {split: _class_folders(root / split) for split in SPLITS}
    odd = sorted(folders["train"].keys() ^ folders["test"].keys())
    if odd:
        raise BadInput(f"{path_text(root)}: train/ and test/ differ in {', '.join(odd)}: both need every class")
    names = sorted(folders["train"])
    if len(names) < 2:
        raise BadInput(f"{path_text(root)}/train holds {len(names)} class folder(s): a classifier needs two or more")
    files: dict[str, tuple[tuple[int, Path], ...]] = {}
    for split in SPLITS:
        found: list[tuple[int, Path]] = []
        for label, name in enumerate(names):
            paths = sorted(_walk(folders[split][name], frozenset()))
            if not paths:
                raise BadInput(
                    f"{path_text(folders[split][name])} holds no image: it needs files that end in "
                    f"{', '.join(sorted(_SUFFIXES))}"
                )
            found += [(label, Path(path)) for path in paths]
        files[split] = tuple(found)
    return Folder(root, tuple(names), files)


def _class_folders(split: Path) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    with os.scandir(split) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_dir():
                continue
            path = Path(entry.path)
            try:
                entry.name.encode()
            except UnicodeEncodeError:
                raise BadInput(f"the class folder {path_text(path)} has a name that is not UTF-8: rename it") from None
            # One name may be stored in two forms, composed and not, by two systems.
            name = unicodedata.normalize("NFC", entry.name)
            if name in folders:
                raise BadInput(f"{path_text(split)} holds the class {name} twice, written differently: rename one")
            if not name.strip() or not name.isprintable():
                raise BadInput(f"the class folder {name!a} has a name that cannot be shown: rename it")
            folders[name] = path
    return folders


def _walk(folder: Path | str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    stat = os.stat(folder)  # noqa: PTH116 (a million Path objects cost more than the listing)
    here = (stat.st_dev, stat.st_ino)
    if here in above:
        raise BadInput(f"{path_text(Path(folder))} is a link to a folder that it lies in: take the link out")
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _walk(entry.path, above | {here})
            elif os.path.splitext(entry.name)[1].lower() in _SUFFIXES:  # noqa: PTH122
                # A dangling link passed over in silence would make another image set.
                if not entry.is_file():
                    raise BadInput(f"{path_text(Path(entry.path))} is a broken link or no file: take it out")
                yield entry.path


def _decode(path: Path, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    try:
        # Pillow warns of oddities (unused metadata, palettes) that do not touch the pixels.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                # Before anything is unpacked: a small file may say that it is a huge image.
                if size is not None and image.size != size:
                    raise BadInput(
                        f"{path_text(path)}: an image of {image.width}×{image.height} pixels beside one of "
                        f"{size[0]}×{size[1]}: resize them to one size"
                    )
                if image.mode.startswith(_DEEP):
                    raise ValueError("it has more than 8 bits a channel")
                return np.asarray(image.convert("RGB"))
    except BadInput:
        raise
    except Exception as error:  # Pillow's decoders raise errors of every kind on damaged files
        reason = " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
        raise BadInput(f"the image {path_text(path)} cannot be decoded ({reason}): replace it or take it out") from None
