"""Small random moves of an image, so that what excites a unit does not hang on single pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Moves:
    """How far images are moved at random: shift, rotation and scale, each uniform about none.

    The default is that of Olah, Mordvintsev and Schubert (2017), whose images are 128 pixels wide, in
    proportion to the width (2 of 32 pixels).

    Raises
    ------
    ValueError
        If one is negative or not finite.
    """

    shift: float = 1 / 16
    """Largest shift along each axis, as a share of the width."""
    degrees: float = 10.0
    """Largest rotation, about the centre."""
    scale: float = 0.1
    """Largest change of size, as a share: 0.1 is from 1 / 1.1 to 1.1 times, uniform in the logarithm."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, and has to be finite and 0 or more")

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Draw moves.

        Returns
        -------
        (count, 4) float64 array
            Shift to the right and down as shares of the width, counter-clockwise rotation in radians,
            factor of size.
        """
        largest = np.array([self.shift, self.shift, np.deg2rad(self.degrees), np.log1p(self.scale)])
        moves: NDArray[np.float64] = rng.uniform(-1, 1, (count, 4)) * largest
        moves[:, 3] = np.exp(moves[:, 3])
        return moves


def moved(images: Tensor, moves: NDArray[np.float64]) -> Tensor:
    """Return each image shifted, rotated and scaled about its centre, differentiably.

    Between pixels it is interpolated linearly; what comes in from outside is the image mirrored at its border.

    Parameters
    ----------
    images : (N, C, S, S) Tensor
    moves : (N, 4) array
        See :meth:`Moves.draw`.

    Returns
    -------
    (N, C, S, S) Tensor
        The very images where no move moves anything.
    """
    if (moves == [0, 0, 0, 1]).all():
        # Interpolation at the very pixels is off by a rounding error where the width is no power of two.
        return images
    right, down, angle, factor = moves.T
    # A pixel is read where it came from, so the move is inverted; rows grow downwards.
    cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
    matrix = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], 1)
    # The grid runs from −1 to 1, so the width is 2.
    offset = -2 * np.einsum("nij,nj->ni", matrix, np.stack([right, down], -1))
    theta = torch.from_numpy(np.concatenate([matrix, offset[:, :, None]], axis=2)).to(images.dtype)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
