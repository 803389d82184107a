"""ResNet18 with the stems that people put on it for 32×32 images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torchvision.models import resnet18 as torchvision_resnet18
from torchvision.models.resnet import BasicBlock, ResNet

from why_bird.networks.network import STEMS, Stem

STRIDES: dict[Stem, int] = {"full": 8, "narrow": 8, "stride2": 16, "pool": 16, "imagenet": 32}
"""Pixels of the image by which neighbouring places of the last stage are apart."""

_GROUPS = 32


def _without_output_bias(module: nn.Module) -> None:
    module.get_submodule("fc").register_parameter("bias", None)


def _circular(module: nn.Module) -> None:
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.padding != (0, 0):
            layer.padding_mode = "circular"


def _group_norm(module: nn.Module) -> None:
    for name, layer in list(module.named_modules()):
        if isinstance(layer, nn.BatchNorm2d):
            parent, _, own = name.rpartition(".")
            setattr(module.get_submodule(parent), own, nn.GroupNorm(_GROUPS, layer.num_features))


def _largest(module: nn.Module) -> None:
    module.avgpool = nn.AdaptiveMaxPool2d(1)


RESNETS: dict[str, Callable[[nn.Module], None]] = {
    "resnet18": lambda _module: None,
    "resnet18-without-output-bias": _without_output_bias,
    "resnet18-circular": _circular,
    "resnet18-group-norm": _group_norm,
    "resnet18-largest": _largest,
}
"""ResNet18 and forms of it in which one thing is otherwise. From one seed, what they share starts the same."""


class _Narrow(ResNet):  # type: ignore[misc]
    """ResNet18 with half as many channels in every layer."""

    def __init__(self, classes: int) -> None:
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.bn1, self.fc = nn.BatchNorm2d(32), nn.Linear(256, classes)

    def _make_layer(self, block: Any, planes: int, *args: Any, **options: Any) -> Any:
        if planes == 64:  # the first stage, which follows the stem
            self.inplanes = 32
        return super()._make_layer(block, planes // 2, *args, **options)


def resnet18(stem: Stem, classes: int, arch: str = "resnet18") -> nn.Module:
    """Return an untrained torchvision ResNet18 with the given stem.

    The keys of its state are torchvision's, whatever the stem.

    Parameters
    ----------
    stem : {"full", "narrow", "stride2", "pool", "imagenet"}
        ``full``: 3×3 convolution of stride 1, no pooling, so that 32×32 images keep their resolution. ``narrow``: the
        same, and half as many channels in every layer.
        ``stride2``: 3×3 of stride 2, no pooling. ``pool``: 3×3 of stride 1, then the stock max-pooling.
        ``imagenet``: the stock 7×7 of stride 2 with max-pooling.
    classes : int
        Number of logits.
    arch : str, default "resnet18"
        ``resnet18-without-output-bias``; ``resnet18-circular``: convolutions continue an image by its opposite side,
        not by zeros; ``resnet18-group-norm``: 32 groups of channels are normalised in the place of batches (Wu and
        He, 2018); ``resnet18-largest``: the penultimate features are the largest values over all places, not the
        means.

    Raises
    ------
    ValueError
        If the stem or the architecture is none of these.
    """
    if arch not in RESNETS:
        raise ValueError(f"arch is {arch!r}, expected one of {', '.join(RESNETS)}")
    if stem not in STEMS:
        raise ValueError(f"stem is {stem!r}, expected one of {', '.join(STEMS)}")
    module = _Narrow(classes) if stem == "narrow" else torchvision_resnet18(weights=None, num_classes=classes)
    if stem != "imagenet":
        channels = module.bn1.num_features
        module.conv1 = nn.Conv2d(
            3, channels, kernel_size=3, stride=2 if stem == "stride2" else 1, padding=1, bias=False
        )
        nn.init.kaiming_normal_(module.conv1.weight, mode="fan_out", nonlinearity="relu")
    if stem in ("full", "narrow", "stride2"):
        module.maxpool = nn.Identity()
    RESNETS[arch](module)
    return module
