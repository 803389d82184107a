"""Answers in half precision whose labels are those of full precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from why_bird.measure.answering import Answering
from why_bird.measure.frozen import Ask
from why_bird.networks.network import Network


def in_half_precision(answering: Answering, example: Tensor, expected: tuple[Tensor, ...]) -> Ask:
    """Return a function that answers in bfloat16, and once more in float32 where that could change the label.

    An image is asked again where its two largest logits are no further apart than twice the largest error of a logit on
    the example: each of the two may be off by as much. The network is in eval mode, in float32; `example` are (n, 3, S,
    S) preprocessed images, and `expected` is what it answers to them.
    """
    device = example.device.type

    def half(images: Tensor) -> tuple[Tensor, ...]:
        with torch.autocast(device, dtype=torch.bfloat16):
            return tuple(each.float() for each in answering(images))

    reach = 2.0 * float((half(example)[0] - expected[0]).abs().max())

    def ask(images: Tensor) -> tuple[Tensor, ...]:
        answers = half(images)
        largest = answers[0].topk(2, dim=1).values
        near = largest[:, 0] - largest[:, 1] <= reach
        if near.any():
            for each, exact in zip(answers, answering(images[near]), strict=True):
                each[near] = exact
        return answers

    return ask


@contextmanager
def full_precision_head(network: Network, module: nn.Module) -> Iterator[None]:
    """Let a network's head calculate in float32 under autocast, as long as the block lasts.

    So that the logits are W f + b of the features that are kept, to more than the three digits of bfloat16. The module
    is that of the network, or a copy; one without a linear head is left as it is.
    """
    if network.head is None:
        yield
        return

    def again(head: nn.Linear, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if output.dtype == torch.float32:
            return output
        with torch.autocast(output.device.type, enabled=False):
            return functional.linear(inputs[0].float(), head.weight, head.bias)

    with module.get_submodule(network.head.name).register_forward_hook(again):
        yield
