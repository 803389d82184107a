"""The pre-registration: what every claim says and is held against, fixed before anything is measured.

The register is a TOML file. Each claim is one table, and the file carries a digest of all of them, so
that an edit by hand is noticed. A claim stands in it as *planned* until its test is written.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import tomli_w

from why_bird.errors import BadInput
from why_bird.evidence.claim import Claim
from why_bird.evidence.codec import Json, decode
from why_bird.files import read_text, write_whole, written
from why_bird.printing import printable

_FORMAT = 2
# What a register of the first format had no place for: it is written down without an amendment, once.
_SINCE_FORMAT_2 = frozenset(
    ("guess", "observed", "explains", "together", "needs", "target", "search", "exact", "even_if_misfed")
)
_HEADER = (
    "# The pre-registration. Written by `why-bird register`; never edited by hand:\n"
    "# the digest would no longer fit and every run would stop. A change to a claim needs\n"
    '# `--amend "reason"` beside it, and is kept below as history.\n\n'
)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to the register after its first day, with its reason."""

    date: str
    """ISO date."""
    reason: str
    """Why the claim had to change."""
    before: Claim | None = None
    after: Claim | None = None
    """None where it did not exist or was withdrawn."""

    @property
    def claim(self) -> str:
        """Id of the claim that was changed."""
        changed = self.after or self.before
        return changed.id if changed else "?"

    def row(self) -> dict[str, Json]:
        """Return what the register keeps of it."""
        claims = {name: each.terms() for name, each in (("before", self.before), ("after", self.after)) if each}
        return {"date": self.date, "reason": self.reason, **claims}


@dataclass(frozen=True, slots=True)
class Register:
    """All claims by id, in the protocol's order, and the history of their changes."""

    claims: dict[str, Claim]
    amendments: tuple[Amendment, ...] = ()
    format: int = _FORMAT

    def digest(self) -> str:
        """Return the SHA-256 of the claims and amendments, independent of the file's layout."""
        content: dict[str, object] = {
            "claims": [_row(claim) for claim in self.claims.values()],
            "amendments": [
                [a.date, a.reason, a.before and a.before.terms(), a.after and a.after.terms()] for a in self.amendments
            ],
        }
        if self.format > 1:
            content["format"] = self.format
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def ledger(self, claim: str) -> str:
        """Return the name of the ledger whose error budget a claim shares.

        Returns
        -------
        str
            What the claim states. Else of a claim that was added later its module, so that a new question moves no
            verdict of an older one; and of those which were registered first, together, the empty name.
        """
        stated = self.claims.get(claim) or self.withdrawn[claim]
        is_later = any(each.before is None and each.claim == claim for each in self.amendments)
        return stated.ledger or (stated.module if is_later else "")

    @property
    def withdrawn(self) -> dict[str, Claim]:
        """Claims that are asked no more, by id: their share of an error budget stays spent."""
        gone = {each.claim: each.before for each in self.amendments if each.before and not each.after}
        return {name: claim for name, claim in gone.items() if name not in self.claims}

    @property
    def planned(self) -> tuple[str, ...]:
        """Claims whose test is not written yet, by id."""
        return tuple(claim.id for claim in self.claims.values() if claim.planned)

    def with_written(self, written: Sequence[Claim]) -> Register:
        """Return the register after the tests of ``written`` were found, where no claim changes.

        Raises BadInput if a claim says something else than was registered, or was never registered.
        """
        claims = dict(self.claims)
        for claim in written:
            changed = self.difference(claim, upgrades=True)
            if changed:
                raise BadInput(changed)
            claims[claim.id] = replace(claim, planned=False)
        return Register(claims, self.amendments)

    def difference(self, claim: Claim, *, upgrades: bool = False) -> str | None:
        """Return a sentence that says how ``claim`` differs from its registration, or None.

        Where it `upgrades`, what the format of the register had no place for may be new.
        """
        registered = self.claims.get(claim.id)
        if registered is None:
            return (
                f"claim {claim.id} was never registered: "
                'run `pytest hypotheses/ --register --amend "why it is new"` and commit register.toml'
            )
        old, new = registered.terms(), claim.terms()
        # A planned claim was copied from the protocol before it was known how its test would ask.
        for name in old if registered.planned else old | new:
            if old.get(name) == new.get(name) or (upgrades and self.format == 1 and name in _SINCE_FORMAT_2):
                continue
            if self.format == 1 and name in _SINCE_FORMAT_2:
                return (
                    f"the register has no place for {name} of claim {claim.id}: "
                    "run `pytest hypotheses/ --register` and commit register.toml"
                )
            was, now = old.get(name), new.get(name)
            return (
                f"claim {claim.id} changed since it was registered: {name} was {was!r} and is {now!r} now; "
                'a change needs `pytest hypotheses/ --register --amend "reason"`'
            )
        return None

    def amended(self, written: Sequence[Claim], *, reason: str, date: str, modules: Collection[str] = ()) -> Register:
        """Return the register with every changed or new claim replaced, each kept as an amendment.

        Parameters
        ----------
        written : sequence of Claim
            What tests state.
        modules : collection of str
            Those of which all claims are written: what is registered of them and not written is withdrawn.

        Raises
        ------
        BadInput
            If the reason is blank: a change without one would be history that explains nothing.
        """
        if not reason.strip():
            raise BadInput('an amendment needs its reason: `pytest hypotheses/ --register --amend "why"`')
        claims, history = dict(self.claims), list(self.amendments)
        for claim in written:
            stated = replace(claim, planned=False)
            if self.difference(claim, upgrades=True):
                history.append(Amendment(date, printable(reason), self.claims.get(claim.id), stated))
            claims[claim.id] = stated
        kept = {claim.id for claim in written}
        for claim in self.claims.values():
            if claim.module in modules and claim.id not in kept:
                history.append(Amendment(date, printable(reason), claims.pop(claim.id)))
        return Register(claims, tuple(history))


@dataclass(frozen=True, slots=True)
class _File:
    """The register as its file has it."""

    digest: str
    claim: tuple[Claim, ...]
    amendment: tuple[Amendment, ...] = ()
    format: int = field(default=1)


def read_register(path: Path) -> Register:
    """Read and check a register.

    Raises BadInput if the file is missing, is not a register, or was edited by hand.
    """
    try:
        content = tomllib.loads(read_text(path))
    except FileNotFoundError:
        raise BadInput(f"no register at {path}: restore it with `git checkout -- {path}`") from None
    # Beside what is no TOML: a whole number of thousands of digits, and lists in lists without end.
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(
            f"the register {path} is not TOML ({printable(str(error))}): restore it with `git checkout`"
        ) from None
    try:
        file = decode(_File, content, "the register")
        if not 1 <= file.format <= _FORMAT:
            raise ValueError(f"format {file.format}, expected at most {_FORMAT}")
        register = Register({claim.id: claim for claim in file.claim}, file.amendment, file.format)
        is_whole = len(register.claims) == len(file.claim) and register.digest() == file.digest
    except (ValueError, RecursionError) as error:
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
    """Write the register atomically, with its digest.

    Raises BadInput if it cannot be written.
    """
    document: dict[str, object] = {"format": register.format, "digest": register.digest()}
    document["claim"] = [_row(claim) for claim in register.claims.values()]
    if register.amendments:
        document["amendment"] = [amendment.row() for amendment in register.amendments]
    with written(path, "make it writable, or register in another checkout"):
        write_whole(path, _HEADER + tomli_w.dumps(document))


def _row(claim: Claim) -> dict[str, Json]:
    return {**claim.terms(), "planned": claim.planned}
