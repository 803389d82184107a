"""The pre-registration: what every claim says and is held against, fixed before anything is measured.

The register is a TOML file. Each claim is one table, and the file carries a digest of all of them, so
that an edit by hand is noticed. A claim stands in it as *planned* until its test is written.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import tomli_w

from lib.errors import BadInput
from lib.evidence.kinds import check_kinds
from lib.evidence.text import printable
from lib.files import write_whole

__all__ = ["Amendment", "Claim", "Register", "Scope", "Side", "read_register", "write_register"]

Side = Literal["above", "below", "within"]
Scope = Literal["dataset", "network", "procedure"]

_SIDES = get_args(Side)
_SCOPES = get_args(Scope)
_KINDS = {
    **dict.fromkeys(("id", "module", "statement", "source"), str),
    **dict.fromkeys(("procedure", "planned", "two_class"), bool),
    "weight": int,
}
_HEADER = (
    "# The pre-registration. Written by `pytest hypotheses/ --register`; never edited by hand:\n"
    "# the digest would no longer fit and every run would stop. A change to a claim needs\n"
    '# `--register --amend "reason"`, and is kept below as history.\n\n'
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One falsifiable sentence and what it is held against.

    Parameters
    ----------
    id : str
        Short name, as in the protocol (``"Z2"``).
    module : str
        File name of the test module without ``.py``.
    statement : str
        The sentence.
    source : str
        Where the guess comes from.
    threshold : float or tuple of float
        The smallest effect that matters, in the estimate's unit; a pair for ``side="within"``.
    side : {"above", "below", "within"}
        On which side of the threshold the claim puts the effect.
    scope : {"dataset", "network", "procedure"}
        What a verdict speaks about.
    procedure : bool
        Whether the claim is also (or, for ``scope="procedure"``, only) asked of a procedure, over
        several trained networks.
    weight : int
        Share of the error budget relative to the other claims of its ledger.
    planned : bool
        True while no test states the claim.
    two_class : bool
        Whether it is asked of the two-class network in the place of the network.
    networks_above : float or None
        Of a claim about a share: what the share of a procedure's networks in which it holds is held against. None
        where a procedure is judged by the mean over its networks, or the claim counts networks itself.

    Raises
    ------
    ValueError
        If a field has a value that no claim can have.
    """

    id: str
    module: str
    statement: str
    source: str
    threshold: float | tuple[float, float]
    side: Side
    scope: Scope
    procedure: bool
    weight: int
    planned: bool = False
    two_class: bool = False
    networks_above: float | None = None

    def __post_init__(self) -> None:
        check_kinds(self, _KINDS)
        if self.side not in _SIDES:
            raise ValueError(f"claim {self.id}: side is {self.side!r}, expected one of {', '.join(_SIDES)}")
        if self.scope not in _SCOPES:
            raise ValueError(f"claim {self.id}: scope is {self.scope!r}, expected one of {', '.join(_SCOPES)}")
        if isinstance(self.threshold, tuple) != (self.side == "within"):
            raise ValueError(f"claim {self.id}: side {self.side!r} does not go with threshold {self.threshold!r}")
        if not all(map(math.isfinite, self.threshold if isinstance(self.threshold, tuple) else (self.threshold,))):
            raise ValueError(f"claim {self.id}: threshold {self.threshold!r} is not finite")
        if isinstance(self.threshold, tuple) and not (
            len(self.threshold) == 2 and self.threshold[0] < self.threshold[1]
        ):
            raise ValueError(f"claim {self.id}: threshold {self.threshold!r} is not an increasing pair")
        if self.weight < 1:
            raise ValueError(f"claim {self.id}: weight is {self.weight}, expected 1 or more")
        if self.scope == "procedure" and not self.procedure:
            raise ValueError(f"claim {self.id}: scope 'procedure' needs procedure=True")
        if self.networks_above is not None and (not self.procedure or self.side != "above"):
            raise ValueError(f"claim {self.id}: networks_above needs procedure=True and a claim of the side above")

    def terms(self) -> dict[str, Any]:
        """Return what is registered of the claim, as JSON-safe values: all but ``planned``."""
        limit = list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold
        # Left out where they are not used, so that the digest of older registers stays.
        rare = {"two_class": self.two_class or None, "networks_above": self.networks_above}
        return {
            "id": self.id,
            "module": self.module,
            "statement": self.statement,
            "source": self.source,
            "threshold": limit,
            "side": self.side,
            "scope": self.scope,
            "procedure": self.procedure,
            "weight": self.weight,
            **{name: value for name, value in rare.items() if value is not None},
        }

    def held_against(self, *, procedure: bool) -> float | tuple[float, float]:
        """Return the threshold of its estimate, for one network or for a procedure."""
        return self.networks_above if procedure and self.networks_above is not None else self.threshold


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to the register after its first day, with its reason.

    Parameters
    ----------
    date : str
        ISO date.
    reason : str
        Why the claim had to change.
    before, after : mapping or None
        The claim's terms; None where it did not exist or was withdrawn.
    """

    date: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Register:
    """All claims by id, in the protocol's order, and the history of their changes."""

    claims: dict[str, Claim]
    amendments: tuple[Amendment, ...] = field(default=())

    def digest(self) -> str:
        """Return the SHA-256 of the claims and amendments, independent of the file's layout."""
        content = {
            "claims": [{**claim.terms(), "planned": claim.planned} for claim in self.claims.values()],
            "amendments": [[a.date, a.reason, a.before, a.after] for a in self.amendments],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def with_written(self, written: list[Claim]) -> Register:
        """Return the register after the tests of ``written`` were found, where no claim changes.

        Raises
        ------
        BadInput
            If a claim says something else than was registered, or was never registered.
        """
        claims = dict(self.claims)
        for claim in written:
            changed = self.difference(claim)
            if changed:
                raise BadInput(changed)
            claims[claim.id] = replace(claim, planned=False)
        return replace(self, claims=claims)

    def difference(self, claim: Claim) -> str | None:
        """Return a sentence that says how ``claim`` differs from its registration, or None."""
        registered = self.claims.get(claim.id)
        if registered is None:
            return (
                f"claim {claim.id} was never registered: "
                'run `pytest hypotheses/ --register --amend "why it is new"` and commit register.toml'
            )
        old, new = registered.terms(), claim.terms()
        # A planned claim was copied from the protocol before it was known how its test would ask.
        for name in old if registered.planned else old | new:
            if old.get(name) != new.get(name):
                was, now = old.get(name), new.get(name)
                return (
                    f"claim {claim.id} changed since it was registered: {name} was {was!r} and is {now!r} now; "
                    'a change needs `pytest hypotheses/ --register --amend "reason"`'
                )
        return None

    def amended(self, written: list[Claim], *, reason: str, date: str) -> Register:
        """Return the register with every changed or new claim replaced, each kept as an amendment.

        Raises
        ------
        BadInput
            If the reason is blank: a change without one would be history that explains nothing.
        """
        if not reason.strip():
            raise BadInput('an amendment needs its reason: `pytest hypotheses/ --register --amend "why"`')
        claims, history = dict(self.claims), list(self.amendments)
        for claim in written:
            if self.difference(claim):
                before = self.claims[claim.id].terms() if claim.id in self.claims else None
                history.append(Amendment(date, printable(reason), before, claim.terms()))
            claims[claim.id] = replace(claim, planned=False)
        return Register(claims, tuple(history))


def read_register(path: Path) -> Register:
    """Read and check a register.

    Raises
    ------
    BadInput
        If the file is missing, is not a register, or was edited by hand.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"no register at {path}: restore it with `git checkout -- {path.name}`") from None
    # Beside what is no TOML: a whole number of thousands of digits, and lists in lists without end.
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(
            f"the register {path} is not TOML ({printable(str(error))}): restore it with `git checkout`"
        ) from None
    try:
        claims = [
            Claim(
                **{
                    **row,
                    "threshold": tuple(row["threshold"]) if isinstance(row["threshold"], list) else row["threshold"],
                }
            )
            for row in content["claim"]
        ]
        history = tuple(
            Amendment(a["date"], a["reason"], a.get("before"), a.get("after")) for a in content.get("amendment", [])
        )
        register = Register({claim.id: claim for claim in claims}, history)
        is_whole = len(register.claims) == len(claims) and register.digest() == content["digest"]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(
            f"the register {path} is malformed ({printable(str(error))}): restore it with `git checkout`"
        ) from None
    if not is_whole:
        raise BadInput(
            f"the register {path} was edited by hand, its digest does not fit: restore it with `git checkout`, "
            'and change a claim with `pytest hypotheses/ --register --amend "reason"`'
        )
    return register


def write_register(path: Path, register: Register) -> None:
    """Write the register atomically, with its digest."""
    rows = [{**claim.terms(), "planned": claim.planned} for claim in register.claims.values()]
    history = [
        {
            k: v
            for k, v in (("date", a.date), ("reason", a.reason), ("before", a.before), ("after", a.after))
            if v is not None
        }
        for a in register.amendments
    ]
    document: dict[str, Any] = {"digest": register.digest(), "claim": rows}
    if history:
        document["amendment"] = history
    write_whole(path, _HEADER + tomli_w.dumps(document))
