"""The answer in plain sentences, made from the verdicts and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from why_bird.evidence.document import Document
from why_bird.evidence.numbers import count, number, probability
from why_bird.evidence.provenance import NetworkOrigin
from why_bird.evidence.record import PROCEDURE, ClaimRecord

__all__ = ["facts", "headlines", "measured_on", "sentences"]

_OUTCOMES = (("confirmed", "Confirmed"), ("rejected", "Rejected"), ("inconclusive", "Open"))
_MOST_IN_SENTENCES = 6


def headlines(document: Document) -> list[tuple[str, str]]:
    """Return as (lead, sentence) pairs of plain text whether anything holds at all, and the counts.

    Parameters
    ----------
    document : Document
        The evidence.
    """
    return [*_warnings(document), ("Verdicts", _counts(document))]


def sentences(document: Document) -> list[tuple[str, str]]:
    """Return the answer as (lead, sentence) pairs of plain text, for any page to mark up and escape.

    Parameters
    ----------
    document : Document
        The evidence.

    Returns
    -------
    list of (str, str)
        For each network where there are several what was confirmed, what was rejected and what is open.
    """
    claims = document.claims
    # Claims about procedures share one word in place of a hash, and differ in name.
    about = dict.fromkeys((claim.network, claim.network_name) for claim in claims)
    # The sentences of many networks would bury what follows: then the ids say it.
    words = _in_sentences if len(about) <= _MOST_IN_SENTENCES else _by_id
    lines = []
    for key in about:
        of = "" if len(about) == 1 else f", {key[1]}"
        for outcome, word in _OUTCOMES:
            chosen = [c for c in claims if (c.network, c.network_name) == key and c.verdict == outcome]
            if chosen:
                lines.append((f"{word}{of}", words(chosen)))
    return lines


def measured_on(document: Document) -> list[tuple[str, str]]:
    """Return what the claims were asked about, as (lead, sentence) pairs: networks, target classes, image set."""
    provenance = document.provenance
    lines = []
    for network in provenance.networks:
        recipe = f" by the recipe {network.recipe}" if network.recipe else ""
        accuracy = "" if network.accuracy is None else f", accuracy {probability(network.accuracy)}"
        sentence = f"{network.name} ({network.arch}), {network.origin}{recipe}{accuracy}{_asked_in(network)}."
        lines.append(("Network", sentence))
    procedures = {c.network_name for c in document.claims if c.network == PROCEDURE and c.replicates}
    lines += [("Procedure", f"{name}.") for name in sorted(procedures)]
    targets = {c.network_name: c.target for c in document.claims if c.target is not None}
    lines += [("Target class", f"{target}, into which most noise falls in {name}.") for name, target in targets.items()]
    images = provenance.images
    words = f"{images.name} ({images.origin})." if images else "none were given."
    return [*lines, ("Images", words)]


def facts(document: Document) -> list[tuple[str, str]]:
    """Return where the numbers come from, as (name, words) pairs; what may be many comes last."""
    provenance = document.provenance
    machine, images = provenance.machine, provenance.images
    dirty = ", with changes that are not committed" if provenance.dirty else ""
    took = f"took {number(provenance.seconds)} s, {count(provenance.images_passed)} images passed through networks"
    return [
        ("Commit", f"{provenance.commit or 'unknown'}{dirty}"),
        ("Register", f"{document.register.digest}, {count(document.register.claims)} claims"),
        ("Images", f"{images.name}, {images.hash}, {images.origin}" if images else "none"),
        ("Seeds", ", ".join(f"{name} {seed}" for name, seed in provenance.seeds.items())),
        ("Versions", ", ".join(f"{name} {version}" for name, version in provenance.versions.items())),
        ("Machine", f"{machine.cpu}, {machine.cores} cores, {machine.os}; networks ran on {provenance.device}"),
        ("Run", f"started {provenance.start}, {took}"),
        ("Schema of the evidence", document.schema_version),
        *(
            (
                f"Network {each.name}",
                f"{each.hash}, {each.origin}, accuracy {probability(each.accuracy)}"
                + (f", fed {each.fed}" if each.fed else ""),
            )
            for each in provenance.networks
        ),
    ]


def _asked_in(network: NetworkOrigin) -> str:
    if network.equal_labels is None:
        return ""
    return f"; asked in bfloat16, whose labels are those of float32 for {100 * network.equal_labels:.2f} % or more"


def _warnings(document: Document) -> list[tuple[str, str]]:
    lines = []
    void = document.void
    if void:
        sentence = f"the negative control {void.control} is broken for {void.network}: {void.detail}"
        lines.append(("Void", f"{_ended(sentence)} Every verdict is withheld."))
    if document.errors:
        names = ", ".join(error.id for error in document.errors)
        lines.append(("Errors", f"{names} raised an error, so there is no verdict."))
    if not document.complete:
        words = document.selection.words
        chosen = f" ({words})" if words else ""
        lines.append(("Partial", f"not every written claim was judged{chosen}, so this is not the whole answer."))
    return lines


def _counts(document: Document) -> str:
    summary = document.summary
    total = summary.confirmed + summary.rejected + summary.inconclusive
    if not total:
        return "no claim was judged."
    return (
        f"of {total} judged, {summary.confirmed} confirmed, {summary.rejected} rejected, {summary.inconclusive} open."
    )


def _in_sentences(claims: Sequence[ClaimRecord]) -> str:
    return " ".join(_ended(claim.statement, claim.id) for claim in claims)


def _by_id(claims: Sequence[ClaimRecord]) -> str:
    return ", ".join(claim.id for claim in claims) + "."


def _ended(sentence: str, claim: str = "") -> str:
    """Return the sentence with one full stop, after the claim's name where there is one."""
    bare = sentence.rstrip().rstrip(".")
    return f"{bare} ({claim})." if claim else f"{bare}."
