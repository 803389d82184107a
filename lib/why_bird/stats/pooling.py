"""What single networks say of a claim, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from why_bird.stats.estimate import Estimate
from why_bird.stats.network_mean import NetworkMean
from why_bird.stats.proportion import Proportion
from why_bird.stats.validation import store_counts, store_finite

_UNIT = "networks"


@dataclass(frozen=True, slots=True)
class NetworkValue:
    """What one network says of a claim, as far as its procedure needs it."""

    value: float
    variance: float | None
    """Sampling variance of `value`, given the network; None where it is exact or nothing varied, and always where the
    network itself is what was counted."""
    n: int
    """Number of units behind it."""
    unit: str
    """What was counted. ``"networks"`` says that the value is 1 or 0: whether the claim holds of this one."""
    null: float | None = None
    """The value where there is no effect."""
    support: tuple[float, float] | None = None
    """The least and the greatest value that there can be, where that is known."""

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        if self.value is None:
            raise ValueError("a network without a value says nothing")
        store_finite(self, "value", "null")
        store_finite(self, "variance", minimum=0.0)
        if self.unit == _UNIT and (self.n != 1 or self.value not in (0.0, 1.0)):
            raise ValueError(f"one network was counted as {self.value!r} of {self.n}, expected 0 or 1 of 1")
        if self.unit == _UNIT:
            object.__setattr__(self, "variance", None)


def network_value(estimate: Estimate) -> NetworkValue:
    """Return what a procedure needs of one network's estimate.

    Of an intersection this is the weakest contrast of that network, the one that decides there.

    Examples
    --------
    >>> said = network_value(Proportion(80, 100, "images"))
    >>> said.value, round(said.variance, 6), said.n  # (81/102) (21/102) / 100
    (0.8, 0.001635, 100)
    """
    return NetworkValue(estimate.value, estimate.variance, estimate.n, estimate.unit, estimate.null, estimate.support)


def counted(value: NetworkValue, threshold: float) -> NetworkValue:
    """Return whether what a network says is above a threshold, as 1 or 0, so that networks can be counted.

    Examples
    --------
    >>> of_network = NetworkValue(0.93, 0.0001, 500, "images")
    >>> counted(of_network, 0.9).value, counted(of_network, 0.95).value
    (1.0, 0.0)
    """
    return NetworkValue(float(value.value > threshold), None, 1, _UNIT)


def pool(values: Sequence[NetworkValue]) -> NetworkMean | Proportion:
    """Return the estimate for a procedure from what its networks say.

    The networks are of one recipe and one kind. It is the share of networks, with Clopper–Pearson bounds, where each
    was counted as 0 or 1; else their mean. Raises ValueError if there is no network, or they were asked different
    things.

    Examples
    --------
    >>> said = [counted(NetworkValue(share, None, 100, "images"), 0.5) for share in (0.9, 0.8, 0.4)]
    >>> pool(said).value  # two of three networks
    0.6666666666666666
    """
    asked = sorted({value.unit for value in values})
    if len(asked) != 1:
        raise ValueError(f"networks can be pooled where all were asked one thing, not {asked}")
    numbers = tuple(value.value for value in values)
    if asked == [_UNIT]:
        return Proportion(round(sum(numbers)), len(numbers), _UNIT)
    within = float(np.mean([value.variance or 0.0 for value in values]))
    return NetworkMean(numbers, within, _UNIT, values[0].null, values[0].support)
