"""Images pass a network in batches, as fast as this machine can."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from why_bird.errors import BadInput, Unavailable
from why_bird.measure.answering import answering
from why_bird.measure.folding import carries_hooks, folded
from why_bird.measure.frozen import Ask, freezing_pays, frozen
from why_bird.measure.half_precision import full_precision_head, in_half_precision
from why_bird.measure.taps import Tap
from why_bird.networks.network import Network, Precision
from why_bird.progress import Progress

_NUMBERS = 32 * 614_400
"""Numbers that the layers of a ResNet18 give for 32 images of 32×32 pixels: in larger batches they leave the cache."""

_BESIDE = 2**19
"""Numbers that stay in the cache of one core: 2 MB."""

_LEAST, _USUAL, _MOST = 8, 32, 256
_MUCH = 2e11
"""From so many products on it pays to freeze a network, 357 images of a full-resolution ResNet18: a small one is quick
to answer, and as slow to freeze."""


def infer(
    network: Network,
    read: Callable[[int, int], NDArray[np.float32]],
    total: int,
    *,
    taps: Collection[Tap],
    batch: int | None,
    precision: Precision,
    progress: Progress,
    scratch: Path | None,
) -> dict[str, NDArray[np.float32]]:
    """Return what :func:`why_bird.measure.forward.forward` does, of images 0 to ``total`` that a function reads."""
    module = folded(network.module)
    half = precision == "bf16"
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    can_freeze = device.type == "cpu" and not module.training and not carries_hooks(network.module)
    with (
        Results(total, scratch) as kept,
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
                with _counted(module) as layers:
                    answers = exact(x)
                step = batch or _images_at_once(module, [numbers / len(x) for numbers, _products in layers])
                products = total / len(x) * sum(products for _numbers, products in layers)
                if half:
                    ask = in_half_precision(exact, x, answers)
                elif can_freeze and products >= _MUCH and freezing_pays():
                    ask = frozen(exact, x, answers)
            _check_finite(answers[0], start)
            for name, value in zip(exact.names, answers, strict=True):
                if name != "logits" or "logits" in taps:
                    kept.add(name, value.detach().float().cpu().numpy())
            advance(stop - start)
            start, stop = stop, min(stop + step, total)
    return kept.arrays()


def require_size(network: Network) -> None:
    """Find out whether a network takes images of the size that its preprocessing gives.

    Raises Unavailable if it does not, as a vision transformer with its learnt places.
    """
    fed = network.preprocess
    blank = torch.zeros(1, fed.channels, fed.size, fed.size, device=network.device)
    try:
        with torch.inference_mode():
            network.module(blank)
    except (RuntimeError, ValueError, AssertionError, TypeError, IndexError):
        raise Unavailable(f"{network.name} takes no images of {fed.size} × {fed.size} pixels") from None


def _images_at_once(module: nn.Module, numbers: list[float]) -> int:
    """Return how many images make a batch, from the numbers that each layer gives of one.

    So many that what the largest layer gives of them stays beside a core, or that reading the weights is cheaper than
    writing what the layers give, or 32, whichever is most; and no more than stay in the cache of all cores.
    """
    weights = sum(part.weight.numel() for part in module.modules() if isinstance(part, (nn.Conv2d, nn.Linear)))
    total, largest = max(1.0, sum(numbers)), max(1.0, *numbers, 0.0)
    fast = max(_USUAL, _BESIDE / largest, weights / total)
    return int(max(_LEAST, min(_MOST, _NUMBERS / total, fast)))


@contextmanager
def _counted(module: nn.Module) -> Iterator[list[tuple[int, int]]]:
    """Count the numbers that each convolution and linear layer gives, and the products, as long as the block lasts."""
    layers: list[tuple[int, int]] = []

    def count(layer: nn.Module, _inputs: object, output: Tensor) -> None:
        layers.append((output.numel(), output.numel() * layer.get_parameter("weight")[0].numel()))

    with ExitStack() as hooks:
        for part in module.modules():
            if isinstance(part, (nn.Conv2d, nn.Linear)):
                hooks.enter_context(part.register_forward_hook(count))
        yield layers


def _check_finite(logits: Tensor, start: int) -> None:
    finite = torch.isfinite(logits).all(dim=1)
    if not finite.all():
        first = start + int((~finite).nonzero()[0])
        raise BadInput(
            f"the network's logits are not finite (NaN or infinite) for image {first}: "
            "its weights or its normalisation are broken, give a checkpoint that was trained to the end"
        )


class Results(ExitStack):
    """Rows of named arrays, in the order in which they are added; files are closed at the end of the block.

    Parameters
    ----------
    total : int
        Rows that each array will have.
    folder : Path or None
        Where each is written as ``<name>.npy``. Written and not mapped: the pages of a mapped file count as memory
        of the process, and a full disk would kill it instead of raising.
    """

    def __init__(self, total: int, folder: Path | None) -> None:
        super().__init__()
        self._total = total
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._parts: dict[str, list[NDArray[np.float32]]] = {}

    def add(self, name: str, rows: NDArray[np.float32]) -> None:
        """Add the next rows of an array, (n, D); OSError where they cannot be written."""
        if self._folder is None:
            self._parts.setdefault(name, []).append(rows)
            return
        if name not in self._files:
            file = self.enter_context((self._folder / f"{name}.npy").open("wb"))
            shape = (self._total, *rows.shape[1:])
            header = {"descr": np.lib.format.dtype_to_descr(rows.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            self._files[name] = file
        self._files[name].write(np.ascontiguousarray(rows).data)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the whole arrays, (total, D) each; those in files are mapped from there, read-only."""
        self.close()
        mapped = {name: np.load(Path(file.name), mmap_mode="r") for name, file in self._files.items()}
        return mapped | {name: np.concatenate(parts) for name, parts in self._parts.items()}
