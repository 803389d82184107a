"""Small networks as people train them on CIFAR-10, for the benchmarks: built as a user's own, by a factory."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import VisionTransformer

__all__ = ["resnet20", "vit128"]


class _Block(nn.Module):
    """Two convolutions, and past them what came in, thinned out and filled up with zeros where the shape changes."""

    def __init__(self, given: int, width: int) -> None:
        super().__init__()
        self.stride, self.more = (1, 0) if given == width else (2, width - given)
        self.conv1 = nn.Conv2d(given, width, 3, stride=self.stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, width, H, W)."""
        changed = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.more:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more // 2))
        return functional.relu(x + changed)


class _ResNet(nn.Module):
    """He et al. (2016), section 4.2, with n blocks a stage: 6n + 2 layers."""

    def __init__(self, classes: int, blocks: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        widths = [width for width in (16, 32, 64) for _ in range(blocks)]
        self.blocks = nn.Sequential(*(_Block(*pair) for pair in pairwise([16, *widths])))
        self.fc = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, classes) logits."""
        logits: Tensor = self.fc(self.blocks(functional.relu(self.bn1(self.conv1(x)))).mean(dim=(2, 3)))
        return logits


def resnet20(classes: int) -> nn.Module:
    """Return He's ResNet-20 for CIFAR-10, untrained."""
    torch.manual_seed(0)
    return _ResNet(classes, 3)


def vit128(classes: int) -> nn.Module:
    """Return a vision transformer of width 128 on patches of 4 × 4 pixels, untrained."""
    torch.manual_seed(0)
    module = VisionTransformer(32, 4, num_layers=6, num_heads=4, hidden_dim=128, mlp_dim=512, num_classes=classes)
    # torchvision begins with a head of zeros, and all logits would be equal.
    nn.init.normal_(module.heads.head.weight, std=0.1)
    return module
