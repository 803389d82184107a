"""Factories as users have them that a run cannot use, or can use in part, and a pickle that would run code."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from planted_networks import CELLS, Planted
from torch import Tensor, nn
from torch.nn import functional

GLOBAL = f"{os.mkdir.__module__}.mkdir"
"""What the payload names."""


class Payload:
    """Would create a folder when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.mkdir, (str(self.target), 0o755)


class Convolutional(nn.Module):
    """Recognises each class by its pattern, with a convolution over the pooled image as its last layer."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pattern = nn.Conv2d(3, classes, CELLS)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.pattern(functional.adaptive_avg_pool2d(images, CELLS)).flatten(1)
        return logits


def convolutional(classes: int) -> nn.Module:
    return Convolutional(classes)


class Talkative(Planted):
    """Warns whenever it is asked, as many a network does of what its libraries will change."""

    def forward(self, images: Tensor) -> Tensor:
        warnings.warn("planted: this way of writing it is deprecated", FutureWarning, stacklevel=2)
        return super().forward(images)


def talkative(classes: int) -> nn.Module:
    return Talkative(classes)


class Wakeful(Planted):
    """Keeps track of gradients whatever it is asked to do, as one that explains itself does."""

    def forward(self, images: Tensor) -> Tensor:
        with torch.inference_mode(mode=False), torch.enable_grad():
            return super().forward(images.clone().requires_grad_())


def wakeful(classes: int) -> nn.Module:
    return Wakeful(classes)


class Faltering(Planted):
    """Gives numbers for noise, and none for images that are smooth."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        smooth = (images[..., 1:] - images[..., :-1]).abs().mean(dim=(1, 2, 3)) < 0.5
        logits[smooth] = torch.nan
        return logits


def faltering(classes: int) -> nn.Module:
    return Faltering(classes)


class InPairs(Planted):
    """Returns its logits beside its features, as networks for training often do."""

    def forward(self, images: Tensor) -> Any:
        return super().forward(images), images


def in_pairs(classes: int) -> nn.Module:
    return InPairs(classes)


class Map(Convolutional):
    """Keeps height and width in its logits."""

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.pattern(functional.adaptive_avg_pool2d(images, CELLS))
        return logits


def logits_in_a_map(classes: int) -> nn.Module:
    return Map(classes)


class Large(Planted):
    """Takes images of 32 pixels alone."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.view(-1, 3, 32, 32))


def of_another_size(classes: int) -> nn.Module:
    return Large(classes)


def ends_the_process(_classes: int) -> nn.Module:
    sys.exit(2)


class PanicException(BaseException):
    """No Exception, as what Rust raises in a library."""


def panics(_classes: int) -> nn.Module:
    raise PanicException("planted")


class Panicking(Planted):
    """Takes noise when it is opened, and no image that is black."""

    limit = 0.0

    def forward(self, images: Tensor) -> Tensor:
        if images.flatten(1).std(dim=1).min() <= self.limit:
            raise PanicException("planted")
        return super().forward(images)


def panics_at_once(classes: int) -> nn.Module:
    network = Panicking(classes)
    network.limit = torch.inf
    return network


def panics_at_black(classes: int) -> nn.Module:
    return Panicking(classes)


def raises(_classes: int) -> nn.Module:
    raise RuntimeError("planted\nin two lines")


def no_module(_classes: int) -> object:
    return torch.ones


def no_argument() -> nn.Module:
    return nn.Identity()


def two_arguments(_classes: int, _width: int) -> nn.Module:
    return nn.Identity()
