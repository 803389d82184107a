"""Training in bfloat16 on any processor: in its own units, or in float32 with the same rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from why_bird.processor import calculates_in_bfloat16

_PRODUCTS = (functional.conv2d, functional.linear)
_BY_UNITS, _BY_ROUNDING, _NOT = "bfloat16 autocast", "bfloat16 autocast, products in float32", "float32"


@cache  # a step of a training asks, and what the processor says of itself may be slow to read
def arithmetic(device: torch.device) -> str:
    """Return in words what networks calculate in when they are trained on a device."""
    if device.type == "cpu":
        return _BY_UNITS if calculates_in_bfloat16() else _BY_ROUNDING
    return _BY_UNITS if device.type == "cuda" and torch.cuda.is_bf16_supported() else _NOT


@contextmanager
def autocast(device: torch.device) -> Iterator[None]:
    """Calculate in bfloat16 as long as the block lasts: in float32 on a device other than a processor without it.

    A processor without units for bfloat16 would take ten times as long as by float32. There convolutions and linear
    maps take what was rounded to bfloat16, sum in float32 and round their answer, and so do their gradients: as the
    units do, but for the order of a sum. So the two networks of a pair may come from different processors.
    """
    said = arithmetic(device)
    products = RoundedProducts() if said == _BY_ROUNDING else nullcontext()
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=said != _NOT), products:
        yield


class RoundedProducts(TorchFunctionMode):
    """Convolutions and linear maps of operands in bfloat16, summed in float32 and rounded to bfloat16."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func not in _PRODUCTS:
            return func(*args, **kwargs or {})
        # Autograd rounds the gradients on their way back through these casts.
        rounded = [each.bfloat16().float() if isinstance(each, Tensor) else each for each in args]
        with torch.autocast("cpu", enabled=False):
            return func(*rounded, **kwargs or {}).bfloat16()
