"""From an estimate and its verdict to the record of a claim."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from why_bird.evidence.charts import Chart
from why_bird.evidence.claim import Claim, Stated
from why_bird.evidence.exhibits import Beside, Check, Part, Reading, Table
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.evidence.replicates import Replicate
from why_bird.evidence.words import asked
from why_bird.measure import checks
from why_bird.stats import Estimate, Intersection, Interval, NetworkMean, Outcome, Threshold, Verdict
from why_bird.stats.drift import GATE_LEVEL

SIGN_FLIP = "p of the sign-flip test"
"""What stands beside a mean over networks, where they are few."""

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What a claim shows beside its estimate; see :class:`~why_bird.evidence.record.ClaimRecord`."""

    checks: Sequence[Check] = ()
    beside: Sequence[Beside] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()
    replicates: Sequence[Replicate] = ()


# What a record repeats of its claim.
_REGISTERED = (
    *("id", "module", "statement", "source", "side", "weight", "guess", "observed", "explains"),
    *("two_class", "search", "exact"),
)


def judged(
    stated: Stated,
    verdict: Verdict,
    estimate: Estimate | None,
    *,
    network: str,
    network_name: str,
    target: str | None = None,
    given: bool = True,
    says: Mapping[str, object] | None = None,
    shown: Exhibits = Exhibits(),
    seconds: float = 0.0,
) -> ClaimRecord:
    """Return the record of a judged claim.

    Parameters
    ----------
    stated : Stated
        The claim as registered, with templates of its words.
    estimate : Estimate or None
        None where nothing could be measured.
    network : str
        Content hash, ``"dataset"`` or ``"procedure"``.
    given : bool, default True
        Whether the run was given what the claim is about.
    says : mapping of str to object, optional
        What the templates ask for beside what a record knows.

    Returns
    -------
    ClaimRecord
        Where the estimate's value is not a finite number it is None, and the reason says so.

    Raises
    ------
    ValueError
        If the verdict does not follow from its own interval, or rests on no estimate; if a template cannot be filled.
    """
    claim, is_procedure = stated.claim, network == PROCEDURE
    threshold = claim.held_against(procedure=is_procedure)
    reading = None if estimate is None else _reading(estimate, verdict.interval95)
    parts, weakest = (estimate.parts, estimate.weakest) if isinstance(estimate, Intersection) else ((), "another class")
    n, unit = (estimate.n, estimate.unit) if estimate else (0, "")
    known = values(threshold, reading, network=network_name, target=target, n=n, unit=unit, weakest=weakest)
    reason = verdict.reason
    if estimate is not None and not math.isfinite(estimate.value):
        reason += " The estimate is not a finite number."
    return ClaimRecord(
        **{name: getattr(claim, name) for name in _REGISTERED},
        network=network,
        network_name=network_name,
        target=target,
        given=given,
        question=stated.question,
        words=stated.words.filled({**known, **(says or {})}),
        evidence=stated.evidence,
        leads=stated.leads,
        scope="procedure" if is_procedure else claim.scope,
        threshold=threshold,
        decision_interval=verdict.interval_at_alpha,
        alpha=verdict.alpha,
        p=verdict.p,
        p_adjusted=verdict.p_adjusted,
        verdict=verdict.outcome,
        reason=reason,
        seconds=seconds,
        unit=unit,
        n=n,
        test=estimate.method if estimate else "",
        scale=estimate.scale if estimate else "standardised",
        estimate=reading,
        parts=tuple(_part(label, part) for label, part in parts),
        standard_error=math.sqrt(estimate.variance) if estimate and estimate.variance else None,
        gate_interval=estimate.interval(GATE_LEVEL) if estimate else None,
        checks=tuple(shown.checks),
        beside=tuple(shown.beside),
        tables=tuple(shown.tables),
        charts=tuple(shown.charts),
        replicates=tuple(shown.replicates),
    )


def values(
    threshold: Threshold,
    reading: Reading | None,
    *,
    network: str,
    target: str | None,
    n: int,
    unit: str,
    weakest: str,
) -> dict[str, object]:
    """Return what the words of any claim may ask for, by name.

    Parameters
    ----------
    threshold : float or tuple of float
        ``asked``.
    reading : Reading or None
        ``value``, ``low`` and ``high``; not known where nothing was measured.
    weakest : str
        Of an intersection the part with the smallest value.
    """
    known: dict[str, object] = {"asked": asked(threshold), "target": target or "the class of noise", "network": network}
    if reading is None:
        return known
    found = {"value": reading.value, "low": reading.low, "high": reading.high}
    return {**known, **found, "n": n, "unit": unit, "weakest": weakest}


def beside_line(label: str, estimate: Estimate, *, exploratory: bool = False) -> Beside:
    """Return a line beside the verdict: an estimate with its 95 % interval, and no verdict.

    Parameters
    ----------
    label : str
        What was estimated.
    exploratory : bool, default False
        Whether it was found by looking, not registered before.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> line = beside_line("blurred", Proportion(90, 100, "images"))
    >>> line.value, round(line.low, 4), round(line.high, 4)  # R: binom.test(90, 100)$conf.int
    (0.9, 0.8238, 0.951)
    """
    reading = _reading(estimate)
    return Beside(
        label, reading.value, reading.low, reading.high, reading.level, estimate.n, estimate.unit, exploratory
    )


def manipulation_checks(measured: Iterable[checks.Check]) -> list[Check]:
    """Return what was checked of a network, or of an experiment, as the evidence shows it.

    Examples
    --------
    >>> (check,) = manipulation_checks([checks.Check("dose 0 changes nothing", True, "of 100 images")])
    >>> check.kind
    'manipulation'
    """
    return [Check(each.name, each.passed, each.detail, "manipulation") for each in measured]


def over_networks(estimate: Estimate, claim: Claim) -> list[Beside]:
    """Return what stands beside a mean over networks, or several: where one more would fall, and the sign-flip test.

    Of an intersection it is the largest p of its parts.
    """
    parts = [part for _, part in estimate.parts] if isinstance(estimate, Intersection) else [estimate]
    means = [part for part in parts if isinstance(part, NetworkMean) and part.n > 1]
    if len(means) < len(parts):
        return []
    lines = []
    if len(means) == 1:
        (mean,) = means
        expected, one = mean.prediction(_LEVEL), mean.unit.replace("s", "", 1)  # of networks, or of pairs of networks
        lines.append(Beside(f"one more {one}", mean.value, expected.low, expected.high, _LEVEL, mean.n, mean.unit))
    flipped = [p for mean in means if (p := mean.sign_flip(claim.threshold, claim.side)) is not None]
    if len(flipped) == len(means):
        lines.append(Beside(SIGN_FLIP, max(flipped), n=estimate.n, unit=estimate.unit))
    return lines


def sign_flip_against(claim: ClaimRecord) -> float | None:
    """Return the p-value of the sign-flip test where it could confirm a claim that is confirmed, and does not."""
    for line in claim.beside if claim.verdict is Outcome.CONFIRMED else ():
        is_able = line.label == SIGN_FLIP and 0.5**line.n <= claim.alpha
        if is_able and line.value is not None and line.value > claim.alpha:
            return line.value
    return None


def _reading(estimate: Estimate, interval: Interval | None = None) -> Reading:
    band = estimate.interval(_LEVEL) if interval is None else interval
    return Reading(float(estimate.value) if math.isfinite(estimate.value) else None, band.low, band.high, band.level)


def _part(label: str, estimate: Estimate) -> Part:
    reading = _reading(estimate)
    return Part(label, reading.value, reading.low, reading.high)
