"""What of a run can be held against another run: one finding a claim and network, without the evidence for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lib.evidence.exhibits import decode_interval
from lib.evidence.kinds import check_kinds, is_finite
from lib.evidence.record import PROCEDURE
from lib.stats import Interval
from lib.stats.drift import Measured
from lib.stats.estimate import limits

__all__ = ["Finding", "Findings", "NoiseCounts", "finding_of", "findings_of"]

_TERMS = ("statement", "side", "threshold", "weight", "scope")
_KINDS = {
    **dict.fromkeys(("id", "network", "network_name", "scope", "statement", "side", "unit", "test", "reason"), str),
    **dict.fromkeys(("weight", "n"), int),
    "target": str | None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one claim found about one network, about the images, or about a procedure.

    Parameters
    ----------
    id, network, network_name, scope, statement, side, weight, unit, n, test, target, verdict, reason
        As in :class:`~lib.evidence.record.ClaimRecord`.
    threshold : float or tuple of float
    value : float or None
        None where nothing was measured, or the value was not a finite number.
    standard_error : float
        0 where it is exact or nothing varied.
    reading, strict : tuple of float
        Ends of the intervals of confidence .95 and 1 − 2e-4; they may be infinite.
    replicates : tuple of (str, float, float)
        Hash, value and sampling variance of each network of a procedure.

    Raises
    ------
    ValueError
        If a field is of another kind, a number is not finite, the threshold does not go with the side, or ends are
        not in order.
    """

    id: str
    network: str
    network_name: str
    scope: str
    statement: str
    threshold: float | tuple[float, float]
    side: str
    weight: int
    unit: str
    n: int
    test: str
    target: str | None
    verdict: str
    reason: str
    value: float | None
    standard_error: float
    reading: tuple[float, float]
    strict: tuple[float, float]
    replicates: tuple[tuple[str, float, float], ...] = ()

    def __post_init__(self) -> None:
        check_kinds(self, _KINDS)
        if self.verdict not in ("confirmed", "rejected", "inconclusive"):
            raise ValueError(f"claim {self.id}: a verdict {self.verdict!r} is none")
        numbers = [*_both(self.threshold), self.standard_error, *(x for _, *two in self.replicates for x in two)]
        if self.value is not None:
            numbers.append(self.value)
        if not all(map(is_finite, numbers)) or self.standard_error < 0:
            raise ValueError(f"claim {self.id}: a number is not finite, or a standard error is negative")
        if not is_finite(self.standard_error * self.standard_error):
            raise ValueError(f"claim {self.id}: a standard error of {self.standard_error!r} has no variance")
        limits(self.threshold, self.side)  # type: ignore[arg-type]
        for low, high in (self.reading, self.strict):
            # Asked as what must hold, so that a NaN cannot pass.
            if not all(is_finite(end) or end in (-math.inf, math.inf) for end in (low, high)) or not low <= high:
                raise ValueError(f"claim {self.id}: an interval needs low <= high, not [{low!r}, {high!r}]")

    @property
    def key(self) -> tuple[str, str]:
        """Claim, and what it is about."""
        return self.id, self.network

    @property
    def measured(self) -> Measured:
        """The numbers that the drift rule takes.

        Raises
        ------
        ValueError
            If nothing was measured.
        """
        if self.value is None:
            raise ValueError(f"claim {self.id} has no value")
        reading, strict = Interval(*self.reading, 0.95), Interval(*self.strict, 1.0 - 2e-4)
        return Measured(self.value, self.standard_error**2, reading, strict)

    def changed_term(self, other: Finding) -> tuple[str, Any, Any] | None:
        """Return the first term of the claim that another finding's claim has otherwise, with both; None where none."""
        for name in _TERMS:
            mine, its = getattr(self, name), getattr(other, name)
            if mine != its:
                return name, mine, its
        return None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values; an infinite end becomes null."""
        content = asdict(self)
        for name in ("reading", "strict"):
            content[name] = [end if math.isfinite(end) else None for end in content[name]]
        content["threshold"] = list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold
        content["replicates"] = [list(each) for each in self.replicates]
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Finding:
        """Return the finding that :meth:`to_json` wrote.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the content is not of a finding.
        """
        values = dict(content)
        for name in ("reading", "strict"):
            low, high = values[name]
            values[name] = (-math.inf if low is None else low, math.inf if high is None else high)
        threshold = values["threshold"]
        values["threshold"] = tuple(threshold) if isinstance(threshold, list) else threshold
        values["replicates"] = tuple((str(name), value, variance) for name, value, variance in values["replicates"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class NoiseCounts:
    """Where noise-B falls in one network.

    Parameters
    ----------
    counts : mapping of str to int
        Predictions by class.
    near_ties : int
        Images whose two largest logits differ by less than rounding may.
    """

    counts: Mapping[str, int]
    near_ties: int = 0

    def __post_init__(self) -> None:
        check_kinds(self, {"counts": Mapping, "near_ties": int})
        if not all(type(count) is int and count >= 0 for count in (*self.counts.values(), self.near_ties)):
            raise ValueError("predictions are counted by whole numbers, 0 or more")


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of a run, and what they were measured on.

    Parameters
    ----------
    findings : tuple of Finding
    images : str
        Content hash of the test images.
    images_name : str
    noise_seed : int
    commit : str or None
    date : str
        When the run started, ISO 8601.
    noise : mapping of str to NoiseCounts
        By network.
    """

    findings: tuple[Finding, ...]
    images: str
    images_name: str
    noise_seed: int
    commit: str | None
    date: str
    noise: Mapping[str, NoiseCounts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_kinds(self, {"images": str, "images_name": str, "noise_seed": int, "commit": str | None, "date": str})
        if len({finding.key for finding in self.findings}) < len(self.findings):
            raise ValueError("a claim was found twice for one network")

    @property
    def claims(self) -> dict[str, tuple[Finding, ...]]:
        """The findings of each claim, of networks and images apart from those of procedures (``"X1[procedure]"``)."""
        found: dict[str, list[Finding]] = {}
        for each in self.findings:
            found.setdefault(each.id + ("[procedure]" if each.network == PROCEDURE else ""), []).append(each)
        return {name: tuple(rows) for name, rows in found.items()}

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        content["findings"] = [finding.to_json() for finding in self.findings]
        content["noise"] = {
            network: {"counts": dict(each.counts), "near_ties": each.near_ties} for network, each in self.noise.items()
        }
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Findings:
        """Return the findings that :meth:`to_json` wrote.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the content is not of findings.
        """
        values = dict(content)
        values["findings"] = tuple(Finding.from_json(each) for each in values["findings"])
        values["noise"] = {network: NoiseCounts(**each) for network, each in values["noise"].items()}
        return cls(**values)


def findings_of(document: Mapping[str, Any]) -> Findings:
    """Return what can be held of a run, from its evidence.

    Parameters
    ----------
    document : mapping
        Evidence that fits the schema.

    Returns
    -------
    Findings

    Raises
    ------
    ValueError
        If a claim has a value and not the bounds that the gate needs, as in files from before schema 1.2.
    """
    provenance = document["provenance"]
    images = provenance["images"] or {"hash": "", "name": "none"}
    noise = {
        each["network"]: NoiseCounts(dict(zip(each["classes"], each["counts"], strict=True)), each["near_ties"])
        for each in document.get("noise", ())
    }
    return Findings(
        tuple(finding_of(claim) for claim in document["claims"]),
        images["hash"],
        images["name"],
        provenance["seeds"].get("noise", 0),
        provenance["commit"],
        provenance["start"],
        noise,
    )


def finding_of(claim: Mapping[str, Any]) -> Finding:
    """Return the finding of one claim of a document.

    Raises
    ------
    ValueError
        If it has a value and not the bounds that the gate needs.
    """
    estimate, strict = claim["estimate"], claim.get("gate_interval")
    if estimate is not None and strict is None:
        raise ValueError(f"claim {claim['id']} has no bounds at 1e-4")
    reading = (-math.inf, math.inf) if estimate is None else _ends(estimate)
    threshold = claim["threshold"]
    return Finding(
        id=claim["id"],
        network=claim["network"],
        network_name=claim["network_name"],
        scope=claim["scope"],
        statement=claim["statement"],
        threshold=tuple(threshold) if isinstance(threshold, list) else threshold,
        side=claim["side"],
        weight=claim["weight"],
        unit=claim["unit"],
        n=claim["n"],
        test=claim["test"],
        target=claim["target"],
        verdict=claim["verdict"],
        reason=claim["reason"],
        value=None if estimate is None else estimate["value"],
        standard_error=claim["standard_error"] or 0.0,
        reading=reading,
        strict=(-math.inf, math.inf) if strict is None else _ends(strict),
        replicates=tuple((r["network"], r["value"], r["variance"] or 0.0) for r in claim["replicates"]),
    )


def _ends(content: Mapping[str, Any]) -> tuple[float, float]:
    interval = decode_interval({name: content[name] for name in ("low", "high", "level")})
    return interval.low, interval.high


def _both(threshold: float | tuple[float, float]) -> tuple[float, ...]:
    return threshold if isinstance(threshold, tuple) else (threshold,)
