"""What one collected claim found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from lib.evidence.charts import Chart, chart_from_json
from lib.evidence.exhibits import (
    Beside,
    Check,
    Part,
    Reading,
    Table,
    count_field,
    decode_interval,
    encode_interval,
    text_fields,
)
from lib.evidence.register import Scope, Side
from lib.evidence.replicates import Replicate
from lib.stats import Interval, Outcome
from lib.stats.estimate import limits

__all__ = ["DATASET", "PROCEDURE", "ClaimRecord"]

DATASET = "dataset"
PROCEDURE = "procedure"
_MOST_CHARTS = 16

_DECODERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "checks": Check.from_json,
    "beside": Beside.from_json,
    "tables": Table.from_json,
    "parts": Part.from_json,
    "replicates": Replicate.from_json,
    "charts": chart_from_json,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """What one collected claim found: the evidence, and the verdict it led to.

    A record travels as JSON in pytest's ``user_properties``, through pytest-xdist and into JUnit's XML. It
    checks itself when made, so that no verdict leaves that its own numbers do not carry.

    Parameters
    ----------
    id : str
        The claim's name in the register.
    network : str
        What the verdict speaks about: content hash of a network, ``"dataset"`` or ``"procedure"``.
    network_name : str
        The same for a reader.
    target : str or None
        The class that most of the noise falls into, where the claim speaks of it.
    module, statement, source : str
        As registered.
    scope : {"dataset", "network", "procedure"}
        Of this item; ``"procedure"`` exactly where `network` is.
    unit : str
        What was counted; empty where nothing was measured.
    n : int
        How many; 0 where nothing was measured.
    test : str
        Name of the statistical test; empty where nothing was measured.
    estimate : Reading or None
        The value with the interval for reading, of level 95 %.
    decision_interval : Interval or None
        The interval that decided, of level 1 − 2·alpha.
    threshold : float or tuple of float
        What the claim is held against, in the estimate's unit; a pair for ``side="within"``.
    side : {"above", "below", "within"}
    weight : int
        Registered weight.
    alpha : float
        One-sided error rate of this claim.
    p, p_adjusted : float or None
        One-sided p-value, alone and by the claim's share of the error budget.
    verdict : Outcome
    reason : str
        One sentence.
    checks : tuple of Check
        What had to hold before the claim could be judged.
    beside : tuple of Beside
        Secondary, sensitivity and exploratory lines.
    tables : tuple of Table
    parts : tuple of Part
        Contrasts of an intersection–union test.
    replicates : tuple of Replicate
        What the single networks of a procedure say.
    charts : tuple of Chart
        At most sixteen.
    seconds : float
        Wall-clock time.
    standard_error : float or None
        Of the estimate; None where it is exact, nothing varied or nothing was measured.
    gate_interval : Interval or None
        The interval by which the gate holds a later run against this one, of one-sided error 1e-4; None where
        nothing was measured, and in files from before schema 1.2.

    Raises
    ------
    ValueError
        If a field has no such value, or the verdict does not follow: *confirmed* with a deciding interval
        that is not past the threshold, *rejected* with one that is not short of it, either one with a
        check that failed or without an estimate.
    """

    id: str
    network: str
    network_name: str
    target: str | None
    module: str
    statement: str
    source: str
    scope: Scope
    unit: str
    n: int
    test: str
    estimate: Reading | None
    decision_interval: Interval | None
    threshold: float | tuple[float, float]
    side: Side
    weight: int
    alpha: float
    p: float | None
    p_adjusted: float | None
    verdict: Outcome
    reason: str
    checks: tuple[Check, ...] = ()
    beside: tuple[Beside, ...] = ()
    tables: tuple[Table, ...] = ()
    parts: tuple[Part, ...] = ()
    replicates: tuple[Replicate, ...] = ()
    charts: tuple[Chart, ...] = ()
    seconds: float = 0.0
    standard_error: float | None = None
    gate_interval: Interval | None = None

    def __post_init__(self) -> None:
        text_fields(self, "id", "network", "network_name", "module", "statement", "reason")
        text_fields(self, "source", "unit", "test", filled=False)
        if self.target is not None:
            text_fields(self, "target")
        count_field(self, "n")
        object.__setattr__(self, "verdict", Outcome(self.verdict))
        for name in _DECODERS:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.charts) > _MOST_CHARTS:
            raise ValueError(f"claim {self.id} has {len(self.charts)} charts: {_MOST_CHARTS} at most")
        self._check_scope()
        self._check_numbers()
        self._check_verdict()

    @property
    def key(self) -> tuple[str, str]:
        """Claim and network: no document holds two records of one key."""
        return self.id, self.network

    def _check_scope(self) -> None:
        expected = self.network if self.network in (DATASET, PROCEDURE) else "network"
        if self.scope != expected:
            raise ValueError(f"claim {self.id}: scope {self.scope!r} does not go with network {self.network!r}")

    def _check_numbers(self) -> None:
        limits(self.threshold, self.side)
        threshold = self.threshold
        plain = (float(threshold[0]), float(threshold[1])) if isinstance(threshold, tuple) else float(threshold)
        object.__setattr__(self, "threshold", plain)
        count_field(self, "weight")
        if self.weight < 1:
            raise ValueError(f"claim {self.id}: weight is {self.weight}, expected 1 or more")
        if not 0 < self.alpha < 0.5:
            raise ValueError(f"claim {self.id}: alpha is {self.alpha!r}, expected one between 0 and 0.5")
        if not 0 <= self.seconds < math.inf:
            raise ValueError(f"claim {self.id}: seconds are {self.seconds!r}, expected a finite time")
        for name in ("p", "p_adjusted"):
            p = getattr(self, name)
            if p is not None and not 0 <= p <= 1:
                raise ValueError(f"claim {self.id}: {name} is {p!r}, expected one between 0 and 1")
            object.__setattr__(self, name, None if p is None else float(p))
        if self.standard_error is not None and not 0 <= self.standard_error < math.inf:
            raise ValueError(f"claim {self.id}: a standard error of {self.standard_error!r} cannot be")
        object.__setattr__(self, "alpha", float(self.alpha))
        object.__setattr__(self, "seconds", float(self.seconds))

    def _check_verdict(self) -> None:
        measured = self.estimate is not None
        if measured and not (self.n and self.unit and self.test):
            raise ValueError(f"claim {self.id}: an estimate needs n, a unit and a test")
        rest = (self.decision_interval, self.gate_interval, self.standard_error, self.p)
        if not measured and (any(each is not None for each in rest) or self.parts or self.replicates):
            raise ValueError(f"claim {self.id}: an interval, a p-value, parts or replicates, but no estimate")
        if self.verdict is Outcome.INCONCLUSIVE:
            return
        if self.decision_interval is None:
            raise ValueError(f"claim {self.id}: {self.verdict} without an interval")
        failed = [check.name for check in self.checks if not check.passed]
        if failed:
            raise ValueError(f"claim {self.id}: {self.verdict} although {failed[0]!r} failed")
        low, high = limits(self.threshold, self.side)
        ends = self.decision_interval
        past = (low < ends.low or low == -math.inf) and (ends.high < high or high == math.inf)
        short = ends.high <= low or ends.low >= high
        if not (past if self.verdict is Outcome.CONFIRMED else short):
            raise ValueError(
                f"claim {self.id}: {self.verdict}, but the interval [{ends.low}, {ends.high}] does not say so "
                f"of {self.side} {self.threshold}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return JSON-safe values, in the published schema but for the two columns of a complete run."""
        content: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        content["estimate"] = None if self.estimate is None else self.estimate.to_json()
        content["decision_interval"] = (
            None if self.decision_interval is None else encode_interval(self.decision_interval)
        )
        content["gate_interval"] = None if self.gate_interval is None else encode_interval(self.gate_interval)
        content["threshold"] = list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold
        content["verdict"] = str(self.verdict)
        for name in _DECODERS:
            content[name] = [each.to_json() for each in content[name]]
        return content

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> ClaimRecord:
        """Return the record that :meth:`to_json` wrote.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the content is not of a record.
        """
        values = dict(content)
        # Up to schema 1.2 pictures stood apart.
        values.pop("pictures", None)
        if values["estimate"] is not None:
            values["estimate"] = Reading.from_json(values["estimate"])
        if values["decision_interval"] is not None:
            values["decision_interval"] = decode_interval(values["decision_interval"])
        if values.get("gate_interval") is not None:
            values["gate_interval"] = decode_interval(values["gate_interval"])
        if isinstance(values["threshold"], list):
            values["threshold"] = tuple(values["threshold"])
        for name, decode in _DECODERS.items():
            # Files from before schema 1.3 have no charts.
            values[name] = tuple(decode(each) for each in values.get(name, ()))
        return cls(**values)
