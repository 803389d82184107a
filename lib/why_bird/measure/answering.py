"""A network that says more of images than its logits, as long as it is tapped."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from why_bird.measure.taps import STAGES, Tap
from why_bird.networks.network import Network


class Answering(nn.Module):
    """A network that returns its logits, and after them all that was tapped on the way.

    Hooks on parts of the module put what passes them into `seen`.

    Attributes
    ----------
    names : tuple of str
        What the last call returned: ``logits``, then the taps in the order in which they were passed.
    """

    def __init__(self, module: nn.Module, seen: dict[str, Tensor]) -> None:
        super().__init__()
        self.module = module
        # As the network has it: putting it into another mode here would hide a network that was left in training.
        self.training = module.training
        self.names: tuple[str, ...] = ("logits",)
        self._seen = seen

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return (n, K) logits, then an (n, D) tensor for each tap.

        `images` is a (n, 3, S, S) Tensor: preprocessed.
        """
        self._seen.clear()
        logits = self.module(images)
        self.names = ("logits", *self._seen)
        answers = (logits, *self._seen.values())
        self._seen.clear()
        return answers


@contextmanager
def answering(network: Network, module: nn.Module, taps: Collection[Tap]) -> Iterator[Answering]:
    """Tap a network as long as the block lasts.

    Raises Unavailable if features are asked of a network without a linear head.

    Parameters
    ----------
    module : nn.Module
        Its module, or a copy that gives the same logits.
    taps : collection of {"logits", "features", "stages"}
    """
    seen: dict[str, Tensor] = {}
    with ExitStack() as hooks:
        if "features" in taps:
            head = module.get_submodule(network.require_head().name)
            hooks.enter_context(head.register_forward_pre_hook(partial(_keep_features, seen)))
        if "stages" in taps:
            for name, part in stages_in(module).items():
                hooks.enter_context(part.register_forward_hook(partial(_keep_means, seen, name)))
        yield Answering(module, seen)


def stages_in(module: nn.Module) -> dict[str, nn.Module]:
    """Return the stages of a ResNet by name, and none of another network."""
    children = dict(module.named_children())
    stem = children.get("maxpool", children.get("relu"))
    if stem is None or any(name not in children for name in STAGES[1:]):
        return {}
    return {name: stem if name == "stem" else children[name] for name in STAGES}


def _keep_features(seen: dict[str, Tensor], _module: nn.Module, inputs: tuple[Any, ...]) -> None:
    seen["features"] = inputs[0]


def _keep_means(seen: dict[str, Tensor], name: str, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
    # As pooling, not as a mean: a frozen graph can pool in the layout that it calculates in.
    seen[name] = functional.adaptive_avg_pool2d(output.float(), 1).flatten(1)
