"""What a folder of trained networks holds: replicates of one procedure, each with its seed and accuracy."""

from __future__ import annotations

import json
import os
import reprlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from why_bird.errors import BadInput
from why_bird.files import read_text, sha256_of, write_whole
from why_bird.locks import locked

MANIFEST, CONFIG = "manifest.json", "config.json"
CHECKPOINT = "network.safetensors"
"""What a finished network is called in the folder of its job."""

_SUFFIXES = (".safetensors", ".pt", ".pth", ".ckpt")
_LONGEST_SHOWN = 256


def add_network(folder: Path, checkpoint: Path, about: Mapping[str, Any]) -> None:
    """Enter a trained network into the manifest of its folder, in the place of an earlier one of the same file.

    Parameters
    ----------
    checkpoint : Path
        Inside the folder.
    about : mapping
        JSON-safe: ``recipe`` (hash), ``seed``, ``arm`` and ``test_accuracy``. The file's SHA-256 is added.

    Raises
    ------
    BadInput
        If the manifest that is there cannot be read.
    """
    name = checkpoint.relative_to(folder).as_posix()
    row = {"file": name, "sha256": sha256_of(checkpoint), **about}
    with locked(folder / f".{MANIFEST}.lock", "entering a network there"):
        known = _read(folder / MANIFEST) if (folder / MANIFEST).is_file() else []
        rows = sorted([row, *(each for each in known if each["file"] != name)], key=lambda each: str(each["file"]))
        write_whole(folder / MANIFEST, json.dumps({"networks": rows}, indent=1) + "\n")


def is_model_folder(path: Path) -> bool:
    """Return whether a folder holds a model of transformers or of timm."""
    # Path.is_file raises on a name that is too long for any file, or in a folder that may not be looked into.
    return os.path.isfile(path / CONFIG)  # noqa: PTH113


def networks_in(folder: Path, leave_out: Callable[[str], None] | None = None) -> tuple[Path, ...]:
    """Return the checkpoints of a folder: itself where it is one, those of its manifest, else every file that is one.

    Parameters
    ----------
    leave_out : callable, optional
        Told of each that the manifest lists and that is missing, was changed or lies outside. Without it, one of them
        is enough to refuse the folder.

    Raises
    ------
    BadInput
        If there is none that can be used, or the manifest cannot be read.
    """
    if is_model_folder(folder):
        return (folder,)
    if not (folder / MANIFEST).is_file():
        found = tuple(sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()))
        if not found:
            raise BadInput(f"the folder {folder} holds no checkpoint ({', '.join(_SUFFIXES)}): give one that does")
        return found
    rows = _read(folder / MANIFEST)
    if not rows:
        raise BadInput(f"{folder / MANIFEST} lists no network: remove it, or train into this folder")
    files, refused = [], []
    for row in rows:
        try:
            files.append(_listed(folder, row))
        except BadInput as error:
            if leave_out is None:
                raise
            refused.append(str(error))
    if not files:
        raise BadInput(refused[0])
    if leave_out is not None:
        for sentence in refused:
            leave_out(sentence)
    return tuple(files)


def _listed(folder: Path, row: Mapping[str, Any]) -> Path:
    name: str = row["file"]
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        wrong = "lies outside the folder"
    elif not os.path.isfile(path):  # noqa: PTH113 - as above
        wrong = "is missing"
    else:
        try:
            if sha256_of(path) == row["sha256"]:
                return path
            wrong = "is not the file that was entered there"
        except OSError as error:
            wrong = f"cannot be read ({error.strerror or error})"
    shown = name if name.isprintable() and len(name) < _LONGEST_SHOWN else reprlib.repr(name)
    raise BadInput(f"{folder / MANIFEST} lists {shown}, which {wrong}: restore it, or remove the manifest")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(read_text(path))["networks"]
        for row in rows:
            if not isinstance(row["file"], str) or not isinstance(row["sha256"], str):
                raise TypeError("a network has a file and its SHA-256")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(
            f"{path} is not a manifest ({error}): remove it to take the folder's files as they are"
        ) from None
    return list(rows)
