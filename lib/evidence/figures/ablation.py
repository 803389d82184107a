"""How much noise stays in its class as more of its units are ablated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, short
from lib.evidence.figures.shares import Share
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, FAINT, VERMILLION, percent_axis, plain_axes
from lib.evidence.numbers import count, probability
from lib.measure.units.ablation import ablation_curve, doubling_counts
from lib.measure.units.matching import matched_sets, unit_covariates, with_a_match

__all__ = ["Ablation", "draw", "gather"]

NAME = "unit-ablation"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """Share of noise-B in its class after mean ablation.

    Parameters
    ----------
    network, target : str
    n : int
        Noise images.
    width : int
        Penultimate units in all.
    counts : tuple of int
        Units ablated, strongest first.
    strongest : tuple of Share
    matched_counts : tuple of int
        The same for random units that match the strongest, as far as others can stand for those.
    matched : (3, C) float64 array or None
        Mean over the random sets, and the middle 95 % of them; None where nothing matches.
    sets : int
    """

    network: str
    target: str
    n: int
    width: int
    counts: tuple[int, ...]
    strongest: tuple[Share, ...]
    matched_counts: tuple[int, ...]
    matched: Array | None
    sets: int


def gather(source: Sources) -> Ablation:
    """Ablate the units that carry most of the margin of the class of noise.

    Raises
    ------
    Unavailable
        If there are no features or no means of training images.
    """
    subject = source.subject
    features, target, known = subject.noise.features, subject.target, subject.unit_means
    if features is None:
        raise Unavailable("no features were kept of this network")
    units, head = subject.class_units[target.index], subject.head
    n = len(features)

    def curve(orders: NDArray[np.int64], counts: tuple[int, ...]) -> Array:
        return ablation_curve(head, features, orders, counts, known.balanced, target.index)

    counts = doubling_counts(len(units))
    shares = curve(units[None], counts)[0]
    strongest = tuple(Share.counted(f"{m}", round(share * n), n) for m, share in zip(counts, shares, strict=True))
    covariates = unit_covariates(head.weight, known.balanced)
    kept = with_a_match(units, covariates)
    sets, matched_counts = None, doubling_counts(len(kept))
    if len(kept):
        try:
            sets = matched_sets(kept, covariates, subject.inputs.seed).sets
        except Unavailable:
            sets = None
    matched = None
    if sets is not None:
        of_sets = curve(sets, matched_counts)
        matched = np.stack([of_sets.mean(0), *np.quantile(of_sets, (0.025, 0.975), axis=0)])
    return Ablation(
        source.network,
        target.name,
        n,
        head.weight.shape[1],
        counts,
        strongest,
        matched_counts,
        matched,
        0 if sets is None else len(sets),
    )


def draw(data: Ablation) -> Drawing:
    """Return the curves."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "both")
        values = [share.value for share in data.strongest]
        axes.fill_between(
            data.counts,
            [share.low for share in data.strongest],
            [share.high for share in data.strongest],
            color=VERMILLION,
            alpha=FAINT,
            linewidth=0,
        )
        axes.plot(data.counts, values, "o-", color=VERMILLION, label="the strongest")
        if data.matched is not None:
            mean, low, high = data.matched
            axes.fill_between(data.matched_counts, low, high, color=BLUE, alpha=FAINT, linewidth=0)
            axes.plot(data.matched_counts, mean, "s--", color=BLUE, label="random ones that match them")
        # Even steps between doublings, and a place for none.
        axes.set_xscale("symlog", base=2, linthresh=1)
        axes.set_xticks(data.counts, [str(each) for each in data.counts])
        axes.minorticks_off()
        axes.set_xlim(-0.1, data.counts[-1] * 1.1)
        axes.set_ylim(0, 1)
        percent_axis(axes.yaxis)
        axes.set_xlabel(f"units set to their mean, of {data.width}")
        axes.set_ylabel(f"noise called {short(data.target)}")
        canvas.legend(loc="outside upper center", ncols=2)

    first, last, target = data.strongest[0], data.strongest[-1], full(data.target)
    if data.matched is None:
        against, random = "", " No random units match them in mean activation and weight, so none are shown."
    else:
        m, low, high = (float(row[-1]) for row in data.matched)
        few = data.matched_counts[-1]
        ends = f"{probability(low)} to {probability(high)}"
        against = f" Without {few} random units that match them it is {probability(m)} ({ends})."
        alone = "" if few == data.counts[-1] else f", for the {few} that others can stand for"
        random = (
            f" Squares: random units of like mean activation and weight{alone}, mean and middle 95 % of {data.sets} "
            "sets."
        )
    return Drawing(
        NAME,
        "test_neurons",
        "Noise in its class without the strongest units",
        f"Line chart. Of the noise {first.words} is called {target} by the whole network, and {last.words} without the "
        f"{data.counts[-1]} units that carry most of the margin of {target}.{against}",
        f"Share of {count(data.n)} noise images that {data.network} calls {target}, when units are set to their mean "
        f"over the classes: those that carry most of the margin of {target} on its training images, strongest first "
        f"(band: 95 % interval by Clopper and Pearson).{random}",
        paint,
    )
