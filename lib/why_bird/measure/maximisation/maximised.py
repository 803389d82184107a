"""The images that excite units most, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from why_bird.measure.entry import Arrays
from why_bird.measure.maximisation.ascent import LOOKS, STARTS, Maximised, ascend
from why_bird.measure.maximisation.transforms import Moves
from why_bird.measure.store import Key, Store
from why_bird.measure.stored import Stored
from why_bird.networks.network import Network

__all__ = ["STEPS", "measure_maximised"]

VERSION = 1
STEPS = 256
"""The last quarter of them adds about 4 % to what a ResNet18 on CIFAR-10 answers."""


def measure_maximised(network: Network, units: Sequence[int], seed: int, *, steps: int = STEPS) -> Stored[Maximised]:
    """Return the entry of an image for each unit that excites it, for which no images are needed.

    See :func:`why_bird.measure.maximisation.ascent.ascend` for the method, and for what it refuses.

    Parameters
    ----------
    network : Network
    units : sequence of int
        Inputs of the head, each once.
    seed : int
        Root of all randomness, 0 or more.
    steps : int
        1 or more.
    """
    units = [int(unit) for unit in units]

    def compute(store: Store, _scratch: Path) -> Arrays:
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
