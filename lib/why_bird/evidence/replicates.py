"""Networks of one procedure, as numbers: what each says of each claim, without its weights.

The file that holds them is shipped, so that a fresh clone can speak about a training procedure. It is written
by ``pytest hypotheses/ -k procedure --checkpoint=FOLDER --export-replicates=FILE``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from why_bird.errors import BadInput
from why_bird.evidence.claim import Claim
from why_bird.evidence.codec import Json, decode, encode
from why_bird.evidence.exhibits import Cell, Printed
from why_bird.files import read_text, write_whole
from why_bird.measure.passes import Answers
from why_bird.measure.subject import Subject
from why_bird.printing import printable
from why_bird.stats import NetworkValue

_FORMAT = 1
PLAIN = "plain"
"""The arm of a network whose training images were left as they are."""


@dataclass(frozen=True, slots=True)
class CountedLine(Printed):
    """A secondary line that counts networks: what it says of one, 0 or 1."""

    _filled = ("label",)

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Replicate(Printed):
    """What one network of a procedure says of one claim.

    Parameters
    ----------
    value, variance, n, unit, null, support
        As of a :class:`~why_bird.stats.NetworkValue`.

    Raises
    ------
    ValueError
        If the numbers are those of no network.
    """

    network: str
    """Content hash."""
    name: str
    """For a reader."""
    value: float
    variance: float | None
    n: int
    unit: str
    null: float | None
    beside: tuple[CountedLine, ...] = ()
    support: tuple[float, float] | None = None

    def _check(self) -> None:
        checked = self.said
        object.__setattr__(self, "value", checked.value)
        object.__setattr__(self, "variance", checked.variance)

    @classmethod
    def of(cls, network: str, name: str, said: NetworkValue, beside: Iterable[tuple[str, float]] = ()) -> Replicate:
        """Return what a network says, from its value and its (label, value) lines."""
        lines = tuple(CountedLine(label, value) for label, value in beside)
        return cls(network, name, said.value, said.variance, said.n, said.unit, said.null, lines, said.support)

    @property
    def said(self) -> NetworkValue:
        """The value, as it is pooled with those of other networks."""
        return NetworkValue(self.value, self.variance, self.n, self.unit, self.null, self.support)


@dataclass(frozen=True, slots=True)
class ReplicateNetwork(Printed):
    """One network of a set, and what was measured on it whatever the claim.

    Raises ValueError if a share is none, or a draw has no predictions.
    """

    network: str
    """Content hash."""
    name: str
    seed: int
    """That it was trained from."""
    arm: str
    """How its training images were changed; ``"plain"`` where they were not."""
    accuracy: float
    """On the test images."""
    recall: Mapping[str, float]
    """Class names to the share of their test images that is called so."""
    noise: Mapping[str, Mapping[str, int]]
    """Draws (``"A"``, ``"B"``, ``"A before training"``) to class names to predictions."""

    def _check(self) -> None:
        if not all(0 <= share <= 1 for share in (self.accuracy, *self.recall.values())):
            raise ValueError(f"an accuracy or recall of network {self.network} is no share")
        counts = [count for draw in self.noise.values() for count in draw.values()]
        if not all(count >= 0 for count in counts):
            raise ValueError(f"predictions of network {self.network} are counted by whole numbers, 0 or more")
        if "A" not in self.noise or not all(sum(draw.values()) for draw in self.noise.values()):
            raise ValueError(f"network {self.network} has a draw of noise without predictions")

    @property
    def collapse(self) -> tuple[str, float]:
        """The class that most of noise-A falls into, and the share of it that does."""
        counts = self.noise["A"]
        name = max(counts, key=lambda each: counts[each])
        return name, counts[name] / sum(counts.values())


@dataclass(frozen=True, slots=True)
class ReplicateSet:
    """Networks that one recipe made of one set of training images, from different seeds.

    Raises ValueError if the recipe has no hash, two networks are one, or a claim was not asked of every network in
    their order.
    """

    recipe: Mapping[str, Cell]
    """``name`` and ``hash``, and every setting where the recipe is one of the project's."""
    classes: tuple[str, ...]
    images: str
    training_images: str
    """Content hashes of the test images and of the training images."""
    noise_seed: int
    networks: tuple[ReplicateNetwork, ...]
    claims: Mapping[str, tuple[Replicate, ...]]
    """By claim, in the order of the networks."""
    terms: Mapping[str, Claim]
    """What each claim said when it was measured."""

    def __post_init__(self) -> None:
        texts = (self.recipe.get("hash"), self.recipe.get("name", ""))
        if not all(isinstance(text, str) for text in texts) or not self.recipe["hash"]:
            raise ValueError("replicates have a recipe with a hash, and a name that is text")
        hashes = [network.network for network in self.networks]
        if not hashes or len(set(hashes)) < len(hashes):
            raise ValueError("replicates are different networks, one or more")
        for claim, rows in self.claims.items():
            if [row.network for row in rows] != hashes:
                raise ValueError(f"claim {claim} was not asked of every network in order")

    @property
    def name(self) -> str:
        """What a reader calls the procedure."""
        return str(self.recipe.get("name") or self.recipe["hash"])

    def says(self, claim: Claim) -> tuple[Replicate, ...] | None:
        """Return what the networks say of a claim; None where it was not asked, or says something else now."""
        then = self.terms.get(claim.id)
        return self.claims.get(claim.id) if then is not None and claim.asks_as(then) else None


def read_replicates(path: Path) -> ReplicateSet:
    """Read a set.

    Raises BadInput if the file is missing, damaged or of another format.
    """
    try:
        content = json.loads(read_text(path))
        if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
            raise ValueError(f"it is not of format {_FORMAT}")
        found = decode(ReplicateSet, content, "the file")
        if not all("B" in network.noise for network in found.networks):
            raise ValueError("a network has no draw B of noise")
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(
            f"{path} is missing or malformed ({printable(str(error))}): restore it with `git checkout`"
        ) from None
    return found


def write_replicates(path: Path, replicates: ReplicateSet) -> None:
    """Write a set, whole or not at all."""
    content = {"format": _FORMAT} | cast("dict[str, Json]", encode(replicates))
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def arm_of(subject: Subject) -> str:
    """Return how a network's training images were changed; a file that does not say is taken for plain."""
    return subject.network.metadata.get("arm", PLAIN)


def numbers_of(subject: Subject) -> ReplicateNetwork:
    """Return the numbers of a network, measured where they are not stored.

    Raises Unavailable if test images are needed and are not there.
    """
    network = subject.network
    draws = {"A": subject.noise_a, "B": subject.noise, "A before training": subject.untrained.noise_a}
    return ReplicateNetwork(
        network.hash,
        network.name,
        network.seed_of_initialisation,
        arm_of(subject),
        subject.accuracy,
        _recall(subject),
        {draw: _counts(answers, subject.classes) for draw, answers in draws.items()},
    )


def _recall(subject: Subject) -> dict[str, float]:
    test = subject.test_images
    right = test.labels == test.truth
    return {name: float(right[test.truth == c].mean()) for c, name in enumerate(subject.classes)}


def _counts(answers: Answers, classes: tuple[str, ...]) -> dict[str, int]:
    counts = np.bincount(answers.labels, minlength=len(classes))
    return {name: int(n) for name, n in zip(classes, counts, strict=True)}
