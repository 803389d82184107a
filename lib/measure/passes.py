"""Every pass of images through a network that a claim asks for, each with its key in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.images.image_set import ImageSet
from lib.measure.forward import forward
from lib.measure.inputs import NEEDS_IMAGES
from lib.measure.store import Entry, Key, Store
from lib.measure.taps import STAGES, Tap, has_stages
from lib.networks.network import Network

__all__ = ["Answers", "Pass", "run_pass", "stage_means"]

VERSION = 1
Read = Callable[[], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network said about a set of images.

    Parameters
    ----------
    logits : (N, K) float32 array
    features : (N, D) float32 array or None
        Input of the head, rounded to 16 bits when it was stored, so that it is the same whether it was
        shipped or computed here. None where it was not tapped.
    truth : (N,) int64 array or None
        True classes, for images that have some.
    """

    logits: NDArray[np.float32]
    features: NDArray[np.float32] | None
    truth: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.logits)

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) predicted classes."""
        labels: NDArray[np.int64] = self.logits.argmax(1)
        return labels


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Images that go through a network together.

    Parameters
    ----------
    label : str
        What the images are, for people.
    source : dict
        JSON-safe identity of the images: which, and how many at most.
    count : int
        Number of images; only an estimate where ``read`` is None, so no part of the identity.
    read : callable or None
        Gives the :class:`ImageSet` or the noise; None where the images are not there.
    taps : tuple of str
        What is kept of the pass.
    """

    label: str
    source: dict[str, Any]
    count: int
    read: Read | None
    taps: tuple[Tap, ...] = ("logits",)

    def key(self, network: Network, measure: str = "forward") -> Key:
        """Return the key of this pass of ``network``."""
        parts: dict[str, Any] = {"network": network.key, "images": self.source, "taps": sorted(self.taps)}
        return Key(measure, VERSION, parts)


def run_pass(network: Network, images: Pass, store: Store) -> Entry:
    """Return the stored answers of a network, passing the images through it where no layer has them.

    Means of inner stages are tapped in the same pass and stored beside it under the measure ``stages``,
    which :func:`stage_means` reads.

    Returns
    -------
    Entry
        ``logits`` float32, ``features`` float16 where tapped (float32 where one is beyond 65,504), ``truth``
        int64 for labelled images.

    Raises
    ------
    Unavailable
        If the images are needed and are not there, or features are asked of a network without a head.
    """
    read = images.read

    def compute(scratch: Path) -> dict[str, NDArray[Any]]:
        assert read is not None  # noqa: S101 - the store never computes where it was given no computation
        content = read()
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

    return store.get(
        images.key(network), compute if read else None, images=images.count if read else 0, reason=NEEDS_IMAGES
    )


def _rounded(features: NDArray[np.float32]) -> NDArray[Any]:
    """Round to 16 bits what fits into them; larger features stay as they are, and cannot be shipped."""
    fits = float(np.abs(features).max()) <= float(np.finfo(np.float16).max)
    return features.astype(np.float16) if fits else features


def answers(network: Network, images: Pass, store: Store) -> Answers:
    """Return :func:`run_pass` as arrays to calculate with."""
    arrays = run_pass(network, images, store).arrays
    features = arrays["features"].astype(np.float32) if "features" in arrays else None
    truth = np.array(arrays["truth"]) if "truth" in arrays else None
    return Answers(np.array(arrays["logits"], dtype=np.float32), features, truth)


def stage_means(network: Network, images: Pass, store: Store) -> dict[str, NDArray[np.float32]]:
    """Return the pooled activations of every stage of a pass, name to (N, channels); none of another than a ResNet.

    They are stored beside the answers and not shipped. Where they are lost, the images pass once more.

    Raises
    ------
    Unavailable
        If the images are needed and are not there.
    """
    if not has_stages(network):
        return {}
    run_pass(network, images, store)
    read = images.read
    taps: tuple[Tap, ...] = ("stages",)

    def compute(scratch: Path) -> dict[str, NDArray[Any]]:
        assert read is not None  # noqa: S101 - as above
        return dict(forward(network, read(), images.count, taps=taps, progress=store.progress, scratch=scratch))

    entry = store.get(
        images.key(network, "stages"), compute if read else None, images=images.count, reason=NEEDS_IMAGES
    )
    return {name: np.array(entry[name]) for name in STAGES if name in entry.arrays}
