"""A comparison as one page of HTML that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from why_bird.evidence.charts import Axis, Chart, Column, Dots
from why_bird.evidence.comparison.comparison import Comparison
from why_bird.evidence.comparison.words import (
    OTHER_IMAGES,
    Row,
    elsewhere,
    headlines,
    moved,
    run_name,
    turned,
    unasked,
    unheld,
)
from why_bird.evidence.templates import render


def html(comparison: Comparison) -> str:
    """Return the page."""
    # Imported late: what draws takes seconds to load.
    from why_bird.evidence.charts.drawing import svg_of

    far, near = moved(comparison, "red"), moved(comparison, "amber")
    charts: list[Chart] = [each.chart for each in comparison.fallen]
    distances = _distances([*far, *near])
    charts += [distances] if distances else []
    return render(
        "why_bird.evidence.comparison",
        "compare.html",
        "compare.css",
        then=run_name(comparison.then),
        now=run_name(comparison.now),
        headlines=headlines(comparison),
        # Ours: all text in a drawing was escaped when it was made.
        figures=[(each, Markup(svg_of(each, f"figure-{n}"))) for n, each in enumerate(charts, 1)],  # noqa: S704
        turned=turned(comparison),
        far=far,
        near=near,
        elsewhere=elsewhere(comparison),
        unheld=unheld(comparison),
        unasked=unasked(comparison),
        changed=comparison.changed,
        other_images="" if comparison.gate else OTHER_IMAGES,
    )


def _distances(rows: Sequence[Row]) -> Dots | None:
    """Return how far values have moved, each in its margin: so claims of any unit stand on one axis."""
    known = [row for row in rows if row.margins is not None]
    if not known:
        return None
    far = [row for row in known if row.mark == "red"]
    is_once = len({row.claim for row in known}) == len(known)
    names = [row.claim if is_once else f"{row.claim} {row.who}" for row in known]
    title = f"{len(far)} values moved and are red" if far else "no value that moved is red"
    return Dots(
        title=title,
        caption="The value now less the value then, as a multiple of what each claim allows. Highlighted: "
        "red. What has held is not drawn.",
        rows=tuple(names),
        columns=(Column(Axis("difference, in margins"), tuple(row.margins for row in known), limit=0.0),),
        highlight=tuple(name for name, row in zip(names, known, strict=True) if row.mark == "red"),
    )
