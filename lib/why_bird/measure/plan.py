"""What lies ahead: how many images have to pass, and how long that takes here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from why_bird.measure.forward import forward
from why_bird.measure.measurement import Measurable, Measurement, declared
from why_bird.measure.stored import still_to_make
from why_bird.measure.subject import Subject
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

_WARM_UP, _TIMED = 8, 128


@dataclass(frozen=True, slots=True)
class _Flat:
    """Images that cost nothing to make, to time a network alone."""

    size: int
    channels: int

    def images(self, start: int, stop: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.full((stop - start, self.channels, self.size, self.size), 0.5, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to compute before it can judge."""

    images: int
    """Images to pass, where every claim is asked; those that a layer of the store holds are not counted."""
    seconds: float
    """At the rate measured here and now."""
    without_images: bool
    """Whether test images are needed that were not given, so that some claims will be inconclusive."""
    slower: bool = False
    """Whether half precision was asked for, and full precision is faster here."""

    def sentence(self) -> str:
        """Return the plan in a line."""
        missing = "; test images are not there: --images=DIR or --images=download" if self.without_images else ""
        if not self.images:
            return f"to pass: no image, what can be measured is stored{missing}"
        minutes = "under a minute" if self.seconds < 60 else f"about {self.seconds / 60:.0f} min"
        rate = self.images / self.seconds
        slower = "; --precision bf16 is slower than fp32 on this machine" if self.slower else ""
        return f"to pass: at most {self.images:,} images, {minutes} at {rate:,.0f} images/s{slower}{missing}"


def _rate(network: Network) -> float:
    flat = _Flat(network.preprocess.size, network.preprocess.channels)
    forward(network, flat, _WARM_UP, taps=LOGITS)
    start = time.perf_counter()
    # Fewer images would mostly time the folding of the weights.
    forward(network, flat, _TIMED, taps=LOGITS)
    return _TIMED / (time.perf_counter() - start)


def make_plan(subjects: Mapping[Measurable, Iterable[Measurement[Any, Any]]]) -> Plan:
    """Return what is missing in the store for some networks, timing each that has something to pass.

    Images alone pass nowhere.
    """
    images, seconds, without, slower = 0, 0.0, False, False
    rates: dict[tuple[Any, ...], tuple[float, bool]] = {}
    for subject, asked in subjects.items():
        missing = still_to_make((entry for each in asked for entry in each.wanted(subject)), subject.store)
        without = without or any(each.compute is None for each in missing)
        count = sum(each.passes for each in missing if each.compute is not None)
        if not isinstance(subject, Subject):
            continue
        if count:
            network = subject.network
            # Of hundreds of one architecture one is timed.
            alike = (network.arch, network.config, network.stem, network.preprocess.size, network.preprocess.channels)
            if alike not in rates:
                rate = _rate(network)
                is_half = network.precision != "fp32"
                rates[alike] = rate, is_half and rate < _rate(replace(network, precision="fp32"))
            images += count
            seconds += count / rates[alike][0]
            slower = slower or rates[alike][1]
        if len(subjects) > 1:
            subject.release()
    return Plan(images, seconds, without, slower)


def everything(subjects: Iterable[Measurable]) -> dict[Measurable, list[Measurement[Any, Any]]]:
    """Return subjects with all that is declared of each, for :func:`make_plan`."""
    return {subject: declared(type(subject)) for subject in subjects}
