"""Noise images as a pure function of family, parameters, seed and index."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from why_bird.images.families import FAMILIES
from why_bird.streams import stream

Clip = Literal["none", "clip", "round8"]
"""What is done to the finished image: nothing, clipping to [0, 1], or that and rounding to 8 bits."""

_VERSION = 1
_MAX_INDEX = 2**64

_FITS: dict[str, tuple[Callable[[float], bool], str]] = {
    "shift": (math.isfinite, "a finite number"),
    "contrast": (lambda number: number >= 0, "0 or more"),
    "beta": (lambda number: 0 <= number <= 8, "from 0 to 8"),
    "density": (lambda number: 0 < number <= 1, "above 0 and at most 1"),
    "mean": (math.isfinite, "a finite number"),
    "std": (lambda number: number >= 0, "0 or more"),
}
"""Which finite numbers each may be, and how that is said."""


@dataclass(frozen=True, slots=True)
class Params:
    """What a noise image has beside its family, size, mean and standard deviation.

    Raises ValueError if a value is not finite or out of its range.
    """

    shift: float = 0.0
    """Added to the mean, in standard deviations."""
    contrast: float = 1.0
    """Multiplies the deviation from the mean; 0 or more."""
    clip: Clip = "none"
    """``"none"`` leaves values outside [0, 1], ``"clip"`` clips them, ``"round8"`` also rounds to the 256 levels of an
    image file."""
    beta: float | None = None
    """Exponent of the power spectrum 1/f^β, 0 to 8; for the family ``"spectral"`` and only for it."""
    density: float | None = None
    """Share of pixels that are salt or pepper, in (0, 1]; for ``"salt_pepper"`` and only for it."""

    def __post_init__(self) -> None:
        for name in ("shift", "contrast", "beta", "density"):
            given = getattr(self, name)
            # Not every family has the last two.
            if given is not None or name in ("shift", "contrast"):
                _set(self, name, _number(given, name))
        if self.clip not in get_args(Clip):
            raise ValueError(f"noise clip is {self.clip!r}, and has to be one of {', '.join(get_args(Clip))}")


@dataclass(frozen=True, slots=True)
class Noise:
    r"""An endless, fixed sequence of noise images.

    Image *i* is :math:`\mu + \sigma\,(\mathrm{shift} + \mathrm{contrast}\cdot z_i)` per channel, with
    :math:`z_i` drawn by the family; :mod:`why_bird.images.families` says what each is.

    :math:`z_i` depends on family, its β or density, size, seed, role and *i* alone, through a Philox
    counter that starts at a block of its own for each index. So shift, contrast, clip, mean and standard
    deviation change an image without drawing another one (clipped and unclipped noise are pairs), while
    families, exponents and roles are independent of each other.

    Raises ValueError if the family is unknown or a parameter does not fit it.

    Examples
    --------
    >>> noise = Noise("gaussian", 32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), Params(), seed=0, role="A")
    >>> bool((noise.images(0, 8)[5:] == noise.images(5, 8)).all())
    True
    """

    family: str
    size: int
    """Height and width in pixels."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """tuple of C floats: per channel, on the [0, 1] image scale: three, or one of noise in grey."""
    params: Params = field(default_factory=Params)
    seed: int = 0
    """Seed of the run, 0 or more."""
    role: str = "A"
    """What the draws are for (``"A"`` chooses, ``"B"`` tests): roles never share an image."""

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"noise family is {self.family!r}, and has to be one of {', '.join(FAMILIES)}")
        _set(self, "size", _integer(self.size, "size", 1))
        _set(self, "seed", _integer(self.seed, "seed", 0))
        _set(self, "mean", _channels(self.mean, "mean"))
        _set(self, "std", _channels(self.std, "std"))
        if len(self.mean) != len(self.std):
            raise ValueError(f"noise mean is {self.mean!r} and std is {self.std!r}, and both have a number a channel")
        if not isinstance(self.params, Params):
            raise ValueError(f"noise params is {self.params!r}, and has to be of type Params")
        if not isinstance(self.role, str) or not self.role:
            raise ValueError(f"noise role is {self.role!r}, and has to be a name such as 'A'")
        for name, family in (("beta", "spectral"), ("density", "salt_pepper")):
            given = getattr(self.params, name) is not None
            if given != (self.family == family):
                found = f"{self.family} noise {'has' if given else 'lacks'} {name}"
                raise ValueError(f"{found}, which {family} noise needs and no other family takes")

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        """Draw the images with indices ``start`` to ``stop - 1``.

        The result is a (stop - start, C, size, size) float32 array, on the [0, 1] image scale; unclipped noise also
        lies outside. Raises ValueError if the range is not one.

        Parameters
        ----------
        start, stop : int
            0 ≤ start ≤ stop ≤ 2⁶⁴.
        """
        if not 0 <= start <= stop <= _MAX_INDEX:
            raise ValueError(f"noise indices {start} to {stop} are no range within 0 to 2**64")
        out = np.empty((stop - start, len(self.mean), self.size, self.size), dtype=np.float32)
        self._draw(start, out)
        self._place(out)
        return out

    def key(self) -> dict[str, object]:
        """Return what the images depend on, as a JSON-safe dictionary that can serve as an identity."""
        return {
            "noise": _VERSION,
            "family": self.family,
            "size": self.size,
            "mean": list(self.mean),
            "std": list(self.std),
            "params": asdict(self.params),
            "seed": self.seed,
            "role": self.role,
        }

    def describe(self) -> str:
        """Return what the noise is in one phrase, for a report."""
        words = FAMILIES[self.family].words.format(**asdict(self.params))
        ends = {"none": "unclipped", "clip": "clipped to [0, 1]", "round8": "clipped to [0, 1] and rounded to 8 bits"}
        parts = [words, f"{self.size}×{self.size} pixels"]
        parts += [f"mean {_shown(self.mean)}", f"sd {_shown(self.std)}"]
        parts += [f"mean shifted by {self.params.shift:+.3g} sd"] if self.params.shift else []
        parts += [f"contrast ×{self.params.contrast:.3g}"] if self.params.contrast != 1 else []
        return ", ".join([*parts, ends[self.params.clip]])

    def _draw(self, start: int, out: NDArray[np.float32]) -> None:
        beta, density = self.params.beta, self.params.density
        own = beta if beta is not None else density if density is not None else 0.0
        draw = FAMILIES[self.family].draw
        seeds = stream(self.seed, "noise", f"{self.role}/{self.family}/{own!r}/{self.size}")
        philox = np.random.Philox(key=seeds.generate_state(2, np.uint64))
        rng = np.random.Generator(philox)
        state: Any = philox.state  # a dictionary; numpy's type leaves out half of its entries
        # One generator, moved to the counter block of each index with nothing left over from the
        # image before: an image costs no construction, and no other image can influence it.
        state.update(buffer_pos=4, has_uint32=0, uinteger=0)
        counter = state["state"]["counter"]
        for offset in range(len(out)):
            counter[:] = (0, start + offset, 0, 0)
            philox.state = state
            draw(rng, out[offset], own)

    def _place(self, out: NDArray[np.float32]) -> None:
        mean, std = (np.array(values)[:, None, None] for values in (self.mean, self.std))
        out *= (std * self.params.contrast).astype(np.float32)
        out += (mean + std * self.params.shift).astype(np.float32)
        if self.params.clip != "none":
            np.clip(out, 0, 1, out=out)
        if self.params.clip == "round8":
            np.rint(out * np.float32(255), out=out)
            out /= np.float32(255)


def _set(instance: Params | Noise, name: str, value: object) -> None:
    # Plain Python values, so that 1, 1.0 and np.float32(1) make one identity; the instance is frozen.
    object.__setattr__(instance, name, value)


def _number(value: object, name: str) -> float:
    fits, wanted = _FITS[name]
    number = math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not math.isfinite(number) or not fits(number):
        raise ValueError(f"noise {name} is {value!r}, and has to be {wanted}")
    return number + 0.0  # turns −0 into 0, which is the same number and has to be the same key


def _integer(value: object, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise ValueError(f"noise {name} is {value!r}, and has to be a whole number, {least} or more")
    return int(value)


def _channels(values: object, name: str) -> tuple[float, ...]:
    if not isinstance(values, (tuple, list, np.ndarray)) or len(values) not in (1, 3):
        raise ValueError(f"noise {name} is {values!r}, and has to be three numbers, one a channel, or one of grey")
    return tuple(_number(value, name) for value in values)


def _shown(values: tuple[float, ...]) -> str:
    return f"({', '.join(f'{value:.3f}' for value in values)})" if len(set(values)) > 1 else f"{values[0]:.3f}"
