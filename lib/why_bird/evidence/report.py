"""The report of a run on the disk: ``evidence.html``, ``evidence.md`` and ``evidence.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from why_bird.errors import BadInput
from why_bird.evidence.charts.figure import Figure
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document
from why_bird.evidence.many.judged import without_networks
from why_bird.evidence.markdown import markdown
from why_bird.evidence.page.page import html
from why_bird.files import write_together
from why_bird.printing import printable


def write_report(folder: Path, document: Document, figures: Sequence[Figure] = ()) -> Path:
    """Write the three files, all of them whole or none; of very many networks pages show what is about none alone.

    A partial run goes into a folder of its own beside the one for complete runs (``latest-partial`` beside
    ``latest``), always and not only where a complete one exists: so a complete report is never overwritten, and what
    stands in a folder does not depend on what stood there before.

    Parameters
    ----------
    folder : Path
        Where complete runs go (``reports/latest``).
    figures : sequence of Figure
        For the page.

    Returns
    -------
    Path
        The folder that was written.

    Raises
    ------
    BadInput
        If it cannot be written; what stood there is then as it was.
    """
    target = folder if document.complete and not document.preview else folder.with_name(f"{folder.name}-partial")
    # The pages first: who sees the JSON sees a finished report.
    contents: dict[Path, str | bytes] = {
        target / "evidence.html": html(without_networks(document), figures),
        target / "evidence.md": markdown(without_networks(document)),
        target / "evidence.json": json.dumps(encode(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        write_together(contents)
    except OSError as error:
        raise BadInput(
            f"the report cannot be written into {printable(str(target))} ({error.strerror or error}): "
            "free space there, or name another folder with --evidence-dir"
        ) from error
    return target
