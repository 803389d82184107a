"""Where on the way through a network noise becomes its class: the distance graph at every stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.passes import Pass, answers, spaces, stage_entries
from why_bird.measure.proximity import measure_proximity
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.networks.network import Network

VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class StageContrasts:
    """d(noise, c) − d(noise, target) at every stage, with what a jackknife needs."""

    names: tuple[str, ...]
    """tuple of S str: the stages, from the pixels to the penultimate features; only the latter of another than a
    ResNet."""
    distances: NDArray[np.float64]
    """(S, K): centred cosine distance from noise to each class."""
    contrasts: NDArray[np.float64]
    """(S, K): each class's distance minus the target's; 0 for the target itself."""
    spreads: NDArray[np.float64]
    """(S, K + 1, K): for each stratum (class, then noise): Σᵢ(θ₍₋ᵢ₎ − their mean)² over its delete-one replicates."""
    sizes: NDArray[np.int64]
    """(K + 1,): images in each stratum."""


def measure_stages(
    network: Network, test: Pass, noise: Pass, target: int, classes: tuple[str, ...]
) -> Stored[StageContrasts]:
    """Return the entry of the contrasts of every stage; of images that are missing, or a class without, there is none.

    The target is the class of noise.
    """
    test_said, noise_said = answers(network, test), answers(network, noise)

    def compute(store: Store, _scratch: Path) -> Arrays:
        images, draws = test_said.get(store), noise_said.get(store)
        counts = np.bincount(images.truth, minlength=len(classes))
        if counts.min() < 2:
            scarce = classes[int(counts.argmin())]
            raise Unavailable(f"the class {scarce} has {counts.min()} test images: a jackknife needs at least 2")
        of_noise, of_images = spaces(network, noise, store), spaces(network, test, store)
        rows: dict[str, list[NDArray[Any]]] = {"distances": [], "contrasts": [], "spreads": []}
        for space, points in of_images.items():
            graph = measure_proximity(points, images.truth, of_noise[space])
            to_noise = graph.distances[graph.noise, :-1]
            left_out = [replicate[:, graph.noise, :-1] for replicate in graph.replicates]
            contrasts = [each - each[:, target, None] for each in left_out]
            rows["distances"].append(to_noise)
            rows["contrasts"].append(to_noise - to_noise[target])
            rows["spreads"].append(np.stack([((each - each.mean(0)) ** 2).sum(0) for each in contrasts]))
        sizes = np.array([*counts, len(draws)], dtype=np.int64)
        names = np.array([name.encode() for name in of_images], dtype="S16")
        return {**{name: np.stack(row) for name, row in rows.items()}, "sizes": sizes, "names": names}

    parts: dict[str, Any] = {"network": network.key, "images": test.source, "noise": noise.source, "target": target}
    stages = (*stage_entries(network, test), *stage_entries(network, noise))
    needs: tuple[Stored[Any], ...] = (test_said, noise_said, *stages)
    return Stored(Key("stage-contrasts", VERSION, parts), _read, compute, needs=needs)


def _read(arrays: Arrays) -> StageContrasts:
    names = tuple(name.decode() for name in np.array(arrays["names"]))
    return StageContrasts(names, *(np.array(arrays[name]) for name in ("distances", "contrasts", "spreads", "sizes")))
