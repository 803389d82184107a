"""Test images under growing doses of an intervention, as one sequence of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.images.image_set import ImageSet
from why_bird.images.interventions import Intervention, root_mean_square

DOSES = (0.0, 0.25, 0.5, 1.0)
"""In units of an image's full dose."""

Array = NDArray[np.float64]


class Realised(NamedTuple):
    """What an intervention did to N images, measured on what the network is given."""

    full: Array
    """(N,): full dose, RMS on the [0, 1] scale."""
    rms: Array
    """(N, C, D): RMS change over the region, by condition and dose."""
    outside: Array
    """(N, C, D): share of the region's values that lie outside [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class DosedImages:
    """Images under an intervention as one sequence: image by image, in it condition by condition, then by dose.

    What is added to an image is a pure function of the seed and of its content: it depends on no other image and on
    no order or batch, and two equal images get the same. The draw of an image is the same at every dose, only
    stronger. Nothing is clipped, since networks take floats: clipped, noise would lose part of its dose in bright
    and dark places, and blur and flat fill, which never leave [0, 1], would not. The dose is set on the image's own
    pixels, before a network resizes it.
    """

    source: ImageSet
    intervention: Intervention
    doses: tuple[float, ...] = DOSES[1:]
    """tuple of D floats: in units of the full dose. At 0 an image keeps every bit."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Images, conditions, doses."""
        return len(self.source), len(self.intervention.conditions), len(self.doses)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return images ``start`` to ``stop - 1`` of the sequence as (n, C, H, W) float32.

        Raises Unavailable if the images are too small for the intervention; ValueError if the range does not lie within
        the sequence.
        """
        if not 0 <= start <= stop <= len(self):
            raise ValueError(f"images {start} to {stop} are no range within the {len(self)} of the doses")
        shape = self.source.pixels.shape[1:]
        each = self.shape[1] * self.shape[2]
        first, last = start // each, -(-stop // each)
        out = np.empty(((last - first) * each, *shape), dtype=np.float32)
        for place, i in enumerate(range(first, last)):
            image = self._image(i)
            _, changes = self._changes(i)
            out[place * each : (place + 1) * each] = _dosed(image, changes, self.doses).reshape(each, *shape)
        begin = start - first * each
        return np.ascontiguousarray(out[begin : begin + stop - start].transpose(0, 3, 1, 2))

    def realised(self) -> Realised:
        """Return what was done, at dose 0 and at each dose of the sequence: the arrays have D + 1 doses.

        Raises Unavailable if the images are too small for the intervention.
        """
        n, conditions, doses = self.shape
        done = Realised(np.empty(n), np.empty((n, conditions, doses + 1)), np.empty((n, conditions, doses + 1)))
        region = self.intervention.region(*self.source.pixels.shape[1:3])
        for i in range(n):
            image = self._image(i)
            full, changes = self._changes(i)
            dosed = _dosed(image, changes, (0.0, *self.doses))
            inside = dosed[:, :, region]
            done.full[i] = full
            done.rms[i] = root_mean_square(dosed.astype(np.float64) - image, region)
            done.outside[i] = ((inside < 0) | (inside > 1)).mean((-2, -1))
        return done

    def _image(self, i: int) -> NDArray[np.float32]:
        # As `why_bird.measure.forward.reader` reads it, to the bit.
        image: NDArray[np.float32] = self.source.pixels[i].astype(np.float32) / np.float32(255)
        return image

    def _changes(self, i: int) -> tuple[float, Array]:
        # One image at a time: a sum or a transform of many may round differently with their number.
        return self.intervention.changes(self._image(i).astype(np.float64), self.source.digests[i].tobytes().hex())


def _dosed(image: NDArray[np.float32], changes: Array, doses: tuple[float, ...]) -> NDArray[np.float32]:
    """Return an image in (conditions, doses, H, W, C)."""
    strength = np.array(doses)[:, None, None, None]
    dosed: NDArray[np.float32] = (image + strength * changes[:, None]).astype(np.float32)
    return dosed
