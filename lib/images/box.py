"""The registered box of claim P6: the family of noises it speaks about."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lib.images.noise import Noise, Params
from lib.streams import generator

__all__ = ["BETA", "CONTRAST", "FAMILIES", "SHIFT", "Setting", "draw_settings"]

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
    """One point of the box.

    Parameters
    ----------
    index : int
        Its place in the sequence of settings.
    family : str
        One of :data:`FAMILIES`.
    params : Params
    """

    index: int
    family: str
    params: Params

    def noise(self, mean: tuple[float, float, float], std: tuple[float, float, float], size: int, seed: int) -> Noise:
        """Return the noise of this setting, whose draws no other setting shares."""
        return Noise(self.family, size, mean, std, self.params, seed, f"P6/{self.index}")


def draw_settings(n: int, seed: int) -> list[Setting]:
    """Draw the first ``n`` settings of the box.

    Setting *i* depends on the seed and *i* alone, so a longer list begins with the shorter one.

    Parameters
    ----------
    n : int
        How many, 0 or more.
    seed : int
        Seed of the run, 0 or more.

    Raises
    ------
    ValueError
        If ``n`` or ``seed`` is negative.
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
