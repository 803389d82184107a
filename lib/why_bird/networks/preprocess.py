"""What is done to an image before a network sees it: resizing, cutting and normalisation."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput

if TYPE_CHECKING:
    from torch import Tensor

Interpolation = Literal["bilinear", "bicubic", "nearest"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
LARGEST = 1024


@dataclass(frozen=True, slots=True)
class Preprocess:
    """Bring to a square, then ``(x − mean) / std`` per channel.

    Raises BadInput if a value is none of these.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    """tuple of 3 float, or of 1: on the [0, 1] scale of the images; ``std`` is positive. One number each is for a
    network that takes grey."""
    size: int = 32
    """Side of the square that the network takes, in pixels, 1 to 1024."""
    interpolation: Interpolation = "bilinear"
    """The first two are antialiased when they shrink, as torchvision's ``Resize`` is."""
    resize: int | None = None
    """Where it is given, the shorter side is resized to so many pixels, and of those the middle is cut out:
    torchvision's ``Resize`` and ``CenterCrop``. Without it, an image is stretched to the square."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", _channels("mean", self.mean))
        object.__setattr__(self, "std", _channels("std", self.std))
        if len(self.mean) != len(self.std):
            raise BadInput(
                f"mean has {len(self.mean)} and std {len(self.std)} numbers, expected three each, or one for grey"
            )
        # Smaller than the least normal float32, the division would overflow for every image.
        if min(self.std) < np.finfo(np.float32).tiny:
            raise BadInput(
                f"std is {list(self.std)}, expected three positive numbers on the [0, 1] scale of the "
                "images, or one for grey"
            )
        if not _is_side(self.size, 1):
            raise BadInput(f"size is {_shown(self.size)}, expected a whole number of pixels from 1 to {LARGEST}")
        if self.resize is not None and not _is_side(self.resize, self.size):
            raise BadInput(
                f"resize is {_shown(self.resize)}, expected a whole number of pixels from the size, {self.size}, to "
                f"{LARGEST}"
            )
        if self.interpolation not in INTERPOLATIONS:
            raise BadInput(
                f"interpolation is {_shown(self.interpolation)}, expected one of {', '.join(INTERPOLATIONS)}"
            )

    @property
    def channels(self) -> int:
        """How many channels the network takes: 3, or 1 of grey."""
        return len(self.mean)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the images as the network takes them.

        Parameters
        ----------
        images : (N, C, H, W) float Tensor
            On the [0, 1] scale; values outside are kept (the post's noise is not clipped). What has the size of
            the network is taken as it is: noise is drawn at that size.

        Returns
        -------
        (N, C, size, size) Tensor
            Of the same dtype and on the same device.

        Raises
        ------
        ValueError
            If the images have another shape or are not floating-point.
        """
        import torch

        channels = self.channels
        if images.ndim != 4 or images.shape[1] != channels or not images.is_floating_point():
            raise ValueError(
                f"images are {images.dtype} of shape {tuple(images.shape)}, expected floats of shape "
                f"(N, {channels}, H, W)"
            )
        if tuple(images.shape[2:]) != (self.size, self.size):
            smooth = self.interpolation != "nearest"
            images = torch.nn.functional.interpolate(
                images, size=self._resized(*images.shape[2:]), mode=self.interpolation, antialias=smooth
            )
            top, left = ((side - self.size) // 2 for side in images.shape[2:])
            images = images[..., top : top + self.size, left : left + self.size]
        mean = torch.tensor(self.mean, dtype=images.dtype, device=images.device).view(1, channels, 1, 1)
        std = torch.tensor(self.std, dtype=images.dtype, device=images.device).view(1, channels, 1, 1)
        return (images - mean) / std

    def of_array(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the same of an array, as an array."""
        import torch

        given: NDArray[np.float32] = self(torch.from_numpy(images)).numpy()
        return given

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        if self.resize is None:
            return self.size, self.size
        scale = self.resize / min(height, width)
        return max(self.resize, int(height * scale)), max(self.resize, int(width * scale))

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values: what decides, with the other values, what a network answers."""
        # Left out where there is none, so that a network that is not cut for has the hash that it always had.
        return {name: value for name, value in asdict(self).items() if not (name == "resize" and value is None)}

    def describe(self) -> str:
        """Return how a network is fed, for a report.

        Examples
        --------
        >>> Preprocess((0.5,), (0.25,), 28).describe()
        'grey, 28×28 pixels, bilinear, mean 0.5, sd 0.25'
        """
        colour = "grey" if self.channels == 1 else "RGB"
        cut = f" cut from {self.resize}" if self.resize not in (None, self.size) else ""
        mean, std = (", ".join(f"{value:.4g}" for value in values) for values in (self.mean, self.std))
        return f"{colour}, {self.size}×{self.size} pixels{cut}, {self.interpolation}, mean {mean}, sd {std}"


def choose_preprocess(
    metadata: Mapping[str, str],
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    size: int | None = None,
    interpolation: str | None = None,
    named: Mapping[str, Any] | None = None,
    grey: bool = False,
) -> tuple[Preprocess, tuple[str, ...]]:
    """Take each value from the option, else from the checkpoint, else from the architecture, else CIFAR-10's.

    Parameters
    ----------
    metadata : mapping of str
        The checkpoint's; ``mean``, ``std``, ``size`` and ``resize`` are JSON.
    mean, std, size, interpolation : optional
        Options. What is given here is not looked up in the metadata. Where ``size`` is given, nothing is cut.
    named : mapping, optional
        What is known of the architecture.
    grey : bool, default False
        Whether the network takes one channel. Moments that are named for three then are averaged, as timm does.

    Returns
    -------
    Preprocess
    tuple of str
        The names that nobody gave, for which CIFAR-10's values were taken.

    Raises
    ------
    BadInput
        If a value cannot be used, or is for another number of channels.
    """
    given: dict[str, Any] = {"mean": mean, "std": std, "size": size, "interpolation": interpolation}
    chosen: dict[str, Any] = {}
    for name in (*given, "resize"):
        option = given.get(name)
        if option is not None:
            chosen[name] = option
        elif name == "resize" and size is not None:
            continue
        elif name in metadata:
            chosen[name] = metadata[name] if name == "interpolation" else read_json(metadata, name)
        elif named and name in named:
            value = named[name]
            chosen[name] = [sum(value) / len(value)] if grey and name in ("mean", "std") else value
    assumed = tuple(name for name in given if name not in chosen)
    fallback = CIFAR10_GREY if grey or _is_one(chosen.get("mean", chosen.get("std"))) else CIFAR10
    found = Preprocess(**{name: getattr(fallback, name) for name in assumed} | chosen)
    if grey and found.channels != 1:
        raise BadInput(
            f"the network takes grey images (its first convolution has one channel), and mean is {list(found.mean)}: "
            "give one number, such as --mean=0.48 --std=0.24"
        )
    return found, assumed


def read_json(metadata: Mapping[str, str], name: str) -> Any:
    """Parse one value of a checkpoint's metadata.

    Raises BadInput if it is not JSON.
    """
    try:
        return json.loads(metadata[name])
    except (ValueError, RecursionError):
        option = {"size": "input-size", "classes": "class-names"}.get(name, name)
        raise BadInput(
            f"the checkpoint's {name} is {_shown(metadata[name])}, which is not JSON; give --{option} instead"
        ) from None


def _is_side(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def _is_one(values: object) -> bool:
    return isinstance(values, Sequence) and not isinstance(values, str) and len(values) == 1


def _channels(name: str, values: object) -> tuple[float, ...]:
    """Return three floats, or one, that are finite in 32 bits."""
    if isinstance(values, Sequence) and len(values) in (1, 3):
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        # Compared before they become floats, which a huge whole number could not; NaN compares false.
        largest = float(np.finfo(np.float32).max)  # NumPy's own would make a float of what it is compared with
        if len(numbers) == len(values) and all(abs(v) <= largest for v in numbers):
            return tuple(float(v) for v in numbers)
    raise BadInput(
        f"{name} is {_shown(values)}, expected three finite numbers, one for each of red, green, blue, or one for grey"
    )


def _shown(value: object) -> str:
    # reprlib shortens each value of a nested one, and not their sum.
    text = reprlib.repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


CIFAR10 = Preprocess(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))
"""Mean and standard deviation of CIFAR-10's training pixels, as they are commonly used."""

CIFAR10_GREY = Preprocess(mean=(0.4809,), std=(0.2392,))
"""The same of their grey."""
