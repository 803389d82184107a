"""One forward pass for everything that a network is asked about a set of images."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lib.errors import BadInput
from lib.images.imageset import ImageSet
from lib.measure.folding import folded
from lib.networks.network import Network
from lib.progress import SILENT, Progress

__all__ = ["STAGES", "TAPS", "Batches", "Precision", "Tap", "batch_size", "forward", "has_stages", "reader"]

Tap = Literal["logits", "features", "stages"]
TAPS: tuple[Tap, ...] = get_args(Tap)
Precision = Literal["fp32", "bf16"]
STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
"""Names of the pooled stages of a ResNet, from the pixels to the features."""

_BATCH = 256  # of 32×32 pixels: the fastest on two cores, and 70 MB for the widest activation of a ResNet18


class Batches(Protocol):
    """Images that are made on demand: noise, or an intervention on images."""

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return images ``start`` to ``stop`` as a (n, 3, S, S) float32 array, [0, 1] the range of an image file."""
        ...


def batch_size(size: int) -> int:
    """Return how many images of size × size pixels go through at once: memory stays that of 256 of 32 × 32."""
    return max(4, min(_BATCH, _BATCH * 32 * 32 // (size * size)))


def forward(
    network: Network,
    images: ImageSet | Batches,
    count: int | None = None,
    *,
    taps: Collection[Tap] = TAPS,
    batch: int | None = None,
    precision: Precision = "fp32",
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
        Images at once; from the input size where it is not given.
    precision : {"fp32", "bf16"}
        What the network calculates in; the results are float32 either way.
    progress : Progress
    scratch : Path, optional
        Folder in which the results are memory-mapped as ``<name>.npy``; in memory without it.

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
    step = batch or batch_size(network.preprocess.size)
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    results: dict[str, NDArray[np.float32]] = {}
    with (
        torch.inference_mode(),
        torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16"),
        _tapped(network, module, taps) as tapped,
        progress(f"{total:,} images through the network", total) as advance,
    ):
        for start in range(0, total, step):
            stop = min(start + step, total)
            x = network.preprocess(torch.from_numpy(read(start, stop)).to(device))
            logits = module(x.contiguous(memory_format=torch.channels_last))
            _check_finite(logits, start)
            if "logits" in taps:
                tapped["logits"] = logits
            for name, value in tapped.items():
                if name not in results:
                    results[name] = _allocate(name, (total, value.shape[1]), scratch)
                results[name][start:stop] = value.float().cpu().numpy()
            tapped.clear()
            advance(stop - start)
    return results


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


def _allocate(name: str, shape: tuple[int, int], scratch: Path | None) -> NDArray[np.float32]:
    if scratch is None:
        return np.empty(shape, dtype=np.float32)
    path = scratch / f"{name}.npy"
    array: NDArray[np.float32] = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    if hasattr(os, "posix_fallocate"):
        # A mapped file has holes; writing into one on a full disk would kill the process instead of raising.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _check_finite(logits: Tensor, start: int) -> None:
    finite = torch.isfinite(logits).all(dim=1)
    if not finite.all():
        first = start + int((~finite).nonzero()[0])
        raise BadInput(
            f"the network's logits are not finite (NaN or infinite) for image {first}: "
            "its weights or its normalisation are broken, give a checkpoint that was trained to the end"
        )


def has_stages(network: Network) -> bool:
    """Return whether the network has the stages of a ResNet, so that they can be tapped."""
    return bool(_stages(network.module))


def _stages(module: nn.Module) -> dict[str, nn.Module]:
    children = dict(module.named_children())
    stem = children.get("maxpool", children.get("relu"))
    if stem is None or any(name not in children for name in STAGES[1:]):
        return {}
    return {name: stem if name == "stem" else children[name] for name in STAGES}


@contextmanager
def _tapped(network: Network, module: nn.Module, taps: Collection[Tap]) -> Iterator[dict[str, Tensor]]:
    """Keep what passes the head and the stages in the dict, until the caller clears it."""
    seen: dict[str, Tensor] = {}
    handles: list[torch.utils.hooks.RemovableHandle] = []
    try:
        if "features" in taps:
            head = module.get_submodule(network.require_head().name)
            handles.append(head.register_forward_pre_hook(_keep_features(seen)))
        if "stages" in taps:
            handles += [part.register_forward_hook(_keep_means(seen, name)) for name, part in _stages(module).items()]
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _keep_features(seen: dict[str, Tensor]) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    def hook(_module: nn.Module, inputs: tuple[Any, ...]) -> None:
        seen["features"] = inputs[0]

    return hook


def _keep_means(seen: dict[str, Tensor], name: str) -> Callable[[nn.Module, Any, Tensor], None]:
    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        seen[name] = output.float().mean(dim=(2, 3))

    return hook
