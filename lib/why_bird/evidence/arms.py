"""Networks that were trained in pairs of one seed, each with another class's training images changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from why_bird.errors import Unavailable
from why_bird.evidence.replicates import PLAIN, ReplicateNetwork

__all__ = ["LEAST_RECALL", "LEAST_SHARE", "Pairs", "common_class", "mean_share", "pairs_of", "share"]

LEAST_SHARE = 0.5
LEAST_RECALL = 0.5


def share(network: ReplicateNetwork, name: str) -> float:
    """Return the share of noise-B in a class."""
    counts = network.noise["B"]
    return counts.get(name, 0) / sum(counts.values())


def common_class(networks: Sequence[ReplicateNetwork]) -> str:
    """Return the class into which most of noise-A falls in most of the plain networks.

    Raises
    ------
    Unavailable
        If there is no plain network.
    """
    falls = Counter(network.collapse[0] for network in networks if network.arm == PLAIN)
    if not falls:
        raise Unavailable("there is no network whose training images were left as they are, to say where noise falls")
    # Of equal numbers the first name, so that the order of the networks decides nothing.
    return min(falls, key=lambda name: (-falls[name], name))


def mean_share(networks: Sequence[ReplicateNetwork], name: str) -> float:
    """Return the mean share of noise-B in a class over the plain networks.

    Raises
    ------
    Unavailable
        If there is none.
    """
    shares = [share(network, name) for network in networks if network.arm == PLAIN]
    if not shares:
        raise Unavailable("there is no network whose training images were left as they are")
    return float(np.mean(shares))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of networks of one seed: one with a class's images changed, the other with a control class's.

    Parameters
    ----------
    of, control : str
        The two classes.
    changed, kept : tuple of ReplicateNetwork
        Pair by pair; in ``kept`` it is the control class that was changed.
    """

    of: str
    control: str
    changed: tuple[ReplicateNetwork, ...]
    kept: tuple[ReplicateNetwork, ...]

    def __len__(self) -> int:
        return len(self.changed)

    @property
    def differences(self) -> tuple[float, ...]:
        """Share of noise-B in the class: control arm − arm of the class, by pair."""
        return tuple(
            share(kept, self.of) - share(changed, self.of)
            for kept, changed in zip(self.kept, self.changed, strict=True)
        )

    @property
    def share_kept(self) -> float:
        """Mean share of noise-B in the class in the control arm."""
        return float(np.mean([share(network, self.of) for network in self.kept]))

    @property
    def least_recall(self) -> float:
        """Smallest recall, over both arms, of the class whose training images were changed."""
        recalls = [network.recall[self.of] for network in self.changed]
        return min(recalls + [network.recall[self.control] for network in self.kept])


def pairs_of(networks: Sequence[ReplicateNetwork], kind: str, of: str, control: str) -> Pairs:
    """Return the pairs of an exchange, by seed.

    Parameters
    ----------
    networks : sequence of ReplicateNetwork
    kind : {"detail", "border"}
    of, control : str
        Classes.

    Raises
    ------
    Unavailable
        If there is no pair: the message says how they are trained.
    """
    arms = [
        {network.seed: network for network in networks if network.arm == f"{kind}:{name}"} for name in (of, control)
    ]
    seeds = sorted(arms[0].keys() & arms[1].keys())
    if not seeds:
        raise Unavailable(
            f"no pairs were trained: why-bird train --recipe cheap --seeds 10-17 --with {kind}:{of}, "
            f"and the same with --with {kind}:{control}"
        )
    return Pairs(of, control, tuple(arms[0][seed] for seed in seeds), tuple(arms[1][seed] for seed in seeds))
