"""What would change a verdict, made from its interval and its threshold."""

from __future__ import annotations

from why_bird.evidence.numbers import against, interval
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Interval

__all__ = ["what_would_change"]

_BY_SEARCH = "A search can only find a counterexample: whatever is measured on it, this claim cannot be confirmed."


def what_would_change(claim: ClaimRecord, *, is_void: bool = False) -> str:
    """Return one to three sentences.

    Parameters
    ----------
    claim : ClaimRecord
    is_void : bool, default False
        Whether every verdict of the run is withheld.
    """
    if is_void:
        return "A run whose negative control holds: until then no verdict is given."
    ends = None if claim.estimate is None else claim.decision_interval
    if ends is None and claim.search:
        # A search that found nothing was made all the same.
        sought = "A counterexample that a search finds, and fresh noise finds again, would reject it; none is known"
        return " ".join([f"{sought}: {_ended(claim.reason)}", *_besides(claim)])
    if ends is None:
        return f"A measurement. None was possible here: {_ended(claim.reason)}"
    failed = [check.name for check in claim.checks if not check.passed]
    if failed:
        return " ".join([f"It can be judged once this check passes: {_ended(failed[0])}", *_besides(claim)])
    return " ".join([*_by_interval(claim, ends), *_besides(claim)])


def _by_interval(claim: ClaimRecord, ends: Interval) -> list[str]:
    past, short, edge = _regions(claim)
    if ends.low == ends.high:
        # A single value has no interval that could reach the threshold.
        other = {"confirmed": f"A value {short} would reject it.", "rejected": f"A value {past} would confirm it."}
        return [other.get(claim.verdict, f"Not its value alone: {_ended(claim.reason)}")]
    all_of = f" in each of the {len(claim.parts)} contrasts" if claim.parts else ""
    confirm = f"an estimate {past} with an interval that stays {past}{all_of}"
    reject = f"an estimate {short} with an interval that stays {short}"
    can_confirm = not claim.search
    if claim.verdict == "confirmed":
        return [f"{_capital(reject)} would reject it; an interval that reaches {edge} would leave it open."]
    if claim.verdict == "rejected":
        says = f"{_capital(confirm)} would confirm it; an" if can_confirm else "An"
        return [f"{says} interval that reaches {edge} would leave it open."]
    shown = interval(ends.low, ends.high)
    if not _reaches(claim, ends):
        return [f"Not its interval {shown} alone: {_ended(claim.reason)}"]
    more = f"{_capital(confirm)} would confirm it, {reject} would reject it"
    return [
        f"{more if can_confirm else _capital(reject) + ' would reject it'}; now it is {shown}, which reaches {edge}."
    ]


def _regions(claim: ClaimRecord) -> tuple[str, str, str]:
    """Return where the claim puts the quantity, where it does not, and what lies between, in words."""
    threshold = claim.threshold
    if isinstance(threshold, tuple):
        low, high = (_limit(end) for end in threshold)
        return f"between {low} and {high}", f"outside {low} to {high}", f"{low} or {high}"
    words = ("above", "below") if claim.side == "above" else ("below", "above")
    return f"{words[0]} {_limit(threshold)}", f"{words[1]} {_limit(threshold)}", _limit(threshold)


def _limit(value: float) -> str:
    return against(value, "above").removeprefix("> ")


def _reaches(claim: ClaimRecord, ends: Interval) -> bool:
    """Whether the deciding interval holds an end of what the claim says."""
    limits = claim.threshold if isinstance(claim.threshold, tuple) else (claim.threshold,)
    return any(ends.low <= end <= ends.high for end in limits)


def _besides(claim: ClaimRecord) -> list[str]:
    return [each for each in (_BY_SEARCH if claim.search else "", claim.words.besides) if each]


def _ended(sentence: str) -> str:
    return f"{sentence.rstrip().rstrip('.')}."


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
