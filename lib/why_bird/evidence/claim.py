"""A claim: what is registered of it, and the question that it belongs to."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import Literal

from why_bird.evidence.codec import Json, encode
from why_bird.evidence.exhibits import Printed
from why_bird.evidence.words import Evidence, Words
from why_bird.stats.multiplicity import FAMILY_ALPHA

Side = Literal["above", "below", "within"]
Scope = Literal["dataset", "network", "procedure"]

# What a number depends on that was measured for a claim. The rest says whom the claim speaks for.
_ASKED = ("id", "module", "statement", "source", "threshold", "side", "scope", "procedure", "weight")
_ASKED_RARELY = ("two_class", "networks_above")


@dataclass(frozen=True, slots=True)
class Claim:
    """One falsifiable sentence, what it is held against, and whatever else decides about it.

    What is not said of a field here is as a marker states it, see ``why_bird.fixtures.asking.claim``.

    Raises ValueError if a field has a value that no claim can have.
    """

    id: str
    """Short name, as in the protocol."""
    module: str
    """File name of the test module without ``.py``."""
    statement: str
    """The sentence."""
    source: str
    threshold: float | tuple[float, float]
    """The smallest effect that matters, in the estimate's unit; a pair for ``side="within"``."""
    side: Side
    """On which side of the threshold the claim puts the effect."""
    scope: Scope
    procedure: bool
    weight: int
    planned: bool = False
    """True while no test states the claim."""
    two_class: bool = False
    networks_above: float | None = None
    guess: str = ""
    observed: bool = False
    explains: bool = False
    together: bool = False
    needs: tuple[str, ...] = ()
    target: bool = False
    search: bool = False
    exact: bool = False
    even_if_misfed: bool = False
    line_up: bool = False
    ledger: str = ""
    """Where it is empty, :meth:`.Register.ledger` says which."""
    family: float = FAMILY_ALPHA

    def __post_init__(self) -> None:
        if isinstance(self.threshold, tuple) != (self.side == "within"):
            raise ValueError(f"claim {self.id}: side {self.side!r} does not go with threshold {self.threshold!r}")
        ends = self.threshold if isinstance(self.threshold, tuple) else (self.threshold,)
        if not all(map(math.isfinite, ends)):
            raise ValueError(f"claim {self.id}: threshold {self.threshold!r} is not finite")
        if self.side == "within" and not (len(ends) == 2 and ends[0] < ends[1]):
            raise ValueError(f"claim {self.id}: threshold {self.threshold!r} is not an increasing pair")
        # So that a register says the same, and has the same digest, however its numbers were written.
        plain = tuple(map(float, ends)) if self.side == "within" else float(ends[0])
        object.__setattr__(self, "threshold", plain)
        if self.networks_above is not None:
            object.__setattr__(self, "networks_above", float(self.networks_above))
        if not 0 < self.family < 0.5:
            raise ValueError(f"claim {self.id}: family is {self.family!r}, expected an error rate between 0 and 0.5")
        if self.line_up and self.scope != "procedure":
            raise ValueError(f"claim {self.id}: line_up needs scope='procedure'")
        if self.weight < 1:
            raise ValueError(f"claim {self.id}: weight is {self.weight}, expected 1 or more")
        if self.scope == "procedure" and not self.procedure:
            raise ValueError(f"claim {self.id}: scope 'procedure' needs procedure=True")
        if self.together and self.scope != "procedure":
            raise ValueError(f"claim {self.id}: together=True needs scope='procedure'")
        if self.networks_above is not None and (not self.procedure or self.side != "above"):
            raise ValueError(f"claim {self.id}: networks_above needs procedure=True and a claim of the side above")

    def terms(self) -> dict[str, Json]:
        """Return what is registered of the claim: all but ``planned``, and what it leaves at its default left out."""
        unused = {each.name: each.default for each in fields(self) if each.default is not MISSING}
        return {
            each.name: encode(getattr(self, each.name))
            for each in fields(self)
            if each.name != "planned" and getattr(self, each.name) != unused.get(each.name, MISSING)
        }

    def held_against(self, *, procedure: bool) -> float | tuple[float, float]:
        """Return the threshold of its estimate, for one network or for a procedure."""
        return self.networks_above if procedure and self.networks_above is not None else self.threshold

    @property
    def limit(self) -> float:
        """The number that it is held against, where that is one."""
        if isinstance(self.threshold, tuple):
            raise ValueError(f"claim {self.id} is held against two numbers, {self.threshold}")
        return self.threshold

    def asks_as(self, other: Claim) -> bool:
        """Whether numbers that were measured for another claim answer this one."""
        return all(getattr(self, name) == getattr(other, name) for name in (*_ASKED, *_ASKED_RARELY))


@dataclass(frozen=True, slots=True)
class Question(Printed):
    """What a module of claims asks, for a reader: words that decide nothing."""

    _filled = ("title",)

    title: str
    """The question in one sentence."""
    short: str = ""
    """In a word or two, for a table of contents."""
    quotes: tuple[str, ...] = ()
    """What the asker wrote, shortened."""
    quoted_from: str = ""
    """Where."""
    done: str = ""
    """What was done about it, in one or two sentences that hold for any outcome."""

    @classmethod
    def of_module(cls, module: str) -> Question:
        """Return the question of a module that says nothing of it: its name."""
        words = module.removeprefix("test_").replace("_", " ").strip() or module
        return cls(words[:1].upper() + words[1:], words)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a test states: its claim, which is registered, and words about it, which are not."""

    claim: Claim
    question: Question
    """Of its module."""
    words: Words
    """Templates."""
    evidence: Evidence = "looked at"
    """What was done to know it."""
    leads: bool = False
    """Whether what it found is one of the few sentences with which the report opens."""
