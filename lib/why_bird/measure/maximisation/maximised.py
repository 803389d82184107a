"""The images that excite units most, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.entry import Arrays, Key
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.networks.network import Network

VERSION = 1
STEPS = 256
"""The last quarter of them adds about 4 % to what a ResNet18 on CIFAR-10 answers."""


STARTS = 64
"""Random images among which each unit finds its start, and as many of more contrast for those that find none."""

LOOKS = 16
"""After how many steps the images are passed plainly, and the best kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Maximised:
    """For each unit the image that excited it most."""

    units: tuple[int, ...]
    """tuple of U int."""
    images: NDArray[np.uint8]
    """(U, S, S, C)."""
    activations: NDArray[np.float32]
    """(U,): of each image's own unit, as the network answers to the image itself, which no move has touched."""
    curve: NDArray[np.float32]
    """(C, U): the same at the start, and then every :data:`LOOKS` steps and after the last: of the image at that step,
    not of the best so far."""
    climbed: NDArray[np.bool_]
    """(U,): false where the unit had no gradient at any step: its image is one of the random ones."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence on each unit that could not be climbed."""
        return tuple(
            f"unit {unit} has no gradient (it gives {activation:.4g} for the one of {2 * STARTS} random images "
            "that excites it most, and stays there), so no image was made for it"
            for unit, activation, climbed in zip(self.units, self.activations, self.climbed, strict=True)
            if not climbed
        )


def measure_maximised(network: Network, units: Sequence[int], seed: int, *, steps: int = STEPS) -> Stored[Maximised]:
    """Return the entry of an image for each unit that excites it, for which no images are needed.

    See :func:`why_bird.measure.maximisation.ascent.ascend` for the method, and for what it refuses.

    Parameters
    ----------
    units : sequence of int
        Inputs of the head, each once.
    seed : int
        Root of all randomness, 0 or more.
    steps : int
        1 or more.
    """
    units = [int(unit) for unit in units]

    def compute(store: Store, _scratch: Path) -> Arrays:
        from why_bird.measure.maximisation.ascent import ascend
        from why_bird.measure.maximisation.fourier import Moves

        made = ascend(network, units, seed, steps=steps, moves=Moves(), progress=store.progress)
        return {name: getattr(made, name) for name in ("images", "activations", "curve", "climbed")}

    def read(arrays: Arrays) -> Maximised:
        return Maximised(
            units=tuple(units),
            images=np.array(arrays["images"]),
            activations=np.array(arrays["activations"], dtype=np.float32),
            curve=np.array(arrays["curve"], dtype=np.float32),
            climbed=np.array(arrays["climbed"]),
        )

    # Each step is one image a unit, and so is each look at them: one at the start, the others by the way.
    passed = 2 * STARTS + len(units) * (steps + 1 + -(-steps // LOOKS))
    parts: dict[str, Any] = {"network": network.key, "units": list(units), "seed": seed, "steps": steps}
    return Stored(Key("maximised-units", VERSION, parts), read, compute, images=passed)
