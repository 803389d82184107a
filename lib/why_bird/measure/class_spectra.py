"""How strong waves of every length are in the training images of each class: its radially averaged power spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft2

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.inputs import Inputs
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored, plainly

_VERSION, _LEAST, _CHUNK = 1, 2, 1_000

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ClassSpectra:
    """The spectra of the classes of an image set."""

    power: Array
    """(K, F): of each class the mean power of waves of which 1 to F fit into the shorter side, as a variance: white
    noise of standard deviation σ on the [0, 1] scale has σ² everywhere."""

    @property
    def waves(self) -> Array:
        """(F,) numbers of waves in the shorter side."""
        return np.arange(1.0, self.power.shape[1] + 1)


def measure_class_spectra(inputs: Inputs) -> Stored[ClassSpectra]:
    """Return the entry of the spectra of the training images."""

    def compute(store: Store, _scratch: Path) -> Arrays:
        with store.progress("spectra of the training images", 1) as advance:
            power = class_spectra(inputs.require_images().train)
            advance(1)
        return {"power": power}

    key = Key("class-spectra", _VERSION, {"training": inputs.identity.train})
    return Stored(key, plainly(ClassSpectra), compute if inputs.images else None)


def class_spectra(images: ImageSet) -> Array:
    r"""Return the radially averaged power spectrum of each class.

    :math:`P_c(k)` is the mean of :math:`|D(f)|^2 / (H W)` over the images and channels of the class and over the
    frequencies f of :math:`k - ½ \le |f| < k + ½` waves a side, with D the discrete Fourier transform of what deviates
    from the class's mean image: the radial mean of the trace of its
    :func:`~why_bird.images.suspects.cross_spectrum.cross_spectrum`.

    The result is a (K, F) float64 array, on the [0, 1] scale of the images; F is half the shorter side. Raises
    Unavailable if a class has fewer than two images.
    """
    height, width = images.pixels.shape[1:3]
    side = min(height, width)
    radius = side * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    places = np.floor(radius + 0.5).astype(int).ravel()
    # Waves that a real transform leaves out are those that it has, turned round.
    columns = np.arange(radius.shape[1])
    times = np.broadcast_to(np.where((columns == 0) | (2 * columns == width), 1.0, 2.0), radius.shape).ravel()
    powers = np.stack([_power(images, c) for c in range(len(images.classes))])
    found = np.stack([np.bincount(places, times * each.ravel()) for each in powers]) / np.bincount(places, times)
    return found[:, 1 : side // 2 + 1]


def _power(images: ImageSet, label: int) -> Array:
    """Return the mean power of every wave in a class, (H, W // 2 + 1)."""
    own = np.flatnonzero(images.labels == label)
    if len(own) < _LEAST:
        name = images.classes[label]
        raise Unavailable(f"the class {name} has {len(own)} training images: a spectrum needs {_LEAST} or more")
    mean = images.pixels[own].mean(axis=0, dtype=np.float64)
    height, width, channels = mean.shape
    total = np.zeros((height, width // 2 + 1))
    for start in range(0, len(own), _CHUNK):
        away = ((images.pixels[own[start : start + _CHUNK]] - mean) / 255).astype(np.float32)
        total += (np.abs(rfft2(away, axes=(1, 2))) ** 2).sum(axis=(0, 3), dtype=np.float64)
    mean_power: Array = total / (len(own) * channels * height * width)
    return mean_power
