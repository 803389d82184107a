"""What two runs were about: networks, images, draws, code and libraries."""

from __future__ import annotations

from dataclasses import dataclass

from why_bird.evidence.accepted import Baseline
from why_bird.evidence.numbers import probability
from why_bird.evidence.provenance import NetworkOrigin

_SHOWN_HASH = 8
_MOST_NAMED = 6
_UNKNOWN = "not kept"


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
    return f"commit {run.commit[:_SHOWN_HASH]}{dirty}" if run.commit else _UNKNOWN
