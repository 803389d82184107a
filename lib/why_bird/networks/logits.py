"""Networks that return their logits among other things, as those of Hugging Face's transformers do."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["LogitsOnly", "logits_only"]


class LogitsOnly(nn.Module):
    """A network that returns nothing but the logits of the one inside it.

    Parameters
    ----------
    model : nn.Module
        Takes images as its first argument, and returns something with the attribute or the key ``logits``.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        # Named so that the prefix of its tensors is one of those that are left out.
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, K) logits of (N, C, S, S) preprocessed images."""
        logits = _named(self.model(images))
        assert logits is not None  # noqa: S101 - it was found where the network was opened
        return logits


def logits_only(module: nn.Module, example: Tensor) -> nn.Module:
    """Return a network as it is where it returns a tensor, and :class:`LogitsOnly` of it where it names its logits.

    Parameters
    ----------
    module : nn.Module
        In eval mode.
    example : (N, C, S, S) Tensor
        Preprocessed images to send through it once, on the module's device.
    """
    with torch.no_grad():
        output = module(example)
    if isinstance(output, Tensor) or _named(output) is None:
        return module
    return LogitsOnly(module).eval()


def _named(output: object) -> Tensor | None:
    found = output.get("logits") if isinstance(output, dict) else getattr(output, "logits", None)
    return found if isinstance(found, Tensor) else None
