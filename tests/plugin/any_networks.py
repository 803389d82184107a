"""Networks of any number of classes, in colour or grey, built by ``any_networks:colour`` and ``any_networks:grey``."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CELLS = 4
"""Images are pooled to CELLS × CELLS before anything is recognised."""


class Templates(nn.Module):
    """Recognises each class by its pattern, and roughness by one more unit."""

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__()
        self.pattern = nn.Conv2d(channels, classes, CELLS)
        self.head = nn.Linear(classes + 1, classes)

    def forward(self, images: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(images, CELLS)
        fits = functional.leaky_relu(self.pattern(pooled).flatten(1), 0.01)
        coarse = functional.interpolate(pooled, size=images.shape[2:], mode="nearest")
        rough = ((images - coarse).square().mean(dim=(1, 2, 3)) - 0.15).clamp(0.0, 0.3)
        logits: Tensor = self.head(torch.cat([fits, rough[:, None]], dim=1))
        return logits


def colour(classes: int) -> nn.Module:
    return Templates(classes, 3)


def grey(classes: int) -> nn.Module:
    return Templates(classes, 1)
