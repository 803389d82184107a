"""ResNet18 with the stems that people put on it for 32×32 images."""

from __future__ import annotations

from typing import Literal, get_args

from torch import nn
from torchvision.models import resnet18 as torchvision_resnet18

__all__ = ["STEMS", "Stem", "resnet18"]

Stem = Literal["full", "stride2", "pool", "imagenet"]
STEMS: tuple[Stem, ...] = get_args(Stem)


def resnet18(stem: Stem, classes: int) -> nn.Module:
    """Return an untrained torchvision ResNet18 with the given stem.

    The keys of its state are torchvision's, whatever the stem.

    Parameters
    ----------
    stem : {"full", "stride2", "pool", "imagenet"}
        ``full``: 3×3 convolution of stride 1, no pooling, so that 32×32 images keep their resolution.
        ``stride2``: 3×3 of stride 2, no pooling. ``pool``: 3×3 of stride 1, then the stock max-pooling.
        ``imagenet``: the stock 7×7 of stride 2 with max-pooling.
    classes : int
        Number of logits.

    Raises
    ------
    ValueError
        If the stem is none of these.
    """
    if stem not in STEMS:
        raise ValueError(f"stem is {stem!r}, expected one of {', '.join(STEMS)}")
    module: nn.Module = torchvision_resnet18(weights=None, num_classes=classes)
    if stem != "imagenet":
        module.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=2 if stem == "stride2" else 1, padding=1, bias=False)
        nn.init.kaiming_normal_(module.conv1.weight, mode="fan_out", nonlinearity="relu")
    if stem in ("full", "stride2"):
        module.maxpool = nn.Identity()
    return module
