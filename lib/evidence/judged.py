"""From an estimate and its verdict to the record of a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lib.evidence.charts import Chart
from lib.evidence.claim import Claim, Question
from lib.evidence.exhibits import Beside, Check, Part, Reading, Table
from lib.evidence.record import PROCEDURE, ClaimRecord
from lib.evidence.replicates import Replicate
from lib.evidence.words import Evidence, Words, asked
from lib.stats import Estimate, Intersection, Interval, Threshold, Verdict
from lib.stats.drift import GATE_LEVEL

__all__ = ["beside_line", "judged", "values"]

_LEVEL = 0.95


def judged(
    claim: Claim,
    verdict: Verdict,
    estimate: Estimate | None,
    *,
    network: str,
    network_name: str,
    question: Question,
    words: Words = Words(),  # noqa: B008 - frozen
    evidence: Evidence = "looked at",
    says: Mapping[str, object] | None = None,
    target: str | None = None,
    checks: Sequence[Check] = (),
    beside: Sequence[Beside] = (),
    tables: Sequence[Table] = (),
    replicates: Sequence[Replicate] = (),
    charts: Sequence[Chart] = (),
    seconds: float = 0.0,
) -> ClaimRecord:
    """Return the record of a judged claim.

    Parameters
    ----------
    claim : Claim
        As registered.
    verdict : Verdict
    estimate : Estimate or None
        None where nothing could be measured.
    network : str
        Content hash, ``"dataset"`` or ``"procedure"``.
    network_name : str
    question : Question
    words : Words
        Templates.
    evidence : {"looked at", "changed", "retrained"}
    says : mapping of str to object, optional
        What the templates ask for beside what a record knows.
    target : str or None
    checks, beside, tables, replicates, charts : sequence
    seconds : float

    Returns
    -------
    ClaimRecord
        Where the estimate's value is not a finite number it is None, and the reason says so.

    Raises
    ------
    ValueError
        If the verdict does not follow from its own interval, or rests on no estimate; if a template cannot be filled.
    """
    reason = verdict.reason
    if estimate is not None and not math.isfinite(estimate.value):
        reason += " The estimate is not a finite number."
    threshold = claim.held_against(procedure=network == PROCEDURE)
    reading = None if estimate is None else _reading(estimate, verdict.interval95)
    known = values(threshold, reading, network=network_name, target=target, n=estimate.n if estimate else 0)
    return ClaimRecord(
        id=claim.id,
        network=network,
        network_name=network_name,
        target=target,
        module=claim.module,
        question=question,
        statement=claim.statement,
        source=claim.source,
        scope="procedure" if network == PROCEDURE else claim.scope,
        unit="" if estimate is None else estimate.unit,
        n=0 if estimate is None else estimate.n,
        test="" if estimate is None else estimate.method,
        scale="standardised" if estimate is None else estimate.scale,
        estimate=reading,
        decision_interval=verdict.interval_at_alpha,
        threshold=threshold,
        side=claim.side,
        weight=claim.weight,
        alpha=verdict.alpha,
        p=verdict.p,
        p_adjusted=verdict.p_adjusted,
        verdict=verdict.outcome,
        reason=reason,
        guess=claim.guess,
        observed=claim.observed,
        explains=claim.explains,
        evidence=evidence,
        words=words.filled({**known, **(says or {})}),
        two_class=claim.two_class,
        search=claim.search,
        exact=claim.exact,
        checks=tuple(checks),
        beside=tuple(beside),
        tables=tuple(tables),
        parts=_parts(estimate),
        replicates=tuple(replicates),
        charts=tuple(charts),
        seconds=seconds,
        standard_error=None if estimate is None or not estimate.variance else math.sqrt(estimate.variance),
        gate_interval=None if estimate is None else estimate.interval(GATE_LEVEL),
    )


def values(
    threshold: Threshold, reading: Reading | None, *, network: str, target: str | None, n: int
) -> dict[str, object]:
    """Return what the words of any claim may ask for, by name.

    Parameters
    ----------
    threshold : float or tuple of float
        ``asked``.
    reading : Reading or None
        ``value``, ``low`` and ``high``; not known where nothing was measured.
    network, target : str
    n : int
    """
    known: dict[str, object] = {"asked": asked(threshold), "target": target or "the class of noise", "network": network}
    if reading is None:
        return known
    return {**known, "value": reading.value, "low": reading.low, "high": reading.high, "n": n}


def beside_line(label: str, estimate: Estimate, *, exploratory: bool = False) -> Beside:
    """Return a line beside the verdict: an estimate with its 95 % interval, and no verdict.

    Parameters
    ----------
    label : str
        What was estimated.
    estimate : Estimate
    exploratory : bool, default False
        Whether it was found by looking, not registered before.
    """
    reading = _reading(estimate)
    return Beside(
        label, reading.value, reading.low, reading.high, reading.level, estimate.n, estimate.unit, exploratory
    )


def _reading(estimate: Estimate, interval: Interval | None = None) -> Reading:
    band = estimate.interval(_LEVEL) if interval is None else interval
    return Reading(_finite(estimate.value), band.low, band.high, band.level)


def _parts(estimate: Estimate | None) -> tuple[Part, ...]:
    if not isinstance(estimate, Intersection):
        return ()
    readings = ((label, _reading(part)) for label, part in estimate.parts)
    return tuple(Part(label, reading.value, reading.low, reading.high) for label, reading in readings)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
