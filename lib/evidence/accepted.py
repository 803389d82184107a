"""The accepted baseline, ``reports/accepted.json``: written by ``--accept`` alone, and read by the gate."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lib.errors import BadInput
from lib.evidence.findings import Findings, findings_of
from lib.evidence.schema import validate
from lib.evidence.text import printable
from lib.files import write_whole

__all__ = ["read_accepted", "read_findings", "unsoundness", "write_accepted"]

_FORMAT = 1
_AGAIN = "`pytest hypotheses/ --accept` writes a new one"
_EVIDENCE = "`pytest hypotheses/` writes an evidence.json that can be held"


def write_accepted(path: Path, findings: Findings) -> None:
    """Write a baseline, whole or not at all, with a digest of what it says.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    findings : Findings

    Raises
    ------
    BadInput
        If it cannot be written; what was accepted before is then as it was.
    """
    content = findings.to_json()
    document = {"format": _FORMAT, "digest": _digest(content), "accepted": content}
    try:
        write_whole(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    except OSError as error:
        raise BadInput(
            f"the accepted findings cannot be written to {path} ({error.strerror or error}): "
            "free space there, or name another file with --accepted"
        ) from error


def read_accepted(path: Path) -> Findings:
    """Read a baseline.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Findings

    Raises
    ------
    BadInput
        If the file is missing, malformed, of another format, or was edited by hand.
    """
    return _accepted(path, _loaded(path, f"no accepted findings at {path}", _AGAIN))


def read_findings(path: Path) -> Findings:
    """Read what can be held of a run, from its ``evidence.json`` or from a baseline.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Findings

    Raises
    ------
    BadInput
        If the file is neither, is malformed, holds a partial run, errors or a broken control, or lacks the bounds
        that the gate needs.
    """
    content = _loaded(path, f"there is no file {path}", _EVIDENCE)
    if "schema_version" not in content:
        return _accepted(path, content)
    try:
        validate(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is {printable(str(error))}: {_EVIDENCE}") from None
    unsound = unsoundness(content)
    if unsound:
        raise BadInput(f"{path} cannot be held against another run, {unsound}: {_EVIDENCE}")
    try:
        return findings_of(content)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path}, of schema {content['schema_version']}, cannot be held against another run "
            f"({printable(str(error))}): {_EVIDENCE}"
        ) from None


def unsoundness(document: Mapping[str, Any]) -> str:
    """Return why a run cannot be held or accepted, in words; empty where it can.

    A written claim without a record makes no run unsound: that is the gate's to say.
    """
    if document["void"] is not None:
        return f"the negative control {document['void']['control']} is broken"
    if document["errors"]:
        return f"{', '.join(error['id'] for error in document['errors'])} raised an error"
    words = document["selection"]["words"]
    return f"it is a partial run ({words})" if words else ""


def _loaded(path: Path, missing: str, works: str) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
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


def _accepted(path: Path, document: Mapping[str, Any]) -> Findings:
    if document.get("format") != _FORMAT:
        raise BadInput(f"{path} is of format {reprlib.repr(document.get('format'))}, expected {_FORMAT}: {_AGAIN}")
    try:
        content = document["accepted"]
        if document["digest"] != _digest(content):
            raise BadInput(
                f"the accepted findings {path} were edited by hand, their digest does not fit: restore them with "
                f"`git checkout`; {_AGAIN}"
            )
        return Findings.from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"the accepted findings {path} are malformed ({printable(str(error))}): {_AGAIN}") from None


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
