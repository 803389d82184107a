"""Test images whose patches changed places, passed through a network, and how it tells the classes apart then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.select import chosen_rows, select_classes
from why_bird.images.shuffle import ShuffledImages, shuffle_key
from why_bird.measure.entry import Arrays
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs
from why_bird.measure.passes import Answers, Pass
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

IMAGES = 2_000
"""At most so many images: the largest class-balanced sample of them."""

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


def shuffled_pass(inputs: Inputs, classes: tuple[str, ...]) -> Pass:
    """Return the pass over test images whose patches changed places.

    The images are the first so many of each class by content hash, :data:`IMAGES` at most in all.

    Raises BadInput if no class is among the images'.
    """
    images, seed, at_most = inputs.images, inputs.seed, inputs.few(IMAGES)
    source = {"images": inputs.identity.test, "classes": list(classes), "at_most": at_most, **shuffle_key(seed)}
    label = "test images, patches shuffled"
    if images is None:
        return Pass(label, source, at_most, None, measure="shuffled")
    test = images.test
    count = len(chosen_rows(test.labels, test.classes, classes, at_most))

    def read() -> ShuffledImages:
        return ShuffledImages(select_classes(test, classes, at_most), seed)

    return Pass(label, source, count, read, measure="shuffled")


def measure_shuffled(network: Network, shuffled: Pass) -> Stored[Answers]:
    """Return the entry of a network's answers to shuffled images, with their classes and without features.

    It holds ``logits`` (N, K), ``truth`` (N,) and ``digests`` (N, 32), the content hashes of the images before they
    were shuffled. The images are those of :func:`shuffled_pass`.
    """

    def compute(images: ShuffledImages, store: Store, _scratch: Path) -> Arrays:
        said = forward(network, images, len(images), taps=LOGITS, progress=store.progress)["logits"]
        return {"logits": said, "truth": np.array(images.source.labels), "digests": np.array(images.source.digests)}

    def read(arrays: Arrays) -> Answers:
        return Answers(np.array(arrays["logits"], dtype=np.float32), None, np.array(arrays["truth"]))

    return shuffled.stored(shuffled.key(network), compute, read)


def confusion_table(labels: NDArray[np.integer], truth: NDArray[np.integer], K: int) -> Counts:
    """Return how many images of each class were called what.

    The result is a (K, K) int64 array: a row for each true class, a column for each predicted one. `labels` and `truth`
    are the (N,) predicted and true classes, K how many there are.

    Examples
    --------
    >>> confusion_table(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = np.asarray(truth, dtype=np.int64) * K + np.asarray(labels, dtype=np.int64)
    return np.bincount(cells, minlength=K * K).reshape(K, K).astype(np.int64)


def informedness(table: Counts) -> Array:
    r"""Return how well each class is told from the rest, chance being 0 and perfection 1.

    :math:`J_c = P(\text{called } c \mid c) - P(\text{called } c \mid \text{not } c)`, Youden's index of one class
    against the rest. The second share is of all images of other classes taken together; the sample being balanced,
    each class counts alike in it, up to differences in the classes' sizes.

    `table` is a (K, K) int64 array, of :func:`confusion_table`, no class without images. The result is a (K,) float64
    array.

    References
    ----------
    Youden, W. J. (1950), Cancer 3, 32–35; Powers, D. M. W. (2011), Journal of Machine Learning Technologies 2, 37–63.

    Examples
    --------
    >>> informedness(np.array([[8, 2], [1, 9]]))  # .8 − .1, of either class
    array([0.7, 0.7])
    """
    sizes, right = table.sum(1), table.diagonal()
    wrong = table.sum(0) - right
    return np.asarray(right / sizes - wrong / (sizes.sum() - sizes), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """By how much a target's informedness exceeds another class's, with what a jackknife needs."""

    value: float
    replicates: tuple[Array, ...]
    """(n_g,) each, for each true class g the contrast with one of its images left out, by what they were called."""


def informedness_contrasts(table: Counts, target: int, classes: tuple[str, ...]) -> dict[str, Contrast]:
    """Return the target's informedness minus that of each other class.

    What a left-out image changes hangs on its class and on what it was called alone, so that each of those K² cases is
    calculated once and exactly. `table` is that of :func:`confusion_table`.

    Raises
    ------
    Unavailable
        If there are only two classes, for which informedness is the same number, or a class has fewer than 2 images.

    Examples
    --------
    >>> table = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 10]])
    >>> found = informedness_contrasts(table, 2, ("bird", "cat", "dog"))
    >>> {name: round(each.value, 4) for name, each in found.items()}
    {'bird': 0.25, 'cat': 0.2}
    """
    K, sizes = len(table), table.sum(1)
    if K < 3:
        raise Unavailable(
            "of two classes either is told from the other equally well: to compare the informedness of classes, "
            f"3 or more are needed, and the network has {K}"
        )
    if sizes.min() < 2:
        scarce = classes[int(sizes.argmin())]
        raise Unavailable(f"the class {scarce} has {sizes.min()} test images: a jackknife needs at least 2")
    all_kept = informedness(table)
    left_out = partial(_left_out, table)
    of_target = left_out(target)
    contrasts = {}
    for c in range(K):
        if c != target:
            cases = of_target - left_out(c)
            replicates = tuple(np.repeat(cases[g], table[g]) for g in range(K))
            contrasts[classes[c]] = Contrast(float(all_kept[target] - all_kept[c]), replicates)
    return contrasts


def _left_out(table: Counts, c: int) -> Array:
    """Return the informedness of class c with one image of class g, called k, left out: (K, K), by g and k."""
    sizes, total = table.sum(1), table.sum()
    called, own = np.eye(len(table))[c], table[c]
    wrong, others = table[:, c].sum() - own[c], total - sizes[c]
    informed = np.broadcast_to(own[c] / sizes[c] - (wrong - called) / (others - 1), table.shape).copy()
    informed[c] = (own[c] - called) / (sizes[c] - 1) - wrong / others
    return informed
