"""The report of a run on the disk: ``evidence.html``, ``evidence.md`` and ``evidence.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from why_bird.errors import BadInput
from why_bird.evidence.charts.figure import Figure
from why_bird.evidence.codec import encode
from why_bird.evidence.document import Document
from why_bird.evidence.many.judged import without_networks
from why_bird.evidence.markdown import markdown
from why_bird.evidence.page.page import html
from why_bird.files import write_together
from why_bird.printing import printable

PAGES = "networks"
"""Beside the report of many networks, the folder of their pages, and the name of the page of all of them."""


def write_report(
    folder: Path, document: Document, figures: Sequence[Figure] = (), pages: tuple[Path, str] | None = None
) -> Path:
    """Write all of a report or nothing; of very many networks its own pages show what is about none alone.

    A partial run goes into a folder of its own beside the one for complete runs (``latest-partial`` beside
    ``latest``), always and not only where a complete one exists: so a complete report is never overwritten, and what
    stands in a folder does not depend on what stood there before.

    Parameters
    ----------
    folder : Path
        Where complete runs go (``reports/latest``).
    figures : sequence of Figure
        For the page.
    pages : (Path, str), optional
        A folder with a page of each network, which is put beside the report, and the page of all of them. Those of an
        earlier run go in any case.

    Returns
    -------
    Path
        The folder that was written.

    Raises
    ------
    BadInput
        If it cannot be written; what stood there is then as it was. If somebody's own folder is where the pages go, the
        rest is written.
    """
    target = folder if document.complete and not document.preview else folder.with_name(f"{folder.name}-partial")
    place, page = target / PAGES, target / f"{PAGES}.html"
    takes = not os.path.lexists(place) or _holds_pages(place)
    # The pages first: who sees the JSON sees a finished report.
    contents: dict[Path, str | bytes] = {
        **({page: pages[1]} if pages and takes else {}),
        target / "evidence.html": html(without_networks(document), figures),
        target / "evidence.md": markdown(without_networks(document)),
        target / "evidence.json": json.dumps(encode(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{PAGES}-", dir=target, ignore_cleanup_errors=True) as aside:

            def turn_over() -> None:
                if _holds_pages(place):
                    place.replace(Path(aside) / PAGES)
                    page.unlink(missing_ok=True)
                if pages and takes:
                    pages[0].replace(place)

            write_together(contents, turn_over)
    except OSError as error:
        raise BadInput(
            f"the report cannot be written into {printable(str(target))} ({error.strerror or error}): "
            "free space there, or name another folder with --evidence-dir"
        ) from error
    if pages and not takes:
        raise BadInput(
            f"the report is in {printable(str(target))} without the pages of its networks, for the folder {PAGES} "
            "there holds something else: name another folder with --evidence-dir"
        )
    return target


def _holds_pages(place: Path) -> bool:
    """Return whether a run put this folder beside its report: nobody's own may be taken away."""
    if place.is_symlink() or not place.is_dir():
        return False
    return all((each / "evidence.html").is_file() for each in place.iterdir())
