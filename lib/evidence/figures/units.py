"""What the strongest units of the class of noise look for, and the noise that excites them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import SMALL, show
from lib.evidence.numbers import count, number
from lib.evidence.pictures import small
from lib.images.published import post
from lib.measure.maximisation.excitingnoise import exciting_noise

__all__ = ["Units", "draw", "gather", "pixels_of"]

NAME = "top-units"
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
    of_made, of_noise, of_image : (U,) float32 arrays
        Activations.
    image : (U, S, S, 3) uint8 array or None
        The training image that excites the unit most; None where the run has no images.
    """

    network: str
    target: str
    n: int
    units: tuple[int, ...]
    made: Pixels
    noise: Pixels
    of_made: NDArray[np.float32]
    of_noise: NDArray[np.float32]
    of_image: NDArray[np.float32]
    image: Pixels | None = None

    @property
    def rows(self) -> tuple[tuple[str, Pixels, NDArray[np.float32]], ...]:
        """What stands below one another: a name, pictures and activations."""
        made, noise = ("made", self.made, self.of_made), ("noise", self.noise, self.of_noise)
        return (made, noise) if self.image is None else (made, ("training", self.image, self.of_image), noise)


def pixels_of(images: NDArray[np.floating]) -> Pixels:
    """Return (N, C, S, S) images on the [0, 1] scale, clipped to it, as (N, S, S, 3) pixels of at most 64."""
    return _small(np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1))


def _small(pixels: Pixels) -> Pixels:
    return np.stack([np.asarray(small(each)) for each in pixels])


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
    of_images, units = subject.unit_means, list(made.units)
    image = None
    if subject.inputs.images is not None:
        training = subject.inputs.images.train
        image = _small(training.pixels[training.find(of_images.strongest[units, 0])])
    return Units(
        source.network,
        subject.target.name,
        len(features),
        made.units,
        _small(made.images),
        pixels_of(noise),
        made.activations,
        exciting.activations[:, 0],
        of_images.activations[units, 0],
        image,
    )


def draw(data: Units) -> Drawing:
    """Return columns of pictures, one a unit: what was made above what of the noise."""
    count_of_units = len(data.units)
    bands, rows = -(-count_of_units // _COLUMNS), data.rows

    def paint(canvas: Canvas) -> None:
        canvas.get_layout_engine().set(h_pad=0.02, w_pad=0.02, hspace=0, wspace=0)
        grid = canvas.subplots(len(rows) * bands, _COLUMNS, squeeze=False)
        for place in range(bands * _COLUMNS):
            band, column = divmod(place, _COLUMNS)
            axes = grid[len(rows) * band : len(rows) * (band + 1), column]
            if place >= count_of_units:
                for each in axes:
                    each.set_visible(False)
                continue
            axes[0].set_title(f"unit {data.units[place]}", fontsize=SMALL, pad=3)
            for each, (name, pixels, activations) in zip(axes, rows, strict=True):
                show(each, pixels[place])
                each.set_xlabel(number(float(activations[place])), fontsize=SMALL, labelpad=2)
                if column == 0:
                    each.set_ylabel(name, fontsize=SMALL)

    target = full(data.target)
    reached = "; ".join(
        f"unit {unit}: " + ", ".join(f"{number(float(values[i]))} ({name})" for name, _, values in rows)
        for i, unit in enumerate(data.units)
    )
    between = "" if data.image is None else " Between them: the training image that excites the unit most."
    return Drawing(
        NAME,
        "test_neurons",
        "What the strongest units look for",
        f"Columns of small pictures for the {count_of_units} units that carry most of the margin of {target}: above an "
        f"image made to excite the unit, below the noise image that excites it most.{between} "
        f"Activations: {reached}.",
        f"The {count_of_units} units of {data.network} that carry most of the margin of {target} on its training "
        f"images. Above: an image made by gradient ascent to excite the unit. Below: of {count(data.n)} noise images "
        f"the one that excites it most, clipped to the range of an image file.{between} "
        "Numbers: activation of the unit.",
        paint,
        height=1.375 * len(rows) * bands,
    )
