"""A training that takes seconds, and one that stops in its second epoch and waits to be killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from why_bird.images.decode import open_images
from why_bird.networks.recipe import Recipe
from why_bird.networks.train import Job, train

TINY = Recipe("tiny", "narrow", epochs=4, batch=16, peak=0.02, padding=2, small_epochs=1, small_size=6)
CLASSES = ("bird", "cat", "frog")


def write_tree(root: Path, *, train: int, size: int) -> Path:
    """Write images of three classes that differ in colour, so many of each for training, and return their folder."""
    rng = np.random.default_rng(0)
    for split, count in (("train", train), ("test", 5)):
        for c, name in enumerate(CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 128, (size, size, 3), dtype=np.uint8)
                pixels[..., c] += 100
                Image.fromarray(pixels).save(folder / f"{i}.png")
    return root


def hang_in_epoch_two(out: Path) -> Callable[..., object]:
    @contextmanager
    def progress(label: str, _total: int) -> Iterator[Callable[[int], None]]:
        def advance(_done: int) -> None:
            if "epoch 2/" in label:
                (out / "reached").touch()
                time.sleep(600)

        yield advance

    return progress


if __name__ == "__main__":
    torch.set_num_threads(1)
    tree, cache, out = map(Path, sys.argv[1:])
    train(Job(TINY, 0, CLASSES), open_images(str(tree), cache), out, hang_in_epoch_two(out))  # type: ignore[arg-type]
