"""Rows of small pictures: noise, or what a unit looks for.

An image of the user's is shown in the user's own report alone, where the images are there. What is shipped is measured
without them.
"""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from why_bird.evidence.charts.chart import Chart, sentence
from why_bird.evidence.charts.style import SIZE, Canvas, bare, listed, short
from why_bird.evidence.charts.values import Checked, Whole

_COLUMNS, _LARGEST, _MOST = 4, 64, 64
_CELL, _LINE = 1.0, 0.2


@dataclass(frozen=True, slots=True)
class ImageRow(Checked):
    """Pictures of one sort, one of each column."""

    label: str
    pngs: Sequence[Whole]
    """PNG files in base64."""
    notes: Sequence[str] = ()
    """Below each picture; none where it is empty."""

    def _check(self) -> None:
        self._same_length("pngs", "notes")
        for each in self.pngs:
            try:
                with Image.open(io.BytesIO(base64.b64decode(each, validate=True)), formats=["PNG"]) as image:
                    size = image.size
            except (OSError, ValueError, SyntaxError):
                raise ValueError(f"a picture of {self.label!r} is not a PNG file") from None
            if max(size) > _LARGEST:
                raise ValueError(f"a picture of {self.label!r} has {size[0]} × {size[1]} pixels: {_LARGEST} at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageGrid(Chart):
    """Columns of pictures, four beside one another."""

    kind: ClassVar[str] = "images"

    columns: Sequence[str]
    rows: Sequence[ImageRow]

    def _check(self) -> None:
        if not self.columns or not self.rows or any(len(row.pngs) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title!r}: every row needs a picture of each of {len(self.columns)} columns")
        if len(self.columns) * len(self.rows) > _MOST:
            raise ValueError(f"{self.title!r} has more than {_MOST} pictures")

    @property
    def description(self) -> str:
        """What is shown, with what stands below the pictures."""
        named = [f"{name} ({n})" if n > 1 else name for name, n in Counter(self.columns).items()]
        said = [f"Pictures of {listed(named, 20)}; rows: {listed([r.label for r in self.rows])}"]
        said += [f"{sentence(row.label)}: {listed(row.notes, 20)}" for row in self.rows if row.notes]
        return ". ".join(said) + "."

    @property
    def _bands(self) -> int:
        return -(-len(self.columns) // _COLUMNS)

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return self._bands * (_LINE + sum(_CELL + _LINE * bool(row.notes) for row in self.rows))

    def paint(self, canvas: Canvas) -> None:
        """Draw the pictures, pixel by pixel."""
        canvas.get_layout_engine().set(h_pad=0.04, w_pad=0.02, hspace=0, wspace=0)
        m = len(self.rows)
        grid = canvas.subplots(m * self._bands, _COLUMNS, squeeze=False)
        for axes in grid.ravel():
            bare(axes)
        for place, name in enumerate(self.columns):
            band, column = divmod(place, _COLUMNS)
            own = grid[m * band : m * (band + 1), column]
            own[0].set_title(short(name), pad=3)
            for axes, row in zip(own, self.rows, strict=True):
                with Image.open(io.BytesIO(base64.b64decode(row.pngs[place]))) as image:
                    axes.imshow(np.asarray(image.convert("RGB")), interpolation="none")
                if row.notes:
                    axes.set_xlabel(short(row.notes[place]), labelpad=2)
                if column == 0:
                    axes.set_ylabel(short(row.label), fontsize=SIZE)


def image_row(label: str, images: NDArray[np.floating] | NDArray[np.uint8], notes: Sequence[str] = ()) -> ImageRow:
    """Return images as a row of pictures, clipped to [0, 1].

    Those of more than 64 pixels are drawn smaller, so that a report stays light.

    Parameters
    ----------
    images : (N, C, S, S) array of float, or (N, S, S, C) array of uint8
        Of floats, [0, 1] is the range of an image file; of C 3 or 1.
    notes : sequence of N str, optional

    Raises
    ------
    ValueError
        If the images have another shape, or there is another number of notes.

    Examples
    --------
    >>> black_and_white = np.array([np.zeros((1, 8, 8)), np.ones((1, 8, 8))])
    >>> row = image_row("two pictures", black_and_white, ["black", "white"])
    >>> len(row.pngs), row.notes
    (2, ('black', 'white'))
    """
    is_bytes = images.dtype == np.uint8
    if images.ndim != 4 or images.shape[3 if is_bytes else 1] not in (1, 3):
        raise ValueError(
            f"pictures need the shape (N, 3, S, S), or (N, S, S, 3) of bytes, or one channel, not {images.shape}"
        )
    pixels = images if is_bytes else np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return ImageRow(label, tuple(_png(each) for each in pixels), tuple(notes))


def _png(pixels: NDArray[np.uint8]) -> str:
    colour = np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    file, image = io.BytesIO(), Image.fromarray(colour)
    # Averaging would leave nothing of noise.
    image.thumbnail((_LARGEST, _LARGEST), Image.Resampling.NEAREST)
    image.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
