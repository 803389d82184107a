"""The gate in worlds whose truth is known: a network that did not change, and one of which a finding drifted.

A world stands for the claims that it names, of one kind of estimate and about one size and planned effect. Counts are
drawn as counts. What a jackknife, a t, a rank test or a quantile makes of thousands of images is drawn from its
sampling distribution: a normal value, and a χ² variance of as many degrees of freedom as the test would count. Ties and
the ends of the scale are with the counts. An intersection is drawn as its weakest part, that of P7 as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np

from why_bird.evidence.claim import Question
from why_bird.evidence.exhibits import Reading
from why_bird.evidence.gate import hold_finding, planned_distance
from why_bird.evidence.noise_counts import NoiseCounts, fell_elsewhere
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import (
    Concordance,
    Estimate,
    Intersection,
    Interval,
    Jackknife,
    NetworkMean,
    Outcome,
    PairedDrop,
    PairedMean,
    PredictionEntropy,
    Proportion,
    ProportionDifference,
    Ratio,
    Slope,
    Superiority,
    decide,
)
from why_bird.stats.drift import measured
from why_bird.stats.estimate import Scale
from why_bird.streams import generator

from .calibration_figures import ROOT, smallest_alpha
from .calibration_scenarios import entropy_of

__all__ = ["EFFECTS", "WITHOUT_WORLD", "WORLDS", "Red", "World", "drifted", "level_classes", "margin", "unchanged"]

Look = Callable[[np.random.Generator, float], Estimate]


@dataclass(frozen=True, slots=True)
class World:
    """What the claims of one kind measure.

    Parameters
    ----------
    claims : str
        Their ids; of several networks with an asterisk.
    name : str
        Test and size, as no other world has them: figures are kept by it.
    look : callable
        Estimate of one run, from a generator and the true value.
    truth : float
        In the accepted network: what the shipped one shows, or what was planned.
    threshold : float or tuple of float
    side : {"above", "below", "within"}
    count : int
        How many comparisons of a run are of this kind.
    towards : {-1, 1}
        Where a drift goes.
    """

    claims: str
    name: str
    look: Look
    truth: float
    threshold: float | tuple[float, float]
    side: str
    count: int
    towards: int

    @property
    def is_slow(self) -> bool:
        """Whether its bounds are found by search."""
        return self.name.startswith(("entropy", "Miettinen", "Tango"))


def share(n: int) -> Look:
    return lambda rng, theta: Proportion(int(rng.binomial(n, theta)), n, "images")


def difference(second: float, n: int) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        return ProportionDifference(int(rng.binomial(n, second + theta)), n, int(rng.binomial(n, second)), n, "images")

    return look


def fall(neither: float, back: float, n: int) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        cells = (1.0 - neither - theta - 2 * back, theta + back, back, neither)
        return PairedDrop(*(int(count) for count in rng.multinomial(n, cells)), "images")

    return look


def weakest(look: Look, parts: int) -> Look:
    return lambda rng, theta: Intersection(tuple((f"{i}", look(rng, theta)) for i in range(parts)))


def spread(n: int) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        return PredictionEntropy(tuple(int(c) for c in rng.multinomial(n, _cells(theta))), "images")

    return look


@lru_cache(maxsize=64)
def _cells(theta: float) -> tuple[float, ...]:
    return tuple(entropy_of(theta))


def _drawn(rng: np.random.Generator, theta: float, se: float, df: float) -> tuple[float, float]:
    """Return a value and its standard error as they would be estimated."""
    return float(rng.normal(theta, se)), se * math.sqrt(float(rng.chisquare(df)) / df)


def superior(se: float, n1: int, n2: int) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        df = n1 + n2 - 2
        value, error = _drawn(rng, theta, se, df)
        return Superiority(min(max(value, 0.0), 1.0), error, df, n1, n2, "images")

    return look


def ratio(second: float, first_se: float, second_se: float, n1: int, n2: int) -> Look:
    above, below = superior(first_se, n1, n2), superior(second_se, n1, n2)
    return lambda rng, theta: Ratio(above(rng, theta * second), below(rng, second), "images")


class OfShares(Jackknife):
    """Of shares, whose planned effect is another one."""

    scale: ClassVar[Scale] = "share"


def shares(se: float, df: float) -> Look:
    return lambda rng, theta: OfShares(*_drawn(rng, theta, se, df), df, 7_000, "images")


def in_common(se: float, df: int) -> Look:
    return lambda rng, theta: Concordance(*_drawn(rng, theta, se, df), df, 10, 10_000, "images")


def networks(sd: float, count: int) -> Look:
    return lambda rng, theta: NetworkMean(tuple(rng.normal(theta, sd, count)), 0.0)


def jackknifed(se: float, df: float, *, ratio: bool = False) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        value, error = _drawn(rng, math.log(theta) if ratio else theta, se, df)
        if ratio:
            return Jackknife(math.exp(value), error, df, 15_000, "images", "exp", null=1.0)
        return Jackknife(value, error, df, 15_000, "images")

    return look


def mean(sd: float, n: int, skewness: float) -> Look:
    # A gamma of shape 4/g² has skewness g.
    shape = 4.0 / skewness**2

    def look(rng: np.random.Generator, theta: float) -> Estimate:
        total = float(rng.gamma(shape * n, 1.0))
        value = theta + sd * (total / n - shape) / math.sqrt(shape)
        error = sd * math.sqrt(float(rng.chisquare(n - 1)) / (n - 1))
        return PairedMean(value, error, n, "images", skewness=skewness)

    return look


def slope(se: float, n: int) -> Look:
    def look(rng: np.random.Generator, theta: float) -> Estimate:
        value, error = _drawn(rng, theta, se, n / 10)
        return Slope(value, error, n / 10, n, "images", skewness=0.5)

    return look


# Values and standard errors are of the size that the shipped networks show.
WORLDS = (
    World("P1", "Clopper–Pearson, .935 of 10,000", share(10_000), 0.935, (0.91, 0.95), "within", 1, -1),
    World("P2, P3", "Clopper–Pearson, .71 of 5,000", share(5_000), 0.71, 0.9, "above", 2, 1),
    World("P2, P3, K3", "Clopper–Pearson, .95 of 5,000, planned", share(5_000), 0.95, 0.9, "above", 3, -1),
    World("P2, K3", "Clopper–Pearson, .9995 of 5,000", share(5_000), 0.9995, 0.9, "above", 2, -1),
    World("P6, N1", "Clopper–Pearson, .52 of 300", share(300), 0.52, 0.9, "above", 2, -1),
    World("P7", "Clopper–Pearson, .95 of 125 at each of 16", weakest(share(125), 16), 0.95, 0.5, "above", 1, -1),
    World("B0, K1, K2, N3, N4", "Clopper–Pearson, .75 of 1,000", share(1_000), 0.75, 0.7, "above", 11, -1),
    World("P4", "entropy, .27 of ln 10, n = 5,000", spread(5_000), 0.27, 0.9, "below", 1, 1),
    World("P8", "Miettinen–Nurminen, .4 and .6 of 2,000 each", difference(0.6, 2_000), -0.2, 0.5, "above", 1, 1),
    World("P8", "Miettinen–Nurminen, .99 and .44 of 2,000 each", difference(0.44, 2_000), 0.55, 0.5, "above", 1, -1),
    World("Z2, Y3", "Tango, a fall of .024, n = 5,000", fall(0.2, 0.005, 5_000), 0.024, 0.1, "above", 2, 1),
    World("U1", "Tango, a fall of .19, n = 5,000", fall(0.29, 0.002, 5_000), 0.19, 0.25, "above", 1, 1),
    World("U4", "Tango, a fall of .315, n = 1,000", fall(0.02, 0.088, 1_000), 0.315, 0.5, "above", 2, 1),
    World("N7", "Tango, a fall of .59, n = 500", fall(0.14, 0.0, 500), 0.59, 0.3, "above", 1, -1),
    World("D3", "shares within a radius, .89, error .09", shares(0.09, 1_000), 0.89, 0.5, "above", 9, -1),
    World(
        "Z4, O1, O2", "Brunner–Munzel, .66, n = 6,000 each", superior(0.005, 6_000, 6_000), 0.66, 0.64, "above", 3, 1
    ),
    World(
        "O1, O2", "Brunner–Munzel, .97, 10,000 and 5,000", superior(0.0012, 10_000, 5_000), 0.97, 0.9, "above", 2, -1
    ),
    World("C1, C2, B1", "Brunner–Munzel, .2, n = 6,000 each", superior(0.004, 6_000, 6_000), 0.2, 0.56, "above", 3, 1),
    World(
        "O3",
        "Brunner–Munzel, a ratio of .054, error .013",
        ratio(0.0316, 0.00042, 0.00134, 5_000, 5_000),
        0.054,
        0.5,
        "below",
        1,
        1,
    ),
    World(
        "X1, X3, X4, X1s, X1t", "jackknife, 2δ = .04, error .003", jackknifed(0.003, 5_000), 0.04, 0.02, "above", 5, -1
    ),
    World(
        "X2, N5, Y4",
        "jackknife of a ratio, error .013 of it",
        jackknifed(0.013, 5_000, ratio=True),
        0.44,
        0.5,
        "below",
        3,
        1,
    ),
    World("Z3", "jackknife, .11, error .012", jackknifed(0.012, 1_500), 0.11, 0.05, "above", 1, -1),
    World("Z6, Y1, Y2", "jackknife, .14, error .0036", jackknifed(0.0036, 5_000), 0.14, 0.5, "above", 3, 1),
    World("D1, D4, D5, K5, U3", "jackknife, −.21, error .045", jackknifed(0.045, 800), -0.21, 0.0953, "above", 5, 1),
    World("C5", "concordance, .16, error .021", in_common(0.021, 199), 0.16, 0.5, "above", 1, 1),
    World("Z5", "t over units, skewness 2, n = 5,000", mean(0.08, 5_000, 2.0), 0.43, 0.9, "above", 4, 1),
    World(
        "B2, B3, B5, B3s, B3t, B5s, B5t",
        "t over units, skewness 1, n = 900",
        mean(0.9, 900, 1.0),
        0.4,
        0.2,
        "above",
        7,
        -1,
    ),
    World("C3, K4", "slope, 9,000 images, error .011", slope(0.011, 9_000), -0.126, 0.1, "above", 2, 1),
    World(
        "L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11, L12, L13, L15, L16",
        "t over networks, .67, R = 9, error .065",
        networks(0.195, 9),
        0.67,
        0.5,
        "above",
        15,
        -1,
    ),
    World("N2, N8", "t over networks, .98, R = 9, error .009", networks(0.027, 9), 0.98, 0.5, "above", 2, -1),
    World(
        "X1*, Z2*, L14, N6",
        "t over networks, .335, R = 10, error .012",
        networks(0.038, 10),
        0.335,
        0.1,
        "above",
        4,
        -1,
    ),
)
WITHOUT_WORLD = {
    "Z1": "an exact value",
    "C4": "a range over rankings",
    "U5": "a paired difference of shares, a quarter added",
    **dict.fromkeys(("D2", "D2s", "D2t"), "a jackknife of few degrees of freedom"),
    "U2": "a range over top sets",
    "U2s": "a range over top sets",
    "U2t": "a range over top sets",
    "P5": "a share of few networks, which cannot drift by its margin",
    "K3*": "a share of few networks, which cannot drift by its margin",
}
"""Findings that are not simulated, and of what kind they are. Where values jump, a drift by so much is not defined."""
EFFECTS = (1, 2, 4, 8)
"""Drifts for which it is published how often they are found, in planned effects."""


@dataclass(frozen=True, slots=True)
class Red:
    """How often the gate said what, of `runs` runs."""

    runs: int
    red: int
    amber: int


class _Held:
    """The gate's decision on one claim. What counts make recurs, and is remembered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alpha = smallest_alpha("images")
        self._record = lru_cache(maxsize=50_000)(self._recorded)

    def _recorded(self, estimate: Estimate) -> ClaimRecord:
        side, threshold = self.world.side, self.world.threshold
        verdict, found = decide(estimate, threshold, side, self.alpha), measured(estimate)
        return replace(
            named("bird"),
            side=side,
            threshold=threshold,
            verdict=verdict.outcome,
            decision_interval=verdict.interval_at_alpha,
            estimate=Reading(found.value, found.reading.low, found.reading.high),
            gate_interval=found.strict,
            standard_error=math.sqrt(found.variance),
            scale=estimate.scale,
        )

    def seen(self, rng: np.random.Generator, theta: float) -> ClaimRecord:
        return self._record(self.world.look(rng, theta))

    def status(self, rng: np.random.Generator, accepted: float, new: float) -> str:
        """Return what is said of a new run."""
        return hold_finding("P2", self.seen(rng, accepted), self.seen(rng, new)).status


