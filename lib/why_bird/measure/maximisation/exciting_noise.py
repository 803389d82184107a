"""The noise images that excite a unit most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingNoise:
    """Which noise images excite units most."""

    units: tuple[int, ...]
    """tuple of U int."""
    indices: NDArray[np.int64]
    """(U, n): the most exciting first; :meth:`why_bird.images.noise.Noise.images` draws image i again."""
    activations: NDArray[np.float32]
    """(U, n): their activations."""


def exciting_noise(noise_features: NDArray[np.floating], units: Sequence[int], count: int = 3) -> ExcitingNoise:
    """Return for each unit the noise images that excite it most.

    Of images that excite it alike (stored features are rounded to 16 bits) the one drawn first comes first.

    Parameters
    ----------
    noise_features : (N, D) array
        Penultimate features, in the order in which the noise is drawn.
    units : sequence of int
        Columns.
    count : int, default 3
        Images a unit, 1 to N.

    Raises
    ------
    ValueError
        If there is no unit of that number, or there are fewer images.
    """
    N, D = noise_features.shape
    if len(units) == 0 or not all(0 <= unit < D for unit in units):
        raise ValueError(f"units are {list(units)}, expected some from 0 to {D - 1}")
    if not 1 <= count <= N:
        raise ValueError(f"{count} images a unit are asked of {N}")
    own = noise_features[:, list(units)].T.astype(np.float32)
    indices = np.argsort(-own, axis=1, kind="stable")[:, :count].astype(np.int64)
    return ExcitingNoise(tuple(int(unit) for unit in units), indices, np.take_along_axis(own, indices, axis=1))
