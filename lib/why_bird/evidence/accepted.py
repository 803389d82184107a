"""The accepted baseline, ``reports/accepted.json``: written by ``--accept`` alone, and read by the gate."""

from __future__ import annotations

import hashlib
import json
import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from why_bird.errors import BadInput
from why_bird.evidence.claim import Question
from why_bird.evidence.codec import Json, decode, encode
from why_bird.evidence.document import Document, read_document
from why_bird.evidence.exhibits import Printed
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.provenance import NetworkOrigin
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.evidence.words import Words
from why_bird.files import read_text, write_whole
from why_bird.printing import printable
from why_bird.stats.drift import GATE_LEVEL

_FORMAT = 2
_AGAIN = "`pytest hypotheses/ --accept` writes a new one"
_EVIDENCE = "`pytest hypotheses/` writes an evidence.json that can be held"


@dataclass(frozen=True, slots=True)
class Baseline(Printed):
    """What of a run another run can be held against.

    Raises ValueError if a claim was found twice for one network, or has a value and not the bounds that the gate needs.
    """

    claims: tuple[ClaimRecord, ...]
    """Without what is only shown."""
    images: str
    """Content hash of the test images."""
    images_name: str
    noise_seed: int
    commit: str | None
    date: str
    """When the run started, ISO 8601."""
    noise: tuple[NoiseCounts, ...] = ()
    networks: tuple[NetworkOrigin, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of Python and the libraries."""
    dirty: bool | None = None
    """Whether the project's files differed from the commit."""

    def _check(self) -> None:
        if len({record.key for record in self.claims}) < len(self.claims):
            raise ValueError("a claim was found twice for one network")
        for record in self.claims:
            if record.estimate is None:
                continue
            if record.gate_interval is None or not math.isclose(record.gate_interval.level, GATE_LEVEL):
                raise ValueError(f"claim {record.id} has no bounds at 1e-4")
            if not math.isclose(record.estimate.level, 0.95):
                raise ValueError(f"claim {record.id} has no interval of level .95")

    @classmethod
    def of(cls, document: Document) -> Baseline:
        """Return what can be held of a run.

        Raises ValueError if a claim has a value and not the bounds that the gate needs.
        """
        provenance = document.provenance
        images = provenance.images
        return cls(
            tuple(map(bare, document.claims)),
            images.hash if images else "",
            images.name if images else "none",
            provenance.seeds.get("noise", 0),
            provenance.commit,
            provenance.start,
            document.noise,
            provenance.networks,
            provenance.versions,
            provenance.dirty,
        )

    @property
    def by_claim(self) -> dict[str, tuple[ClaimRecord, ...]]:
        """The records of each claim, those of procedures by a name of their own."""
        found: dict[str, list[ClaimRecord]] = {}
        for each in self.claims:
            found.setdefault(each.id + ("[procedure]" if each.network == PROCEDURE else ""), []).append(each)
        return {name: tuple(rows) for name, rows in found.items()}


def bare(record: ClaimRecord) -> ClaimRecord:
    """Return a record without what is only shown, and without what differs from run to run."""
    return replace(
        record,
        question=Question.of_module(record.module),
        words=Words(),
        checks=(),
        beside=(),
        tables=(),
        charts=(),
        seconds=0.0,
        holm=None,
        benjamini_hochberg=None,
    )


def write_accepted(path: Path, baseline: Baseline) -> None:
    """Write a baseline into a folder that exists, whole or not at all, with a digest of what it says.

    Raises BadInput if it cannot be written; what was accepted before is then as it was.
    """
    content = encode(baseline)
    document = {"format": _FORMAT, "digest": _digest(content), "accepted": content}
    try:
        write_whole(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    except OSError as error:
        raise BadInput(
            f"the accepted findings cannot be written to {path} ({error.strerror or error}): "
            "free space there, or name another file with --accepted"
        ) from error


def read_accepted(path: Path) -> Baseline:
    """Read a baseline.

    Raises BadInput if the file is missing, malformed, of another format, or was edited by hand.
    """
    return _accepted(path, _loaded(path, f"no accepted findings at {path}", _AGAIN))


def read_baseline(path: Path) -> Baseline:
    """Read what can be held of a run, from its ``evidence.json``, the folder of its report, or a baseline.

    Raises BadInput if the file is neither, is malformed, holds a partial run, errors or a broken control, or lacks the
    bounds that the gate needs.
    """
    path = path / "evidence.json" if path.is_dir() else path
    content = _loaded(path, f"there is no file {path}", _EVIDENCE)
    if "schema_version" not in content:
        return _accepted(path, content)
    try:
        document = read_document(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no evidence that can be read ({printable(str(error))}): {_EVIDENCE}") from None
    unsound = unsoundness(document)
    if unsound:
        raise BadInput(f"{path} cannot be held against another run, {unsound}: {_EVIDENCE}")
    try:
        return Baseline.of(document)
    except ValueError as error:
        raise BadInput(f"{path} cannot be held against another run ({printable(str(error))}): {_EVIDENCE}") from None


def unsoundness(document: Document) -> str:
    """Return why a run cannot be held or accepted, in words; empty where it can.

    A written claim without a record makes no run unsound: that is the gate's to say.
    """
    if document.void is not None:
        return f"the negative control {document.void.control} is broken"
    if document.errors:
        return f"{', '.join(error.id for error in document.errors)} raised an error"
    words = document.selection.words
    return f"it is a partial run ({words})" if words else ""


def _loaded(path: Path, missing: str, works: str) -> dict[str, Json]:
    try:
        content = json.loads(read_text(path), parse_constant=_refuse)
    except FileNotFoundError:
        raise BadInput(f"{missing}: {works}") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}): {works}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON ({printable(str(error))}): {works}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} holds neither evidence nor accepted findings: {works}")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _accepted(path: Path, document: dict[str, Json]) -> Baseline:
    if document.get("format") != _FORMAT:
        raise BadInput(f"{path} is of format {reprlib.repr(document.get('format'))}, expected {_FORMAT}: {_AGAIN}")
    try:
        if "digest" not in document or "accepted" not in document:
            raise ValueError("they lack a digest, or what it is of")
        if document["digest"] != _digest(document["accepted"]):
            raise BadInput(
                f"the accepted findings {path} were edited by hand, their digest does not fit: restore them with "
                f"`git checkout`; {_AGAIN}"
            )
        found = decode(Baseline, document["accepted"], "accepted")
        if not found.claims:
            raise BadInput(f"the accepted findings {path} are none, so there is nothing to hold: {_AGAIN}")
        return found
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"the accepted findings {path} are malformed ({printable(str(error))}): {_AGAIN}") from None


def _digest(content: Json) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
