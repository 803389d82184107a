"""Convolutions that answer in a single place, as the matrix products that they are."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn


def multiply_single_places(module: nn.Module) -> None:
    """Let the convolutions of a module multiply matrices wherever their answer has a single place.

    The last stage of a network for large images has one place left of a small one. There a kernel's other taps meet
    padding alone, and convolving costs nine products for one: a whole step of ResNet18 with the stock stem, on 32×32
    images, takes a third less without them. The function is the same, its rounding aside; so are parameters and state.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place. Convolutions in groups, with dilation, or padded by anything but zeros stay as they are.
    """
    for layer in module.modules():
        if (
            isinstance(layer, nn.Conv2d)
            and not isinstance(layer.padding, str)
            and (layer.groups, layer.dilation, layer.padding_mode) == (1, (1, 1), "zeros")
        ):
            layer.forward = partial(_answer, layer, layer.padding)  # type: ignore[method-assign]


def _answer(layer: nn.Conv2d, padding: tuple[int, ...], images: Tensor) -> Tensor:
    sides = images.shape[2:]
    axes = list(zip(sides, layer.kernel_size, layer.stride, padding, strict=True))
    if any((side + 2 * pad - kernel) // stride for side, kernel, stride, pad in axes):
        return nn.Conv2d.forward(layer, images)
    # The one place begins ``pad`` before the image: what the kernel has before and after the image meets padding.
    high, wide = (min(kernel - pad, side) for side, kernel, _stride, pad in axes)
    (top, left), last = padding, torch.channels_last
    seen = images[:, :, :high, :wide].contiguous(memory_format=last).permute(0, 2, 3, 1).flatten(1)
    taps = layer.weight[:, :, top : top + high, left : left + wide].contiguous(memory_format=last)
    return nn.functional.linear(seen, taps.permute(0, 2, 3, 1).flatten(1), layer.bias)[:, :, None, None]
