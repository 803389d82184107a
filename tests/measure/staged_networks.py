"""Small networks with the stages of a ResNet, and without, that write down what passes through them."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn

PASSED: list[tuple[int, str]] = []
"""Network and content of every image that passed."""


class Recorded(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(5, classes)

    def body(self, images: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, images: Tensor) -> Tensor:
        for image in images:
            PASSED.append((id(self), hashlib.sha256(image.detach().contiguous().numpy().tobytes()).hexdigest()))
        logits: Tensor = self.fc(self.body(images).mean(dim=(2, 3)))
        return logits


class Staged(Recorded):
    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU()
        self.layer1 = nn.Conv2d(4, 4, 3, padding=1)
        self.layer2 = nn.Conv2d(4, 6, 3, stride=2)
        self.layer3 = nn.Sequential(nn.Conv2d(6, 6, 1), nn.ReLU())
        self.layer4 = nn.Sequential(nn.Conv2d(6, 5, 1), nn.ReLU())

    def body(self, images: Tensor) -> Tensor:
        x = self.relu(self.conv(images))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        out: Tensor = x
        return out


class Plain(Recorded):
    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.conv = nn.Conv2d(3, 5, 3)

    def body(self, images: Tensor) -> Tensor:
        return torch.relu(self.conv(images))


def staged(classes: int) -> nn.Module:
    return Staged(classes)


def plain(classes: int) -> nn.Module:
    return Plain(classes)
