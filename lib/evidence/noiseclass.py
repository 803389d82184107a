"""Whether the noise of a network falls into another class than when it was accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scipy.stats import binom

from lib.evidence.findings import Finding, NoiseCounts
from lib.evidence.held import Line, line
from lib.evidence.numbers import count

__all__ = ["fell_elsewhere", "is_ahead"]

_ALPHA = 1e-4


def fell_elsewhere(
    claim: str,
    old: Sequence[Finding],
    new: Finding,
    accepted_noise: Mapping[str, NoiseCounts],
    new_noise: Mapping[str, NoiseCounts],
) -> Line | None:
    """Say that noise falls elsewhere, where it does.

    Parameters
    ----------
    claim : str
        That speaks of the class of noise.
    old : sequence of Finding
        Accepted ones of this claim: of the same network, or of those that it is held against.
    new : Finding
    accepted_noise, new_noise : mapping of str to NoiseCounts
        By network.

    Returns
    -------
    Line or None
        Red, whatever the shares; amber only where two classes are so level in either run that fresh draws of one
        and the same network could exchange them (sign test, one-sided 1e-4). None where the class is an accepted one.
    """
    classes = dict.fromkeys(each.target for each in old)
    if new.target is None or None in classes or new.target in classes:
        return None
    ours = new_noise.get(new.network)
    is_sure = all(
        is_ahead(ours, new.target, each.target) and is_ahead(accepted_noise.get(each.network), each.target, new.target)
        for each in old
    )
    words = f"noise falls into {new.target} now and fell into {' or '.join(map(str, classes))} when accepted"
    shares = "" if ours is None else f": {_share(ours, new.target)}, {', '.join(_share(ours, c) for c in classes)}"
    if is_sure:
        return line(claim, new, "red", "class of noise", f"has moved: {words}{shares}")
    words = f"may have moved: {words}{shares}, but the classes are too level to tell"
    return line(claim, new, "amber", "class of noise", words)


def is_ahead(noise: NoiseCounts | None, first: str | None, second: str | None) -> bool:
    """Whether one class holds more noise than another beyond chance; True where nobody counted.

    Parameters
    ----------
    noise : NoiseCounts or None
    first, second : str
    """
    if noise is None:
        return True
    a, b = (noise.counts.get(str(name), 0) for name in (first, second))
    return bool(binom.sf(a - 1, a + b, 0.5) <= _ALPHA)


def _share(noise: NoiseCounts, name: str | None) -> str:
    return f"{count(noise.counts.get(str(name), 0))} of {count(sum(noise.counts.values()))} in {name}"
