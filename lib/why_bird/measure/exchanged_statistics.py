"""What a network says with exchanged statistics of normalisation: of other unusual images, of a stage, of noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet
from why_bird.measure.entry import Arrays
from why_bird.measure.forward import Batches, forward
from why_bird.measure.noise_class import NoiseClass, choose_noise_class
from why_bird.measure.passes import Pass, answers
from why_bird.measure.renormalised import RenormalisedSources, halves, in_batches, most_at_once
from why_bird.measure.store import Store
from why_bird.measure.stored import Readings
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

ASKED, CHOOSE, OF_A_STAGE = 1_000, 500, 50
"""Images that estimate and are asked, that choose a class, and that estimate a single stage and are asked, at most:
half of those that pass with the statistics of noise, half of these, and as many in a quick look as in a whole run."""
MOST_STAGES = 5
"""As a ResNet has them, stem and all; of another network the first so many."""


class _Sources(NamedTuple):
    usual: RenormalisedSources
    placebo: Batches


def exchanged_pass(usual: Pass, placebo: Pass) -> Pass:
    """Return what passes, chosen from what passes for U4 and from other unusual images.

    The other images are the placebo.
    """
    draws = min(ASKED, usual.source["draws"] // 2)
    few, of_a_stage = min(CHOOSE, draws // 2), min(OF_A_STAGE, draws)
    source = {"usual": usual.source, "placebo": placebo.source, "at_most": [draws, few, of_a_stage]}
    count = placebo.count + draws + few + MOST_STAGES * 2 * of_a_stage + 3 * few
    label = "noise and test images, with statistics of normalisation exchanged"
    read_usual, read_placebo = usual.read, placebo.read
    if read_usual is None or read_placebo is None:
        return Pass(label, source, count, None, measure="exchanged-statistics")
    return Pass(label, source, count, lambda: _Sources(read_usual(), read_placebo()), measure="exchanged-statistics")


@dataclass(frozen=True, slots=True, eq=False)
class Exchanged:
    """What a network says with statistics of normalisation that were exchanged."""

    placebo: NDArray[np.int64]
    """(N,): classes of the first N of noise-B under the statistics of the other unusual images."""
    largest: NoiseClass
    """The class that most of noise-A falls into then."""
    by_stage: Mapping[str, NDArray[np.int64]]
    """(n,) each: classes of the first n of noise-B where a single stage has the statistics of noise-A."""
    truth: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    after_placebo: NDArray[np.int64]
    """(n,): of test images: their classes, and what they are called as they are, with the moments of noise-A, and with
    those of as many of the other unusual images."""


def measure_exchanged(network: Network, images: Pass, test: Pass, classes: tuple[str, ...]) -> Readings[Exchanged]:
    """Return the entries of what a network says with exchanged statistics.

    What it says of test images with the moments of the other unusual images is an entry of its own,
    ``placebo-moments``: ``images`` (n, K).

    Raises Unavailable if the network has no such statistics.

    Parameters
    ----------
    test : Pass
        The test images that it was chosen from: what they are called as they are is known from there.
    """
    network.require_batchnorm()
    as_it_is = answers(network, test)
    draws, few, of_a_stage = images.source["at_most"]
    most, placebo_count = most_at_once(network), images.source["placebo"]["count"]

    def said(other: Network, asked: Batches | ImageSet, count: int, store: Store) -> NDArray[Any]:
        return forward(other, asked, count, taps=LOGITS, progress=store.progress)["logits"]

    def shown(ask: ImageSet) -> NDArray[np.int64]:
        # Of each class alike: those that estimate are spread evenly, and those that are asked lie by class.
        return np.linspace(0, len(ask), min(few, len(ask)), endpoint=False).astype(np.int64)

    def of_images(usual: RenormalisedSources, drawn: Batches, store: Store) -> NDArray[Any]:
        """Return what test images are called with the moments of what was drawn."""
        from why_bird.networks.batch_norm import reestimated, with_moments_of

        given = with_moments_of(network, in_batches(drawn, few, most, store.progress))
        part = usual.ask.take(shown(usual.ask))
        count = min(few, len(usual.estimate))
        given = reestimated(given, in_batches(usual.estimate, count, most, store.progress))
        return said(given, part, len(part), store)

    def compute(content: _Sources, store: Store, _scratch: Path) -> Arrays:
        from why_bird.networks.batch_norm import normalised_stages, reestimated

        noise_a, noise_b, _, ask = content.usual
        unusual = reestimated(network, in_batches(content.placebo, placebo_count, most, store.progress))
        arrays = {"choose": said(unusual, noise_a, few, store), "placebo": said(unusual, noise_b, draws, store)}
        stages = normalised_stages(network.module)[:MOST_STAGES]
        for i, stage in enumerate(stages):
            one = reestimated(network, in_batches(noise_a, of_a_stage, most, store.progress), stage)
            arrays[f"stage.{i}"] = said(one, noise_b, of_a_stage, store)
        arrays["images"] = of_images(content.usual, noise_a, store)
        before = as_it_is.get(store)
        _, rows = halves(before.truth, len(classes), images.source["usual"]["at_most"])
        arrays["as_they_are"] = before.logits[rows[shown(ask)]]
        names = np.array([stage.encode() for stage in stages], dtype="S32")
        return {**arrays, "truth": np.array(ask.take(shown(ask)).labels), "stages": names}

    def compute_placebo(content: _Sources, store: Store, _scratch: Path) -> Arrays:
        return {"images": of_images(content.usual, content.placebo, store)}

    def get(store: Store) -> Exchanged:
        arrays, with_placebo = of_noise.get(store), of_placebo.get(store)
        called = {name: np.array(each).argmax(1) for name, each in arrays.items() if name not in ("truth", "stages")}
        stages = [name.decode() for name in np.array(arrays["stages"])]
        return Exchanged(
            called["placebo"],
            choose_noise_class(np.array(arrays["choose"], dtype=np.float32), classes),
            {stage: called[f"stage.{i}"] for i, stage in enumerate(stages)},
            np.array(arrays["truth"]),
            called["as_they_are"],
            called["images"],
            np.array(with_placebo["images"]).argmax(1),
        )

    of_noise = replace(images.stored(images.key(network, batch=most), compute, dict), needs=(as_it_is,))
    passed = replace(images, count=3 * few, measure="placebo-moments")
    of_placebo = passed.stored(passed.key(network, batch=most), compute_placebo, dict)
    return Readings((of_noise, of_placebo), get)
