"""How many channels a network takes: three of colour, or one of grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

_COLOURS = 3
_OF_CONVOLUTION = ("out_channels", "kernel_size", "stride", "padding", "dilation", "padding_mode")


def takes_grey(module: nn.Module) -> bool:
    """Return whether a network takes one channel, as its first convolution says.

    The first in the order of its parts need not be the one that sees the image. Where another convolution takes three
    channels, that one is taken for it.

    Examples
    --------
    >>> takes_grey(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3)))
    True
    """
    first = _first(module)
    rest = [part.in_channels for part in module.modules() if isinstance(part, nn.Conv2d)]
    return first is not None and first[1].in_channels == 1 and _COLOURS not in rest


def channels_in(state: Mapping[str, Tensor], template: nn.Module) -> int:
    """Return how many channels weights are for, of an architecture that is built for three: 3, or 1.

    Parameters
    ----------
    state : mapping of Tensor
        Without prefixes.
    template : nn.Module
        The architecture, built for three channels.
    """
    first = _first(template)
    weight = None if first is None else state.get(f"{first[0]}.weight")
    is_grey = first is not None and weight is not None and first[1].in_channels == _COLOURS and weight.ndim == 4
    return 1 if is_grey and weight is not None and weight.shape[1] == 1 else _COLOURS


def grey_first(module: nn.Module) -> nn.Module:
    """Give a network a first convolution of one channel, which is how people feed grey images to a network of three."""
    first = _first(module)
    if first is None:
        return module
    name, old = first
    above, _, own = name.rpartition(".")
    same: dict[str, Any] = {name: getattr(old, name) for name in _OF_CONVOLUTION}
    new = nn.Conv2d(1, bias=old.bias is not None, **same)
    setattr(module.get_submodule(above), own, new)
    return module


def _first(module: nn.Module) -> tuple[str, nn.Conv2d] | None:
    return next(((name, part) for name, part in module.named_modules() if isinstance(part, nn.Conv2d)), None)