def unchanged(runs: int, worlds: Sequence[World]) -> tuple[list[Red], int]:
    """Return what the gate says of each world's claims, and in how many runs of all of them anything was red."""
    rng = generator(ROOT, "gate", "unchanged")
    held = [_Held(world) for world in worlds]
    counts = np.zeros((len(worlds), 2), dtype=int)
    any_red = 0
    for _ in range(runs):
        is_red = False
        for i, each in enumerate(held):
            for _ in range(each.world.count):
                status = each.status(rng, each.world.truth, each.world.truth)
                counts[i] += status == "red", status == "amber"
                is_red |= status == "red"
        any_red += is_red
    return [Red(runs * w.count, *map(int, row)) for w, row in zip(worlds, counts, strict=True)], any_red


def planned_effect(world: World) -> float:
    """Return the distance from the threshold to the effect that the claim was planned to see."""
    estimate = world.look(generator(ROOT, "gate, planned", world.name), world.truth)
    return planned_distance(estimate.scale, world.threshold, world.side)


def drifted(world: World, by: float, runs: int) -> Red:
    """Return what the gate says where the finding drifted by so many planned effects.

    Raises
    ------
    ValueError
        If no quantity of the kind can drift so far.
    """
    rng = generator(ROOT, "gate, drifted", f"{world.name}, {by:g}")
    held = _Held(world)
    new = world.truth + world.towards * by * planned_effect(world)
    found = [held.status(rng, world.truth, new) for _ in range(runs)]
    return Red(runs, found.count("red"), found.count("amber"))


