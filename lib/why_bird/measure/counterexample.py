"""The plainest of the family's noises that leaves the class of noise: shown beside claim P7."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.images.box import BETA, CONTRAST, FAMILIES, SHIFT, Setting, draw_settings
from why_bird.images.noise import Noise, Params
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs
from why_bird.measure.passes import Pass, answers
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

VERSION = 2
LEAVES = 0.25
"""A setting leaves the class where at most that share of its images is in it: where half of the noise is, that happens
in 11 of 10,000 settings of 40 images by chance."""

SCREEN, RETEST, EXAMPLES = 32, 200, 8
"""Images that say whether a plainer setting leaves the class too, that are drawn anew, and that are shown."""

_PLAINER = 3


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The plainest noise that was found to leave the class."""

    family: str
    params: Params
    labels: NDArray[np.int64]
    """(N,): predictions on fresh draws of it."""
    examples: NDArray[np.float32]
    """(8, C, S, S): the first of them, as the network was given them."""


@dataclass(frozen=True, slots=True, eq=False)
class Counterexample:
    """What became of looking for a noise that leaves the class."""

    settings: int
    """Of the family."""
    leaving: int
    """How many of them leave the class."""
    found: Found | None


def measure_counterexample(network: Network, inputs: Inputs, settings: Pass, target: int) -> Stored[Counterexample]:
    """Return the entry of the plainest noise of the family that leaves a class, made plainer yet and drawn anew.

    Parameters
    ----------
    inputs : Inputs
        Give the moments of the noise and the seed of its draws.
    settings : Pass
        The family of noises of claim P6, whose images say which settings leave the class: nothing passes for that.
    target : int
        The class of noise.

    Notes
    -----
    Plainest is white Gaussian noise of the post's mean and contrast, and the distance from it is the sum of shift,
    octaves of contrast and exponent, each by the largest in the box, and 1 for another family. Of the setting with the
    least, the kind, the shift and the contrast are made the post's in turn, and stay so where at most a quarter of some
    images is in the class then too. The images that are drawn anew had no part in that.
    """
    said, retest = answers(network, settings), inputs.few(RETEST)
    identity, size = inputs.identity, network.preprocess.size

    def drawn(setting: Setting) -> Noise:
        return setting.noise(identity.mean, identity.std, size, inputs.seed)

    def compute(store: Store, _scratch: Path) -> Arrays:
        inside = said.get(store).labels.reshape(-1, settings.source["each"]) == target
        family = draw_settings(len(inside), inputs.seed)
        leaving = [each for each, mine in zip(family, inside, strict=True) if mine.mean() <= LEAVES]
        arrays: dict[str, NDArray[Any]] = {"settings": np.array([len(family), len(leaving)])}
        if not leaving:
            return arrays

        def labels(setting: Setting, count: int) -> NDArray[np.int64]:
            return np.asarray(forward(network, drawn(setting), count, taps=LOGITS)["logits"].argmax(1))

        found, asked = min(leaving, key=_distance), 0
        for part in range(_PLAINER):
            plainer = replace(_plainer(found)[part], index=part, role="P7/plainer/")
            if (plainer.family, plainer.params) != (found.family, found.params):
                asked += 1
                found = plainer if (labels(plainer, SCREEN) == target).mean() <= LEAVES else found
        again = replace(found, index=0, role="P7/retest/")
        params = found.params
        return arrays | {
            "asked": np.array(asked),
            "family": np.array(FAMILIES.index(found.family)),
            "params": np.array([params.shift, params.contrast, 0.0 if params.beta is None else params.beta]),
            "labels": labels(again, retest),
            "examples": drawn(again).images(0, EXAMPLES),
        }

    def passed(arrays: Arrays) -> int:
        return int(arrays["asked"]) * SCREEN + retest if "asked" in arrays else 0

    parts: dict[str, Any] = {
        "network": network.key,
        "settings": settings.source,
        "box": {"shift": SHIFT, "contrast": CONTRAST, "beta": BETA, "families": FAMILIES},
        "target": target,
        "seed": inputs.seed,
        "counts": [LEAVES, SCREEN, retest, EXAMPLES],
    }
    label = "noise that leaves the class, made plainer and drawn anew"
    at_most = _PLAINER * SCREEN + retest
    return Stored(Key("counterexample", VERSION, parts), _read, compute, label, passed, at_most, (said,))


def _read(arrays: Arrays) -> Counterexample:
    settings, leaving = (int(count) for count in np.array(arrays["settings"]))
    if "asked" not in arrays:
        return Counterexample(settings, leaving, None)
    family = FAMILIES[int(arrays["family"])]
    shift, contrast, beta = (float(value) for value in np.array(arrays["params"]))
    params = Params(shift=shift, contrast=contrast, beta=beta if family == "spectral" else None)
    examples = np.array(arrays["examples"], dtype=np.float32)
    return Counterexample(settings, leaving, Found(family, params, np.array(arrays["labels"]), examples))


def _distance(setting: Setting) -> float:
    params = setting.params
    octaves = abs(math.log2(params.contrast)) / math.log2(CONTRAST[1])
    return abs(params.shift) / SHIFT[1] + octaves + (params.beta or 0.0) / BETA[1] + (setting.family != FAMILIES[0])


def _plainer(setting: Setting) -> tuple[Setting, ...]:
    """Return a setting with one part the post's: the kind of noise, the shift, the contrast."""
    params = setting.params
    return (
        replace(setting, family=FAMILIES[0], params=replace(params, beta=0.0)),
        replace(setting, params=replace(params, shift=0.0)),
        replace(setting, params=replace(params, contrast=1.0)),
    )
