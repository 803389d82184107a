"""What is otherwise in one run than in another: verdicts, what the runs were about, and where noise fell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from why_bird.evidence.accepted import Baseline
from why_bird.evidence.charts import Stack, Stacked
from why_bird.evidence.gate import hold
from why_bird.evidence.gate_lines import Gate, Line, Status
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.numbers import probability
from why_bird.evidence.provenance import NetworkOrigin
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Outcome

_SHOWN_HASH = 8
_MOST_NAMED = 6
_SHOWN, _SMALL = 3, 0.005


@dataclass(frozen=True, slots=True)
class Turned:
    """A claim whose verdict is another one now."""

    claim: str
    """Its id, with ``[procedure]`` where it speaks about one."""
    statement: str
    then: tuple[ClaimRecord, ...]
    now: tuple[ClaimRecord, ...]
    """One each where one network stands against one; else all of them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run held against another."""

    then: Baseline
    now: Baseline
    turned: tuple[Turned, ...]
    """Claims that both runs judged, with another verdict."""
    held: int
    """How many pairs of verdicts are the same."""
    fallen: tuple[Fallen, ...]
    """Where noise fell and falls, for each list of classes."""
    changed: tuple[Changed, ...]
    """What the runs were about, whether it is another or the same."""
    gate: Gate | None
    """How far values have moved; None where the images are others, so that no value is held against another."""

    def lines(self, status: Status) -> list[Line]:
        """Return what the gate says with this status."""
        return [line for line in self.gate.lines if line.status == status] if self.gate else []


def compare(then: Baseline, now: Baseline) -> Comparison:
    """Return what is otherwise in `now` than in `then`.

    Raises ValueError if the threshold of a claim says nothing about how far a finding may move.
    """
    pairs = [pair for claim, old in then.by_claim.items() for pair in _pairs(claim, old, now.by_claim.get(claim, ()))]
    turned = tuple(pair for pair in pairs if _verdict(pair.then) != _verdict(pair.now))
    return Comparison(
        then,
        now,
        turned,
        len(pairs) - len(turned),
        fallen(then.noise, now.noise, {each.network: each.network_name for run in (then, now) for each in run.claims}),
        changed(then, now),
        hold(then, now) if then.images == now.images else None,
    )


def _pairs(claim: str, old: Sequence[ClaimRecord], new: Sequence[ClaimRecord]) -> list[Turned]:
    """Return one network against itself where both runs have it, and all others against one another."""
    both = {each.network for each in old} & {each.network for each in new}
    found = [
        Turned(claim, each.statement, (before,), (each,))
        for each in new
        for before in old
        if before.network == each.network
    ]
    rest = [tuple(each for each in side if each.network not in both) for side in (old, new)]
    return [*found, Turned(claim, rest[1][0].statement, *rest)] if all(rest) else found


def _verdict(records: Sequence[ClaimRecord]) -> Outcome:
    """Return the verdict of most of them; open where several are as frequent."""
    counts = Counter(each.verdict for each in records).most_common(2)
    return Outcome.INCONCLUSIVE if len(counts) > 1 and counts[0][1] == counts[1][1] else counts[0][0]


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that a run was about, in words."""

    what: str
    then: str
    now: str

    @property
    def is_same(self) -> bool:
        """Whether it is the same in both."""
        return self.then == self.now


def changed(then: Baseline, now: Baseline) -> tuple[Changed, ...]:
    """Return what two runs were about, thing by thing."""
    sides = (then, now)
    gone, come = _apart(then, now)
    rows = [
        Changed(
            "network", _networks(gone) or "none beside those of now", _networks(come) or "none beside those of then"
        )
        if gone or come
        else Changed("network", *(f"{n} networks" if n > 1 else "one network" for n in map(len, map(_hashes, sides)))),
        _images(then, now),
        Changed("draws of noise", *(f"seed {each.noise_seed}" for each in sides)),
        Changed("code", *(_code(each) for each in sides)),
    ]
    if then.versions and now.versions:
        names = [
            name for name in {**then.versions, **now.versions} if then.versions.get(name) != now.versions.get(name)
        ]
        versions = [", ".join(f"{name} {each.versions.get(name, 'absent')}" for name in names) for each in sides]
        rows.append(Changed("libraries", *versions))
    return tuple(rows)


def _images(then: Baseline, now: Baseline) -> Changed:
    # The same images may lie in folders of any name.
    name = then.images_name if then.images == now.images else now.images_name
    return Changed("images", *(f"{n} ({r.images[:_SHOWN_HASH]})" for n, r in ((then.images_name, then), (name, now))))


def _apart(then: Baseline, now: Baseline) -> tuple[list[NetworkOrigin], list[NetworkOrigin]]:
    """Return the networks of either run that the other does not know."""
    old, new = _hashes(then), _hashes(now)
    return (
        [_origin(then, each) for each in old if each not in new],
        [_origin(now, each) for each in new if each not in old],
    )


def _hashes(run: Baseline) -> list[str]:
    return list(dict.fromkeys(each.network for each in run.claims if each.scope == "network"))


def _origin(run: Baseline, network: str) -> NetworkOrigin:
    known = next((each for each in run.networks if each.hash == network), None)
    name = next(each.network_name for each in run.claims if each.network == network)
    return known or NetworkOrigin(network, name, "", None, "", None)


def _networks(networks: list[NetworkOrigin]) -> str:
    named = [_network(each) for each in networks[:_MOST_NAMED]]
    more = len(networks) - _MOST_NAMED
    return "; ".join([*named, f"{more} more"] if more > 0 else named)


def _network(network: NetworkOrigin) -> str:
    recipe = f"recipe {network.recipe}" if network.recipe else ""
    accuracy = f"accuracy {probability(network.accuracy)}" if network.accuracy is not None else ""
    about = (network.arch, network.origin, recipe, accuracy, network.hash[:_SHOWN_HASH])
    return f"{network.name} ({', '.join(filter(None, about))})"


def _code(run: Baseline) -> str:
    dirty = " with changes that are not committed" if run.dirty else ""
    return f"commit {run.commit[:_SHOWN_HASH]}{dirty}" if run.commit else "not kept"


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
    return names.get(one, one[:_SHOWN_HASH]) if len(networks) == 1 else f"the mean of {len(networks)} networks"


def _most(shares: Sequence[float]) -> int:
    return max(range(len(shares)), key=lambda place: shares[place])


def _largest(classes: Sequence[str], shares: Sequence[float]) -> str:
    order = sorted(range(len(shares)), key=lambda place: -shares[place])[:_SHOWN]
    return ", ".join(f"{classes[place]} {probability(shares[place])}" for place in order if shares[place] >= _SMALL)
