"""What is done to an image before a network sees it: resizing and normalisation."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from lib.errors import BadInput

__all__ = ["CIFAR10", "INTERPOLATIONS", "Interpolation", "Preprocess", "choose_preprocess", "read_json"]

Interpolation = Literal["bilinear", "bicubic", "nearest"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
LARGEST = 1024


@dataclass(frozen=True, slots=True)
class Preprocess:
    """Resize to a square, then ``(x − mean) / std`` per channel.

    Parameters
    ----------
    mean, std : tuple of 3 float
        On the [0, 1] scale of the images; ``std`` is positive.
    size : int
        Side of the square that the network takes, in pixels, 1 to 1024.
    interpolation : {"bilinear", "bicubic", "nearest"}
        The first two are antialiased when they shrink, as torchvision's ``Resize`` is.

    Raises
    ------
    BadInput
        If a value is none of these.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: int = 32
    interpolation: Interpolation = "bilinear"

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", _three("mean", self.mean))
        object.__setattr__(self, "std", _three("std", self.std))
        # Smaller than the least normal float32, the division would overflow for every image.
        if min(self.std) < torch.finfo(torch.float32).tiny:
            raise BadInput(
                f"std is {list(self.std)}, expected three positive numbers on the [0, 1] scale of the images"
            )
        if isinstance(self.size, bool) or not isinstance(self.size, int) or not 1 <= self.size <= LARGEST:
            raise BadInput(f"size is {_shown(self.size)}, expected a whole number of pixels from 1 to {LARGEST}")
        if self.interpolation not in INTERPOLATIONS:
            raise BadInput(
                f"interpolation is {_shown(self.interpolation)}, expected one of {', '.join(INTERPOLATIONS)}"
            )

    def __call__(self, images: Tensor) -> Tensor:
        """Return the images as the network takes them.

        Parameters
        ----------
        images : (N, 3, H, W) float Tensor
            On the [0, 1] scale; values outside are kept (the post's noise is not clipped). What is not
            square is stretched.

        Returns
        -------
        (N, 3, size, size) Tensor
            Of the same dtype and on the same device.

        Raises
        ------
        ValueError
            If the images have another shape or are not floating-point.
        """
        if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
            raise ValueError(
                f"images are {images.dtype} of shape {tuple(images.shape)}, expected floats of shape (N, 3, H, W)"
            )
        if tuple(images.shape[2:]) != (self.size, self.size):
            smooth = self.interpolation != "nearest"
            images = functional.interpolate(
                images, size=(self.size, self.size), mode=self.interpolation, antialias=smooth
            )
        mean = torch.tensor(self.mean, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
        std = torch.tensor(self.std, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
        return (images - mean) / std


def choose_preprocess(
    metadata: Mapping[str, str],
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    size: int | None = None,
    interpolation: str | None = None,
) -> tuple[Preprocess, tuple[str, ...]]:
    """Take each value from the option, else from the checkpoint, else CIFAR-10's.

    Parameters
    ----------
    metadata : mapping of str
        The checkpoint's; ``mean``, ``std`` and ``size`` are JSON.
    mean, std, size, interpolation : optional
        Options. What is given here is not looked up in the metadata.

    Returns
    -------
    Preprocess
    tuple of str
        The names that neither the options nor the checkpoint gave.

    Raises
    ------
    BadInput
        If a value cannot be used.
    """
    given: dict[str, Any] = {"mean": mean, "std": std, "size": size, "interpolation": interpolation}
    chosen: dict[str, Any] = {}
    for name, option in given.items():
        if option is not None:
            chosen[name] = option
        elif name in metadata:
            chosen[name] = metadata[name] if name == "interpolation" else read_json(metadata, name)
    assumed = tuple(name for name in given if name not in chosen)
    return Preprocess(**{name: getattr(CIFAR10, name) for name in assumed} | chosen), assumed


def read_json(metadata: Mapping[str, str], name: str) -> Any:
    """Parse one value of a checkpoint's metadata.

    Raises
    ------
    BadInput
        If it is not JSON.
    """
    try:
        return json.loads(metadata[name])
    except (ValueError, RecursionError):
        option = {"size": "input-size", "classes": "class-names"}.get(name, name)
        raise BadInput(
            f"the checkpoint's {name} is {_shown(metadata[name])}, which is not JSON; give --{option} instead"
        ) from None


def _three(name: str, values: object) -> tuple[float, ...]:
    """Return three floats that are finite in 32 bits."""
    if isinstance(values, Sequence) and len(values) == 3:
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        # Compared before they become floats, which a huge whole number could not; NaN compares false.
        if len(numbers) == 3 and all(abs(v) <= torch.finfo(torch.float32).max for v in numbers):
            return tuple(float(v) for v in numbers)
    raise BadInput(f"{name} is {_shown(values)}, expected three finite numbers, one for each of red, green, blue")


def _shown(value: object) -> str:
    # reprlib shortens each value of a nested one, and not their sum.
    text = reprlib.repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


CIFAR10 = Preprocess(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))
"""Mean and standard deviation of CIFAR-10's training pixels, as they are commonly used."""
