"""What many networks have in common: who they are, what was found in each, and what is shown of them together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from why_bird.evidence.document import Document
from why_bird.evidence.exhibits import Printed
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.record import DATASET, PROCEDURE, ClaimRecord

MOST_TOGETHER = 12
"""Of more networks the report shows none by itself: each has a page of its own."""


@dataclass(frozen=True, slots=True)
class Judged(Printed):
    """A network that was judged; much of it was read from a file of others."""

    hash: str
    name: str
    recipe: str
    arm: str
    """How it was trained, as far as its file says: ``"unknown"`` and ``"plain"`` where it does not."""
    seed: str
    epoch: int | None
    """Of a training that kept its epochs."""
    accuracy: float | None
    link: str
    """Where its own page is, from the page of all of them."""

    @classmethod
    def of(cls, network: str, name: str, metadata: Mapping[str, str], accuracy: float | None, link: Path) -> Judged:
        """Return a network by what its file says of its training."""
        epoch = metadata.get("epoch", "")
        return cls(
            network,
            name,
            metadata.get("recipe_name") or metadata.get("recipe") or "unknown",
            metadata.get("arm") or "plain",
            metadata.get("seed", ""),
            int(epoch) if epoch.isdecimal() and len(epoch) < _DIGITS else None,
            accuracy,
            link.as_posix(),
        )

    @property
    def training(self) -> tuple[str, str, str]:
        """What its epochs have in common."""
        return self.recipe, self.arm, self.seed


_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Many(Printed):
    """All networks of a run with what was found, and why files that were given were left out, a sentence each."""

    networks: tuple[Judged, ...]
    document: Document
    unread: tuple[str, ...] = ()

    @cached_property
    def groups(self) -> dict[tuple[str, ...], list[Judged]]:
        """The networks by recipe and arm, and by their classes where they know others; those of a group in order."""
        found: dict[tuple[str, ...], list[Judged]] = {}
        several = len({noise.classes for noise in self.noise.values()}) > 1
        for each in sorted(self.networks, key=_order):
            counts = self.noise.get(each.hash)
            of = (", ".join(counts.classes[:3]),) if several and counts else ()
            found.setdefault((each.recipe, each.arm, *of), []).append(each)
        return dict(sorted(found.items()))

    @cached_property
    def noise(self) -> dict[str, NoiseCounts]:
        """Where the noise of each network falls."""
        return {each.network: each for each in self.document.noise if any(each.counts)}

    @cached_property
    def records(self) -> dict[tuple[str, str], ClaimRecord]:
        """What was found, by claim and network."""
        return {each.key: each for each in self.document.claims if each.network not in (DATASET, PROCEDURE)}

    @cached_property
    def claims(self) -> dict[str, ClaimRecord]:
        """One record of each claim about a network, in the register's order."""
        found: dict[str, ClaimRecord] = {}
        for record in self.records.values():
            found.setdefault(record.id, record)
        return found

    @cached_property
    def final(self) -> frozenset[str]:
        """Networks that count: of the epochs of one training the last alone, since they are no draws of their own."""
        last: dict[tuple[str, str, str], Judged] = {}
        for each in self.networks:
            known = last.get(each.training)
            if each.epoch is not None and (known is None or (known.epoch or 0) < each.epoch):
                last[each.training] = each
        # A training that is given whole beside its epochs has its last one twice.
        whole = {each.training for each in self.networks if each.epoch is None and each.training in last}
        kept = {each.hash for training, each in last.items() if training not in whole}
        return frozenset(kept | {each.hash for each in self.networks if each.epoch is None})


def _order(network: Judged) -> tuple[str, list[str], int, list[str]]:
    return network.recipe, _counted(network.seed), network.epoch or 0, _counted(network.name)


def _counted(name: str) -> list[str]:
    """Return a name in parts that sort as one counts: 2 before 10."""
    return [part.zfill(_DIGITS) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def without_networks(document: Document) -> Document:
    """Return what the report shows by itself: of very many networks nothing of a single one."""
    about: Sequence[str] = [each.network for each in document.claims if each.scope == "network"]
    if len(set(about)) <= MOST_TOGETHER:
        return document
    return replace(
        document,
        claims=tuple(each for each in document.claims if each.scope != "network"),
        provenance=replace(document.provenance, networks=()),
    )
