"""The images that excite units most, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.measure.maximisation.ascent import LOOKS, STARTS, Maximised, ascend
from lib.measure.maximisation.transforms import Moves
from lib.measure.store import Key, Store
from lib.networks.network import Network

__all__ = ["STEPS", "maximised_key", "measure_maximised"]

VERSION = 1
STEPS = 256
"""The last quarter of them adds about 4 % to what a ResNet18 on CIFAR-10 answers."""


def maximised_key(network: Network, units: Sequence[int], seed: int, steps: int = STEPS) -> Key:
    """Return the key of the images made for units."""
    parts: dict[str, Any] = {"network": network.key, "units": list(units), "seed": seed, "steps": steps}
    return Key("maximised-units", VERSION, parts)


def measure_maximised(
    network: Network, units: Sequence[int], seed: int, store: Store, *, steps: int = STEPS
) -> Maximised:
    """Return an image for each unit that excites it, read from the store where it was made before.

    Needs no images. See :func:`lib.measure.maximisation.ascent.ascend` for the method.

    Parameters
    ----------
    network : Network
    units : sequence of int
        Inputs of the head, each once.
    seed : int
        Root of all randomness, 0 or more.
    store : Store
    steps : int
        1 or more.

    Raises
    ------
    BadInput, Unavailable, ValueError
        As :func:`~lib.measure.maximisation.ascent.ascend`.
    """
    units = [int(unit) for unit in units]

    def compute(_scratch: Path) -> dict[str, NDArray[Any]]:
        made = ascend(network, units, seed, steps=steps, moves=Moves(), progress=store.progress)
        return {name: getattr(made, name) for name in ("images", "activations", "curve", "climbed")}

    # Each step is one image a unit, and so is each look at them: one at the start, the others by the way.
    passed = 2 * STARTS + len(units) * (steps + 1 + -(-steps // LOOKS))
    entry = store.get(maximised_key(network, units, seed, steps), compute, images=passed)
    return Maximised(
        units=tuple(units),
        images=np.array(entry["images"]),
        activations=np.array(entry["activations"], dtype=np.float32),
        curve=np.array(entry["curve"], dtype=np.float32),
        climbed=np.array(entry["climbed"]),
    )
