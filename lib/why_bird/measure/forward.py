"""One forward pass for everything that a network is asked about a set of images."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet
from why_bird.measure.taps import TAPS, Tap
from why_bird.networks.network import Network, Precision
from why_bird.progress import SILENT, Progress


class Batches(Protocol):
    """Images that are made on demand: noise, or an intervention on images."""

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return images ``start`` to ``stop`` as a (n, 3, S, S) float32 array, [0, 1] the range of an image file."""
        ...


def forward(
    network: Network,
    images: ImageSet | Batches,
    count: int | None = None,
    *,
    taps: Collection[Tap] = TAPS,
    batch: int | None = None,
    precision: Precision | None = None,
    progress: Progress = SILENT,
    scratch: Path | None = None,
) -> dict[str, NDArray[np.float32]]:
    """Pass images through a network once and return what was tapped on the way.

    Images stream in batches, so that memory does not grow with their number when the results go to a
    file. The network is left as it was.

    Parameters
    ----------
    network : Network
        In eval mode.
    count : int, optional
        Images 0 to ``count`` are passed; all of an image set where it is not given.
    taps : collection of {"logits", "features", "stages"}
    batch : int, optional
        Images at once; where it is not given, 8 first, and then as many as weights and layers make fast: 32 in a
        full-resolution ResNet18, 256 at most.
    precision : {"fp32", "bf16"}, optional
        What the network calculates in, its own where it is not given; the results are float32 either way.
        See :func:`why_bird.measure.half_precision.in_half_precision`.
    scratch : Path, optional
        Folder in which the results are kept as ``<name>.npy``, and mapped from there; in memory without it.

    Returns
    -------
    dict of str to array
        ``logits`` (N, K); ``features`` (N, D), the input of the head; and the spatial means of the stages
        of a ResNet (N, channels): ``stem`` (after its ReLU and pooling), ``layer1`` … ``layer4``. Other
        architectures have no stages. All float32, in the order of the images.

    Raises
    ------
    BadInput
        If a logit is not finite.
    Unavailable
        If features are asked of a network without a linear head.
    ValueError
        If no image is asked for, or more than there are.
    """
    # Only here: what is stored can be judged without PyTorch, which takes seconds to load.
    from why_bird.measure.inference import infer

    return infer(
        network,
        reader(images),
        _total(images, count),
        taps=taps,
        batch=batch,
        precision=precision or network.precision,
        progress=progress,
        scratch=scratch,
    )


def _total(images: ImageSet | Batches, count: int | None) -> int:
    if isinstance(images, ImageSet):
        count = len(images) if count is None else count
        if count > len(images):
            raise ValueError(f"{count} images are asked of a set of {len(images)}")
    if not count or count < 0:
        raise ValueError(f"count is {count}, expected 1 or more")
    return count


def reader(images: ImageSet | Batches) -> Callable[[int, int], NDArray[np.float32]]:
    """Return a function that gives images ``start`` to ``stop`` as (n, 3, H, W) float32, see :class:`Batches`.

    Examples
    --------
    >>> pixels = np.full((1, 2, 2, 3), 51, dtype=np.uint8)
    >>> images = ImageSet(pixels, np.array([0]), np.zeros((1, 32), dtype=np.uint8), ("bird",))
    >>> read = reader(images)(0, 1)
    >>> read.shape, round(float(read.max()), 4)  # 51 / 255
    ((1, 3, 2, 2), 0.2)
    """
    if not isinstance(images, ImageSet):
        return images.images
    pixels = images.pixels

    def read(start: int, stop: int) -> NDArray[np.float32]:
        # Only here are the pages of a batch read from the memory-mapped file.
        return pixels[start:stop].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)

    return read
