"""One measurement on disk: a folder of arrays and the record that proves them whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.files import read_text, sha256_of

JSON = None | bool | int | float | str | list["JSON"] | tuple["JSON", ...] | Mapping[str, "JSON"]
Arrays = Mapping[str, NDArray[Any]]

_FORMAT = 1
RECORD = "entry.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class DamageError(Exception):
    """An entry is there and is not what was written; the message says in what."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a measurement depends on, and nothing else.

    Raises ValueError if the name has other characters, or a part is not plain JSON (NaN, a name that is no string).
    """

    measure: str
    """Name of the measure: letters, digits, ``.``, ``_`` and ``-``."""
    version: int
    """Goes up when the code of the measure gives other numbers."""
    parts: Mapping[str, JSON] = field(hash=False, compare=False)
    """Content hashes of the network and of the images, and parameters. The order of the names does not matter; ``1``
    and ``1.0`` are different, a tuple is the same as a list."""
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.measure):
            raise ValueError(f"a measure is named {self.measure!r}: use letters, digits, '.', '_' and '-'")
        _check_names(self.parts)
        content = {"measure": self.measure, "version": self.version, "parts": self.parts}
        try:
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the parts of {self.measure} are not plain JSON: {error}") from None
        object.__setattr__(self, "text", text)
        # A copy, so that a dict that changes later does not change the key.
        object.__setattr__(self, "parts", json.loads(text)["parts"])

    @property
    def name(self) -> str:
        """``<measure>-<16 hex>``: the first 64 bits of the SHA-256 of the canonical JSON of the key."""
        return f"{self.measure}-{hashlib.sha256(self.text.encode()).hexdigest()[:16]}"


def _check_names(value: object) -> None:
    """Refuse names that are no strings: ``json`` would write 1 and "1" alike."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise ValueError(f"the parts of a key have the name {name!r}, which is not a string")
            _check_names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_names(inner)


def remove(path: Path) -> None:
    """Remove a file or a folder that may be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def scratch_folder(folder: Path, key: Key) -> Path:
    """Return a new empty folder in which an entry is made, beside its place (a rename needs one file system).

    What a killed writer left there goes. So the caller holds the lock of the key.
    """
    prefix = f".{key.name}-"
    for leftover in folder.glob(f"{prefix}*"):
        remove(leftover)
    scratch = folder / f"{prefix}{secrets.token_hex(8)}"
    scratch.mkdir()
    return scratch


def seal(scratch: Path, key: Key, arrays: Arrays, about: Mapping[str, JSON]) -> Path:
    """Write arrays and record into the scratch folder and rename it to its place, all or nothing.

    The place of the entry is returned.

    Parameters
    ----------
    scratch : Path
        From :func:`scratch_folder`.
    arrays : mapping of str to array
        An array that is already mapped from ``scratch/<name>.npy`` is not written again.
    about : mapping
        What the record says besides (seconds, images, when).

    Raises
    ------
    ValueError
        If there is no array, a name is no file name, or an array holds Python objects.
    OSError
        If the disk refuses.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     key = Key("answers", 1, {"network": "a1", "images": "b2"})
    ...     entry = seal(scratch_folder(Path(folder), key), key, {"logits": np.zeros((5, 3))}, {"seconds": 0.1})
    ...     arrays, record = unseal(entry, key, checksums=True)
    ...     arrays["logits"].shape, record["seconds"]
    ((5, 3), 0.1)
    """
    if not arrays:
        raise ValueError(f"{key.measure} gave no array")
    described: dict[str, JSON] = {}
    for name, array in arrays.items():
        if not _NAME.fullmatch(name) or array.dtype.hasobject:
            raise ValueError(f"{key.measure} gave the array {name!r} of {array.dtype}, which cannot be stored")
        path = scratch / f"{name}.npy"
        if _is_mapped_from(path, array):
            array.flush()  # type: ignore[attr-defined]
        else:
            # Not straight into its place: the array may be a view of what is mapped from there.
            with (scratch / "part").open("wb") as file:
                np.save(file, array, allow_pickle=False)
            os.replace(scratch / "part", path)
        _sync(path)
        described[name] = {
            "shape": list(array.shape),
            "dtype": array.dtype.str,
            "size": path.stat().st_size,
            "sha256": sha256_of(path),
        }
    record = {"format": _FORMAT, "key": json.loads(key.text), "arrays": described, **about}
    (scratch / RECORD).write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    _sync(scratch / RECORD)
    for stray in scratch.iterdir():
        if stray.name != RECORD and stray.stem not in described:
            remove(stray)
    _sync(scratch)
    entry = scratch.parent / key.name
    if entry.exists():
        # A folder cannot be renamed onto another; the old one leaves under a name that the next writer cleans up.
        old = scratch.with_name(f"{scratch.name}-old")
        os.replace(entry, old)
        os.replace(scratch, entry)
        remove(old)
    else:
        os.replace(scratch, entry)
    _sync(entry.parent)
    return entry


def unseal(entry: Path, key: Key, *, checksums: bool) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """Read an entry, checking what was promised.

    Raises DamageError if anything is missing or differs.

    Parameters
    ----------
    key : Key
        What the entry must be.
    checksums : bool
        Whether every byte is read and held against its SHA-256; sizes, shapes and types always are.

    Returns
    -------
    (arrays, record) or None
        Memory-mapped read-only arrays; None where there is no entry.
    """
    if not entry.is_dir():
        if entry.exists():
            raise DamageError("it is no folder")
        return None
    try:
        record = json.loads(read_text(entry / RECORD))
    except (OSError, ValueError, RecursionError) as error:
        raise DamageError(f"{RECORD} cannot be read: {error}") from None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise DamageError(f"{RECORD} is not of format {_FORMAT}")
    if record.get("key") != json.loads(key.text):
        raise DamageError("it is another measurement's")
    try:
        # Also that none is left out, and that no name leads out of the folder.
        if {f"{name}.npy" for name in record["arrays"]} != {path.name for path in entry.glob("*.npy")}:
            raise DamageError(f"{RECORD} describes other arrays than are there")
        arrays = {name: _load(entry / f"{name}.npy", said, checksums) for name, said in record["arrays"].items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise DamageError(f"{RECORD} does not describe its arrays ({error!r})") from None
    return arrays, record


def _load(path: Path, said: Mapping[str, Any], checksums: bool) -> NDArray[Any]:  # noqa: FBT001
    try:
        size = path.stat().st_size
        if size != said["size"]:
            raise DamageError(f"{path.name} has {size} bytes instead of {said['size']!r}")
        if checksums and sha256_of(path) != said["sha256"]:
            raise DamageError(f"{path.name} differs from its SHA-256")
        # Nothing can be mapped of an empty array.
        empty = 0 in said["shape"]
        array: NDArray[Any] = np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)
    except (DamageError, KeyError, TypeError):
        raise
    except Exception as error:  # numpy reports a damaged header by whatever its reader stumbles over
        raise DamageError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from None
    if list(array.shape) != said["shape"] or array.dtype.str != said["dtype"]:
        raise DamageError(
            f"{path.name} holds {array.shape} of {array.dtype} instead of {said['shape']!r}, {said['dtype']!r}"
        )
    array.setflags(write=False)
    return array


def _is_mapped_from(path: Path, array: NDArray[Any]) -> bool:
    """Whether an array is all of the file at ``path``, in its order (a view of a part is not)."""
    if not isinstance(array, np.memmap) or array.filename is None or Path(array.filename) != path:
        return False
    whole = np.load(path, mmap_mode="r")
    return (whole.shape, whole.dtype, whole.strides) == (array.shape, array.dtype, array.strides)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
