"""Stacked shares: what a whole is made of, in a row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts.chart import Chart, sentence
from why_bird.evidence.charts.style import COLORS, INK, VERMILLION, Canvas, legend, listed, short, wrapped
from why_bird.evidence.charts.values import Checked
from why_bird.evidence.numbers import count, probability, quoted

_LEAST, _LABELLED, _WORTH = 0.02, 0.2, 0.001
"""Parts below a fiftieth are drawn together; those of a fifth and more have room for their share."""


@dataclass(frozen=True, slots=True)
class Stack(Checked):
    """One whole."""

    label: str
    shares: Sequence[float]
    """From 0 to 1, one of each part; together at most 1."""
    note: str = ""
    """What else is to be known of it, in few words."""

    def _check(self) -> None:
        if min(self.shares, default=0) < 0 or sum(self.shares) > 1 + 1e-3:
            raise ValueError(f"the shares of {self.label!r} are below 0 or more than 1 together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked(Chart):
    """Wholes below one another, each a bar of its parts."""

    kind: ClassVar[str] = "stacked"

    parts: Sequence[str]
    stacks: Sequence[Stack]
    axis: str
    """What the wholes are of."""
    highlight: Sequence[str] = ()
    """Parts in another colour."""

    def _check(self) -> None:
        if not self.stacks or any(len(each.shares) != len(self.parts) for each in self.stacks):
            raise ValueError(f"{self.title!r}: every whole needs a share of each of {len(self.parts)} parts")

    def told(self, stack: Stack, most: int = 2) -> str:
        """Return a whole in few words: what is highlighted, also where nothing is left of it, and the largest parts.

        Others of less than a thousandth are not worth a word.
        """
        named = [p for p in self.order(stack) if stack.shares[p] >= _WORTH or self.parts[p] in self.highlight]
        return ", ".join(f"{short(self.parts[p])} {quoted(stack.shares[p])}" for p in named[:most])

    def order(self, stack: Stack) -> list[int]:
        """Return the places of the parts of a whole: what is highlighted, then the rest, each by its share."""
        return sorted(range(len(self.parts)), key=lambda p: (self.parts[p] not in self.highlight, -stack.shares[p]))

    @property
    def description(self) -> str:
        """Every whole with its parts, the largest first."""
        wholes = []
        for each in self.stacks:
            order = sorted(zip(each.shares, self.parts, strict=True), key=lambda part: -part[0])
            said = [f"{name} {probability(share)}" for share, name in order if share > 0]
            note = f" ({each.note})" if each.note else ""
            wholes.append(f"{sentence(each.label)}{note}: {listed(said) or 'nothing'}")
        return f"Stacked bars of {self.axis}. {'. '.join(wholes)}."

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return 1.1 + 0.5 * len(self.stacks) + 0.2 * ((len(self._named) + 2) // 3)

    @property
    def _named(self) -> list[int]:
        """Return the parts that are drawn apart, the highlighted and the largest first."""
        most = [max(each.shares[p] for each in self.stacks) for p in range(len(self.parts))]
        order = sorted(range(len(self.parts)), key=lambda p: (self.parts[p] not in self.highlight, -most[p]))
        return [p for p in order if most[p] >= _LEAST][: len(COLORS) + max(1, len(self.highlight))]

    def paint(self, canvas: Canvas) -> None:
        """Draw the bars."""
        axes, named = canvas.subplots(), self._named
        others = iter(COLORS)
        places, lefts, handles = range(len(self.stacks)), [0.0] * len(self.stacks), []
        for part in named:
            color = VERMILLION if self.parts[part] in self.highlight else next(others, INK)
            widths = [each.shares[part] for each in self.stacks]
            look = {"color": (color, 0.6), "edgecolor": color, "linewidth": 1.2}
            handles.append(axes.barh(places, widths, left=lefts, height=0.6, **look))
            for place, width, left in zip(places, widths, lefts, strict=True):
                if width >= _LABELLED:
                    axes.text(left + width / 2, place, probability(width), ha="center", va="center")
            lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
        rest = [max(0.0, sum(each.shares) - left) for each, left in zip(self.stacks, lefts, strict=True)]
        labels = [short(self.parts[part]) for part in named]
        if max(rest) > 1e-9:
            handles.append(axes.barh(places, rest, left=lefts, color=INK, alpha=0.2, height=0.6))
            labels.append("others")
        axes.set_yticks(places, [wrapped(each.label, 90) for each in self.stacks])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(self.stacks) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.set_xlabel(wrapped(self.axis, 210))
        legend(canvas, handles, labels)


def stacked(classes: Sequence[str], wholes: Mapping[str, NDArray[np.integer]], unit: str, **words: Any) -> Stacked:
    """Return what images are called, in a bar a group of them.

    Parameters
    ----------
    wholes : mapping of str to (n,) int array
        Predicted classes by group.
    unit : str
        What there are n of.
    **words
        Title, caption, highlight: as of :class:`Stacked`.

    Examples
    --------
    >>> called = {"sharp": np.array([0, 0, 0, 1]), "blurred": np.array([1, 1, 1, 1])}
    >>> stacked(["bird", "cat"], called, "images each", title="blurred birds are called cat").description
    'Stacked bars of share of 4 images each. Sharp: bird 75.0 % and cat 25.0 %. Blurred: cat 100.0 %.'
    """
    stacks = [
        Stack(name, tuple(np.bincount(labels, minlength=len(classes)) / max(1, len(labels))))
        for name, labels in wholes.items()
    ]
    n = max((len(labels) for labels in wholes.values()), default=0)
    return Stacked(parts=tuple(classes), stacks=tuple(stacks), axis=f"share of {count(n)} {unit}", **words)
