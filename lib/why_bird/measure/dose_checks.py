"""Whether doses were what they should be: manipulation checks, and the control that dose 0 changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from why_bird.images.doses import DOSES, DosedImages
from why_bird.images.image_set import ImageSet
from why_bird.images.interventions import BorderDoses, Intervention, WholeDoses
from why_bird.images.noise import Noise
from why_bird.images.published_noise import post
from why_bird.measure.checks import Check
from why_bird.measure.dose_response import LEAST_FULL, DoseResponse
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network

VERSION = 1

OFF = 1e-4
"""Largest part by which a realised dose may be off. Rounding to 32 bits moves the weakest one by under 1e-5."""

CONTROL_IMAGES = 16
_PASSES = 160

_ZERO = "dose 0 keeps every bit of an image"
_PLANNED = "the realised dose is the planned one"
_GROWS = "the realised dose grows"


def dose_checks(response: DoseResponse) -> list[Check]:
    """Return the manipulation checks of an experiment, over the images that are used.

    None passes where no image is used, or a number is not finite.

    Examples
    --------
    >>> from why_bird.measure.dose_response import DoseResponse
    >>> full, logits, hashes = np.array([0.1]), np.zeros((1, 1, 4, 3)), np.zeros((1, 32), dtype=np.uint8)
    >>> realised = full * np.array(DOSES)[None, None]
    >>> response = DoseResponse(("noise",), logits, np.array([1]), hashes, full, realised, 0 * realised)
    >>> [check.passed for check in dose_checks(response)]
    [True, True, True]
    """
    planned = response.full[response.kept, None, None] * np.array(DOSES)
    realised = response.realised[response.kept]
    used = f"on {len(realised):,} of {len(response.full):,} images, of a full dose of {LEAST_FULL:g} or more"
    if not len(realised):
        return [Check(name, passed=False, detail=used) for name in (_ZERO, _PLANNED, _GROWS)]
    at_zero = float(response.realised[..., 0].max())
    off = float(np.abs(realised[..., 1:] / planned[..., 1:] - 1).max())
    growth = float((np.diff(realised, axis=-1) / np.diff(planned, axis=-1)).min())
    return [
        Check(_ZERO, at_zero == 0, f"largest RMS change {at_zero:g}"),
        Check(_PLANNED, off <= OFF, f"off by at most {off:.1e} (allowed {OFF:g}) {used}"),
        Check(_GROWS, growth > 0, f"from dose to dose by at least {growth:.4f} of the planned step"),
    ]


def stored_dose_zero(network: Network, inputs: Inputs) -> Stored[float]:
    """Return the entry of :func:`measure_dose_zero` on the post's noise."""
    drawn = post(inputs.identity.mean, inputs.identity.std, network.preprocess.size, inputs.seed, "dose 0")
    parts: dict[str, Any] = {"network": network.key, "noise": drawn.key()}

    def compute(_store: Store, _scratch: Path) -> Arrays:
        return {"change": np.array([measure_dose_zero(network, drawn, inputs.seed)])}

    key = Key("dose-zero", VERSION, parts)
    return Stored(key, lambda arrays: float(arrays["change"][0]), compute, images=_PASSES)


def measure_dose_zero(network: Network, noise: Noise, seed: int) -> float:
    """Return the largest change of a logit at dose 0, over all conditions of both experiments: it has to be exactly 0.

    The images are the first 16 of a noise, rounded to 8 bits, so that no image set is needed. Each passes once for
    every condition as it is, and once at dose 0, in batches of one composition: 160 passes.

    The doses are drawn from the seed. Raises Unavailable if the noise is too small to have a border.
    """
    drawn = noise.images(0, CONTROL_IMAGES).transpose(0, 2, 3, 1)
    pixels = np.rint(np.clip(drawn, 0, 1) * 255).astype(np.uint8)
    interventions: tuple[Intervention, ...] = (BorderDoses(seed), WholeDoses(seed))
    return max(_change_at_zero(network, pixels, each) for each in interventions)


def _change_at_zero(network: Network, pixels: NDArray[np.uint8], intervention: Intervention) -> float:
    dosed = DosedImages(_image_set(pixels), intervention, doses=(0.0,))
    # Every image as often as there are conditions, because logits may differ in their last bits with the batch.
    plain = _image_set(np.repeat(pixels, dosed.shape[1], axis=0))
    logits = [forward(network, images, len(images), taps=LOGITS)["logits"] for images in (plain, dosed)]
    return float(np.abs(logits[1] - logits[0]).max())


def _image_set(pixels: NDArray[np.uint8]) -> ImageSet:
    return ImageSet.of(pixels, np.zeros(len(pixels), dtype=np.int64), ("noise",))
