"""Pairs of networks that differ in one thing of their training, and where noise falls in both."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from why_bird.errors import BadInput, Unavailable
from why_bird.evidence.exhibits import Check
from why_bird.measure.line_up import CHOOSES, SEEDS, LineUpNetwork, read_network
from why_bird.networks.arms import Arm, spectrum_giver
from why_bird.stats.network_mean import NetworkMean

POST = "post ×1"
"""The noise that the claims are about."""

_PAIRS = "pairs of networks"
_LEAST_SHARE, _LEAST_ACCURACY, _LEAST_RECALL = 0.5, 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Networks of two arms, paired by their seed."""

    base: tuple[LineUpNetwork, ...]
    changed: tuple[LineUpNetwork, ...]

    def gain(self, name: str | Sequence[str], setting: str = POST) -> NetworkMean:
        """Return by how much the share of a class grows, changed − base.

        Parameters
        ----------
        name : str or sequence of str
            The class, or one for each pair.

        Returns
        -------
        NetworkMean
            Over pairs. The variance within a network is that of its two shares, each with half an image added on either
            side: where all images fall alike it is small, and not 0.
        """
        return self._changes(name, setting, -1.0, 1.0)

    def fall(self, name: str, setting: str = POST) -> NetworkMean:
        """Return by how much the share of a class falls, base − changed."""
        return self._changes(name, setting, 1.0, -1.0)

    def most_leaves(self, name: str, setting: str = POST) -> NetworkMean:
        """Return which share is outside a class, less half of what was outside, (1 − changed) − ½ (1 − base).

        It is more than one half where less than half of what was in the class stays there, whatever that share was; a
        fall cannot be more than the share.
        """
        moved = self._changes(name, setting, 0.5, -1.0)
        # Where nothing moves, it is half of what was outside, which differs from network to network.
        return replace(moved, values=tuple(0.5 + value for value in moved.values), support=(-0.5, 1.0), null=None)

    def _changes(self, name: str | Sequence[str], setting: str, of_base: float, of_changed: float) -> NetworkMean:
        names = [name] * len(self.base) if isinstance(name, str) else list(name)
        shares = [
            (base.share(each, setting), changed.share(each, setting))
            for each, base, changed in zip(names, self.base, self.changed, strict=True)
        ]
        return _weighed(shares, sum(self.base[0].noise[setting].counts), of_base, of_changed)

    def accuracy_when_changed(self) -> NetworkMean | None:
        """Return the accuracy of the changed networks on test images changed as their training images were.

        Where a change depends on the class, a test image is changed by its label. None where images are not changed.
        """
        counts = [np.array(network.confusion_changed) for network in self.changed if network.confusion_changed]
        if len(counts) < len(self.changed):
            return None
        shares = [float(np.trace(each) / each.sum()) for each in counts]
        within = float(np.mean([_variance(share, int(counts[0].sum())) for share in shares]))
        return NetworkMean(tuple(shares), within, "networks", support=(0.0, 1.0))

    def spread(self, setting: str) -> NetworkMean:
        """Return the mean entropy of softmax of the changed networks on a kind of noise, by that of equal odds."""
        values, within = [], []
        for network in self.changed:
            answer, most = network.noise[setting], math.log(len(network.classes))
            values.append(network.spread(setting))
            within.append((answer.entropy_sd / most) ** 2 / sum(answer.counts))
        return NetworkMean(tuple(values), float(np.mean(within)), _PAIRS, support=(0.0, 1.0))

    def cost(self) -> NetworkMean:
        """Return the accuracy lost, base − changed."""
        shares = [(base.accuracy, changed.accuracy) for base, changed in zip(self.base, self.changed, strict=True)]
        return _weighed(shares, sum(map(sum, self.base[0].confusion)), 1.0, -1.0)


