"""Training batches: shuffled, cropped and flipped, as a pure function of seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from why_bird.streams import generator


class Augmented:
    """Training images held in memory, from which the batches of any epoch can be drawn again.

    Parameters
    ----------
    pixels : (N, H, W, 3) uint8 array
    labels : (N,) int64 array
    padding : int
        Pixels of reflection padding before the random crop.
    changes : bool, default True
        Whether images are cropped and flipped; else they come as they are, in the same order.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        padding: int,
        device: torch.device,
        *,
        changes: bool = True,
    ) -> None:
        self.size = int(pixels.shape[1])
        self.padding = padding
        self.changes = changes
        border = ((0, 0), (padding, padding), (padding, padding), (0, 0))
        self._padded = torch.from_numpy(np.pad(pixels, border, mode="reflect")).to(device)
        self._labels = torch.from_numpy(np.array(labels)).to(device)
        self._device = device

    def __len__(self) -> int:
        return len(self._labels)

    def epoch(self, seed: int, epoch: int, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of an epoch; the last incomplete one is left out.

        Yields
        ------
        images : (batch, 3, H, W) float tensor
            On the [0, 1] scale, channels last in memory.
        labels : (batch,) int64 tensor
        """
        rng = generator(seed, "training", "augmentation", epoch)
        n = len(self)
        order = rng.permutation(n)
        top, left = rng.integers(0, 2 * self.padding + 1, size=(2, n))
        flipped = rng.random(n) < 0.5
        if not self.changes:
            top[:], left[:], flipped[:] = self.padding, self.padding, False
        columns = left[:, None] + np.arange(self.size)
        columns[flipped] = columns[flipped, ::-1]
        rows = top[:, None] + np.arange(self.size)
        for start in range(0, n - batch + 1, batch):
            pick = slice(start, start + batch)
            index = torch.from_numpy(order[pick]).to(self._device)
            row = torch.from_numpy(rows[pick]).to(self._device)
            column = torch.from_numpy(columns[pick]).to(self._device)
            crops = self._padded[index[:, None, None], row[:, :, None], column[:, None, :]]
            yield crops.permute(0, 3, 1, 2).float().div_(255), self._labels[index]
