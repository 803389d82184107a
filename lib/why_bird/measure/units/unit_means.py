"""What the training images say of each penultimate unit: its mean in every class, and the images that excite it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.passes import Pass, answers
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored, plainly
from why_bird.networks.network import Network

VERSION = 1
STRONGEST = 9
"""How many training images are named for each unit."""


@dataclass(frozen=True, slots=True, eq=False)
class UnitMeans:
    """Means of D penultimate units over the training images of K classes, and the images that excite each unit most."""

    means: NDArray[np.float64]
    """(K, D): mean activation over the training images of each class."""
    counts: NDArray[np.int64]
    """(K,): training images of each class."""
    strongest: NDArray[np.uint8]
    """(D, 9, 32): content hashes of the images with the largest activations, largest first; fewer than nine where there
    are fewer images."""
    activations: NDArray[np.float32]
    """(D, 9): theirs."""
    labels: NDArray[np.int64]
    """(D, 9): their classes."""

    @property
    def balanced(self) -> NDArray[np.float64]:
        """(D,) mean of the class means, μ₀: every class weighs the same, however many images it has."""
        return np.asarray(self.means.mean(0))


def strongest_images(
    features: NDArray[np.floating], digests: NDArray[np.uint8], count: int = STRONGEST
) -> NDArray[np.int64]:
    """Return (D, min(count, N)) rows of the images that excite each unit most, largest activation first.

    Equal activations are ordered by content hash, so that neither file order nor labels decide.

    Examples
    --------
    >>> features = np.array([[1.0, 0.0], [5.0, 0.0], [3.0, 2.0]])
    >>> hashes = np.array([[2], [1], [0]], dtype=np.uint8)
    >>> strongest_images(features, hashes, count=2).tolist()  # unit 1 is alike on the first two: the lower hash
    [[1, 2], [2, 1]]
    """
    by_content = np.lexsort(digests.T[::-1])
    order = np.argsort(-features[by_content], axis=0, kind="stable")[:count].T
    return np.asarray(by_content[order], dtype=np.int64)


def measure_unit_means(network: Network, training: Pass, classes: tuple[str, ...]) -> Stored[UnitMeans]:
    """Return the entry of the means of a network's units.

    The training images are labelled and have features. Raises Unavailable if the network has no linear head.
    """
    network.require_head()
    said = answers(network, training)

    def compute(store: Store, _scratch: Path) -> Arrays:
        found, images = said.get(store), training.content()
        counts = np.bincount(found.truth, minlength=len(classes))
        if counts.min() == 0:
            raise Unavailable(f"the class {classes[int(counts.argmin())]} has no training image, so its units no mean")
        means = [found.features[found.truth == c].mean(0, dtype=np.float64) for c in range(len(classes))]
        rows = strongest_images(found.features, images.digests)
        return {
            "means": np.stack(means),
            "counts": counts,
            "strongest": images.digests[rows],
            "activations": np.take_along_axis(found.features.T, rows, axis=1),
            "labels": found.truth[rows],
        }

    key = Key("unit-means", VERSION, {"network": network.key, "images": training.source})
    return Stored(key, plainly(UnitMeans), compute if training.read else None, needs=(said,))
