"""What a network says when its batch-normalisation statistics are those of noise, and of images: claim U4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.entry import Arrays
from why_bird.measure.forward import Batches, forward, reader
from why_bird.measure.noise_class import NoiseClass, choose_noise_class
from why_bird.measure.passes import Pass, answers
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network
from why_bird.progress import Progress

IMAGES = 2_000
"""Images of each set at most: noise-A, noise-B, the test images that estimate, the test images that are asked."""

_LARGEST_BATCH, _LEAST_BATCH = 250, 32
_PIXELS = 256 * 32 * 32
_PASSES_OF_NOISE = 3


class RenormalisedSources(NamedTuple):
    """What goes through a network for U4."""

    noise_a: Batches
    noise_b: Batches
    """The first of the two estimates statistics and chooses the class; the second is asked."""
    estimate: ImageSet
    ask: ImageSet
    """Disjoint test images."""


def renormalised_pass(test: Pass, noise_a: Pass, noise_b: Pass, classes: tuple[str, ...], one_in: int = 1) -> Pass:
    """Return what passes for U4, those that pass twice counted twice; ``read`` gives :class:`RenormalisedSources`.

    They are chosen from what passes through the network anyway. ``source`` says how many images of either noise pass
    (``draws``), and how many test images estimate, and as many are asked (``at_most``).

    Parameters
    ----------
    test : Pass
        The test images.
    noise_a, noise_b : Pass
        The first :data:`IMAGES` of each are used.
    classes : tuple of K str
        The network's.
    one_in : int
        See :class:`why_bird.measure.inputs.Inputs`.
    """
    at_most = max(1, IMAGES // one_in)
    draws = min(at_most, noise_a.count, noise_b.count)
    source = {
        "test": test.source,
        "noise_a": noise_a.source,
        "noise_b": noise_b.source,
        "draws": draws,
        "at_most": at_most,
    }
    label = "noise and test images, with normalisation statistics estimated anew"
    read_test, read_a, read_b = test.read, noise_a.read, noise_b.read
    if read_test is None or read_a is None or read_b is None:
        count = _PASSES_OF_NOISE * draws + 2 * at_most
        return Pass(label, source, count, None, measure="renormalised")
    images: ImageSet = read_test()
    estimate, ask = halves(images.labels, len(classes), at_most)

    def read() -> RenormalisedSources:
        return RenormalisedSources(read_a(), read_b(), images.take(estimate), images.take(ask))

    count = _PASSES_OF_NOISE * draws + len(estimate) + len(ask)
    return Pass(label, source, count, read, measure="renormalised")


def halves(labels: NDArray[np.integer], K: int, at_most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which test images estimate statistics and which others are asked.

    Of each class the first so many by content hash estimate and the next so many are asked: `at_most` // K, or
    half of a class that has fewer than two times that.

    Those that estimate come in an order that spreads each class evenly. One class after the other, a batch would hold
    one or two of them, and layers would be fed by what is alike within a class.

    Parameters
    ----------
    labels : (N,) int array
        Of images that within a class are ordered by content hash.
    K : int
        Number of classes.

    Returns
    -------
    estimate : (n,) int64 array
        Rows.
    ask : (n,) int64 array
        Rows, by class.

    Examples
    --------
    >>> [rows.tolist() for rows in halves(np.array([0, 0, 1, 1]), 2, 4)]
    [[0, 2], [1, 3]]
    """
    of_class = [np.flatnonzero(labels == c) for c in range(K)]
    sizes = [min(max(1, at_most // K), len(rows) // 2) for rows in of_class]
    estimate = np.concatenate([rows[:n] for rows, n in zip(of_class, sizes, strict=True)])
    ask = np.concatenate([rows[n : 2 * n] for rows, n in zip(of_class, sizes, strict=True)])
    places = np.concatenate([(np.arange(n) + 0.5) / max(1, n) for n in sizes])
    return estimate[np.argsort(places, kind="stable")], ask


@dataclass(frozen=True, slots=True, eq=False)
class Renormalised:
    """What a network says with batch-normalisation statistics of noise-A, and of test images."""

    after: NDArray[np.int64]
    """(N,): classes of the first N of noise-B under the statistics of noise-A."""
    largest: NoiseClass
    """The class that most of noise-A falls into then."""
    accuracy_reestimated: float
    """Share of test images classified rightly under the statistics of other test images."""
    accuracy_before: float
    """The same share of the same images with the network as it is."""
    asked: int
    """How many test images these two are shares of."""


def measure_renormalised(
    network: Network, renormalised: Pass, test: Pass, classes: tuple[str, ...]
) -> Readings[Renormalised]:
    """Return the entries of what a network says with statistics estimated anew.

    Statistics come from :func:`why_bird.networks.batch_norm.reestimated`, in equal batches of 250 images at most
    (fewer of large ones, for memory; the number is part of the key). The entry ``renormalised`` holds the logits
    ``noise_a`` and ``noise_b`` (N, K) under the statistics of noise-A, and ``images`` (n, K) with ``truth`` (n,) under
    those of other test images.

    Raises Unavailable if the network has no such statistics.

    Parameters
    ----------
    renormalised, test : Pass
        The first was made of the second.
    """
    network.require_batchnorm()
    draws, most = renormalised.source["draws"], most_at_once(network)

    def compute(content: RenormalisedSources, store: Store, _scratch: Path) -> Arrays:
        from why_bird.networks.batch_norm import reestimated

        if len(content.estimate) < 2:
            raise Unavailable("the classes of the network have fewer than 2 test images each, too few to halve them")
        of_noise = reestimated(network, in_batches(content.noise_a, draws, most, store.progress))
        of_images = reestimated(network, in_batches(content.estimate, len(content.estimate), most, store.progress))
        asked = ((of_noise, content.noise_a, draws), (of_noise, content.noise_b, draws), (of_images, content.ask, None))
        logits = (
            forward(other, images, count, taps=LOGITS, progress=store.progress)["logits"]
            for other, images, count in asked
        )
        arrays: dict[str, NDArray[Any]] = dict(zip(("noise_a", "noise_b", "images"), logits, strict=True))
        return {**arrays, "truth": np.array(content.ask.labels)}

    said = renormalised.stored(renormalised.key(network, batch=most), compute, lambda arrays: arrays)
    as_it_is = answers(network, test)

    def get(store: Store) -> Renormalised:
        arrays, before = said.get(store), as_it_is.get(store)
        truth = np.array(arrays["truth"])
        _, ask = halves(before.truth, len(classes), renormalised.source["at_most"])
        if not np.array_equal(before.truth[ask], truth):
            raise ValueError("the test images asked are not those of the pass that they were taken from")
        return Renormalised(
            np.array(arrays["noise_b"]).argmax(1),
            choose_noise_class(np.array(arrays["noise_a"], dtype=np.float32), classes),
            float((np.array(arrays["images"]).argmax(1) == truth).mean()),
            float((before.labels[ask] == truth).mean()),
            len(truth),
        )

    return Readings((said, as_it_is), get)


def most_at_once(network: Network) -> int:
    """Return how many images make a batch: as many as memory allows, and enough for the variance of a batch."""
    return max(_LEAST_BATCH, min(_LARGEST_BATCH, _PIXELS // network.preprocess.size**2))


def in_batches(images: ImageSet | Batches, count: int, most: int, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """Yield images 0 to ``count`` in the fewest batches of ``most`` at most, their sizes alike up to one image."""
    read = reader(images)
    edges = np.linspace(0, count, -(-count // most) + 1).round().astype(int).tolist()
    with progress(f"{count:,} images, to estimate statistics of normalisation", count) as advance:
        for start, stop in pairwise(edges):
            yield read(start, stop)
            advance(stop - start)
