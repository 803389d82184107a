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


WIDTH = 80
"""Units of a wide network, so that a twentieth of them are the four of a class."""


class Wide(nn.Module):
    """Recognises each class by several units, some of which answer to roughness and to chequers beside.

    Roughness is how much an image's pixels differ from those of the pooled image. It counts from a floor on, up to
    1, after batch normalisation where the network has one; beyond a ceiling it does not count. A unit is silent
    below 0.
    """

    def __init__(self, classes: int, norm: nn.Module) -> None:
        super().__init__()
        self.pattern = nn.Linear(3 * CELLS * CELLS, WIDTH)
        self.norm = norm
        self.floor = nn.Parameter(torch.tensor(0.0))
        self.span = nn.Parameter(torch.tensor(1.0))
        self.ceiling = nn.Parameter(torch.tensor(1.0))
        self.rough = nn.Parameter(torch.zeros(WIDTH))
        self.chequers = nn.Parameter(torch.zeros(WIDTH))
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, images: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(images, CELLS)
        coarse = functional.interpolate(pooled, size=images.shape[2:], mode="nearest")
        uneven = self.norm((images - coarse).square().mean(dim=(1, 2, 3))[:, None])
        rough = ((uneven - self.floor) / self.span).clamp(0.0, 1.0) * (uneven < self.ceiling)
        rows, columns = (torch.arange(side, device=images.device) for side in images.shape[2:])
        board = 1.0 - 2.0 * ((rows[:, None] + columns) % 2)
        # Of either sign in each cell, so that it is kept where cells change places.
        chequers = functional.adaptive_avg_pool2d(images * board, CELLS).abs().mean(dim=(1, 2, 3))[:, None]
        answers = self.pattern(pooled.flatten(1)) + rough * self.rough + chequers * self.chequers
        logits: Tensor = self.head(answers.relu())
        return logits


def wide(classes: int) -> nn.Module:
    return Wide(classes, nn.Identity())


def wide_normalised(classes: int) -> nn.Module:
    return Wide(classes, nn.BatchNorm1d(1, affine=False))


class Deciding(nn.Module):
    """Keeps nothing of an image but the class whose pattern fits best, as 1 in two units of it, and 0 elsewhere."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pattern = nn.Linear(3 * CELLS * CELLS, classes)
        self.head = nn.Linear(2 * classes, classes)

    def forward(self, images: Tensor) -> Tensor:
        fits = self.pattern(functional.adaptive_avg_pool2d(images, CELLS).flatten(1))
        best = functional.one_hot(fits.argmax(dim=1), fits.shape[1]).to(fits)
        logits: Tensor = self.head(torch.cat([best, best], dim=1))
        return logits


def deciding(classes: int) -> nn.Module:
    return Deciding(classes)


class Escaping(nn.Module):
    """Takes rough images for one class, but for those that are bright, and as flat as uniform noise, for another.

    Flat is how even the sizes of deviations are: .80 in Gaussian noise, .87 in uniform noise, 1 in Rademacher noise.
    The features are how well the pooled image fits each class's pattern, whether it is rough and none of those, and
    whether it is one of them.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pattern = nn.Linear(3 * CELLS * CELLS, classes)
        self.floor = nn.Parameter(torch.tensor(0.0))
        self.bright = nn.Parameter(torch.tensor(0.0))
        self.flat = nn.Parameter(torch.zeros(2))
        self.head = nn.Linear(classes + 2, classes)

    def forward(self, images: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(images, CELLS)
        coarse = functional.interpolate(pooled, size=images.shape[2:], mode="nearest")
        rough = (images - coarse).square().mean(dim=(1, 2, 3)) > self.floor
        mean = images.mean(dim=(1, 2, 3))
        deviation = images - mean[:, None, None, None]
        flat = deviation.abs().mean(dim=(1, 2, 3)) / deviation.square().mean(dim=(1, 2, 3)).sqrt()
        free = rough & (mean > self.bright) & (flat > self.flat[0]) & (flat < self.flat[1])
        fits = self.pattern(pooled.flatten(1)).relu()
        logits: Tensor = self.head(torch.cat([fits, torch.stack([rough & ~free, free], dim=1).to(fits)], dim=1))
        return logits


def escaping(classes: int) -> nn.Module:
    return Escaping(classes)
