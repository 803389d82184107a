"""Where a network turns its penultimate features into logits, and what it makes of two images."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from why_bird.errors import BadInput, Unavailable
from why_bird.networks.factory import first_line, quietly
from why_bird.networks.network import HeadSite
from why_bird.networks.preprocess import Preprocess
from why_bird.streams import generator


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

    def keep(name: str, layer: nn.Linear, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        # Copied, because a following operation may work in place.
        calls.append((name, layer, inputs[0].detach().clone(), output.detach().clone()))

    with ExitStack() as hooks, torch.no_grad():
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Linear):
                hooks.enter_context(layer.register_forward_hook(partial(keep, name)))
        logits = module(example)
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
    """Return the head of a network of which it is known in which ``nn.Linear`` it is.

    Raises ValueError if it is of something else.
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


class LogitsOnly(nn.Module):
    """A network that returns nothing but the logits of the one inside it.

    That takes images as its first argument, and returns something with the attribute or the key ``logits``.
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
        What gives the logits alone: the same, or :class:`why_bird.networks.head.LogitsOnly` of it.
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
            with module.register_forward_hook(lambda _module, _inputs, output: seen.append(output)):
                head = find_head(module, example)
    except Unavailable:
        head = None
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever an architecture says to images that it cannot take
        side, is_grey = preprocess.size, preprocess.channels == 1
        raise BadInput(
            f"{name} fails on {'grey ' * is_grey}images of {side}×{side} pixels ({first_line(error)}); give the right "
            f"--input-size{', or three numbers as --mean and --std if it takes colours' * is_grey}"
        ) from None
    K = int(seen[0].shape[1])
    if K < 2:
        raise BadInput(f"{name} has {K} logit, expected 2 or more, one for each class")
    return module, K, head
