"""Images decoded once into a memory-mapped array in the user's cache."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from lib.errors import BadInput
from lib.images.imageset import Images, ImageSet, digest_pixels
from lib.images.source import Source, download_cifar10, find_source
from lib.progress import SILENT, Progress

__all__ = ["open_images"]

_VERSION = 1
_CHUNK = 4096


def open_images(spec: str, cache: Path, progress: Progress = SILENT) -> Images:
    """Open a folder of images, or download CIFAR-10, decoding it on first use.

    Parameters
    ----------
    spec : str
        A folder, or ``"download"``.
    cache : Path
        The user's cache; decoded arrays go into ``cache/images``.
    progress : Progress
        Shows the decoding.

    Returns
    -------
    Images
        Memory-mapped, read-only.

    Raises
    ------
    BadInput
        If the folder is not an image set, or its images differ in size.
    """
    root = download_cifar10(cache / "downloads") if spec == "download" else Path(spec).expanduser()
    source = find_source(root)
    name = "cifar10" if source.origin == "CIFAR-10 batches" else root.resolve().name
    entry = cache / "images" / f"{source.fingerprint[:32]}-v{_VERSION}"
    entry.parent.mkdir(parents=True, exist_ok=True)
    # The lock lets one of several workers decode while the others wait for the result.
    with FileLock(f"{entry}.lock"):
        if not _is_whole(entry):
            shutil.rmtree(entry, ignore_errors=True)
            _decode_into(entry, source, progress)
    return Images(_open(entry, "train", source), _open(entry, "test", source), name, source.origin)


def _open(entry: Path, split: str, source: Source) -> ImageSet:
    def array(kind: str) -> NDArray[np.generic]:
        return np.load(entry / f"{split}-{kind}.npy", mmap_mode="r")

    return ImageSet(array("pixels"), array("labels"), array("digests"), source.classes)  # type: ignore[arg-type]


def _is_whole(entry: Path) -> bool:
    """Whether an entry holds every byte that was written (a rename made it, a disk may have lost it)."""
    try:
        sizes = json.loads((entry / "sizes.json").read_text())
        return all((entry / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _decode_into(entry: Path, source: Source, progress: Progress) -> None:
    scratch = Path(tempfile.mkdtemp(dir=entry.parent, prefix=".decoding-"))
    try:
        total = source.count("train") + source.count("test")
        with progress("decoding images", total) as advance:
            shapes = {_decode_split(scratch, split, source, advance) for split in ("train", "test")}
        if len(shapes) > 1:
            raise BadInput(f"{source.root}: training and test images differ in size: resize them to one size")
        sizes = {path.name: path.stat().st_size for path in scratch.glob("*.npy")}
        (scratch / "sizes.json").write_text(json.dumps(sizes))
        os.replace(scratch, entry)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _decode_split(scratch: Path, split: str, source: Source, advance) -> tuple[int, ...]:  # type: ignore[no-untyped-def]
    n = source.count(split)
    labels = np.empty(n, dtype=np.int64)
    digests = np.empty((n, 32), dtype=np.uint8)
    raw: NDArray[np.uint8] | None = None
    for i, (label, pixels) in enumerate(source.read(split)):
        if raw is None:
            raw = np.lib.format.open_memmap(scratch / "raw", mode="w+", dtype=np.uint8, shape=(n, *pixels.shape))
        if pixels.shape != raw.shape[1:]:
            raise BadInput(
                f"{source.root}: an image of {pixels.shape[1]}×{pixels.shape[0]} pixels beside one of "
                f"{raw.shape[2]}×{raw.shape[1]}: resize them to one size"
            )
        raw[i], labels[i] = pixels, label
        digests[i] = np.frombuffer(digest_pixels(pixels), dtype=np.uint8)
        if i % 256 == 255:
            advance(256)
    if raw is None:
        raise BadInput(f"{source.root}: {split}/ holds no images")
    # By class, then by content: whatever the layout, the same images come in the same order.
    order = np.lexsort((*digests.T[::-1], labels))
    ordered = np.lib.format.open_memmap(scratch / f"{split}-pixels.npy", mode="w+", dtype=np.uint8, shape=raw.shape)
    for start in range(0, n, _CHUNK):
        ordered[start : start + _CHUNK] = raw[order[start : start + _CHUNK]]
    ordered.flush()
    shape = raw.shape[1:]
    del raw, ordered
    (scratch / "raw").unlink()
    np.save(scratch / f"{split}-labels.npy", labels[order])
    np.save(scratch / f"{split}-digests.npy", digests[order])
    return shape
