"""Figures that an earlier run drew, kept so that a second run with the same findings need not draw them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from lib.evidence.codec import encode
from lib.evidence.document import Document
from lib.evidence.figures.figure import Figure
from lib.files import write_whole

__all__ = ["kept"]

_FOLDER = "figures"
_MOST = 8
"""So many runs are kept, the latest."""

_CODE = Path(__file__).resolve().parents[2]


def kept(cache: Path, document: Document, modules: Collection[str], draw: Callable[[], list[Figure]]) -> list[Figure]:
    """Return the figures of a run, drawn only where no run before had the same findings.

    Parameters
    ----------
    cache : Path
        The cache of a run; one that cannot be written keeps nothing.
    document : Document
    modules : collection of str
        Of which claims figures are wanted.
    draw : callable
        Draws them.

    Notes
    -----
    Figures show what was measured of the networks, the images and the noise that the evidence names. They are drawn
    again when any of these, a claim's record, the library's code or the version of matplotlib is another, and where
    what was kept is not what was written.
    """
    path = cache / _FOLDER / f"{_digest(document, modules)}.json"
    found = _read(path)
    if found is None:
        found = draw()
        _write(path, found)
    return found


def _digest(document: Document, modules: Collection[str]) -> str:
    provenance = document.provenance
    about = {
        "claims": [
            encode(replace(claim, seconds=0.0, holm=None, benjamini_hochberg=None)) for claim in document.claims
        ],
        "noise": encode(document.noise),
        "images": encode(provenance.images),
        "networks": encode(provenance.networks),
        "seeds": encode(provenance.seeds),
        "modules": sorted(modules),
        "matplotlib": version("matplotlib"),
    }
    content = hashlib.sha256(json.dumps(about, sort_keys=True).encode("utf-8", "surrogatepass"))
    for source in sorted(_CODE.rglob("*.py")):
        content.update(source.read_bytes())
    return content.hexdigest()


def _read(path: Path) -> list[Figure] | None:
    """Return what was kept, or None where there is nothing or it is damaged."""
    try:
        proof, _, text = path.read_text(encoding="utf-8").partition("\n")
        if proof != _proof(text):
            return None
        return [Figure(**content) for content in json.loads(text)]
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, figures: list[Figure]) -> None:
    text = json.dumps([asdict(figure) for figure in figures])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, f"{_proof(text)}\n{text}")
        for old in sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime)[:-_MOST]:
            old.unlink(missing_ok=True)
    except OSError:
        # They are in the report all the same, and the next run draws them again.
        return


def _proof(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
