"""Writes one small image set in the layouts that the library reads."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = ("bird", "cat", "frog")
Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


def small_set(seed: int = 0, per_class: int = 4) -> dict[str, Split]:
    """Return (N, 32, 32, 3) pixels and labels for each split, classes mixed."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(len(CLASSES)), per_class)
    return {
        split: (rng.integers(0, 256, (len(labels), 32, 32, 3), dtype=np.uint8), rng.permutation(labels))
        for split in ("train", "test")
    }


def write_tree(root: Path, splits: dict[str, Split], name: str = "{i:04d}.png") -> Path:
    for split, (pixels, labels) in splits.items():
        for i, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            folder = root / split / CLASSES[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / name.format(i=i, j=len(pixels) - i))
    return root


def write_batches(root: Path, splits: dict[str, Split]) -> Path:
    """Write ``cifar-10-batches-py`` byte for byte as Python 2 and its numpy did."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    pixels, labels = splits["train"]
    for i, part in enumerate(np.array_split(np.arange(len(labels)), 5), start=1):
        (folder / f"data_batch_{i}").write_bytes(python2_batch(pixels[part], labels[part]))
    (folder / "test_batch").write_bytes(python2_batch(*splits["test"]))
    # The class names were written with protocol 0.
    names = "".join(f"S'{name}'\na" for name in CLASSES)
    meta = f"(dp1\nS'num_cases_per_batch'\np2\nI10000\nsS'label_names'\np3\n(lp4\n{names}sS'num_vis'\np5\nI3072\ns."
    (folder / "batches.meta").write_bytes(meta.encode())
    return root


def python2_batch(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> bytes:
    """Return the pickle of a batch as Python 2's cPickle wrote it: protocol 2, byte strings, numpy 1."""
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).tobytes()

    def short(text: bytes) -> bytes:
        return b"U" + bytes([len(text)]) + text

    return b"".join(
        [
            b"\x80\x02}q\x01(",
            short(b"batch_label") + short(b"training batch 1 of 5"),
            short(b"labels") + b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e",
            short(b"data")
            + b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85"
            + short(b"b")
            + b"\x87R",
            b"(K\x01M" + struct.pack("<H", len(labels)) + b"M\x00\x0c\x86",
            b"cnumpy\ndtype\n"
            + short(b"u1")
            + b"K\x00K\x01\x87R(K\x03"
            + short(b"|")
            + b"NNN"
            + b"J\xff\xff\xff\xff" * 2,
            b"K\x00tb\x89T" + struct.pack("<i", len(planes)) + planes + b"tb",
            b"u.",
        ]
    )


def newer_batch(pixels: NDArray[np.uint8], labels: NDArray[np.int64], protocol: int) -> bytes:
    """Return the pickle of a batch as this Python and numpy write it."""
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).reshape(len(labels), -1)
    return pickle.dumps({"data": planes, "labels": labels.tolist()}, protocol=protocol)
