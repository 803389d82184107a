"""Images decoded once into a memory-mapped array in the user's cache."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from why_bird.cache import make_private, note_reading
from why_bird.errors import BadInput
from why_bird.files import read_text, require_file, sha256_of
from why_bird.images.cifar import download_cifar10
from why_bird.images.folder import SPLITS, path_text
from why_bird.images.image_set import Images, ImageSet, digest_pixels
from why_bird.images.source import Source, find_source
from why_bird.locks import locked
from why_bird.progress import SILENT, Advance, Progress

_VERSION = 2
_CHUNK = 4096
_EVERY = 256
_SPOT_CHECKS = 4096
_KINDS = ("pixels", "labels", "digests")


def open_images(spec: str, cache: Path, progress: Progress = SILENT) -> Images:
    """Open a folder of images, or download CIFAR-10, decoding it on first use.

    The images are memory-mapped, read-only. Raises BadInput if the folder is not an image set, its images differ in
    size, or the cache cannot be written.

    Parameters
    ----------
    spec : str
        A folder, or ``"download"``.
    cache : Path
        The user's cache; decoded arrays go into ``cache/images``. Read-only will do where they are there.
    progress : Progress
        Shows the decoding.
    """
    if not spec.strip():
        raise BadInput("--images was given no folder: give a folder of images or the word download")
    try:
        if spec == "download":
            make_private(cache)
        root = download_cifar10(cache / "downloads") if spec == "download" else Path(spec).expanduser()
    except RuntimeError as error:
        raise BadInput(f"the folder {spec} cannot be found ({error}): give its whole path") from None
    source = find_source(root)
    try:
        entry = cache / "images" / f"{source.fingerprint[:32]}-v{_VERSION}"
    except OSError as error:
        raise BadInput(f"{path_text(root)} cannot be read ({error}): run again when it is no longer written") from None
    splits = _read(entry, source.classes)
    if splits is None:
        try:
            splits = _decode(entry, source, progress)
        except OSError as error:
            raise BadInput(
                f"decoded images cannot be written to the cache {path_text(cache)} ({error.strerror or error}): "
                "name a folder with room that can be written with --evidence-cache or in WHY_BIRD_CACHE"
            ) from None
    name = "cifar10" if source.origin == "CIFAR-10 batches" else root.resolve().name
    return Images(*splits, name, source.origin)


def find_images(cache: Path, name: str, classes: tuple[str, ...], train: str, test: str) -> Images:
    """Return the images of two content hashes that were decoded into a cache, wherever they came from.

    Raises BadInput if they are not there.

    Parameters
    ----------
    name : str
        Of the image set.
    train, test : str
        :attr:`ImageSet.hash` of the splits.
    """
    for entry in sorted((cache / "images").glob(f"[!.]*-v{_VERSION}")):
        splits = _read(entry, classes)
        if splits is not None and [split.hash for split in splits] == [train, test]:
            return Images(*splits, name, "decoded images")
    raise BadInput(
        f"{path_text(cache)} holds no decoded images {name} of content {test[:8]}: give all who work together one "
        "cache folder, with --evidence-cache or in WHY_BIRD_CACHE"
    )


def _decode(entry: Path, source: Source, progress: Progress) -> tuple[ImageSet, ImageSet]:
    make_private(entry.parents[1])
    entry.parent.mkdir(exist_ok=True)
    scratch = entry.with_name(f".{entry.name}-decoding")
    # The lock lets one of several workers decode while the others wait for the result.
    with locked(Path(f"{entry}.lock"), "decoding these images"):
        splits = _read(entry, source.classes)
        if splits is not None:
            return splits
        label = "decoding images again, the cached copy was damaged" if entry.exists() else "decoding images"
        for leftover in (entry, scratch):
            shutil.rmtree(leftover, ignore_errors=True)
        scratch.mkdir()
        try:
            _decode_into(scratch, source, label, progress)
            os.replace(scratch, entry)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        splits = _read(entry, source.classes)
        if splits is None:
            raise OSError("what was written does not read back")
        return splits


def _read(entry: Path, classes: tuple[str, ...]) -> tuple[ImageSet, ImageSet] | None:
    """Return the splits of an entry, or nothing where it is missing or damaged.

    Sizes, labels and digests are checked whole; pixels against their digests in evenly spaced images,
    which finds lost blocks at a cost that does not grow with the set.
    """
    try:
        sums = json.loads(read_text(entry / "sums.json"))
        train, test = (_read_split(entry, split, sums, classes) for split in SPLITS)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    note_reading(entry / "sums.json")
    return train, test


def _read_split(entry: Path, split: str, sums: dict[str, Any], classes: tuple[str, ...]) -> ImageSet:
    paths = {kind: entry / f"{split}-{kind}.npy" for kind in _KINDS}
    if require_file(paths["pixels"]).st_size != sums[paths["pixels"].name]:
        raise ValueError("pixels are missing")
    for kind in ("labels", "digests"):
        if sha256_of(paths[kind]) != sums[paths[kind].name]:
            raise ValueError(f"{kind} are damaged")
    pixels, labels, digests = (np.load(paths[kind], mmap_mode="r") for kind in _KINDS)
    images = ImageSet(pixels, labels, digests, classes)
    for i in np.unique(np.linspace(0, len(images) - 1, _SPOT_CHECKS).astype(int)):
        if digest_pixels(images.pixels[i]) != images.digests[i].tobytes():
            raise ValueError(f"pixels of image {i} are damaged")
    return images


def _decode_into(scratch: Path, source: Source, label: str, progress: Progress) -> None:
    total = sum(source.count(split) for split in SPLITS)
    with progress(label, total) as advance:
        shapes = [_decode_split(scratch, split, source, advance) for split in SPLITS]
    if shapes[0] != shapes[1]:
        raise BadInput(f"{path_text(source.root)}: training and test images differ in size: resize them to one size")
    sums: dict[str, int | str] = {}
    for path in sorted(scratch.glob("*.npy")):
        sums[path.name] = path.stat().st_size if path.stem.endswith("pixels") else sha256_of(path)
    with (scratch / "sums.json").open("wb") as file:
        file.write(json.dumps(sums).encode())
        _flush(file)


def _decode_split(scratch: Path, split: str, source: Source, advance: Advance) -> tuple[int, ...]:
    n = source.count(split)
    labels = np.empty(n, dtype=np.int64)
    digests = np.empty((n, 32), dtype=np.uint8)
    shape: tuple[int, ...] = ()
    # Written, not mapped: a full disk is then an error instead of a crash.
    with (scratch / "unordered").open("wb") as file:
        for i, (label, pixels) in enumerate(source.read(split)):
            shape = pixels.shape
            file.write(pixels.tobytes())
            labels[i] = label
            digests[i] = np.frombuffer(digest_pixels(pixels), dtype=np.uint8)
            if (i + 1) % _EVERY == 0:
                advance(_EVERY)
        advance(n % _EVERY)
    if not shape:
        raise BadInput(f"{path_text(source.root)}: its {split} images are none: a classifier's images need some")
    # By class, then by content: whatever the layout, the same images come in the same order.
    order = np.lexsort((*digests.T[::-1], labels))
    unordered: NDArray[np.uint8] = np.memmap(scratch / "unordered", dtype=np.uint8, mode="r", shape=(n, *shape))
    with (scratch / f"{split}-pixels.npy").open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (n, *shape)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n, _CHUNK):
            file.write(unordered[order[start : start + _CHUNK]].tobytes())
        _flush(file)
    del unordered
    (scratch / "unordered").unlink()
    for kind, values in (("labels", labels), ("digests", digests)):
        with (scratch / f"{split}-{kind}.npy").open("wb") as file:
            np.save(file, values[order])
            _flush(file)
    return shape


def _flush(file: BinaryIO) -> None:
    # A rename may reach the disk before the bytes that it names.
    file.flush()
    os.fsync(file.fileno())
