"""The plainest noise that was found to leave the class of noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, short
from lib.evidence.figures.shares import Share
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import show
from lib.evidence.figures.units import pixels_of
from lib.evidence.numbers import count, number, probability

__all__ = ["Escape", "draw", "gather"]

NAME = "counterexample"
_COLUMNS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Escape:
    """A noise that leaves the class, with its first images.

    Parameters
    ----------
    network, target : str
    family : str
    shift, contrast : float
        In standard deviations of the images; factor on them.
    beta : float or None
        Exponent of the spectrum, where the family has one.
    share : Share
        Of fresh draws that are in the class all the same.
    n : int
        Fresh draws.
    most : str
        The class that most of them are called.
    examples : (E, S, S, 3) uint8 array
    searched : int
        Settings that were asked.
    """

    network: str
    target: str
    family: str
    shift: float
    contrast: float
    beta: float | None
    share: Share
    n: int
    most: str
    examples: NDArray[np.uint8]
    searched: int

    @property
    def parameters(self) -> str:
        """The setting in words."""
        words = f"{self.family}, shift {number(self.shift)} sd, contrast ×{number(self.contrast)}"
        return words if self.beta is None else f"{words}, β = {number(self.beta)}"


def gather(source: Sources) -> Escape:
    """Take what the search of claim P7 found.

    Raises
    ------
    Unavailable
        If nothing was searched or found.
    """
    subject = source.subject
    searched = subject.counterexample
    found = searched.found
    if found is None:
        raise Unavailable(f"no noise that leaves {full(subject.target.name)} was found in {searched.settings} settings")
    target = subject.target
    return Escape(
        source.network,
        target.name,
        found.family,
        found.params.shift,
        found.params.contrast,
        found.params.beta,
        Share.of(target.name, found.labels == target.index),
        len(found.labels),
        subject.classes[int(np.bincount(found.labels).argmax())],
        pixels_of(found.examples),
        searched.settings,
    )


def draw(data: Escape) -> Drawing:
    """Return its first pictures under its parameters."""
    bands = -(-len(data.examples) // _COLUMNS)

    def paint(canvas: Canvas) -> None:
        canvas.get_layout_engine().set(h_pad=0.03, w_pad=0.03, hspace=0, wspace=0)
        grid = canvas.subplots(bands, _COLUMNS, squeeze=False).ravel()
        for axes, pixels in zip(grid, data.examples, strict=False):
            show(axes, pixels)
        for axes in grid[len(data.examples) :]:
            axes.set_visible(False)
        canvas.suptitle(
            f"{data.parameters}\n{probability(data.share.value)} called {short(data.target)}", fontsize=10.5
        )

    found = (
        f"{data.parameters}. Of {count(data.n)} fresh draws {data.share.words} are called {full(data.target)}, and "
        f"most {full(data.most)}"
    )
    return Drawing(
        NAME,
        "test_noise_collapse",
        "The plainest noise that leaves the class",
        f"{len(data.examples)} pictures of a noise: {found}.",
        f"The plainest noise in the registered box that a search of {data.searched} settings found to leave "
        f"{full(data.target)} in {data.network}: {found}. Clipped to the range of an image file.",
        paint,
        height=0.55 + 1.22 * bands,
    )
