"""Images of some classes, labelled as a network numbers them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.errors import BadInput
from lib.images.imageset import ImageSet

__all__ = ["select_classes"]


def select_classes(images: ImageSet, classes: Sequence[str]) -> ImageSet:
    """Return the images whose class is one of ``classes``, labelled by its place there.

    Parameters
    ----------
    images : ImageSet
    classes : sequence of str
        Class names in the order of the logits. Those that the images lack are kept as names without images.

    Raises
    ------
    BadInput
        If no class is among the images'.
    """
    if not set(classes) & set(images.classes):
        raise BadInput(
            f"none of the classes {', '.join(classes)} is among the images', which are {', '.join(images.classes)}: "
            "give the network's class names with --class-names"
        )
    place = np.array([classes.index(name) if name in classes else -1 for name in images.classes])
    labels = place[images.labels]
    keep = np.flatnonzero(labels >= 0)
    # By label, and within a label still by content hash.
    keep = keep[np.argsort(labels[keep], kind="stable")]
    if len(keep) == len(images) and tuple(classes) == images.classes:
        return images
    return ImageSet(images.pixels[keep], labels[keep], images.digests[keep], tuple(classes))
