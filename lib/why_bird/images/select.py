"""Images of some classes, labelled as a network numbers them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet

_NAMED = 10
"""Classes that a sentence names; of a thousand it names the first."""


def chosen_rows(
    labels: NDArray[np.integer], held: Sequence[str], classes: Sequence[str], at_most: int | None = None
) -> NDArray[np.int64]:
    """Return which images are of some classes, by class in the order given and within a class in their own order.

    Raises BadInput if no class is among the images'.

    Parameters
    ----------
    labels : (N,) int array
        Place of each image's class in ``held``.
    held : sequence of str
        Class names of the images.
    classes : sequence of str
        Class names in the order of the logits.
    at_most : int, optional
        Where there are more images than that, the first ``at_most // K`` of each class are taken.

    Examples
    --------
    >>> chosen_rows(np.array([0, 0, 1, 1]), ["bird", "cat"], ["cat", "frog", "bird"]).tolist()
    [2, 3, 0, 1]
    >>> chosen_rows(np.array([0, 0, 1, 1]), ["bird", "cat"], ["cat", "bird"], at_most=2).tolist()
    [2, 0]
    """
    if not set(classes) & set(held):
        raise BadInput(
            f"none of the classes {listed(classes)} is among the images', which are {listed(held)}: "
            "give the network's class names with --class-names"
        )
    rows = [np.flatnonzero(labels == held.index(name)) if name in held else np.empty(0, np.int64) for name in classes]
    if at_most is not None and sum(map(len, rows)) > at_most:
        each = max(1, at_most // len(classes))
        rows = [of_class[:each] for of_class in rows]
    return np.concatenate(rows).astype(np.int64)


def listed(names: Sequence[str]) -> str:
    """Return class names as a sentence holds them: all of a few, and of many the first and how many there are.

    Examples
    --------
    >>> listed(["bird", "cat"])
    'bird, cat'
    """
    few = ", ".join(names[:_NAMED])
    return few if len(names) <= _NAMED else f"{few}, … {len(names)} in all"


def select_classes(images: ImageSet, classes: Sequence[str], at_most: int | None = None) -> ImageSet:
    """Return the images whose class is one of ``classes``, labelled by its place there.

    Where they would be too many, the first so many of each class by content hash. Those classes that the images lack
    are kept as names without images. Raises BadInput if no class is among the images'.
    """
    rows = chosen_rows(images.labels, images.classes, classes, at_most)
    if len(rows) == len(images) and tuple(classes) == images.classes:
        return images
    place = np.array([classes.index(name) if name in classes else -1 for name in images.classes])
    return ImageSet(images.pixels[rows], place[images.labels[rows]], images.digests[rows], tuple(classes))
