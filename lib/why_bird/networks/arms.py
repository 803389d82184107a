"""The arms of the line-up: trainings that differ from the plain one in one named thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.exchange import Kind, exchange_pixels
from why_bird.images.image_set import ImageSet
from why_bird.images.suspects.contrast import equal_spectrum_and_contrast
from why_bird.images.suspects.cross_spectrum import give_cross_spectra
from why_bird.images.suspects.plain import (
    above_the_cut,
    flat_border,
    grey,
    random_phases,
    white_spectrum,
    without_fine_detail,
)
from why_bird.streams import generator

Pixels = NDArray[np.uint8]
How = Literal["without", "with"]

_PART = 5
_NOISE = 0.1


@dataclass(frozen=True, slots=True)
class Change:
    """What an arm does to a training, and to nothing else."""

    says: str
    """What is changed, to follow *training with* or stand by itself."""
    classes: int = 0
    """How many class names it is asked with."""
    pixels: Callable[[ImageSet, tuple[str, ...], int], Pixels] | None = None
    """From the training images, the class names and the seed, the changed pixels."""
    arch: str = "resnet18"
    """What the network is built as."""
    augments: bool = True
    """Whether images are cropped and flipped."""
    noise: float = 0.0
    """Images of noise that each batch receives, in shares of its images; their labels are random."""
    drops: bool = False
    """Whether the class named is left out of the training."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: a change, and the classes it is asked with."""

    how: How
    """Whether something is taken away or put in."""
    what: str
    """Key of :data:`WITHOUT` or :data:`WITH`; empty for the plain arm."""
    names: tuple[str, ...] = ()
    """Class names."""

    @classmethod
    def parse(cls, how: How, text: str) -> Arm:
        """Return the arm of a name such as ``"cross-spectrum"`` or ``"white-spectrum:truck"``.

        Raises BadInput if there is no such change, or it is asked with another number of classes.
        """
        what, _, rest = (part.strip() for part in text.partition(":"))
        known = WITHOUT if how == "without" else WITH
        names = tuple(name.strip() for name in rest.split(",")) if rest else ()
        if what not in known:
            raise BadInput(f"--{how} {text!r} names no change of training: choose from {', '.join(known)}")
        wanted = known[what].classes
        if len(names) != wanted or not all(names) or len(set(names)) < len(names):
            like = f"{what}:{','.join(['CLASS', 'CLASS'][:wanted])}" if wanted else what
            raise BadInput(f"--{how} {text!r} is asked with {wanted or 'no'} class names, each once: give {like}")
        return cls(how, what, names)

    @classmethod
    def of(cls, name: str) -> Arm:
        """Return the arm of a name as it stands in results.

        Raises BadInput if there is no such change.
        """
        if name == "plain":
            return PLAIN
        how: How = "without" if name.startswith("without ") else "with"
        return cls.parse(how, name.removeprefix("without "))

    @property
    def change(self) -> Change:
        """What it does."""
        if not self.what:
            return Change("nothing changed")
        return (WITHOUT if self.how == "without" else WITH)[self.what]

    @property
    def name(self) -> str:
        """As it stands in results: ``"plain"``, ``"without cross-spectrum"``, ``"detail:frog"``."""
        if not self.what:
            return "plain"
        spec = f"{self.what}:{','.join(self.names)}" if self.names else self.what
        return f"without {spec}" if self.how == "without" else spec

    @property
    def folder(self) -> str:
        """What is added to the name of a procedure's folder; empty for the plain arm."""
        return f"-{self.name}".translate(str.maketrans(" :,", "---")) if self.what else ""

    def pixels(self, images: ImageSet, seed: int) -> Pixels:
        """Return the pixels of the training images, changed as the arm wants it; a network's seed decides the draws.

        Returns
        -------
        (N, H, W, 3) uint8 array
            The images' own where the arm changes none.

        Raises
        ------
        BadInput
            If a class that it names has no images, or there are too few for what is measured.
        """
        change = self.change.pixels
        if change is None:
            return images.pixels
        unknown = [name for name in self.names if name not in images.classes]
        if unknown:
            raise BadInput(f"{self.name} names no class that is trained on: they are {', '.join(images.classes)}")
        return change(images, self.names, seed)


def spectrum_giver(arm: Arm, classes: tuple[str, ...], seed: int) -> dict[str, str]:
    """Return, of each class whose cross-spectrum the arm exchanges, the class whose it gets.

    Permuted: a cycle through all classes in an order that the seed draws, so that no class keeps its own.
    """
    if arm.what == "swapped-cross-spectra":
        first, second = arm.names
        return {first: second, second: first}
    if arm.what == "permuted-cross-spectra":
        order = [classes[i] for i in generator(seed, "suspects", arm.what).permutation(len(classes))]
        return dict(zip(order, order[1:] + order[:1], strict=True))
    return {}


