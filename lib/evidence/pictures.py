"""Pictures that belong to a claim: noise, what a unit looks for, or images that excite it.

An image of the user's is shown in the user's own report alone, where the images are there. What is shipped is measured
without them.
"""

from __future__ import annotations

import base64
import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lib.evidence.text import printable

__all__ = ["Picture", "pictures", "small"]

_LARGEST = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture in the evidence.

    Parameters
    ----------
    group : str
        What it stands beside: pictures of one group make a row.
    label : str
        What it shows.
    png : str
        The PNG file in base64.

    Raises
    ------
    ValueError
        If a text is empty or the file is not a PNG.
    """

    group: str
    label: str
    png: str

    def __post_init__(self) -> None:
        for name in ("group", "label"):
            text = printable(str(getattr(self, name)))
            if not text:
                raise ValueError(f"a picture needs a {name}")
            object.__setattr__(self, name, text)
        if not base64.b64decode(self.png, validate=True).startswith(b"\x89PNG\r\n"):
            raise ValueError(f"the picture {self.label!r} is not a PNG file")

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Picture:
        """Return the value that :meth:`to_json` wrote."""
        return cls(**content)


def pictures(images: NDArray[np.floating], group: str, labels: list[str] | None = None) -> list[Picture]:
    """Return images as pictures, clipped to [0, 1].

    Those of more than 64 pixels are drawn smaller, so that a report stays light.

    Parameters
    ----------
    images : (N, C, S, S) array of float
        [0, 1] is the range of an image file; of C 3 or 1.
    group : str
    labels : list of N str, optional
        Numbered where they are not given.

    Raises
    ------
    ValueError
        If the images have another shape, or there is another number of labels.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"pictures need the shape (N, 3, S, S), or one channel, not {images.shape}")
    names = labels if labels is not None else [f"{i + 1} of {len(images)}" for i in range(len(images))]
    pixels = np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return [Picture(group, name, _png(each)) for name, each in zip(names, pixels, strict=True)]


def small(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return an RGB image of (S, S, C) pixels, drawn smaller where it has more than 64."""
    image = Image.fromarray(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))
    if max(image.size) > _LARGEST:
        # Averaging would leave nothing of noise.
        image.thumbnail((_LARGEST, _LARGEST), Image.Resampling.NEAREST)
    return image


def _png(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    small(pixels).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
