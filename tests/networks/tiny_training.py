"""A training that takes seconds, and one that stops in its second epoch and waits to be killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from why_bird.images.decode import open_images
from why_bird.networks.recipe import Recipe
from why_bird.networks.train import Job, train

TINY = Recipe("tiny", "full", epochs=4, batch=16, peak=0.02, padding=2, small_epochs=1, small_size=6)
CLASSES = ("bird", "cat", "frog")


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
