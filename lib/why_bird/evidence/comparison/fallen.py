"""Where noise fell in one run and falls in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from why_bird.evidence.charts import Stack, Stacked
from why_bird.evidence.noise_class import NoiseCounts
from why_bird.evidence.numbers import probability

_SHOWN, _SMALL = 3, 0.005
_SHORT_HASH = 8


@dataclass(frozen=True, slots=True)
class Fallen:
    """Where the noise of networks that know the same classes fell and falls."""

    classes: tuple[str, ...]
    then: tuple[float, ...]
    now: tuple[float, ...]
    """Share of each class, the mean over networks."""
    who: tuple[str, str]
    """The networks of either run, in words."""

    @property
    def said(self) -> tuple[str, str]:
        """The largest shares of either run, in words."""
        return _largest(self.classes, self.then), _largest(self.classes, self.now)

    @property
    def has_moved(self) -> bool:
        """Whether another class holds most of the noise."""
        return _most(self.then) != _most(self.now)

    @property
    def chart(self) -> Stacked:
        """Both as stacked bars, the class that holds most of it now highlighted."""
        most = self.classes[_most(self.now)]
        verb = "now falls into" if self.has_moved else "still falls into"
        return Stacked(
            title=f"most noise {verb} {most}",
            caption=f"Then: {self.who[0]}. Now: {self.who[1]}.",
            parts=self.classes,
            stacks=(Stack("then", self.then), Stack("now", self.now)),
            axis="share of noise",
            highlight=(most,),
        )


def fallen(then: Sequence[NoiseCounts], now: Sequence[NoiseCounts], names: Mapping[str, str]) -> tuple[Fallen, ...]:
    """Return where noise fell and falls, by classes that networks of both runs know; `names` are those of hashes."""
    found = []
    for classes in dict.fromkeys(each.classes for each in then):
        sides = [[each for each in run if each.classes == classes and any(each.counts)] for run in (then, now)]
        if all(sides):
            means = [_mean(side) for side in sides]
            found.append(Fallen(classes, means[0], means[1], (_who(sides[0], names), _who(sides[1], names))))
    return tuple(found)


def _mean(networks: Sequence[NoiseCounts]) -> tuple[float, ...]:
    shares = [[each.of(name) / sum(each.counts) for name in each.classes] for each in networks]
    return tuple(fmean(column) for column in zip(*shares, strict=True))


def _who(networks: Sequence[NoiseCounts], names: Mapping[str, str]) -> str:
    one = networks[0].network
    return names.get(one, one[:_SHORT_HASH]) if len(networks) == 1 else f"the mean of {len(networks)} networks"


def _most(shares: Sequence[float]) -> int:
    return max(range(len(shares)), key=lambda place: shares[place])


def _largest(classes: Sequence[str], shares: Sequence[float]) -> str:
    order = sorted(range(len(shares)), key=lambda place: -shares[place])[:_SHOWN]
    return ", ".join(f"{classes[place]} {probability(shares[place])}" for place in order if shares[place] >= _SMALL)