@dataclass(frozen=True, eq=False)
class LineUp:
    """All networks of a line-up, of one recipe."""

    networks: tuple[LineUpNetwork, ...]
    recipe: str

    def arm(self, name: str) -> tuple[LineUpNetwork, ...]:
        """Return the networks of an arm, in the order of their seeds.

        Raises Unavailable if there is none: the message says how they are trained.
        """
        found = sorted((n for n in self.networks if n.arm == name and n.recipe == self.recipe), key=lambda n: n.seed)
        if not found:
            raise Unavailable(
                f"no network of recipe {self.recipe} was trained {name if name == 'plain' else repr(name)}: "
                "`why-bird line-up --images DIR` trains it"
            )
        return tuple(found)

    def all_of(self, name: str, asked: int = len(SEEDS)) -> tuple[LineUpNetwork, ...]:
        """Return the networks of an arm where all that the protocol asks for are there.

        Raises Unavailable else: at some error rates fewer could decide, but whoever looks before all are there looks
        twice.
        """
        found = self.arm(name)
        if len(found) < asked:
            raise Unavailable(
                f"{len(found)} of the {asked} networks {name!r} of recipe {self.recipe} that the protocol asks for are "
                "there, and nothing is estimated before (`why-bird line-up --images DIR` trains the others)"
            )
        return found

    def of(self, recipe: str) -> LineUp:
        """Return the networks of another recipe."""
        return replace(self, recipe=recipe)

    @cached_property
    def class_of_noise(self) -> str:
        """The class that most of the draws that choose fall into, summed over the plain networks."""
        plain = self.arm("plain")
        counts = np.sum([network.noise[CHOOSES].counts for network in plain], axis=0)
        return plain[0].classes[int(counts.argmax())]

    def pairs(self, changed: str, base: str = "plain") -> Pairs:
        """Return the networks of two arms that share their seeds.

        Raises Unavailable if there is no such pair.
        """
        first, second = ({network.seed: network for network in self.arm(name)} for name in (base, changed))
        seeds = sorted(first.keys() & second.keys())
        if not seeds:
            raise Unavailable(f"no network {changed!r} has the seed of one {base!r}: train them with the same --seeds")
        return Pairs(tuple(first[seed] for seed in seeds), tuple(second[seed] for seed in seeds))

    def receivers(self, changed: str) -> tuple[str, ...]:
        """Return, for each network of an arm that exchanges cross-spectra, the class that got that of noise's class."""
        found = []
        for network in self.pairs(changed).changed:
            giver = spectrum_giver(Arm.parse("with", changed), network.classes, network.seed)
            found.append(next(name for name, given in giver.items() if given == self.class_of_noise))
        return tuple(found)

    def checks(self, *arms: str, unchanged: bool = True) -> list[Check]:
        """Return what has to hold before arms are compared with the plain one.

        Parameters
        ----------
        unchanged : bool, default True
            Whether the recall of every class counts; else only of classes that the arm does not name, and of none where
            it names none. Its accuracy is then that on test images changed as all of its training images were.
        """
        plain, noise = self.arm("plain"), self.class_of_noise
        shares = [network.share(noise) for network in plain]
        share, most = float(np.mean(shares)), sum(each > _LEAST_SHARE for each in shares)
        said = f"at least half of the noise falls into {noise} in plain networks"
        detail = f"on average {share:.1%} of it does, and most of it in {most} of {len(plain)}"
        found = [(said, share >= _LEAST_SHARE, detail)]
        for name in arms:
            networks = self.arm(name)
            found_alike = (
                None if unchanged or Arm.parse("with", name).names else self.pairs(name).accuracy_when_changed()
            )
            accuracy = found_alike.value if found_alike else float(np.mean([network.accuracy for network in networks]))
            said = (
                f"networks {name!r} recognise at least half of the test images{', changed alike' * bool(found_alike)}"
            )
            found.append((said, accuracy >= _LEAST_ACCURACY, f"on average {accuracy:.1%}"))
            recalls = {
                each: float(np.mean([network.recall[each] for network in networks]))
                for each in networks[0].classes
                if unchanged or each not in _changed(name, networks[0].classes)
            }
            if recalls:
                least = min(recalls, key=lambda each: recalls[each])
                said = f"networks {name!r} recognise three tenths of every class or more"
                found.append((said, recalls[least] >= _LEAST_RECALL, f"of {least} on average {recalls[least]:.1%}"))
        first, *others = (Check(said, passed, detail, "precondition") for said, passed, detail in found)
        return [first, self.alike(*arms), *others]

    def alike(self, *arms: str) -> Check:
        """Return whether plain networks and those of arms are of one recipe and were trained on the same images."""
        alike = {(n.recipe_hash, n.training_images[:16]) for name in ("plain", *arms) for n in self.arm(name)}
        said = "the networks are of one recipe, trained on the same images"
        detail = "; ".join(f"recipe {r}, images {i}" for r, i in sorted(alike))
        return Check(said, len(alike) == 1, detail, "precondition")

    def require_images(self, training: str) -> None:
        """Raise Unavailable if a plain network was trained on other images than those of a content hash."""
        if any(network.training_images != training for network in self.arm("plain")):
            raise Unavailable("the networks of the line-up were trained on other images than those of this run")


def _changed(name: str, classes: Sequence[str]) -> Sequence[str]:
    """Return the classes whose images an arm of added changes touches."""
    return Arm.parse("with", name).names or classes


def open_line_up(given: str | None, shipped: Path | None) -> LineUp:
    """Read the numbers of all networks in a folder and the folders in it, as a line-up of the recipe ``cheap``.

    The shipped ones are read where none was given. Networks of other seeds than :data:`SEEDS` are left out.

    Raises BadInput if a file does not hold them, two hold one network, or the folder that was asked for holds no file.
    """
    folder = shipped if given is None else Path(given)
    networks = () if folder is None else tuple(read_network(path) for path in sorted(folder.rglob("seed*.json")))
    if given is not None and not networks:
        raise BadInput(f"--line-up is {given}, which holds no numbers: `why-bird line-up` writes them")
    counts = Counter((network.recipe, network.arm, network.seed) for network in networks)
    for (recipe, arm, seed), count in counts.items():
        if count > 1:
            raise BadInput(f"{folder} holds {count} files of recipe {recipe}, {arm}, seed {seed}: leave one of them")
    return LineUp(tuple(network for network in networks if network.seed in SEEDS), "cheap")


def _weighed(shares: Sequence[tuple[float, float]], n: int, of_base: float, of_changed: float) -> NetworkMean:
    """Return the sum of two weighed shares of n each, over pairs."""
    within = [of_base**2 * _variance(before, n) + of_changed**2 * _variance(after, n) for before, after in shares]
    values = tuple(of_base * before + of_changed * after for before, after in shares)
    support = (min(of_base, of_changed), max(of_base, of_changed))
    return NetworkMean(values, float(np.mean(within)), _PAIRS, support=support)


def _variance(share: float, n: int) -> float:
    with_half = (share * n + 0.5) / (n + 1)
    return with_half * (1 - with_half) / n
