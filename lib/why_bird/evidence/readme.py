"""What a committed run found, written into the README, and its picture: ``python -m why_bird.evidence.readme``."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from why_bird.command_line import Parser, command
from why_bird.errors import BadInput
from why_bird.evidence.answer import answer
from why_bird.evidence.charts.figure import Figure, leading, undrawn
from why_bird.evidence.document import Document, read_evidence
from why_bird.evidence.escape import escaped
from why_bird.evidence.headlines import measured_on
from why_bird.evidence.markdown import changes, guesses
from why_bird.evidence.suspects import suspects
from why_bird.evidence.terminal import styled_lines
from why_bird.files import read_text, write_together
from why_bird.printing import printable
from why_bird.stats import Outcome

PICTURE = "reports/reference/answer.svg"
"""Beside the README."""

_LINES = 10
"""Of the terminal's, before the last one."""

_SCALE = 1.3


def blocks(document: Document) -> dict[str, str]:
    """Return what a run says in the README, by the marks between which it stands.

    Returns
    -------
    dict of str to str
        ``answer``: what was seen, the reasons that are not rejected, and the picture; ``output``: the first lines of
        what the terminal says; ``changes``: a row a training with one thing changed; ``guesses``: a row a guess, and
        what all of it was measured on.
    """
    first, *others = answer(document)
    told = [first, *(each for each in others if each.claim and each.claim.observed)]
    said = [escaped(sentence.text) for sentence in told] + _reasons(document)
    seen = "; ".join(each.chart.heading for each in _opening(document))
    shown = ["", f"![{escaped(seen)}]({PICTURE})"] if seen else []
    lines = ["".join(text for text, _ in line) for line in styled_lines(document)]
    opening = lines[:_LINES] + ["…"] * (len(lines) > _LINES + 1) + lines[_LINES:][-1:]
    about = " ".join(f"{escaped(lead)}: {escaped(words)}" for lead, words in measured_on(document))
    return {
        "answer": "\n".join([" ".join(said), *shown]) + "\n",
        "output": "\n".join(["```", *opening, "```"]) + "\n",
        "changes": "\n".join(changes(document)) + "\n",
        "guesses": "\n".join([*guesses(document), "", about]) + "\n",
    }


def _reasons(document: Document) -> list[str]:
    """Return what was found of the reasons: those of them that are not rejected, and how all of the guesses fared."""
    said = [
        escaped(sentence.text)
        for sentence in answer(document)
        if sentence.claim and sentence.claim.explains and sentence.claim.verdict is not Outcome.REJECTED
    ]
    found = [each for each in suspects(document) if not each.observed]
    counts = Counter(each.mark for each in found)
    if found:
        unsure = sum(each.status.startswith("holds,") for each in found)
        hold = f"{counts['confirmed']} hold" + f" ({unsure} with some claims open)" * bool(unsure)
        rest = f"{counts['mixed']} hold in part, {counts['rejected']} do not; open: {counts['inconclusive']}"
        said += [f"Of {len(found)} guesses {hold}, {rest}."]
    return said


def _opening(document: Document) -> list[Figure]:
    # A void run answers nothing.
    return [] if document.void else leading(undrawn(document))


def picture(document: Document) -> str | None:
    """Return the charts with which a run opens as one SVG file, black on white; None where it has none."""
    from why_bird.evidence.charts.drawing import svg_of

    drawn = [svg_of(each.chart, each.name) for each in _opening(document)]
    sizes = [[float(side) for side in re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0]] for svg in drawn]
    width, height = max((w for w, _ in sizes), default=0), sum(h for _, h in sizes)
    placed, top = [], 0.0
    for svg, (w, h) in zip(drawn, sizes, strict=True):
        placed.append(svg.replace("<svg ", f'<svg y="{top:g}" width="{w:g}" height="{h:g}" ', 1))
        top += h
    # An image in a page does not know the page's colours.
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SCALE * width:.0f}" height="{_SCALE * height:.0f}" '
        f'viewBox="0 0 {width:g} {height:g}" color="#000" style="background:#fff">'
    )
    return "\n".join([opening, *placed, "</svg>", ""]) if drawn else None


def with_findings(text: str, document: Document) -> str:
    """Return a README with the blocks that a run speaks in made anew.

    Raises ValueError if the marks of one are not there.
    """
    for mark, block in blocks(document).items():
        text = with_block(text, mark, block)
    return text


def with_block(text: str, mark: str, block: str) -> str:
    """Return a text with what stands between ``<!-- mark -->`` and ``<!-- /mark -->`` replaced.

    Raises ValueError if the marks are not there.
    """
    between = re.compile(rf"(<!-- {mark} -->\n).*(<!-- /{mark} -->)", re.DOTALL)
    if not between.search(text):
        raise ValueError(f"no <!-- {mark} --> … <!-- /{mark} --> in the text")
    return between.sub(lambda match: f"{match[1]}\n{block}\n{match[2]}", text)


def _write(readme: Path, document: Document) -> None:
    try:
        text = with_findings(read_text(readme), document)
        drawing = picture(document)
        contents = {readme: text}
        if drawing is not None:
            (readme.parent / PICTURE).parent.mkdir(parents=True, exist_ok=True)
            contents[readme.parent / PICTURE] = drawing
        write_together(contents)
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
    _write(options.readme, read_evidence(options.evidence, "`pytest hypotheses/` writes evidence.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
