"""Manipulation checks: whether a network was asked what we think we asked it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet
from why_bird.images.noise import Noise, Params
from why_bird.measure.forward import Batches, forward, reader
from why_bird.measure.taps import LOGITS, Tap
from why_bird.networks.network import Network
from why_bird.progress import SILENT, Progress

NOISE_IMAGES = 2_000
_IMAGES = 64
_SPLITS = (13, 1)
_CHUNK = 250

LIMITS = {
    "batch_dependence": 1e-4,
    "head_residual": 1e-4,
    "modules_in_training": 0.0,
    "noise_mean": 0.01,
    "noise_sd": 0.01,
}
"""The largest value of each measure that passes (`noise_*` from the protocol: within 1 %)."""

_SENTENCES = {
    "batch_dependence": (
        "logits do not depend on the batch",
        "alone, in thirteens, and in reverse order they differ by at most {:.1e} of their sd",
    ),
    "head_residual": ("W f + b gives the logits", "to {:.1e} of their sd"),
    "modules_in_training": ("the network is in eval mode", "{:.0f} modules are in training mode"),
    "noise_mean": ("noise keeps its mean on the way in", "it is off by {:.2%} of its sd"),
    "noise_sd": ("noise keeps its sd on the way in", "it is off by {:.2%}"),
}


class Check(NamedTuple):
    """A manipulation check."""

    name: str
    """What should hold."""
    passed: bool
    detail: str
    """What was measured, and the limit."""


class _Stack(NamedTuple):
    """Images that are in memory."""

    stack: NDArray[np.float32]

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        return self.stack[start:stop].copy()


CHECKED = _IMAGES * (2 + len(_SPLITS))
"""Images that pass for the checks."""


def measure_checks(
    network: Network, images: ImageSet | Batches, noise: Noise, progress: Progress = SILENT
) -> dict[str, float]:
    r"""Measure what the manipulation checks of the protocol need.

    Passes 64 images four times (256 in all), the way every other image is passed.

    Raises ValueError if the noise is clipped, shifted or of another contrast.

    Parameters
    ----------
    images : ImageSet or Batches
        The first 64 are used.
    noise : Noise
        Unclipped, without shift and contrast, of the size that the network takes.

    Returns
    -------
    dict of str to float
        ``batch_dependence``: largest difference of a logit between one batch of 64, batches of 13,
        single images and the reverse order, over the sd of the logits. ``modules_in_training``: their
        number. ``head_residual``: largest :math:`|W f + b - z|` over the sd of the logits; absent
        where there is no linear head. ``noise_mean``: over the channels, the largest distance of the mean of
        2,000 noise images, as the network takes them, from ``(μ − mean)/std``, in units of the sd that they
        should have, ``σ/std``. ``noise_sd``: the largest relative error of their sd.
    """
    if noise.params != Params():
        raise ValueError(f"the noise has {noise.params}, expected it plain: clipping changes mean and sd")
    stack = reader(images)(0, _IMAGES)
    taps: tuple[Tap, ...] = LOGITS if network.head is None else ("logits", "features")
    with progress(f"{CHECKED} images, to check the network", CHECKED) as advance:

        def ask(images: NDArray[np.float32], taps: tuple[Tap, ...], batch: int) -> dict[str, NDArray[np.float32]]:
            said = forward(network, _Stack(images), _IMAGES, taps=taps, batch=batch)
            advance(_IMAGES)
            return said

        whole = ask(stack, taps, _IMAGES)
        others = [ask(stack, LOGITS, split)["logits"] for split in _SPLITS]
        others.append(ask(stack[::-1], LOGITS, _IMAGES)["logits"][::-1])
    logits = whole["logits"].astype(np.float64)
    sd = max(float(logits.std()), float(np.finfo(np.float32).tiny))
    measured = {
        "batch_dependence": max(float(np.abs(other - logits).max()) for other in others) / sd,
        "modules_in_training": float(sum(part.training for part in network.module.modules())),
        **_noise_errors(network, noise),
    }
    if network.head is not None:
        W, b = network.head.weight.astype(np.float64), network.head.bias.astype(np.float64)
        measured["head_residual"] = float(np.abs(whole["features"] @ W.T + b - logits).max()) / sd
    return measured


def _noise_errors(network: Network, noise: Noise) -> dict[str, float]:
    """Hold mean and sd of noise, as the network takes it, against arithmetic that does not use its code."""
    preprocess = network.preprocess
    target_sd = np.asarray(noise.std) / np.asarray(preprocess.std)
    # A channel in which no training image varies has noise of no sd, and nothing to be in proportion to.
    unit = np.where(target_sd > 0, target_sd, 1.0)
    target_mean = (np.asarray(noise.mean) - np.asarray(preprocess.mean)) / np.asarray(preprocess.std)
    channels = len(noise.mean)
    sums, squares, n = np.zeros(channels), np.zeros(channels), 0
    for start in range(0, NOISE_IMAGES, _CHUNK):
        raw = noise.images(start, start + _CHUNK)
        # Centred where it should be, so that the sum of squares loses no digits.
        x = preprocess.of_array(raw).astype(np.float64) - target_mean[:, None, None]
        sums += x.sum(axis=(0, 2, 3))
        squares += np.square(x).sum(axis=(0, 2, 3))
        n += x.size // channels
    offset = sums / n
    sd = np.sqrt(squares / n - offset**2)
    return {
        "noise_mean": float(np.abs(offset / unit).max()),
        "noise_sd": float(np.abs(sd / unit - (target_sd > 0)).max()),
    }


def judge_checks(measured: Mapping[str, float]) -> list[Check]:
    """Turn what was measured into checks, in the order of the measures' names.

    A value that is not finite does not pass.
    """
    checks = []
    for measure, value in sorted(measured.items()):
        name, sentence = _SENTENCES[measure]
        detail = f"{sentence.format(value)} (allowed {LIMITS[measure]:g})"
        checks.append(Check(name, value <= LIMITS[measure], detail))
    return checks


LEAST_EQUAL = 0.999
"""The smallest share of equal labels with which half precision may speak for full precision."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of how many images half precision gives the label of full precision."""

    kinds: Mapping[str, tuple[int, int]]
    """What the images are, to how many labels are equal, and of how many."""

    @property
    def least(self) -> float:
        """The smallest share of any kind of images, from 0 to 1."""
        return min(equal / n for equal, n in self.kinds.values())

    @property
    def check(self) -> Check:
        """Whether half precision may speak for full precision."""
        shares = [f"{equal:,} of {n:,} {kind}" for kind, (equal, n) in self.kinds.items()]
        detail = f"of {' and '.join(shares)} (at least {LEAST_EQUAL:.1%} of each needed)"
        return Check("bfloat16 gives the labels of float32", self.least >= LEAST_EQUAL, detail)


def agreement(labels: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Agreement:
    """Count equal labels.

    Of each kind of images two (N,) arrays are given, their labels in the two precisions. Raises ValueError if there are
    no images, or not as many of one precision as of the other.

    Examples
    --------
    >>> found = agreement({"test images": (np.array([1, 2, 3, 3]), np.array([1, 2, 3, 0]))})
    >>> found.kinds, found.least
    ({'test images': (3, 4)}, 0.75)
    """
    if not labels or any(half.shape != full.shape or not len(half) for half, full in labels.values()):
        raise ValueError("labels of the same images are compared, one image or more of each kind")
    return Agreement({kind: (int((half == full).sum()), len(half)) for kind, (half, full) in labels.items()})
