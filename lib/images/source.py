"""Where images come from: an image tree, CIFAR-10's own files, or a download of them."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from lib.errors import BadInput

__all__ = ["CifarBatches", "Folder", "Source", "download_cifar10", "find_source"]

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm", ".tif", ".tiff"}
_SPLITS = ("train", "test")
_BATCHES = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}
_ACCEPTED = (
    "an image tree with train/<class>/ and test/<class>/, a folder that holds cifar-10-batches-py, or the word download"
)


@dataclass(frozen=True, slots=True)
class Folder:
    """An ``ImageFolder`` tree: ``train/<class>/<file>`` and ``test/<class>/<file>``.

    Parameters
    ----------
    root : Path
    classes : tuple of str
        Folder names, sorted.
    files : dict of tuple
        For each split, pairs of class index and path, sorted.
    """

    root: Path
    classes: tuple[str, ...]
    files: dict[str, tuple[tuple[int, Path], ...]]
    origin: str = "folder of images"

    @property
    def fingerprint(self) -> str:
        """Changes when a file is added, removed or written again (names, sizes, times)."""
        content = hashlib.sha256()
        for split in _SPLITS:
            for label, path in self.files[split]:
                stat = path.stat()
                content.update(f"{split}\0{label}\0{path.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        return content.hexdigest()

    def count(self, split: str) -> int:
        """Return the number of images of a split."""
        return len(self.files[split])

    def read(self, split: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield class index and (H, W, 3) pixels of each image of a split.

        Raises
        ------
        BadInput
            If a file cannot be decoded.
        """
        for label, path in self.files[split]:
            try:
                with Image.open(path) as image:
                    yield label, np.asarray(image.convert("RGB"))
            except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                raise BadInput(
                    f"the image {path} cannot be decoded ({error}): replace it or take it out of the folder"
                ) from None


class _ArraysOnly(pickle.Unpickler):
    """Reads CIFAR-10's batches, which are pickles, and lets them name nothing but numpy arrays.

    A pickle runs whatever callable it names. Here it can name three, all of numpy, which build an
    array of plain numbers.
    """

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in {"numpy.core.multiarray", "numpy._core.multiarray"}:
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in {"ndarray", "dtype"}:
            return getattr(np, name)
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no CIFAR-10 batch does")


@dataclass(frozen=True, slots=True)
class CifarBatches:
    """CIFAR-10 as it is distributed: ``cifar-10-batches-py``.

    Parameters
    ----------
    root : Path
        The folder with ``data_batch_1`` … ``test_batch`` and ``batches.meta``.
    classes : tuple of str
    """

    root: Path
    classes: tuple[str, ...]
    origin: str = "CIFAR-10 batches"

    @property
    def fingerprint(self) -> str:
        """Changes when a batch is written again (names, sizes, times)."""
        content = hashlib.sha256()
        for name in [*_BATCHES["train"], *_BATCHES["test"]]:
            stat = (self.root / name).stat()
            content.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        return content.hexdigest()

    def count(self, split: str) -> int:
        """Return the number of images of a split."""
        return sum(len(_load_batch(self.root / name)["labels"]) for name in _BATCHES[split])

    def read(self, split: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield class index and (32, 32, 3) pixels of each image of a split."""
        for name in _BATCHES[split]:
            batch = _load_batch(self.root / name)
            pixels = np.asarray(batch["data"], dtype=np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            yield from zip((int(label) for label in batch["labels"]), pixels, strict=True)


Source = Folder | CifarBatches


def _load_batch(path: Path) -> dict[str, Any]:
    try:
        content = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except FileNotFoundError:
        raise BadInput(f"{path.parent} has no {path.name}: all of CIFAR-10's batches are needed") from None
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        raise BadInput(
            f"{path} is not a batch of CIFAR-10 ({error}): download it again with --images download"
        ) from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} is not a batch of CIFAR-10 (it holds no table): download it with --images download")
    return content


def _find_folder(root: Path) -> Folder:
    classes: dict[str, list[str]] = {}
    for split in _SPLITS:
        with os.scandir(root / split) as entries:
            classes[split] = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    if classes["train"] != classes["test"]:
        odd = sorted(set(classes["train"]) ^ set(classes["test"]))
        raise BadInput(f"{root}: train/ and test/ differ in the classes {', '.join(odd)}: both need every class")
    names = classes["train"]
    if len(names) < 2:
        raise BadInput(f"{root} holds {len(names)} class folders: a classifier's images need two or more")
    files: dict[str, tuple[tuple[int, Path], ...]] = {}
    for split in _SPLITS:
        found: list[tuple[int, Path]] = []
        for label, name in enumerate(names):
            with os.scandir(root / split / name) as entries:
                paths = sorted(e.path for e in entries if Path(e.name).suffix.lower() in _SUFFIXES and e.is_file())
            if not paths:
                raise BadInput(f"{root / split / name} holds no image ({', '.join(sorted(_SUFFIXES))})")
            found += [(label, Path(path)) for path in paths]
        files[split] = tuple(found)
    return Folder(root, tuple(names), files)


def _find_batches(root: Path) -> CifarBatches:
    meta = _load_batch(root / "batches.meta")
    names = meta.get("label_names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadInput(f"{root / 'batches.meta'} names no classes: download CIFAR-10 again with --images download")
    for name in [*_BATCHES["train"], *_BATCHES["test"]]:
        if not (root / name).is_file():
            raise BadInput(f"{root} has no {name}: all of CIFAR-10's batches are needed")
    return CifarBatches(root, tuple(names))


def find_source(root: Path) -> Source:
    """Return what kind of image set a folder holds.

    Raises
    ------
    BadInput
        If the folder is missing, is a file, or holds neither layout.
    """
    if not root.exists():
        raise BadInput(f"no folder {root}: give {_ACCEPTED}")
    if not root.is_dir():
        raise BadInput(f"{root} is a file, not a folder: give {_ACCEPTED}")
    try:
        for candidate in (root, root / "cifar-10-batches-py"):
            if (candidate / "batches.meta").is_file():
                return _find_batches(candidate)
        if all((root / split).is_dir() for split in _SPLITS):
            return _find_folder(root)
    except OSError as error:
        raise BadInput(f"{root} cannot be read ({error}): give {_ACCEPTED}") from None
    missing = [f"{split}/" for split in _SPLITS if not (root / split).is_dir()]
    raise BadInput(f"{root} has no {' and no '.join(missing)} and no cifar-10-batches-py: give {_ACCEPTED}")


def download_cifar10(root: Path) -> Path:
    """Download CIFAR-10 into ``root`` where it is not there yet, checked by torchvision's MD5.

    Raises
    ------
    BadInput
        If the download fails.
    """
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import download_and_extract_archive

    target = root / CIFAR10.base_folder
    if not (target / "batches.meta").is_file():
        try:
            download_and_extract_archive(CIFAR10.url, str(root), filename=CIFAR10.filename, md5=CIFAR10.tgz_md5)
        except (OSError, RuntimeError) as error:
            raise BadInput(f"CIFAR-10 could not be downloaded ({error}): give a folder with --images DIR") from None
    return target
