"""What there is to explain: the first sentences of the page, by claims that have words for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from why_bird.evidence.document import Document
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Outcome

__all__ = ["opening"]

_MOST_NAMES = 3


def opening(document: Document) -> list[str]:
    """Return what there is to explain, a paragraph for each network.

    Returns
    -------
    list of str
        Of a void run nothing but that it answers nothing.
    """
    void = document.void
    if void:
        return [
            f"This run answers nothing: the negative control {void.control} is broken for {void.network}, so every "
            "verdict is withheld."
        ]
    if not document.claims:
        return ["No claim was judged in this run, so there is no answer."]
    about: dict[tuple[str, str], list[ClaimRecord]] = {}
    for claim in document.claims:
        if claim.words.opens:
            about.setdefault((claim.network, claim.network_name), []).append(claim)
    if len(about) > _MOST_NAMES:
        first = next(iter(about.values()))[0].id
        return [_of_many([claim for group in about.values() for claim in group if claim.id == first])]
    said = [" ".join([*(claim.words.opens for claim in group), _verdict(group[0])]) for group in about.values()]
    return said or ["What there is to explain was not judged in this run."]


def _verdict(claim: ClaimRecord) -> str:
    said = f"it is open {claim.said}" if claim.verdict is Outcome.INCONCLUSIVE else claim.said
    return f"{said[:1].upper()}{said[1:]}."


def _of_many(judged: Sequence[ClaimRecord]) -> str:
    counts = Counter(claim.target for claim in judged if claim.target)
    falls = ", ".join(f"{name} in {n}" for name, n in sorted(counts.items(), key=lambda each: (-each[1], each[0])))
    where = f"the class that takes most of the noise is {falls} of {counts.total()}; " if counts else ""
    held = sum(claim.verdict is Outcome.CONFIRMED for claim in judged)
    bare = judged[0].statement.rstrip().rstrip(".")
    return f"Of {len(judged)} networks, {where}“{bare}” is confirmed in {held}."
