"""Where the noise of a network falls, and whether that is another class than when it was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betainc

from why_bird.evidence.exhibits import Printed, count_field
from why_bird.evidence.gate_lines import Line
from why_bird.evidence.numbers import count
from why_bird.evidence.record import ClaimRecord

_ALPHA = 1e-4


@dataclass(frozen=True, slots=True)
class NoiseCounts(Printed):
    """Where noise-B falls in one network.

    Raises ValueError if there is another number of counts than of classes, or one is negative.
    """

    network: str
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    """Predictions, in the order of the classes."""
    near_ties: int = 0
    """Images whose two largest logits differ by less than rounding may."""

    def _check(self) -> None:
        if len(self.counts) != len(self.classes) or min(self.counts, default=0) < 0:
            raise ValueError("predictions are counted by class, in whole numbers, 0 or more")
        count_field(self, "near_ties")

    def of(self, name: str | None) -> int:
        """Return how much of the noise falls into a class; 0 where there is none of that name."""
        return next((n for each, n in zip(self.classes, self.counts, strict=True) if each == name), 0)


def fell_elsewhere(
    claim: str,
    old: Sequence[ClaimRecord],
    new: ClaimRecord,
    accepted_noise: Sequence[NoiseCounts],
    new_noise: Sequence[NoiseCounts],
) -> Line | None:
    """Say that noise falls elsewhere, where it does.

    Parameters
    ----------
    claim : str
        That speaks of the class of noise.
    old : sequence of ClaimRecord
        Accepted ones of this claim: of the same network, or of those that it is held against.
    accepted_noise, new_noise : sequence of NoiseCounts

    Returns
    -------
    Line or None
        Red, whatever the shares; amber only where two classes are so level in either run that fresh draws of one
        and the same network could exchange them (sign test, one-sided 1e-4). None where the class is an accepted one.
    """
    classes = dict.fromkeys(each.target for each in old)
    if new.target is None or None in classes or new.target in classes:
        return None
    ours = _of_network(new_noise, new.network)
    is_sure = all(
        is_ahead(ours, new.target, each.target)
        and is_ahead(_of_network(accepted_noise, each.network), each.target, new.target)
        for each in old
    )
    words = f"noise falls into {new.target} now and fell into {' or '.join(map(str, classes))} when accepted"
    shares = "" if ours is None else f": {_share(ours, new.target)}, {', '.join(_share(ours, c) for c in classes)}"
    said = (
        f"has moved: {words}{shares}"
        if is_sure
        else f"may have moved: {words}{shares}, but the classes are too level to tell"
    )
    sentence = f"{claim} ({new.network_name}) {said}."
    return Line(claim, new.network, "red" if is_sure else "amber", "class of noise", sentence)


def is_ahead(noise: NoiseCounts | None, first: str | None, second: str | None) -> bool:
    """Whether one class holds more noise than another beyond chance; True where nobody counted."""
    if noise is None:
        return True
    a, b = noise.of(first), noise.of(second)
    # P(Bin(a + b, ½) >= a)
    return a > 0 and bool(betainc(a, b + 1, 0.5) <= _ALPHA)


def _of_network(noise: Sequence[NoiseCounts], network: str) -> NoiseCounts | None:
    return next((each for each in noise if each.network == network), None)


def _share(noise: NoiseCounts, name: str | None) -> str:
    return f"{count(noise.of(name))} of {count(sum(noise.counts))} in {name}"
