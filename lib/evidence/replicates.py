"""Networks of one procedure, as numbers: what each says of each claim, without its weights.

The file that holds them is shipped, so that a fresh clone can speak about a training procedure. It is written
by ``pytest hypotheses/ -k procedure --checkpoint=FOLDER --export-replicates=FILE``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.errors import BadInput
from lib.evidence.kinds import check_kinds, is_finite
from lib.evidence.register import Claim
from lib.evidence.text import printable
from lib.files import write_whole
from lib.stats import NetworkValue

__all__ = ["PLAIN", "Replicate", "ReplicateNetwork", "ReplicateSet", "read_replicates", "write_replicates"]

_FORMAT = 1
PLAIN = "plain"
"""The arm of a network whose training images were left as they are."""


@dataclass(frozen=True, slots=True)
class Replicate:
    """What one network of a procedure says of one claim.

    Parameters
    ----------
    network : str
        Content hash.
    name : str
        For a reader.
    value : NetworkValue
    beside : tuple of (str, float)
        Label and 0 or 1 of each secondary line that counts networks.

    Raises
    ------
    ValueError
        If a field is of another kind, or a number beside is not finite.
    """

    network: str
    name: str
    value: NetworkValue
    beside: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        check_kinds(self, {"network": str, "name": str})
        check_kinds(self.value, {"unit": str})
        if not all(is_finite(value) for _, value in self.beside):
            raise ValueError(f"a number beside those of network {self.network} is not finite")
        object.__setattr__(self, "name", printable(self.name))
        object.__setattr__(self, "beside", tuple((printable(label), float(value)) for label, value in self.beside))

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        beside = [{"label": label, "value": value} for label, value in self.beside]
        return {"network": self.network, "name": self.name, **asdict(self.value), "beside": beside}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Replicate:
        """Return the value that :meth:`to_json` wrote."""
        value = NetworkValue(*(content[name] for name in ("value", "variance", "n", "unit", "null")))
        beside = tuple((line["label"], line["value"]) for line in content["beside"])
        return cls(content["network"], content["name"], value, beside)


@dataclass(frozen=True, slots=True)
class ReplicateNetwork:
    """One network of a set, and what was measured on it whatever the claim.

    Parameters
    ----------
    network : str
        Content hash.
    name : str
    seed : int
        That it was trained from.
    arm : str
        How its training images were changed; ``"plain"`` where they were not.
    accuracy : float
        On the test images.
    recall : mapping of str to float
        Class names to the share of their test images that is called so.
    noise : mapping of str to mapping of str to int
        Draws (``"A"``, ``"B"``, ``"A before training"``) to class names to predictions.

    Raises
    ------
    ValueError
        If a field is of another kind, a share is none, or a draw has no predictions.
    """

    network: str
    name: str
    seed: int
    arm: str
    accuracy: float
    recall: Mapping[str, float]
    noise: Mapping[str, Mapping[str, int]]

    def __post_init__(self) -> None:
        check_kinds(self, dict.fromkeys(("network", "name", "arm"), str) | {"seed": int})
        check_kinds(self, dict.fromkeys(("recall", "noise"), Mapping))
        if not all(is_finite(share) and 0 <= share <= 1 for share in (self.accuracy, *self.recall.values())):
            raise ValueError(f"an accuracy or recall of network {self.network} is no share")
        counts = [count for draw in self.noise.values() for count in draw.values()]
        if not all(type(count) is int and count >= 0 for count in counts):
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

    Parameters
    ----------
    recipe : mapping
        ``name`` and ``hash``, and every setting where the recipe is one of the project's.
    classes : tuple of str
    images, training_images : str
        Content hashes of the test images and of the training images.
    noise_seed : int
    networks : tuple of ReplicateNetwork
    claims : mapping of str to tuple of Replicate
        By claim, in the order of the networks.
    terms : mapping of str to mapping
        What each claim said when it was measured.

    Raises
    ------
    ValueError
        If a field is of another kind, the recipe has no hash, two networks are one, or a claim was not asked of every
        network in their order.
    """

    recipe: Mapping[str, Any]
    classes: tuple[str, ...]
    images: str
    training_images: str
    noise_seed: int
    networks: tuple[ReplicateNetwork, ...]
    claims: Mapping[str, tuple[Replicate, ...]]
    terms: Mapping[str, Mapping[str, Any]]

    def __post_init__(self) -> None:
        check_kinds(self, dict.fromkeys(("images", "training_images"), str) | {"noise_seed": int})
        check_kinds(self, dict.fromkeys(("recipe", "claims", "terms"), Mapping))
        texts = (self.recipe.get("hash"), self.recipe.get("name", ""), *self.classes)
        if not all(isinstance(text, str) for text in texts) or not self.recipe["hash"]:
            raise ValueError("replicates have a recipe with a hash, and classes with names")
        if not all(isinstance(terms, Mapping) for terms in self.terms.values()):
            raise ValueError("the terms of a claim are a table")
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
        return self.claims.get(claim.id) if self.terms.get(claim.id) == claim.terms() else None


def read_replicates(path: Path) -> ReplicateSet:
    """Read a set.

    Raises
    ------
    BadInput
        If the file is missing, damaged or of another format.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise ValueError(f"format {content['format']!r}, expected {_FORMAT}")
        if not isinstance(content["classes"], list):
            raise ValueError("its classes are no list")
        if not all("B" in network["noise"] for network in content["networks"]):
            raise ValueError("a network has no draw B of noise")
        return ReplicateSet(
            content["recipe"],
            tuple(content["classes"]),
            content["images"],
            content["training_images"],
            content["noise_seed"],
            tuple(ReplicateNetwork(**network) for network in content["networks"]),
            {claim: tuple(map(Replicate.from_json, rows)) for claim, rows in content["claims"].items()},
            content["terms"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(
            f"{path} is missing or malformed ({printable(str(error))}): restore it with `git checkout`"
        ) from None


def write_replicates(path: Path, replicates: ReplicateSet) -> None:
    """Write a set, whole or not at all."""
    content = {
        "format": _FORMAT,
        "recipe": dict(replicates.recipe),
        "classes": list(replicates.classes),
        "images": replicates.images,
        "training_images": replicates.training_images,
        "noise_seed": replicates.noise_seed,
        "networks": [asdict(network) for network in replicates.networks],
        "claims": {claim: [row.to_json() for row in rows] for claim, rows in replicates.claims.items()},
        "terms": dict(replicates.terms),
    }
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
