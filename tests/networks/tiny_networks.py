"""Small networks that are built by ``tiny_networks:NAME``, as a user's own would be."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


def linear(classes: int) -> nn.Module:
    """Return convolution, pooling, linear: the smallest network with everything that matters."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes)
    )


def unbiased(classes: int) -> nn.Module:
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, classes, bias=False))


def convolutional(classes: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, classes, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def with_softmax(classes: int) -> nn.Module:
    return nn.Sequential(linear(classes), nn.Softmax(dim=1))


def fixed_at_three(_classes: int) -> nn.Module:
    return linear(3)


class Inner(nn.Module):
    """Keeps its network in an attribute that is also the name of a wrapper's prefix."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.model = linear(classes)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.model(images)
        return out


class Normalising(nn.Module):
    """Brings its own normalisation, in buffers called as metadata are."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 0.5))
        self.body = linear(classes)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.body(images - self.get_buffer("mean"))
        return out


class Cosine(nn.Linear):
    """A head that normalises its weights."""

    def forward(self, features: Tensor) -> Tensor:
        return nn.functional.linear(features, nn.functional.normalize(self.weight), self.bias)


def cosine(classes: int) -> nn.Module:
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), Cosine(12, classes))


class Pair(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.body = linear(classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return self.body(images), images


def failing(_classes: int) -> nn.Module:
    raise RuntimeError("no such luck\nand more")


def not_a_module(classes: int) -> int:
    return classes


number = 3


def without_arguments() -> nn.Module:
    return linear(10)


def by_keyword(pretrained: bool = False, num_classes: int = 1000) -> nn.Module:  # noqa: FBT001, FBT002 - as people have it
    assert pretrained is False
    return linear(num_classes)


def by_keyword_only(*, n_classes: int) -> nn.Module:
    return linear(n_classes)


def as_num_labels(width: int = 4, num_labels: int = 2) -> nn.Module:
    assert width == 4
    return linear(num_labels)


def with_a_default(k: int = 10) -> nn.Module:
    return linear(k)


def passing_keywords_on(pretrained: bool = False, **more: int) -> nn.Module:  # noqa: FBT001, FBT002
    assert pretrained is False
    return by_keyword(**more)  # type: ignore[arg-type]


def passing_arguments_on(*arguments: int) -> nn.Module:
    return linear(*arguments)


def needs_a_width(width: int, num_classes: int = 10) -> nn.Module:
    return linear(width * num_classes)


def grey(classes: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes))


class Answer(NamedTuple):
    """What a network may return beside its logits."""

    logits: Tensor
    hidden: Tensor


class WithNamedLogits(nn.Module):
    """Returns its logits under their name, as an attribute."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.body = linear(classes)

    def forward(self, images: Tensor) -> Any:
        return Answer(self.body(images), images)


class WithLogitsByKey(WithNamedLogits):
    """Returns them in a dictionary."""

    def forward(self, images: Tensor) -> Any:
        return super().forward(images)._asdict()


with_named_logits = WithNamedLogits
with_logits_by_key = WithLogitsByKey


class WithMore(Inner):
    """Keeps something beside its tensors, which no file of weights holds."""

    def get_extra_state(self) -> dict[str, int]:
        return {"steps": 3}

    def set_extra_state(self, _state: object) -> None:
        """Nothing to restore."""


def with_more(classes: int) -> nn.Module:
    return WithMore(classes)


def traced(classes: int) -> nn.Module:
    return torch.jit.trace(linear(classes), torch.zeros(1, 3, 8, 8))


def compiled(classes: int) -> nn.Module:
    return torch.compile(linear(classes), backend="eager")


def lazy(classes: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(classes))


class Exiting(Inner):
    """Ends the process, as a script that parses its arguments may."""

    def forward(self, _images: Tensor) -> Tensor:
        sys.exit(0)


def exiting(classes: int) -> nn.Module:
    return Exiting(classes)
