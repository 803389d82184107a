"""One forward pass for everything that a network is asked about a set of images."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet
from why_bird.measure.folding import folded
from why_bird.measure.frozen import Ask, freezing_pays, frozen
from why_bird.measure.half_precision import full_precision_head, in_half_precision
from why_bird.measure.results import results
from why_bird.measure.taps import TAPS, Tap, answering
from why_bird.networks.network import Network, Precision
from why_bird.progress import SILENT, Progress

__all__ = ["Batches", "forward", "reader"]

_NUMBERS = 32 * 614_400
"""Numbers that the layers of a ResNet18 give for 32 images of 32×32 pixels: in larger batches they leave the cache."""

_LEAST, _MOST = 8, 256
_MANY = 512
"""From so many images on it pays to freeze a network, which takes as long as some 50 of them."""


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
    images : ImageSet or Batches
    count : int, optional
        Images 0 to ``count`` are passed; all of an image set where it is not given.
    taps : collection of {"logits", "features", "stages"}
    batch : int, optional
        Images at once; where it is not given, 8 first, and then as many as what the layers give of them allows:
        32 in a full-resolution ResNet18, 256 at most.
    precision : {"fp32", "bf16"}, optional
        What the network calculates in, its own where it is not given; the results are float32 either way.
        See :func:`why_bird.measure.half_precision.in_half_precision`.
    progress : Progress
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
    total = _total(images, count)
    read = reader(images)
    module = folded(network.module)
    half = (precision or network.precision) == "bf16"
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    can_freeze = module is not network.module and device.type == "cpu" and not module.training
    is_frozen = can_freeze and total >= _MANY and freezing_pays()
    with (
        results(total, scratch) as kept,
        torch.inference_mode(),
        full_precision_head(network, module),
        answering(network, module, taps) as exact,
        progress(f"{total:,} images through the network", total) as advance,
    ):
        ask: Ask = exact
        start, stop = 0, min(batch or _LEAST, total)
        while start < total:
            x = network.preprocess(torch.from_numpy(read(start, stop)).to(device))
            x = x.contiguous(memory_format=torch.channels_last)
            if start:
                answers = ask(x)
            else:
                with _counted(module) as numbers:
                    answers = exact(x)
                step = batch or max(_LEAST, min(_MOST, _NUMBERS * len(x) // max(1, sum(numbers))))
                if half:
                    ask = in_half_precision(exact, x, answers)
                elif is_frozen:
                    ask = frozen(exact, x, answers)
            _check_finite(answers[0], start)
            for name, value in zip(exact.names, answers, strict=True):
                if name != "logits" or "logits" in taps:
                    kept.add(name, value.float().cpu().numpy())
            advance(stop - start)
            start, stop = stop, min(stop + step, total)
    return kept.arrays()


def _total(images: ImageSet | Batches, count: int | None) -> int:
    if isinstance(images, ImageSet):
        count = len(images) if count is None else count
        if count > len(images):
            raise ValueError(f"{count} images are asked of a set of {len(images)}")
    if not count or count < 0:
        raise ValueError(f"count is {count}, expected 1 or more")
    return count


def reader(images: ImageSet | Batches) -> Callable[[int, int], NDArray[np.float32]]:
    """Return a function that gives images ``start`` to ``stop`` as (n, 3, H, W) float32, see :class:`Batches`."""
    if not isinstance(images, ImageSet):
        return images.images
    pixels = images.pixels

    def read(start: int, stop: int) -> NDArray[np.float32]:
        # Only here are the pages of a batch read from the memory-mapped file.
        return pixels[start:stop].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)

    return read


@contextmanager
def _counted(module: nn.Module) -> Iterator[list[int]]:
    """Count the numbers that convolutions and linear layers give, as long as the block lasts."""
    numbers: list[int] = []

    def count(_layer: nn.Module, _inputs: object, output: Tensor) -> None:
        numbers.append(output.numel())

    layers = [part for part in module.modules() if isinstance(part, (nn.Conv2d, nn.Linear))]
    handles = [layer.register_forward_hook(count) for layer in layers]
    try:
        yield numbers
    finally:
        for handle in handles:
            handle.remove()


def _check_finite(logits: Tensor, start: int) -> None:
    finite = torch.isfinite(logits).all(dim=1)
    if not finite.all():
        first = start + int((~finite).nonzero()[0])
        raise BadInput(
            f"the network's logits are not finite (NaN or infinite) for image {first}: "
            "its weights or its normalisation are broken, give a checkpoint that was trained to the end"
        )
