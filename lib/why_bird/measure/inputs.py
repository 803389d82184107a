"""What goes through a network: test images and draws of noise, each with an identity for the store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput, Unavailable
from why_bird.files import read_text
from why_bird.images.grey import in_grey
from why_bird.images.image_set import Images, channel_moments

QUICK = 8
"""Of every draw and sample, a quick look takes one in so many."""

LEAST_SIDE = 4
"""Pixels of the smaller side of an image."""

NEEDS_IMAGES = "needs images: --images=DIR or --images=download"


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """What is known of an image set without having its images."""

    name: str
    train: str
    test: str
    """Content hashes of the two splits."""
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """tuple of C floats: three, or one of images in grey. Of the training images, on the [0, 1] scale, to four
    decimals, as CIFAR-10's are published."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        """Return what :meth:`to_json` gave, after it was written and read."""
        return cls(**{**said, **{name: tuple(said[name]) for name in ("classes", "mean", "std")}})


def identify(images: Images) -> ImageIdentity:
    """Return the identity of an image set, reading every training image once.

    Raises BadInput if all pixels are one, as noise with their mean and standard deviation would be no noise; or if the
    images are smaller than their borders, patches and spectra can be.
    """
    height, width = images.train.pixels.shape[1:3]
    if min(height, width) < LEAST_SIDE:
        raise BadInput(
            f"the images {images.name} are of {width}×{height} pixels: what is asked of borders, patches and spectra "
            f"needs {LEAST_SIDE}×{LEAST_SIDE} or more"
        )
    mean, std = map(_four_decimals, channel_moments(images.train))
    if not max(std):
        raise BadInput(
            f"the training images {images.name} are of one colour, all of them the same: noise like them would be one "
            "image; give images that differ"
        )
    return ImageIdentity(images.name, images.train.hash, images.test.hash, images.train.classes, mean, std)


def _four_decimals(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def read_identity(path: Path) -> ImageIdentity:
    """Read the identity of the image set that was measured for what is shipped.

    Raises BadInput if the file is missing or malformed.
    """
    try:
        return ImageIdentity.from_json(json.loads(read_text(path)))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{path} is missing or malformed ({error}): restore it with `git checkout`") from None


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """The images of a run, or only the identity of those whose measurements are shipped."""

    identity: ImageIdentity
    images: Images | None
    """None where the user gave no images."""
    seed: int = 0
    """Root seed of all noise."""
    one_in: int = 1
    """Of every draw and sample that is asked, one in so many is taken: 1, or of a quick look :data:`QUICK`. Training
    images, on which is fitted, are not asked."""

    def few(self, count: int) -> int:
        """Return how many are taken where a whole run takes so many."""
        return max(1, count // self.one_in)

    def of_channels(self, channels: int) -> Inputs:
        """Return what a network that takes so many channels is given: the same, or all of it in grey.

        Here it is decided for test images, training images, doses and noise alike. Noise for a network that takes one
        channel has the mean and standard deviation of the training images' grey.

        Raises
        ------
        BadInput
            If grey is asked for and there are no images: its moments do not follow from those of the colours.
        """
        if channels == len(self.identity.mean):
            return self
        if self.images is None:
            raise BadInput(
                "the network takes grey images, and noise for it has the mean and sd of the training images' grey, "
                "which are not known here: give the images with --images"
            )
        grey = in_grey(self.images)
        mean, std = map(_four_decimals, channel_moments(grey.train))
        identity = replace(self.identity, mean=mean, std=std)
        return replace(self, identity=identity, images=grey)

    def require_images(self) -> Images:
        """Return the images.

        Raises Unavailable if there are none.
        """
        if self.images is None:
            raise Unavailable(NEEDS_IMAGES)
        return self.images
