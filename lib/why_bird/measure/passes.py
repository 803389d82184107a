"""Every pass of images through a network that a claim asks for, each with its key in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.entry import JSON, Arrays, Key
from why_bird.measure.forward import forward
from why_bird.measure.inputs import NEEDS_IMAGES
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import LOGITS, PENULTIMATE, STAGES, Tap, has_stages
from why_bird.networks.network import Network

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network said about a set of images."""

    logits: NDArray[np.float32]
    """(N, K)."""
    tapped: NDArray[np.float32] | None
    """(N, D): input of the head, where it was kept."""
    known: NDArray[np.int64] | None = None
    """(N,): true classes, for images that have some."""

    def __len__(self) -> int:
        return len(self.logits)

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) predicted classes."""
        return np.asarray(self.logits.argmax(1))

    @property
    def features(self) -> NDArray[np.float32]:
        """(N, D) input of the head, rounded to 16 bits, so that it is the same whether it was shipped or computed here.

        Raises Unavailable if it was not kept, as of a network without a head.
        """
        if self.tapped is None:
            raise Unavailable("the network does not end in a linear layer, so it has no features")
        return self.tapped

    @property
    def truth(self) -> NDArray[np.int64]:
        """(N,) true classes.

        Raises Unavailable if they are not known, as of noise.
        """
        if self.known is None:
            raise Unavailable("the classes of these images are not known")
        return self.known


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Images that go through a network together."""

    label: str
    """What the images are, for people."""
    source: dict[str, Any]
    """JSON-safe identity of the images: which, and how many at most."""
    count: int
    """Number of images; only an estimate where ``read`` is None, so no part of the identity."""
    read: Callable[[], Any] | None
    """Gives the :class:`ImageSet` or the noise; None where the images are not there."""
    taps: tuple[Tap, ...] = LOGITS
    """What is kept of the pass."""
    measure: str = "forward"
    """What the entry is called."""

    def key(self, network: Network, measure: str = "", **more: JSON) -> Key:
        """Return the key of this pass of ``network``, or of what else was measured in it; `more` is part of it."""
        # Other measures keep one thing, and say so by their name.
        taps: dict[str, Any] = {"taps": sorted(self.taps)} if self.measure == "forward" else {}
        return Key(measure or self.measure, VERSION, {"network": network.key, "images": self.source, **taps, **more})

    def content(self) -> Any:
        """Return what ``read`` gives; Unavailable where the images are not there."""
        if self.read is None:
            raise Unavailable(NEEDS_IMAGES)
        return self.read()

    def stored(self, key: Key, compute: Callable[[Any, Store, Path], Arrays], read: Callable[[Arrays], T]) -> Stored[T]:
        """Return the entry of what is computed from these images, which cannot be made where they are not there.

        `compute` is given the images, the store, and a folder for large arrays.
        """

        def of_images(store: Store, scratch: Path) -> Arrays:
            return compute(self.content(), store, scratch)

        return Stored(key, read, of_images if self.read else None, self.label, self.count, self.count)


def answers(network: Network, images: Pass) -> Stored[Answers]:
    """Return the entry of what a network says of some images.

    It holds ``logits`` float32, ``features`` float16 where tapped (float32 where one is beyond 65,504), ``truth``
    int64 for labelled images. Means of inner stages are tapped in the same pass and stored beside it under the
    measure ``stages``, see :func:`stage_means`.
    """

    def compute(content: Any, store: Store, scratch: Path) -> Arrays:
        tapped: dict[str, NDArray[Any]] = dict(
            forward(network, content, images.count, taps=images.taps, progress=store.progress, scratch=scratch)
        )
        stages = {name: tapped.pop(name) for name in STAGES if name in tapped}
        if stages:
            store.get(images.key(network, "stages"), lambda _scratch: stages)
        if "features" in tapped:
            tapped["features"] = _rounded(tapped["features"])
        if isinstance(content, ImageSet):
            tapped["truth"] = np.array(content.labels)
        return tapped

    return images.stored(images.key(network), compute, _answers)


def _answers(arrays: Arrays) -> Answers:
    features = arrays["features"].astype(np.float32) if "features" in arrays else None
    truth = np.array(arrays["truth"]) if "truth" in arrays else None
    return Answers(np.array(arrays["logits"], dtype=np.float32), features, truth)


def _rounded(features: NDArray[np.float32]) -> NDArray[Any]:
    """Round to 16 bits what fits into them; larger features stay as they are, and cannot be shipped."""
    fits = float(np.abs(features).max()) <= float(np.finfo(np.float16).max)
    return features.astype(np.float16) if fits else features


def stage_entries(network: Network, images: Pass) -> tuple[Stored[dict[str, NDArray[np.float32]]], ...]:
    """Return the entry of the pooled activations of every stage of a pass; none of another network than a ResNet.

    They are stored beside the answers and not shipped. Where they are lost, the images pass once more.
    """
    if not has_stages(network):
        return ()
    said = answers(network, images)

    def compute(store: Store, scratch: Path) -> Arrays:
        content, count = images.content(), images.count
        return dict(forward(network, content, count, taps=["stages"], progress=store.progress, scratch=scratch))

    key = images.key(network, "stages")
    made = compute if images.read else None
    return (Stored(key, _stages, made, images.label, images.count, images.count, (said,), said.key),)


def _stages(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
    return {name: np.array(arrays[name]) for name in STAGES if name in arrays}


def stage_means(network: Network, images: Pass, store: Store) -> dict[str, NDArray[np.float32]]:
    """Return :func:`stage_entries` as arrays, name to (N, channels).

    Raises Unavailable if the images are needed and are not there.
    """
    for entry in stage_entries(network, images):
        # The pass of the answers gives the stages too.
        answers(network, images).entry(store)
        return entry.get(store)
    return {}


def spaces(network: Network, images: Pass, store: Store) -> dict[str, NDArray[np.float32]]:
    """Return images as points of every space on the way through a network, name to (N, D); the features come last."""
    stages = stage_means(network, images, store)
    # The last stage, pooled, is what enters the head of a ResNet.
    inner = {name: means for name, means in stages.items() if name != STAGES[-1]}
    return {**inner, PENULTIMATE: answers(network, images).get(store).features}
