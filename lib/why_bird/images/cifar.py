"""CIFAR-10 as it is distributed: Python pickles, read without running what they name."""

from __future__ import annotations

import hashlib
import io
import math
import pickle
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.files import read_whole, sha256_of
from why_bird.images.folder import path_text, stamp
from why_bird.locks import locked
from why_bird.pickles import check_pickles

_BATCHES = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}
_FILES = [*_BATCHES["train"], *_BATCHES["test"]]
_META = "batches.meta"
_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
"""Of the archive that CIFAR-10's authors publish."""
_AGAIN = "get it again with --images=download"


@dataclass(frozen=True, slots=True)
class CifarBatches:
    """CIFAR-10 as it is distributed: ``cifar-10-batches-py``."""

    root: Path
    """The folder with ``data_batch_1`` … ``test_batch`` and ``batches.meta``."""
    classes: tuple[str, ...]
    origin: str = "CIFAR-10 batches"

    @property
    def fingerprint(self) -> str:
        """Changes when a batch is written again; reads no batch."""
        content = hashlib.sha256("\0".join(self.classes).encode())
        for name in _FILES:
            content.update(stamp(self.root / name))
        return content.hexdigest()

    def count(self, split: str) -> int:
        """Return the number of images of a split."""
        return sum(len(_read_batch(self.root / name, len(self.classes))[1]) for name in _BATCHES[split])

    def read(self, split: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield class index and (32, 32, 3) pixels of each image of a split.

        Raises BadInput if a file is not a batch of CIFAR-10.
        """
        for name in _BATCHES[split]:
            pixels, labels = _read_batch(self.root / name, len(self.classes))
            yield from zip(labels, pixels, strict=True)


class _PlainArray:
    """What a pickled numpy array says about itself; numpy's own machinery never sees it."""

    def __setstate__(self, state: tuple[int, tuple[int, ...], object, object, object]) -> None:
        _, self.shape, self.dtype, self.fortran, self.data = state

    def unpack(self) -> NDArray[np.uint8]:
        # Python 2 wrote the bytes as a string, which arrives as Latin-1.
        data = self.data.encode("latin1") if isinstance(self.data, str) else self.data
        if not isinstance(self.dtype, _PlainType) or self.dtype.name not in {"u1", "|u1", "uint8"}:
            raise ValueError("its array holds other things than bytes")
        if not isinstance(data, (bytes, bytearray)) or len(data) != math.prod(self.shape):
            raise ValueError("its array is not as long as it says")
        return np.frombuffer(data, np.uint8).reshape(self.shape, order="F" if self.fortran else "C")


class _PlainType:
    """A pickled dtype, of which only the name is kept."""

    def __init__(self, name: str, *_: object) -> None:
        self.name = name

    def __setstate__(self, state: object) -> None:
        """Ignore byte order and alignment, which mean nothing for bytes."""


def _reconstruct(*_: object) -> _PlainArray:
    return _PlainArray()


def _frombuffer(data: object, dtype: object, shape: tuple[int, ...], order: str, *_: object) -> _PlainArray:
    array = _PlainArray()
    array.__setstate__((1, shape, dtype, order == "F", data))
    return array


def _encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it encodes text as {encoding}, which no CIFAR-10 batch does")
    return text.encode("latin1")


class _ArraysOnly(pickle.Unpickler):
    """Reads CIFAR-10's batches, which are pickles, and calls nothing but the stand-ins above.

    A pickle runs whatever callable it names. Those of CIFAR-10 (written by Python 2 with protocol 2, or
    written again by a newer Python and numpy) name only what builds a numpy array.
    """

    _allowed: dict[tuple[str, str], object] = {  # noqa: RUF012
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy.core.numeric", "_frombuffer"): _frombuffer,
        ("numpy._core.numeric", "_frombuffer"): _frombuffer,
        ("numpy", "ndarray"): object(),
        ("numpy", "dtype"): _PlainType,
        ("_codecs", "encode"): _encode,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no CIFAR-10 batch does") from None


def _load(path: Path) -> dict[str, Any]:
    try:
        written = read_whole(path)
        check_pickles(written)
        content = _ArraysOnly(io.BytesIO(written), encoding="latin1").load()
        if not isinstance(content, dict):
            raise ValueError("it holds no table")
    except FileNotFoundError:
        raise BadInput(f"{path_text(path.parent)} has no {path.name}: {_AGAIN}") from None
    except Exception as error:  # a damaged pickle raises errors of every kind
        raise _not_a_batch(path, error) from None
    return content


def _read_batch(path: Path, classes: int) -> tuple[NDArray[np.uint8], list[int]]:
    content = _load(path)
    try:
        pixels, labels = content["data"].unpack(), content["labels"]
        if pixels.ndim != 2 or pixels.shape[1] != 3 * 32 * 32:
            raise ValueError(f"its images have the shape {pixels.shape}")
        if not isinstance(labels, list) or len(labels) != len(pixels):
            raise ValueError("its labels and images differ in number")
        if not all(type(label) is int and 0 <= label < classes for label in labels):
            raise ValueError(f"its labels are not all from 0 to {classes - 1}")
    except KeyError as error:
        raise _not_a_batch(path, ValueError(f"it has no {error.args[0]}")) from None
    except (ValueError, AttributeError, TypeError) as error:
        raise _not_a_batch(path, error) from None
    return pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def _not_a_batch(path: Path, error: Exception) -> BadInput:
    words = " ".join(str(error).split()) or type(error).__name__
    reason = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in words)
    return BadInput(f"{path_text(path)} is not a batch of CIFAR-10 ({reason}): {_AGAIN}")


def find_batches(root: Path) -> CifarBatches:
    """Return the batches in ``root``, which holds ``batches.meta``.

    Raises BadInput if a batch is missing or the class names cannot be read, or are not different printable names.
    """
    names = _load(root / _META).get("label_names")
    if not isinstance(names, list) or len(names) < 2 or not all(isinstance(name, str) for name in names):
        raise _not_a_batch(root / _META, ValueError("it names no classes"))
    if len(set(names)) < len(names) or not all(name.strip() and name.isprintable() for name in names):
        raise _not_a_batch(root / _META, ValueError("it names a class twice, or by text that cannot be shown"))
    for name in _FILES:
        if not (root / name).is_file():
            raise BadInput(f"{path_text(root)} has no {name}: {_AGAIN}")
    return CifarBatches(root, tuple(names))


def download_cifar10(root: Path) -> Path:
    """Download CIFAR-10 into ``root`` where it is not there yet, held against its SHA-256.

    Safe with many processes: one downloads while the others wait, and a killed download leaves nothing
    that looks like a whole one.

    The folder with the batches is returned. Raises BadInput if the download fails.
    """
    # Imported here because most runs download nothing.
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import download_url

    target = root / "cifar-10-batches-py"
    if _is_complete(target):
        return target
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        # Beside the folder and not in it: whoever removes all that was downloaded holds the same.
        with locked(Path(f"{root}.lock"), "downloading CIFAR-10"):
            root.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root) as scratch:
                if not _is_complete(target):
                    download_url(CIFAR10.url, scratch, CIFAR10.filename, CIFAR10.tgz_md5)
                    _extract(Path(scratch) / CIFAR10.filename, Path(scratch), target)
    except (OSError, RuntimeError, KeyError, EOFError, tarfile.TarError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise BadInput(f"CIFAR-10 could not be downloaded ({reason}): give a folder with --images=DIR") from None
    return target


def _is_complete(folder: Path) -> bool:
    # Each file is moved in whole, so a file that is there is complete.
    return all((folder / name).is_file() for name in [*_FILES, _META])


def _extract(archive: Path, scratch: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    if sha256_of(archive) != _SHA256:
        raise OSError("what came is another file, its SHA-256 does not fit")
    with tarfile.open(archive) as tar:
        for name in [*_FILES, _META]:
            member = tar.extractfile(f"cifar-10-batches-py/{name}")
            if member is None:
                raise KeyError(f"the archive holds no file {name}")
            (scratch / name).write_bytes(member.read())
            (scratch / name).replace(target / name)
