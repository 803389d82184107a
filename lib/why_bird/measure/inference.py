"""Images pass a network in batches, as fast as this machine can."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from why_bird.errors import BadInput, Unavailable
from why_bird.measure.answering import answering
from why_bird.measure.folding import carries_hooks, folded
from why_bird.measure.frozen import Ask, freezing_pays, frozen
from why_bird.measure.half_precision import full_precision_head, in_half_precision
from why_bird.measure.results import results
from why_bird.measure.taps import Tap
from why_bird.networks.network import Network, Precision
from why_bird.progress import Progress

_NUMBERS = 32 * 614_400
"""Numbers that the layers of a ResNet18 give for 32 images of 32×32 pixels: in larger batches they leave the cache."""

_BESIDE = 2**19
"""Numbers that stay in the cache of one core: 2 MB."""

_LEAST, _USUAL, _MOST = 8, 32, 256
_MANY = 512
"""From so many images on it pays to freeze a network, which takes as long as some 50 of them."""


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
                step = batch or _images_at_once(module, [each / len(x) for each in numbers])
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


def require_size(network: Network) -> None:
    """Find out whether a network takes images of the size that its preprocessing gives.

    Raises
    ------
    Unavailable
        If it does not, as a vision transformer with its learnt places.
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
