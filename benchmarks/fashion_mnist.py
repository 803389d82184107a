"""Write Fashion-MNIST as a tree of grey PNG files: ``python -m benchmarks.fashion_mnist FOLDER``.

Debian has its four files in the package ``dataset-fashion-mnist``; they are also at
github.com/zalandoresearch/fashion-mnist (MIT licence; Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747). See
docs/fashion-mnist.md for what a network that was trained on them says of noise.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from why_bird.progress import bars

CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
"""In the order of the labels; the first is called *T-shirt/top* there, which no folder can be."""

FILES = {"train": "train", "test": "t10k"}
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an array of bytes in the IDX format of MNIST.

    Parameters
    ----------
    path : Path
        Compressed by gzip: two zero bytes, the type of the numbers (8 for bytes), the number of dimensions, each
        length in four bytes from the most significant on, and then the numbers, row by row.

    Raises
    ------
    ValueError
        If it is no such file, or shorter than it says.
    """
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no IDX file of bytes")
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4).tolist()
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def write_tree(source: Path, target: Path) -> None:
    """Write ``train/<class>/<number>.png`` and ``test/<class>/<number>.png``, of 28×28 grey pixels.

    Parameters
    ----------
    source : Path
        Folder of the four IDX files.
    target : Path
    """
    for split, name in FILES.items():
        images = read_idx(source / f"{name}-images-idx3-ubyte.gz")
        labels = read_idx(source / f"{name}-labels-idx1-ubyte.gz")
        for label in CLASSES:
            (target / split / label).mkdir(parents=True, exist_ok=True)
        with bars(f"{split} images", len(images)) as advance:
            for i, (pixels, label) in enumerate(zip(images, labels, strict=True)):
                Image.fromarray(pixels).save(target / split / CLASSES[label] / f"{i:05d}.png", compress_level=1)
                advance(1)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path, help="folder to write into")
    parser.add_argument("--source", type=Path, default=DEBIAN, help=f"folder of the IDX files (default: {DEBIAN})")
    options = parser.parse_args()
    write_tree(options.source, options.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
