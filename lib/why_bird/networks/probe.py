"""What a network that has just been opened makes of two images: logits, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from why_bird.errors import BadInput, Unavailable
from why_bird.networks.factory import first_line, quietly
from why_bird.networks.head import find_head
from why_bird.networks.logits import logits_only
from why_bird.networks.network import HeadSite
from why_bird.networks.preprocess import Preprocess
from why_bird.streams import generator

__all__ = ["probe"]


def probe(
    module: nn.Module, preprocess: Preprocess, where: torch.device, name: str
) -> tuple[nn.Module, int, HeadSite | None]:
    """Send two noise images through a network that has just been opened.

    Parameters
    ----------
    module : nn.Module
        Frozen, on the device.
    name : str
        What an error calls it.

    Returns
    -------
    module : nn.Module
        What gives the logits alone: the same, or :class:`why_bird.networks.logits.LogitsOnly` of it.
    K : int
        Number of logits.
    head : HeadSite or None
        None where the logits do not come straight from a linear layer.

    Raises
    ------
    BadInput
        In one sentence, if it cannot take such images, or does not give 2 finite logits or more.
    """
    shape = (2, preprocess.channels, preprocess.size, preprocess.size)
    noise = generator(0, "head", "probe").normal(0.5, 0.25, shape)
    example = preprocess(torch.from_numpy(noise).to(where, torch.float32))
    seen: list[Tensor] = []
    try:
        with quietly():
            module = logits_only(module, example)
            with _watched(module, seen):
                head = find_head(module, example)
    except Unavailable:
        head = None
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from None
    except (Exception, SystemExit) as error:  # whatever an architecture says to images that it cannot take
        side, is_grey = preprocess.size, preprocess.channels == 1
        raise BadInput(
            f"{name} fails on {'grey ' * is_grey}images of {side}×{side} pixels ({first_line(error)}); give the right "
            f"--input-size{', or three numbers as --mean and --std if it takes colours' * is_grey}"
        ) from None
    K = int(seen[0].shape[1])
    if K < 2:
        raise BadInput(f"{name} has {K} logit, expected 2 or more, one for each class")
    return module, K, head


@contextmanager
def _watched(module: nn.Module, seen: list[Tensor]) -> Iterator[None]:
    handle = module.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    try:
        yield
    finally:
        handle.remove()
