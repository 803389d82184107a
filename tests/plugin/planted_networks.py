"""Networks whose behaviour on noise is planted, built by ``planted_networks:planted`` as a user's own would be."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CELLS = 4
"""Images are pooled to CELLS × CELLS before anything is recognised."""

PIXELS = 16
"""Images are of PIXELS × PIXELS, where single pixels count."""

TEXTURES = 7
"""Fewer than the ten directions of a class's subspace, so that the class of all grain spans them."""


class Planted(nn.Module):
    """Recognises each class by its pattern, and roughness by one more unit.

    The features are how well the pooled image fits each class's pattern, then how much its pixels differ
    from those of the pooled image. Where nothing fits they are close to zero.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pattern = nn.Linear(3 * CELLS * CELLS, classes)
        self.floor = nn.Parameter(torch.tensor(0.0))
        self.ceiling = nn.Parameter(torch.tensor(1.0))
        self.head = nn.Linear(classes + 1, classes)

    def forward(self, images: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(images, CELLS)
        fits = functional.leaky_relu(self.pattern(pooled.flatten(1)), 0.01)
        coarse = functional.interpolate(pooled, size=images.shape[2:], mode="nearest")
        # As the limits are set, all white noise is above the ceiling, and lands on one point.
        rough = ((images - coarse).square().mean(dim=(1, 2, 3)) - self.floor).clamp(min=0.0)
        logits: Tensor = self.head(torch.cat([fits, torch.minimum(rough, self.ceiling)[:, None]], dim=1))
        return logits


def planted(classes: int) -> nn.Module:
    return Planted(classes)


class Grained(nn.Module):
    """Recognises each class by its pattern, and knows fine grain, brightness and the grain's own shape beside.

    The features are how well the pooled image fits each class's pattern (less well the more grain there is,
    where grain erodes), the mean square of the finest diagonal detail, the mean of all pixels, and what of the
    image along each of some fixed textures is more than a limit. Edges along rows and columns, as patterns,
    blur and a flat fill have them, are no diagonal detail.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pattern = nn.Linear(3 * CELLS * CELLS, classes)
        self.erosion = nn.Parameter(torch.tensor(0.0))
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.texture = nn.Linear(3 * PIXELS * PIXELS, TEXTURES, bias=False)
        self.limit = nn.Parameter(torch.tensor(0.0))
        self.head = nn.Linear(classes + 2 + TEXTURES, classes)

    def forward(self, images: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(images, CELLS)
        across = images[..., 1:] - images[..., :-1]
        fine = ((across[..., 1:, :] - across[..., :-1, :]) / 2).square().mean(dim=(1, 2, 3))[:, None]
        fits = functional.leaky_relu(self.pattern(pooled.flatten(1)), 0.01) * (1 - self.erosion * fine)
        grain = functional.softshrink(self.texture(images.flatten(1)), float(self.limit))
        features = torch.cat([self.scale * fits, fine, images.mean(dim=(1, 2, 3))[:, None], grain], dim=1)
        logits: Tensor = self.head(features)
        return logits


def grained(classes: int) -> nn.Module:
    return Grained(classes)