@lru_cache(maxsize=2)
def _once(change: Callable[[ImageSet], Pixels], images: ImageSet) -> Pixels:
    """Keep what depends on no seed, of training and test images, for the next network of the same arm."""
    return change(images)


def _every_image(change: Callable[[Pixels], Pixels]) -> Callable[[ImageSet, tuple[str, ...], int], Pixels]:
    return lambda images, _names, _seed: change(images.pixels)


def _equal_spectra(images: ImageSet) -> Pixels:
    return give_cross_spectra(images, None)


def _given_spectra(what: str) -> Callable[[ImageSet, tuple[str, ...], int], Pixels]:
    def change(images: ImageSet, names: tuple[str, ...], seed: int) -> Pixels:
        return give_cross_spectra(images, spectrum_giver(Arm("with", what, names), images.classes, seed))

    return change


def _exchanged(kind: Kind) -> Callable[[ImageSet, tuple[str, ...], int], Pixels]:
    return lambda images, names, seed: exchange_pixels(images, kind, names[0], seed)


def _fifth(change: Callable[[Pixels, int], Pixels]) -> Callable[[ImageSet, tuple[str, ...], int], Pixels]:
    """Change a fifth of a class's images, the same one whatever the change."""

    def changed(images: ImageSet, names: tuple[str, ...], seed: int) -> Pixels:
        own = np.flatnonzero(images.labels == images.classes.index(names[0]))
        if len(own) < _PART:
            raise BadInput(f"a fifth of {names[0]!r} needs {_PART} training images or more: there are {len(own)}")
        chosen = generator(seed, "suspects", f"fifth of {names[0]}").permutation(own)[: len(own) // _PART]
        pixels = np.array(images.pixels)
        pixels[chosen] = change(pixels[chosen], seed)
        return pixels

    return changed


PLAIN = Arm("without", "")
"""Nothing is changed."""

WITHOUT: dict[str, Change] = {
    "cross-spectrum": Change(
        "all classes have the same spectrum, by colour and direction",
        pixels=lambda images, _names, _seed: _once(_equal_spectra, images),
    ),
    "cross-spectrum-and-contrast": Change(
        "all classes have the same spectrum, by colour and direction, and one contrast",
        pixels=lambda images, _names, _seed: _once(equal_spectrum_and_contrast, images),
    ),
    "fine-detail": Change("no image has fine detail", pixels=_every_image(without_fine_detail)),
    "phases": Change(
        "the fine detail of every image has random phases",
        pixels=lambda images, _names, seed: above_the_cut(images.pixels, seed),
    ),
    "border": Change("the border of every image has one colour", pixels=_every_image(flat_border)),
    "colour": Change("every image is grey", pixels=_every_image(grey)),
    "output-bias": Change("the output layer has no bias", arch="resnet18-without-output-bias"),
    "zero-padding": Change("convolutions continue an image by its other side", arch="resnet18-circular"),
    "normalisation": Change("groups of channels are normalised, not batches", arch="resnet18-group-norm"),
    "averaging": Change("the largest value over all places stands for the mean", arch="resnet18-largest"),
    "augmentation": Change("no image is cropped or flipped", augments=False),
    "class": Change("a class is left out", classes=1, drops=True),
}
"""Suspects that can be taken out of a training."""

WITH: dict[str, Change] = {
    "swapped-cross-spectra": Change(
        "two classes have each other's spectrum", classes=2, pixels=_given_spectra("swapped-cross-spectra")
    ),
    "permuted-cross-spectra": Change(
        "every class has another one's spectrum", pixels=_given_spectra("permuted-cross-spectra")
    ),
    "detail": Change("a class has the fine detail of other classes", classes=1, pixels=_exchanged("detail")),
    "border": Change("a class has the borders of other classes", classes=1, pixels=_exchanged("border")),
    "white-spectrum": Change(
        "a fifth of a class's images has a flat spectrum and its own phases",
        classes=1,
        pixels=_fifth(lambda pixels, _seed: white_spectrum(pixels)),
    ),
    "random-phases": Change(
        "a fifth of a class's images has random phases and its own spectrum",
        classes=1,
        pixels=_fifth(lambda pixels, seed: random_phases(pixels, seed, "random-phases")),
    ),
    "noise": Change("each batch receives a tenth of noise with random labels", noise=_NOISE),
}
"""What can be put into a training."""
