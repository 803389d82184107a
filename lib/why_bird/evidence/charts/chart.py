"""What every chart is: data with a conclusion as its title, which can say and draw itself."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from why_bird.evidence.charts.style import HEIGHT, Canvas
from why_bird.evidence.charts.values import Checked
from why_bird.evidence.numbers import number, probability


@dataclass(frozen=True, slots=True)
class Axis(Checked):
    """What is drawn along one direction."""

    label: str
    """The quantity and its unit."""
    percent: bool = False
    """Whether values are shares from 0 to 1, shown in per cent."""
    log: int = 0
    """Base of a logarithmic scale; 0 for a linear one. From ``low=0`` on, 0 has a place beside 1."""
    low: float | None = None
    high: float | None = None
    """Ends; None where the data decide."""
    ticks: Sequence[float] = ()
    """Where labels stand; the scale decides where none are given."""

    def _check(self) -> None:
        ends = [each for each in (self.low, self.high, *self.ticks) if each is not None]
        if self.log and (self.log < 2 or not all(map(self.takes, ends))):
            raise ValueError(f"the axis {self.label!r} is logarithmic: its base is 2 or more, its ends above 0")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"the axis {self.label!r} goes from {self.low} to {self.high}")

    def takes(self, value: float) -> bool:
        """Return whether a value has a place on the scale."""
        return not self.log or value > 0 or value == self.low == 0

    def say(self, value: float | None) -> str:
        """Return a value as text."""
        if value is None:
            return "not measured"
        return probability(value) if self.percent else number(value)

    def apply(self, axis: Any) -> None:
        """Give one of matplotlib's axes, ``axes.xaxis`` or ``axes.yaxis``, its scale, its ends and its labels."""
        axes, name, marks = axis.axes, axis.axis_name, self._marks()
        from_zero = self.log and self.low == 0
        if self.log:
            scale, how = ("symlog", {"linthresh": 1}) if from_zero else ("log", {})
            getattr(axes, f"set_{name}scale")(scale, base=self.log, **how)
        if marks:
            axis.set_ticks([place for place, _ in marks], [words for _, words in marks])
            if self.log:
                axis.set_ticks([], minor=True)
        getattr(axes, f"set_{name}lim")(-0.15 if from_zero else self.low, self.high)

    def _marks(self) -> list[tuple[float, str]]:
        if self.ticks:
            return [(tick, f"{100 * tick:g} %" if self.percent else f"{tick:g}") for tick in self.ticks]
        return [(tick / 100, f"{tick} %" if tick else "0") for tick in (0, 50, 100)] if self.percent else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart(Checked, ABC):
    """A chart before it is drawn."""

    kind: ClassVar[str]
    kinds: ClassVar[dict[str, type[Chart]]] = {}

    title: str
    """What is to be seen, as a sentence without its full stop."""
    caption: str = ""
    """What was measured on what, and what the marks mean."""
    leads: bool = False
    """Whether it stands beside the answer, before everything else."""

    def __init_subclass__(cls) -> None:
        # What several kinds have in common has no name of its own.
        if isinstance(kind := cls.__dict__.get("kind"), str):
            cls.kinds[kind] = cls

    @classmethod
    def of_kind(cls, kind: object) -> type[Chart]:
        """Return the kind of chart of a name, as it is written before the fields.

        Raises ValueError if there is none.
        """
        found = cls.kinds.get(kind) if isinstance(kind, str) else None
        if found is None:
            raise ValueError(f"there is no chart of kind {kind!r:.40}: {', '.join(sorted(cls.kinds))}")
        return found

    @property
    def heading(self) -> str:
        """The title as a sentence begins, whatever a class is called."""
        return sentence(self.title)

    @property
    @abstractmethod
    def description(self) -> str:
        """What a reader who cannot see it needs to know, made from the data."""

    @property
    def height(self) -> float:
        """Of the drawing, in inches."""
        return HEIGHT

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Draw on an empty matplotlib figure; whatever the data, it does not raise."""


def known(values: Sequence[float | None]) -> list[float]:
    """Return a list with NaN, which matplotlib leaves out, in place of what is missing.

    Examples
    --------
    >>> known([0.5, None])
    [0.5, nan]
    """
    return [math.nan if value is None else value for value in values]


def sentence(words: str) -> str:
    """Return words as a sentence begins."""
    return words[:1].upper() + words[1:]
