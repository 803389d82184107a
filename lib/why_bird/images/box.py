"""The registered box of claims P6 and P7: the family of noises they speak about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from why_bird.images.noise import Noise, Params
from why_bird.streams import generator

SHIFT = (-0.5, 0.5)
"""Shift of the mean in standard deviations, uniform."""

CONTRAST = (0.5, 2.0)
"""Factor on the standard deviation, log-uniform."""

BETA = (0.0, 0.5)
"""Exponent of the power spectrum of the family ``"spectral"``, uniform."""

FAMILIES = ("spectral", "uniform", "rademacher")
"""Equally likely."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One point of the box."""

    index: int
    """Its place in the sequence of settings."""
    family: str
    """One of :data:`FAMILIES`."""
    params: Params
    role: str = "P6/"
    """What its draws are for, in front of its place."""

    def noise(self, mean: tuple[float, ...], std: tuple[float, ...], size: int, seed: int) -> Noise:
        """Return the noise of this setting, whose draws no other setting shares."""
        return Noise(self.family, size, mean, std, self.params, seed, f"{self.role}{self.index}")


def draw_settings(n: int, seed: int) -> list[Setting]:
    """Draw the first ``n`` settings of the box.

    Setting *i* depends on the seed and *i* alone, so a longer list begins with the shorter one.

    Raises ValueError if ``n`` or ``seed`` is negative.

    Examples
    --------
    >>> draw_settings(3, seed=0) == draw_settings(5, seed=0)[:3]
    True
    """
    if n < 0 or seed < 0:
        raise ValueError(f"n is {n} and seed is {seed}, and both have to be 0 or more")
    return [_draw_setting(index, seed) for index in range(n)]


def _draw_setting(index: int, seed: int) -> Setting:
    rng = generator(seed, "P6", "setting", index)
    family = FAMILIES[int(rng.integers(len(FAMILIES)))]
    shift = float(rng.uniform(*SHIFT))
    low, high = CONTRAST
    contrast = math.exp(rng.uniform(math.log(low), math.log(high)))
    beta = float(rng.uniform(*BETA)) if family == "spectral" else None
    return Setting(index, family, Params(shift=shift, contrast=contrast, beta=beta))


def corners() -> list[Setting]:
    """Return the corners of the box: the ends of each parameter, in every family.

    Examples
    --------
    >>> len(corners())  # two shifts by two contrasts, of two β of spectral noise and of two families without
    16
    >>> [corners()[0].params.shift, corners()[-1].params.shift]
    [-0.5, 0.5]
    """
    kinds = [(family, beta) for family in FAMILIES for beta in (BETA if family == "spectral" else (None,))]
    found = [
        (family, Params(shift=shift, contrast=contrast, beta=beta))
        for (family, beta), shift, contrast in product(kinds, SHIFT, CONTRAST)
    ]
    return [Setting(i, family, params, "P7/corner/") for i, (family, params) in enumerate(found)]


@dataclass(frozen=True, slots=True, eq=False)
class SettingsInTurn:
    """The noises of some settings one after the other, as one sequence of images."""

    noises: tuple[Noise, ...]
    """Of one size."""
    each: int
    """How many images of each, from its first on."""

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return images ``start`` to ``stop - 1`` of the sequence as (n, C, S, S) float32.

        Raises ValueError if the range does not lie within the sequence.
        """
        total = self.each * len(self.noises)
        if not 0 <= start <= stop <= total:
            raise ValueError(f"images {start} to {stop} are no range within the {total} of the settings")
        # An empty block first, so that an empty range has the shape of one, too.
        blocks = [self.noises[0].images(0, 0)]
        while start < stop:
            which, first = divmod(start, self.each)
            last = min(self.each, first + stop - start)
            blocks.append(self.noises[which].images(first, last))
            start += last - first
        return np.concatenate(blocks)
