"""Many networks as one page of HTML that needs nothing beside itself but the pages of the networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from why_bird.evidence.many.judged import Judged, Many
from why_bird.evidence.many.together import strongest, together
from why_bird.evidence.many.trajectory import trajectories
from why_bird.evidence.many.words import Tally, group_name, headlines, tallies
from why_bird.evidence.numbers import number, probability
from why_bird.evidence.templates import render

_COLOURS = 6
_LEAST = 0.005
"""Of the noise of all networks together: what is less needs no colour."""

_PAIRS = 8

Bar = Sequence[tuple[str, float]]
"""The parts of a bar from the left on: the class of each in the style, and how wide it is in per cent."""


@dataclass(frozen=True, slots=True)
class Row:
    """A network in the tables."""

    network: Judged
    accuracy: str
    parts: Bar
    said: str
    """The same in words."""
    cells: tuple[tuple[str, str, str], ...]
    """Of each claim: its verdict, its value, and both in words."""


def html(many: Many) -> str:
    """Return the page."""
    # Imported late: what draws takes seconds to load.
    from why_bird.evidence.charts.drawing import svg_of

    colours = _colours(many)
    pairs = together(many)
    charts = trajectories(many)
    groups = [(group_name(name), [_row(many, each, colours) for each in group]) for name, group in many.groups.items()]
    return render(
        "why_bird.evidence.many",
        "many.html",
        "many.css",
        headlines=headlines(many),
        figures=[(each, Markup(svg_of(each, f"epochs-{n}"))) for n, each in enumerate(charts, 1)],  # noqa: S704 - ours
        groups=groups,
        legend=[*((name, i) for name, i in colours.items()), ("others", _COLOURS)],
        claims=list(many.claims.values()),
        tallies={claim: [_tally(each) for each in of] for claim, of in tallies(many).items()},
        pairs=pairs,
        strongest=strongest(pairs, _PAIRS) if pairs else [],
        step=_step,
        number=number,
        unread=many.unread,
        epochs=len(many.final) < len(many.networks),
    )


def _colours(many: Many) -> dict[str, int]:
    """Return a colour for each class that holds most; the rest share one."""
    total: dict[str, float] = {}
    for noise in many.noise.values():
        for name, n in zip(noise.classes, noise.counts, strict=True):
            total[name] = total.get(name, 0.0) + n / sum(noise.counts)
    shown = [name for name in total if total[name] >= _LEAST]
    most = sorted(shown, key=lambda name: -total[name])[:_COLOURS]
    return {name: place for place, name in enumerate(most)}


def _row(many: Many, network: Judged, colours: dict[str, int]) -> Row:
    noise = many.noise.get(network.hash)
    shares = {name: n / sum(noise.counts) for name, n in zip(noise.classes, noise.counts, strict=True)} if noise else {}
    # In one order in every bar, so that bars can be compared.
    order = sorted(shares, key=lambda name: colours.get(name, _COLOURS))
    parts = [(f"k{colours.get(name, _COLOURS)}", 100 * shares[name]) for name in order if shares[name]]
    largest = sorted(shares.items(), key=lambda each: -each[1])
    said = ", ".join(f"{name} {probability(share)}" for name, share in largest if share >= 0.005)
    cells = tuple(_cell(many, claim, network) for claim in many.claims)
    return Row(network, probability(network.accuracy), parts, said or "not measured", cells)


def _cell(many: Many, claim: str, network: Judged) -> tuple[str, str, str]:
    record = many.records.get((claim, network.hash))
    if record is None:
        return "", "", f"{claim}, {network.name}: not asked"
    return record.verdict, record.digits, f"{claim}, {network.name}: {record.digits}, {record.word}"


def _tally(tally: Tally | None) -> tuple[str, Bar]:
    """Return what is said of a tally, and the parts of its bar."""
    if tally is None:
        return "not asked", ()
    counts = (("confirmed", tally.confirmed), ("inconclusive", tally.inconclusive), ("rejected", tally.rejected))
    return tally.said, [(name, 100 * n / tally.n) for name, n in counts if n]


def _step(correlation: float) -> int:
    """Return the depth of the colour of a correlation, from −4 to 4."""
    return round(4 * correlation)
