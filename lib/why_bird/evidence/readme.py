"""The answer so far, written into the README from a committed run: ``python -m why_bird.evidence.readme``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from why_bird.command_line import Parser, command
from why_bird.errors import BadInput
from why_bird.evidence.answer import answer
from why_bird.evidence.document import Document, read_document
from why_bird.evidence.escape import escaped, row, table_head
from why_bird.evidence.headlines import measured_on
from why_bird.evidence.numbers import against, interval, number
from why_bird.evidence.record import PROCEDURE, ClaimRecord
from why_bird.evidence.text import printable
from why_bird.files import read_text, write_whole
from why_bird.stats import Outcome

__all__ = ["answer_block", "with_answer", "with_block"]

_WORKS = "`pytest hypotheses/` writes evidence.json"


def answer_block(document: Document) -> str:
    """Return the answer as Markdown: what there is to explain, and a line a claim that was confirmed or rejected."""
    lines = [f"{escaped(lead)}: {escaped(words, 400)}  " for lead, words in measured_on(document)]
    lines += ["", *(f"- {escaped(sentence.text)}" for sentence in answer(document)), ""]
    lines += table_head("claim", "", "verdict", "estimate [95 %]", "against")
    for claim in document.claims:
        if claim.verdict is Outcome.INCONCLUSIVE or claim.estimate is None:
            continue
        shown = f"{number(claim.value)} {interval(claim.estimate.low, claim.estimate.high)}"
        limit = against(claim.threshold, claim.side)
        cells = (_name(claim), claim.statement)
        lines.append(row(*(escaped(cell) for cell in cells), f"**{claim.verdict}**", escaped(shown), escaped(limit)))
    is_open = [_name(claim) for claim in document.claims if claim.verdict is Outcome.INCONCLUSIVE]
    lines += [
        "",
        f"Open: {escaped(', '.join(is_open) or 'nothing')}. Registered and not yet asked: {len(document.planned)}.",
    ]
    return "\n".join(lines) + "\n"


def _name(claim: ClaimRecord) -> str:
    return claim.id + ("[procedure]" if claim.scope == PROCEDURE else "")


def with_answer(text: str, document: Document) -> str:
    """Return a README with the block between its answer marks made anew.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    return with_block(text, "answer", answer_block(document))


def with_block(text: str, mark: str, block: str) -> str:
    """Return a text with what stands between two marks replaced.

    Parameters
    ----------
    text : str
    mark : str
        Of ``<!-- mark -->`` and ``<!-- /mark -->``.
    block : str
        What is to stand between them.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    between = re.compile(rf"(<!-- {mark} -->\n).*(<!-- /{mark} -->)", re.DOTALL)
    if not between.search(text):
        raise ValueError(f"no <!-- {mark} --> … <!-- /{mark} --> in the text")
    return between.sub(lambda match: f"{match[1]}\n{block}\n{match[2]}", text)


def _evidence(path: Path) -> Document:
    try:
        return read_document(json.loads(read_text(path)))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}): {_WORKS}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} holds no evidence of a run ({printable(str(error))}): {_WORKS}") from None


def _write(readme: Path, document: Document) -> None:
    try:
        write_whole(readme, with_answer(read_text(readme), document))
    except OSError as error:
        raise BadInput(f"{readme} cannot be used ({error.strerror or error}): name another --readme") from None
    except ValueError as error:
        raise BadInput(f"{readme} cannot take the answer ({printable(str(error))}): give it these marks") from None


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(prog="python -m why_bird.evidence.readme", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--evidence", type=Path, default=Path("reports/reference/evidence.json"))
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    options = parser.parse_args(arguments)
    _write(options.readme, _evidence(options.evidence))
    return 0


if __name__ == "__main__":
    sys.exit(main())
