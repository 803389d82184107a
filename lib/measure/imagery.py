"""What is measured on images alone: the clutter and border noise of each, and the room that each class takes up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lib.errors import BadInput, Unavailable
from lib.images.borders import border_noise_level
from lib.images.clutter import MEASURES, Pool, codec, composite
from lib.images.clutter.batch import SMALLEST
from lib.images.imageset import ImageSet
from lib.images.select import listed
from lib.measure.classroom import ClassRoom, measure_room
from lib.measure.inputs import NEEDS_IMAGES, Inputs
from lib.measure.store import Key, Store

__all__ = ["BORDER", "COMPOSITE", "Imagery", "Scores"]

VERSION = 1
BORDER, COMPOSITE = "border noise", "composite"
PER_CLASS = 1_000
"""At most so many test images a class measure a class's room in pixels."""

Split = Literal["train", "test"]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of the images of one split, in its order.

    Parameters
    ----------
    values : dict of str to (N,) float64 array
        By name of the measure; ``composite`` and ``border noise`` among them.
    labels : (N,) int64 array
        Place of each image's class among the image set's.
    """

    values: dict[str, Array]
    labels: NDArray[np.int64]

    def of(self, measure: str, label: int) -> Array:
        """Return the scores of one class."""
        scores: Array = self.values[measure][self.labels == label]
        return scores


class Imagery:
    """The image set of a run with what is measured on it, read from the store or made on first use.

    Parameters
    ----------
    inputs : Inputs
    store : Store
    """

    def __init__(self, inputs: Inputs, store: Store) -> None:
        self.inputs = inputs
        self.store = store

    def measured(self, name: str) -> Any:
        """Return a measurement by its name."""
        return getattr(self, name)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names of the image set."""
        return self.inputs.identity.classes

    def class_index(self, name: str) -> int:
        """Return the place of a class.

        Raises
        ------
        Unavailable
            If no class has the name.
        """
        if name not in self.classes:
            raise Unavailable(f"no class is named {name}: the images' are {listed(self.classes)}")
        return self.classes.index(name)

    @property
    def bird(self) -> int:
        """Index of the post's class."""
        return self.class_index("bird")

    @cached_property
    def training_scores(self) -> Scores:
        """Scores of every training image."""
        raw, labels = self._scores("train")
        return Scores({**raw, COMPOSITE: composite(raw, _pool(raw))}, labels)

    @cached_property
    def test_scores(self) -> Scores:
        """Scores of every test image; the composite is on the scale of the training images."""
        raw, labels = self._scores("test")
        return Scores({**raw, COMPOSITE: composite(raw, _pool(self.training_scores.values))}, labels)

    @cached_property
    def scores(self) -> Scores:
        """Scores of all images, training images first."""
        train, test = self.training_scores, self.test_scores
        values = {name: np.concatenate([train.values[name], test.values[name]]) for name in train.values}
        return Scores(values, np.concatenate([train.labels, test.labels]))

    def _scores(self, split: Split) -> tuple[dict[str, Array], NDArray[np.int64]]:
        identity = self.inputs.identity
        # Bytes of a compressed image depend on the library that compressed it.
        key = Key("clutter", VERSION, {"images": getattr(identity, split), "codec": codec()})
        names = [*MEASURES, BORDER]

        def compute(_scratch: Path) -> dict[str, NDArray[Any]]:
            images: ImageSet = getattr(self.inputs.require_images(), split)
            if min(images.pixels.shape[1:3]) < SMALLEST:
                raise Unavailable(f"clutter is measured on images from {SMALLEST}×{SMALLEST} pixels on")
            measures: list[Callable[[NDArray[np.uint8]], Array]] = [*MEASURES.values(), border_noise_level]
            arrays: dict[str, NDArray[Any]] = {"labels": np.array(images.labels)}
            with self.store.progress(f"clutter of the {split} images", len(measures)) as advance:
                for name, measure in zip(names, measures, strict=True):
                    arrays[_slug(name)] = measure(images.pixels)
                    advance(1)
            return arrays

        entry = self.store.get(key, compute if self.inputs.images else None, reason=NEEDS_IMAGES)
        return {name: np.array(entry[_slug(name)]) for name in names}, np.array(entry["labels"])

    @cached_property
    def room(self) -> ClassRoom:
        """The room that each class takes up in pixels: test images, about centres fitted on training images."""
        identity = self.inputs.identity
        parts: dict[str, Any] = {
            "images": identity.test,
            "training": identity.train,
            "space": "pixels",
            "seed": self.inputs.seed,
        }
        key = Key("class-room", VERSION, parts)

        def compute(_scratch: Path) -> dict[str, NDArray[Any]]:
            images = self.inputs.require_images()
            pairs = (
                (_points(images.train, c, len(images.train)), _points(images.test, c, PER_CLASS))
                for c in range(len(self.classes))
            )
            return measure_room(pairs, self.classes, self.inputs.seed, "pixels", self.store.progress)

        return ClassRoom.read(self.store.get(key, compute if self.inputs.images else None, reason=NEEDS_IMAGES).arrays)


def _pool(scores: dict[str, Array]) -> Pool:
    try:
        return Pool.of(scores)
    except BadInput as error:
        raise Unavailable(str(error)) from None


def _slug(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _points(images: ImageSet, label: int, at_most: int) -> NDArray[np.float32]:
    rows = np.flatnonzero(images.labels == label)[:at_most]
    return images.pixels[rows].reshape(len(rows), -1).astype(np.float32) / np.float32(255)
