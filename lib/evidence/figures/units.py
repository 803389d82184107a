"""What the strongest units of the class of noise look for, and the noise that excites them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import SMALL, show
from lib.evidence.numbers import count, number
from lib.images.published import post
from lib.measure.maximisation.excitingnoise import exciting_noise

__all__ = ["Units", "draw", "gather", "pixels_of"]

NAME = "top-units"
_LARGEST = 64
"""Pixels; larger pictures are drawn smaller, so that a page stays light."""

_COLUMNS = 4
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Pictures of U units, strongest first.

    Parameters
    ----------
    network, target : str
    n : int
        Noise images that were looked through.
    units : tuple of U int
    made, noise : (U, S, S, 3) uint8 arrays
        The image made to excite the unit, and the noise that excites it most.
    of_made, of_noise : (U,) float32 arrays
        Activations.
    """

    network: str
    target: str
    n: int
    units: tuple[int, ...]
    made: Pixels
    noise: Pixels
    of_made: NDArray[np.float32]
    of_noise: NDArray[np.float32]


def pixels_of(images: NDArray[np.floating]) -> Pixels:
    """Return (N, 3, S, S) images on the [0, 1] scale, clipped to it, as (N, S, S, 3) pixels of at most 64."""
    return _small(np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1))


def _small(pixels: Pixels) -> Pixels:
    if pixels.shape[1] <= _LARGEST:
        return pixels
    size = (_LARGEST, _LARGEST)
    # Averaging would leave nothing of noise.
    return np.stack([np.asarray(Image.fromarray(each).resize(size, Image.Resampling.NEAREST)) for each in pixels])


def gather(source: Sources) -> Units:
    """Take the pictures that claim U1 shows.

    Raises
    ------
    Unavailable
        If there are no features or the images were not made.
    """
    subject = source.subject
    features = subject.noise.features
    if features is None:
        raise Unavailable("no features were kept of this network")
    made = subject.maximised
    exciting = exciting_noise(features, made.units, 1)
    identity = subject.inputs.identity
    drawn = post(identity.mean, identity.std, subject.network.preprocess.size, subject.inputs.seed, "B")
    noise = np.concatenate([drawn.images(int(i), int(i) + 1) for i in exciting.indices[:, 0]])
    return Units(
        source.network,
        subject.target.name,
        len(features),
        made.units,
        _small(made.images),
        pixels_of(noise),
        made.activations,
        exciting.activations[:, 0],
    )


def draw(data: Units) -> Drawing:
    """Return pairs of pictures: what was made above what of the noise."""
    count_of_units = len(data.units)
    bands = -(-count_of_units // _COLUMNS)

    def paint(canvas: Canvas) -> None:
        canvas.get_layout_engine().set(h_pad=0.02, w_pad=0.02, hspace=0, wspace=0)
        grid = canvas.subplots(2 * bands, _COLUMNS, squeeze=False)
        for place in range(bands * _COLUMNS):
            band, column = divmod(place, _COLUMNS)
            above, below = grid[2 * band, column], grid[2 * band + 1, column]
            if place >= count_of_units:
                above.set_visible(False)
                below.set_visible(False)
                continue
            show(above, data.made[place])
            show(below, data.noise[place])
            above.set_title(f"unit {data.units[place]}", fontsize=SMALL, pad=3)
            above.set_xlabel(number(float(data.of_made[place])), fontsize=SMALL, labelpad=2)
            below.set_xlabel(number(float(data.of_noise[place])), fontsize=SMALL, labelpad=2)
            if column == 0:
                above.set_ylabel("made", fontsize=SMALL)
                below.set_ylabel("noise", fontsize=SMALL)

    target = full(data.target)
    reached = "; ".join(
        f"unit {unit}: {number(float(made))} and {number(float(noise))}"
        for unit, made, noise in zip(data.units, data.of_made, data.of_noise, strict=True)
    )
    return Drawing(
        NAME,
        "test_neurons",
        "What the strongest units look for",
        f"Pairs of small pictures for the {count_of_units} units that carry most of the margin of {target}: above an "
        "image made to excite the unit, below the noise image that excites it most. Activations by the made image and "
        f"by the noise: {reached}.",
        f"The {count_of_units} units of {data.network} that carry most of the margin of {target} on its training "
        f"images. Above: an image made by gradient ascent to excite the unit. Below: of {count(data.n)} noise images "
        "the one that excites it most, clipped to the range of an image file. Numbers: activation of the unit.",
        paint,
        height=2.75 * bands,
    )