def margin(world: World) -> float:
    """Return the Δ of a run against one like it, on average, in planned effects."""
    rng = generator(ROOT, "gate, margin", world.name)
    held, planned = _Held(world), planned_effect(world)
    errors = [held.seen(rng, world.truth).standard_error or 0.0 for _ in range(20)]
    return max(planned / 2, 5.7 * math.sqrt(2) * float(np.mean(errors))) / planned


def level_classes(runs: int) -> Red:
    """Return what is said where two classes truly hold .4 of the noise each, and the first of noise-A is the target."""
    rng = generator(ROOT, "gate", "level classes")
    names, shares = ("bird", "frog", "ship"), (0.4, 0.4, 0.2)
    said = []
    for _ in range(runs):
        accepted, new = (named(names[int(rng.multinomial(2_000, shares).argmax())]) for _ in range(2))
        before, now = (
            [NoiseCounts("network", names, tuple(map(int, rng.multinomial(5_000, shares))))] for _ in range(2)
        )
        found = fell_elsewhere("P2", [accepted], new, before, now)
        said.append("" if found is None else found.status)
    return Red(runs, said.count("red"), said.count("amber"))


def named(target: str) -> ClaimRecord:
    """Return a record about a class of noise."""
    return ClaimRecord(
        id="P2",
        network="network",
        network_name="network",
        target=target,
        module="test_noise",
        question=Question("Where does noise fall?"),
        statement="It falls.",
        source="",
        scope="network",
        unit="noise images",
        n=5_000,
        test="Clopper–Pearson",
        scale="share",
        estimate=Reading(0.4, 0.386, 0.414),
        decision_interval=Interval(0.38, 0.42, 0.998),
        threshold=0.9,
        side="above",
        weight=1,
        alpha=0.001,
        p=1.0,
        p_adjusted=1.0,
        verdict=Outcome.REJECTED,
        reason="It does not.",
    )
