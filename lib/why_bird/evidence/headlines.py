"""What stands around the answer: whether the run holds at all, its verdicts, and where its numbers come from."""

from __future__ import annotations

from why_bird.evidence.document import Document
from why_bird.evidence.numbers import count, number, probability
from why_bird.evidence.provenance import NetworkOrigin
from why_bird.evidence.record import PROCEDURE
from why_bird.measure.inputs import QUICK

PREVIEW = (
    f"One in {QUICK} of every draw and sample was asked (--quick), so that intervals are about "
    f"{QUICK**0.5:.0f} times as wide: this is not the whole answer"
)


def tally(document: Document) -> str:
    """Return the verdicts, counted: ``17 confirmed, 28 rejected, 19 open``."""
    summary = document.summary
    said = [
        (summary.confirmed, "confirmed"),
        (summary.rejected, "rejected"),
        (summary.inconclusive, "open"),
        (summary.planned, "not yet written"),
        (summary.errors, "in error"),
    ]
    return ", ".join(f"{count(n)} {word}" for place, (n, word) in enumerate(said) if n or place < 3)


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
        ("Error rates", f"{probability(sum(claim.alpha for claim in document.claims))} on either side, all together"),
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


def warnings(document: Document) -> list[tuple[str, str]]:
    """Return as (lead, sentence) pairs why the run does not hold, or is not whole."""
    lines = []
    void = document.void
    if void:
        sentence = f"the negative control {void.control} is broken for {void.network}: {void.detail}"
        lines.append(("Void", f"{_ended(sentence)} Every verdict is withheld."))
    if document.errors:
        names = ", ".join(error.id for error in document.errors)
        lines.append(("Errors", f"{names} raised an error, so there is no verdict."))
    if document.preview:
        lines.append(("Preview", f"{PREVIEW}."))
    if not document.complete:
        words = document.selection.words
        chosen = f" ({words})" if words else ""
        lines.append(("Partial", f"not every written claim was judged{chosen}, so this is not the whole answer."))
    return lines


def _ended(sentence: str) -> str:
    return f"{sentence.rstrip().rstrip('.')}."
