"""Images cut into a grid of patches that change places: texture stays, shape is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.streams import generator

GRID = 4
"""Patches along each side."""

_LEAST_PATCH = 2


def shuffle_key(seed: int) -> dict[str, object]:
    """Return what the orders of a run depend on beside the images, JSON-safe."""
    return {"shuffle": 1, "grid": GRID, "seed": seed}


def patch_order(seed: int, content: str, grid: int = GRID) -> NDArray[np.int64]:
    """Return which patch comes to each place of a grid.

    Every order but the one that leaves all patches where they are is equally likely.

    The result is a (grid²,) int64 array: row by row. Raises ValueError if the grid has fewer than 2 patches along a
    side.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    content : str
        Digest of the image, which decides the draw together with the seed.
    grid : int, default 4
        Patches along each side, 2 or more.
    """
    if grid < 2:
        raise ValueError(f"a grid of {grid} patches a side has no other order: 2 or more are needed")
    draw = generator(seed, "U3", content)
    own = np.arange(grid * grid)
    order = own
    while np.array_equal(order, own):
        order = draw.permutation(grid * grid)
    return order.astype(np.int64)


def shuffle_patches(image: NDArray[np.uint8], order: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return an image whose patches have changed places.

    All patches have one size: that of the largest grid, in the middle of the image, whose sides the number of patches
    divides. Of a side that it does not divide, what is left at the border stays where it is (of a 4 × 4 grid at most 3
    rows or columns in all), so that every pixel is kept once.

    The result is a (H, W, C) uint8 array, a new one. Raises Unavailable if a patch would have a side of fewer than 2
    pixels, and so no texture to keep.

    Parameters
    ----------
    image : (H, W, C) uint8 array
    order : (grid²,) int64 array
        Of :func:`patch_order`.

    Examples
    --------
    >>> image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    >>> shuffle_patches(image, np.array([3, 1, 2, 0]))[:, :, 0].tolist()
    [[10, 11, 2, 3], [14, 15, 6, 7], [8, 9, 0, 1], [12, 13, 4, 5]]
    """
    grid = round(len(order) ** 0.5)
    height, width = (side // grid for side in image.shape[:2])
    if min(height, width) < _LEAST_PATCH:
        raise Unavailable(
            f"images of {image.shape[1]}×{image.shape[0]} pixels are too small to be cut into {grid}×{grid} patches: "
            f"{_LEAST_PATCH * grid} pixels a side are needed"
        )
    top, left = (image.shape[0] - grid * height) // 2, (image.shape[1] - grid * width) // 2
    middle = (slice(top, top + grid * height), slice(left, left + grid * width))
    channels = image.shape[2]
    patches = image[middle].reshape(grid, height, grid, width, channels).swapaxes(1, 2)
    moved = patches.reshape(-1, height, width, channels)[order]
    back = moved.reshape(grid, grid, height, width, channels).swapaxes(1, 2)
    out = image.copy()
    out[middle] = back.reshape(grid * height, grid * width, channels)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class ShuffledImages:
    """Images whose patches have changed places, each in an order of its own.

    The order of an image is a pure function of the seed and of its content: it depends on no other image and on no
    order or batch, and two equal images get the same. Patches are cut from the image's own pixels, before a network
    resizes it.
    """

    source: ImageSet
    seed: int
    """Seed of the run, 0 or more."""

    def __len__(self) -> int:
        return len(self.source)

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return shuffled images ``start`` to ``stop - 1`` as (n, C, H, W) float32.

        Raises Unavailable if the images are too small to be cut; ValueError if the range does not lie within the
        images.
        """
        if not 0 <= start <= stop <= len(self):
            raise ValueError(f"images {start} to {stop} are no range within the {len(self)} shuffled ones")
        shuffled = np.empty((stop - start, *self.source.pixels.shape[1:]), dtype=np.uint8)
        for place, i in enumerate(range(start, stop)):
            order = patch_order(self.seed, self.source.digests[i].tobytes().hex())
            shuffled[place] = shuffle_patches(self.source.pixels[i], order)
        # As `why_bird.measure.forward.reader` reads the images, to the bit.
        return np.ascontiguousarray(shuffled.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)
