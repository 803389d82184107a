"""Find where a network turns its penultimate features into logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from why_bird.errors import BadInput, Unavailable
from why_bird.networks.network import HeadSite

__all__ = ["find_head", "head_at"]


def find_head(module: nn.Module, example: Tensor) -> HeadSite:
    """Find the last ``nn.Linear`` whose output is the logits.

    Parameters
    ----------
    module : nn.Module
        In eval mode.
    example : (N, 3, H, W) Tensor
        Preprocessed images to send through it once, on the module's device.

    Raises
    ------
    BadInput
        If what comes out is not logits of shape (N, K) that are finite, as their squares are.
    Unavailable
        If the logits come from something else than a linear layer on features of shape (N, D).
    """
    calls: list[tuple[str, nn.Linear, Tensor, Tensor]] = []

    def watch(name: str, layer: nn.Linear) -> torch.utils.hooks.RemovableHandle:
        def keep(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            # Copied, because a following operation may work in place.
            calls.append((name, layer, inputs[0].detach().clone(), output.detach().clone()))

        return layer.register_forward_hook(keep)

    handles = [watch(name, layer) for name, layer in module.named_modules() if isinstance(layer, nn.Linear)]
    try:
        with torch.no_grad():
            logits = module(example)
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(example):
        found = f"of shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
        raise BadInput(f"for {len(example)} images the network returns {found}, expected logits of shape (N, K)")
    if not torch.isfinite(logits).all():
        raise BadInput("the network returns logits that are not finite, expected finite ones for noise images")
    # What is told by their variance could not be told of them.
    if not torch.isfinite(logits.float().square()).all():
        raise BadInput(
            f"the network returns logits as large as {float(logits.abs().max()):.0e}, "
            "expected ones whose squares are finite in 32 bits"
        )
    for name, layer, features, output in reversed(calls):
        if features.ndim == 2 and torch.equal(output, logits) and _is_linear(layer, features, logits):
            return _site(name, layer)
    raise Unavailable(
        "the logits do not come straight from an nn.Linear on features of shape (N, D); "
        "a network that ends in one would have a head to look at"
    )


def _is_linear(layer: nn.Linear, features: Tensor, logits: Tensor) -> bool:
    """Tell a plain linear layer from a subclass that does more, such as normalising its weights."""
    return torch.allclose(functional.linear(features, layer.weight, layer.bias), logits, rtol=1e-4, atol=1e-5)


def head_at(module: nn.Module, name: str) -> HeadSite:
    """Return the head of a network of which it is known where it is.

    Parameters
    ----------
    name : str
        Of an ``nn.Linear`` in it.

    Raises
    ------
    ValueError
        If it is of something else.
    """
    layer = module.get_submodule(name)
    if not isinstance(layer, nn.Linear):
        raise ValueError(f"{name} is a {type(layer).__name__}, expected a Linear")
    return _site(name, layer)


def _site(name: str, layer: nn.Linear) -> HeadSite:
    weight, bias = layer.weight, layer.bias
    # A Linear without bias has None there, whatever its annotation says.
    zeros = torch.zeros(len(weight)) if bias is None else bias
    W, b = (each.detach().to("cpu", torch.float32).clone().numpy() for each in (weight, zeros))
    return HeadSite(name, W, b, has_bias=bias is not None)
