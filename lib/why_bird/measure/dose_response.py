"""Test images under growing doses of a change, passed through a network: the experiments of claims B2, B3 and B5."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.doses import DOSES, DosedImages
from why_bird.images.image_set import ImageSet
from why_bird.images.interventions import BorderDoses, Intervention, WholeDoses
from why_bird.measure.entry import Arrays
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs
from why_bird.measure.passes import Pass, answers
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

IMAGES = 1_000
"""At most so many images: the largest class-balanced sample of them."""

LEAST_FULL = 0.01
"""RMS, on the [0, 1] scale, below which an image's full dose is too weak for it to be used."""


class DosePasses(NamedTuple):
    """What goes through a network for B2, B3 and B5; of the doses ``read`` gives :class:`DosedImages`."""

    test: Pass
    """The test images from which the N images are taken: what is said of them there is dose 0 of both experiments."""
    border: Pass
    """In 3 conditions at 3 doses."""
    whole: Pass
    """In 2 conditions at 3 doses."""


def dose_passes(inputs: Inputs, test: Pass, classes: tuple[str, ...], target: int) -> DosePasses:
    """Return the passes over the same of some test images, those of other classes than the target.

    The images are the first so many of each class by content hash, :data:`IMAGES` at most in all: 111 of each of
    nine. A class with fewer gives all it has.

    Parameters
    ----------
    test : Pass
        Of test images of those classes.
    classes : tuple of K str
        The network's.
    target : int
        The class that is left out.
    """
    at_most = inputs.few(IMAGES)
    source = {"images": inputs.identity.test, "classes": list(classes), "without": target, "at_most": at_most}
    label = f"test images of other classes than {classes[target]}"
    chosen: ImageSet | None = None
    if test.read is not None:
        images = test.read()
        chosen = images.take(_rows(images.labels, target, at_most))
    count = at_most if chosen is None else len(chosen)

    def read() -> ImageSet:
        if not chosen:
            raise Unavailable(f"there are no test images of another class than {classes[target]}")
        return chosen

    def dosed(intervention: Intervention, what: str) -> Pass:
        return Pass(
            f"{label}, {what}",
            {**source, "doses": list(DOSES[1:]), **intervention.key()},
            count * len(intervention.conditions) * len(DOSES[1:]),
            None if chosen is None else lambda: DosedImages(read(), intervention),
            measure="doses",
        )

    return DosePasses(
        test,
        dosed(BorderDoses(inputs.seed), "with noise, blur or a flat fill at the border"),
        dosed(WholeDoses(inputs.seed), "with white or smooth noise over the whole image"),
    )


def _rows(labels: NDArray[np.integer], target: int, at_most: int) -> NDArray[np.int64]:
    filled = [int(c) for c in np.unique(labels) if c != target]
    each = max(1, at_most // max(1, len(filled)))
    return np.array([i for c in filled for i in np.flatnonzero(labels == c)[:each]], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class DoseResponse:
    """What a network said about N images in C conditions at D doses, from 0 on."""

    conditions: tuple[str, ...]
    """tuple of C str: the first is the one that the claims are about."""
    logits: NDArray[np.float32]
    """(N, C, D, K): the clean images' at dose 0, in every condition."""
    truth: NDArray[np.int64]
    """(N,)."""
    digests: NDArray[np.uint8]
    """(N, 32): content hashes, in the order of the rows."""
    full: NDArray[np.float64]
    """(N,): full dose of each image, RMS on the [0, 1] scale."""
    realised: NDArray[np.float64]
    """(N, C, D): RMS by which the images changed that the network was given."""
    outside: NDArray[np.float64]
    """(N, C, D): share of the changed region's values outside [0, 1]."""

    @property
    def kept(self) -> NDArray[np.bool_]:
        """(N,) whether an image's full dose is strong enough for it to be used."""
        return np.asarray(self.full >= LEAST_FULL)

    @property
    def left_out(self) -> int:
        """How many images are not used because their full dose is too weak."""
        return int((~self.kept).sum())


def measure_doses(network: Network, dosed: Pass, test: Pass) -> Readings[DoseResponse]:
    """Return the entries of a network's answers to growing doses.

    The entry ``doses`` holds ``logits`` (N, C, D − 1, K) of the doses above 0, ``full``, ``realised`` and ``outside``
    (N, C, D) and ``digests``; dose 0 and ``truth`` are those of the test images' pass. Both passes are of the same
    :func:`dose_passes`.
    """

    def compute(images: DosedImages, store: Store, _scratch: Path) -> Arrays:
        done = images.realised()
        said = forward(network, images, len(images), taps=LOGITS, progress=store.progress)["logits"]
        logits = said.reshape(*images.shape, said.shape[-1])
        return {"logits": logits, "digests": np.array(images.source.digests), **done._asdict()}

    undosed, responses = answers(network, test), dosed.stored(dosed.key(network), compute, lambda arrays: arrays)

    def get(store: Store) -> DoseResponse:
        arrays, as_they_are = responses.get(store), undosed.get(store)
        logits = np.array(arrays["logits"], dtype=np.float32)
        rows = _rows(as_they_are.truth, dosed.source["without"], dosed.source["at_most"])
        first = np.broadcast_to(as_they_are.logits[rows, None, None], (*logits.shape[:2], 1, logits.shape[-1]))
        return DoseResponse(
            tuple(dosed.source["conditions"]),
            np.concatenate([first, logits], axis=2),
            as_they_are.truth[rows],
            np.array(arrays["digests"]),
            *(np.array(arrays[name], dtype=np.float64) for name in ("full", "rms", "outside")),
        )

    return Readings((undosed, responses), get)
