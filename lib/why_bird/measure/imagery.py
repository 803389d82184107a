"""What is measured on images alone: the clutter and border noise of each, and the manifold of each class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput, Unavailable
from why_bird.images.borders import border_noise_level
from why_bird.images.clutter import MEASURES, Pool, codec, composite
from why_bird.images.clutter.batch import SMALLEST
from why_bird.images.image_set import ImageSet
from why_bird.measure.class_manifolds import ClassManifolds, measure_manifolds
from why_bird.measure.class_spectra import ClassSpectra, measure_class_spectra
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.measurement import Measurable, measurement, stored
from why_bird.measure.noise_in_pixels import NoiseInPixels, measure_noise_in_pixels
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings, Stored

VERSION, CLUTTER_VERSION = 1, 2
BORDER, COMPOSITE = "border noise", "composite"
_SHIPPED_CODEC = "PNG, Pillow 13.0.0, zlib-ng 2.3.3"
"""Of what is shipped: without images nothing is compressed here, and scores are compared within one set alone."""
PER_CLASS = 1_000
"""At most so many test images a class measure the manifold of a class in pixels."""

Split = Literal["train", "test"]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of the images of one split, in its order."""

    values: dict[str, Array]
    """(N,) each, by name of the measure; ``composite`` and ``border noise`` among them."""
    labels: NDArray[np.int64]
    """(N,): place of each image's class among the image set's."""

    def of(self, measure: str, label: int) -> Array:
        """Return the scores of one class."""
        return np.asarray(self.values[measure][self.labels == label])


class Imagery(Measurable):
    """The image set of a run with what is measured on it, read from the store or made on first use."""

    owner = "images'"

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the image set's classes."""
        return self.inputs.identity.classes

    @stored(shipped=True)
    def training_scores(self) -> Readings[Scores]:
        """Scores of every training image."""
        raw = self._raw("train")
        return Readings((raw,), lambda store: _composed(raw.get(store), raw.get(store)))

    @stored(shipped=True)
    def test_scores(self) -> Readings[Scores]:
        """Scores of every test image; the composite is on the scale of the training images."""
        raw, scale = self._raw("test"), self._raw("train")
        return Readings((raw, scale), lambda store: _composed(raw.get(store), scale.get(store)))

    @measurement(training_scores, test_scores)
    def scores(self) -> Scores:
        """Scores of all images, training images first."""
        train, test = self.training_scores, self.test_scores
        values = {name: np.concatenate([train.values[name], test.values[name]]) for name in train.values}
        return Scores(values, np.concatenate([train.labels, test.labels]))

    def _raw(self, split: Split) -> Stored[Scores]:
        """Return the entry of the scores of one split, without their composite."""
        identity, given = self.inputs.identity, self.inputs.images
        names = {name: name.replace(" ", "_").replace("-", "_") for name in (*MEASURES, BORDER)}

        def compute(store: Store, _scratch: Path) -> Arrays:
            images: ImageSet = getattr(self.inputs.require_images(), split)
            if min(images.pixels.shape[1:3]) < SMALLEST:
                raise Unavailable(f"clutter is measured on images from {SMALLEST}×{SMALLEST} pixels on")
            measures: list[Callable[[NDArray[np.uint8]], Array]] = [*MEASURES.values(), border_noise_level]
            arrays: dict[str, NDArray[Any]] = {"labels": np.array(images.labels)}
            with store.progress(f"clutter of the {split} images", len(measures)) as advance:
                for name, measure in zip(names.values(), measures, strict=True):
                    arrays[name] = measure(images.pixels)
                    advance(1)
            return arrays

        def read(arrays: Arrays) -> Scores:
            return Scores({name: np.array(arrays[kept]) for name, kept in names.items()}, np.array(arrays["labels"]))

        # Bytes of a compressed image depend on the library that compressed it.
        made = codec() if given else _SHIPPED_CODEC
        key = Key("clutter", CLUTTER_VERSION, {"images": getattr(identity, split), "codec": made})
        return Stored(key, read, compute if given else None)

    @stored(shipped=True)
    def noise_in_pixels(self) -> Stored[NoiseInPixels]:
        """Which class noise belongs to in pixels: by its nearest training images, and by a Gaussian a class."""
        return measure_noise_in_pixels(self.inputs)

    @stored(shipped=True)
    def class_spectra(self) -> Stored[ClassSpectra]:
        """How strong waves of every length are in the training images of each class."""
        return measure_class_spectra(self.inputs)

    @stored(shipped=True)
    def manifolds(self) -> Stored[ClassManifolds]:
        """The manifold of each class in pixels: test images, about centres fitted on training images."""
        identity, given = self.inputs.identity, self.inputs.images

        def compute(store: Store, _scratch: Path) -> Arrays:
            images = self.inputs.require_images()
            pairs = (
                (_points(images.train, c, len(images.train)), _points(images.test, c, PER_CLASS))
                for c in range(len(self.classes))
            )
            return measure_manifolds(pairs, self.classes, self.inputs.seed, "pixels", store.progress)

        parts: dict[str, Any] = {
            "images": identity.test,
            "training": identity.train,
            "space": "pixels",
            "seed": self.inputs.seed,
        }
        # Its name in the stores that there are.
        return Stored(Key("class-room", VERSION, parts), ClassManifolds.read, compute if given else None)


def _composed(scores: Scores, scale: Scores) -> Scores:
    """Return scores with their composite, on the scale of the second."""
    return Scores({**scores.values, COMPOSITE: composite(scores.values, _pool(scale.values))}, scores.labels)


def _pool(scores: dict[str, Array]) -> Pool:
    try:
        return Pool.of(scores)
    except BadInput as error:
        raise Unavailable(str(error)) from None


def _points(images: ImageSet, label: int, at_most: int) -> NDArray[np.float32]:
    rows = np.flatnonzero(images.labels == label)[:at_most]
    return images.pixels[rows].reshape(len(rows), -1).astype(np.float32) / np.float32(255)
