"""The worlds that every engine is calibrated in: what is drawn, and the threshold that is true there.

Fixed before any was simulated. Sizes are small, where the approximations are worst, except where power is
asked: there they are those of the claims.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import entr, ndtri

from why_bird.stats import (
    Estimate,
    Intersection,
    NetworkMean,
    PairedDrop,
    PredictionEntropy,
    Proportion,
    ProportionDifference,
    Ratio,
    jackknife,
    paired_mean,
    superiority,
)

from .calibration_features import FEATURES
from .calibration_scenario import Draw, Scenario
from .calibration_scores import SCORES

__all__ = ["SCENARIOS"]


def share(probability: float, n: int) -> Draw:
    return lambda rng: Proportion(int(rng.binomial(n, probability)), n, "images")


def difference(first: float, n1: int, second: float, n2: int) -> Draw:
    return lambda rng: ProportionDifference(
        int(rng.binomial(n1, first)), n1, int(rng.binomial(n2, second)), n2, "images"
    )


def drop(cells: tuple[float, float, float, float], n: int) -> Draw:
    return lambda rng: PairedDrop(*(int(count) for count in rng.multinomial(n, cells)), unit="images")


def correlated_drop(rng: np.random.Generator) -> Estimate:
    # One latent number a unit drives both conditions, with a correlation of .9.
    latent = rng.normal(size=(2, 500))
    latent[1] = 0.9 * latent[0] + math.sqrt(1 - 0.81) * latent[1]
    first, second = latent < ndtri([[0.8], [0.7]])
    return PairedDrop(
        *(int(np.sum(cell)) for cell in (first & second, first & ~second, ~first & second, ~first & ~second)), "images"
    )


def mean(sample: Callable[[np.random.Generator], np.ndarray], support: tuple[float, float] | None = None) -> Draw:
    return lambda rng: paired_mean(sample(rng), "images", support)


def skewed_pairs(rng: np.random.Generator) -> np.ndarray:
    # Two skewed measurements with a common part; their difference has mean .2 and is skewed as well.
    common = rng.gamma(2.0, 1.0, 300)
    return common + rng.gamma(4.0, 0.15, 300) - (common + rng.gamma(4.0, 0.1, 300))


def tied(rng: np.random.Generator) -> Estimate:
    # P(X > Y) + P(X = Y)/2 = .3 * .2 + 13/30 * .6 + 8/30 * .9 = .56
    x = rng.choice(3, 80, p=[9 / 30, 13 / 30, 8 / 30])
    y = rng.choice(3, 100, p=[0.4, 0.4, 0.2])
    return superiority(x, y, "images")


def shifted(probability: float, n1: int, n2: int, spread: float = 1.0) -> Draw:
    shift = math.hypot(1.0, spread) * float(ndtri(probability))
    return lambda rng: superiority(rng.normal(shift, spread, n1), rng.normal(0.0, 1.0, n2), "images")


def log_ratio(rng: np.random.Generator) -> Estimate:
    x, y = rng.gamma(4.0, 0.5, 60), rng.gamma(4.0, 1.0, 90)
    leave_x = np.log((x.sum() - x) / (x.size - 1)) - math.log(y.mean())
    leave_y = math.log(x.mean()) - np.log((y.sum() - y) / (y.size - 1))
    return jackknife(math.log(x.mean() / y.mean()), [leave_x, leave_y], "images", "exp")


def paired_ratio(rng: np.random.Generator) -> Estimate:
    # Numerator and denominator of one unit are correlated: means 1 and 2, ratio 1/2.
    below = rng.normal(2.0, 1.0, 300)
    above = 0.5 * below + rng.normal(0.0, 0.5, 300)
    return jackknife(above.mean() / below.mean(), [(above.sum() - above) / (below.sum() - below)], "images")


def stratified(effect: float, size: int) -> Draw:
    # A balanced mean of five classes with their own means and spreads, minus the mean of another sample.
    spreads = np.array([0.5, 0.8, 1.0, 1.2, 1.5])

    def sample(rng: np.random.Generator) -> Estimate:
        classes = [rng.normal(effect + k - 2, spread, size) for k, spread in enumerate(spreads)]
        other = rng.normal(0.0, 1.0, 2 * size)
        value = float(np.mean([values.mean() for values in classes]) - other.mean())
        replicates = [value + (values.mean() - values) / (size - 1) / 5 for values in classes]
        return jackknife(value, [*replicates, value - (other.mean() - other) / (2 * size - 1)], "images")

    return sample


def detectors(first: float, second: float, m: int, n: int, correlation: float = 0.5) -> Draw:
    # Two scores of the same images and noise, each with P(image > noise) as given: the first over the second.
    mix = np.linalg.cholesky([[1.0, correlation], [correlation, 1.0]])
    shift = math.sqrt(2.0) * ndtri([[first], [second]])

    def sample(rng: np.random.Generator) -> Estimate:
        images, noise = mix @ rng.normal(size=(2, m)) + shift, mix @ rng.normal(size=(2, n))
        return Ratio(*(superiority(a, b, "images") for a, b in zip(images, noise, strict=True)), unit="images")

    return sample


def entropy_of(target: float, k: int = 10) -> list[float]:
    """Return shares of one large class and k − 1 equal ones whose entropy is `target` of its greatest value."""

    def excess(top: float) -> float:
        return float((entr(top) + (k - 1) * entr((1 - top) / (k - 1))) / math.log(k) - target)

    top = brentq(excess, 1 / k, 1 - 1e-9)
    return [top, *[(1 - top) / (k - 1)] * (k - 1)]


def entropy(target: float, n: int) -> Draw:
    cells = entropy_of(target)
    return lambda rng: PredictionEntropy(tuple(int(count) for count in rng.multinomial(n, cells)), "images")


def all_of(*draws: Draw) -> Draw:
    return lambda rng: Intersection(tuple((str(i), draw(rng)) for i, draw in enumerate(draws)))


def correlated_contrasts(effect: float, n: int) -> Draw:
    # Nine classes against one: each contrast holds the one's own value, so that all are correlated by ½.
    def sample(rng: np.random.Generator) -> Estimate:
        values = rng.normal(0.0, 1.0, (10, n))
        contrasts = effect + (values[1:] - values[0]) / math.sqrt(2.0)
        return Intersection(tuple((str(i), paired_mean(row, "images")) for i, row in enumerate(contrasts)))

    return sample


def networks(sample: Callable[[np.random.Generator, int], np.ndarray], r: int, within: float = 0.0) -> Draw:
    return lambda rng: NetworkMean(tuple(sample(rng, r)), within)


def normal(rng: np.random.Generator, r: int) -> np.ndarray:
    return rng.normal(0.1, 0.05, r)


def doubled(rng: np.random.Generator, r: int) -> np.ndarray:
    return rng.normal(0.2, 0.05, r)


def mildly_skewed(rng: np.random.Generator, r: int) -> np.ndarray:
    # skewness 2/√16 = ½
    return 0.1 + 0.02 * (rng.gamma(16.0, 1.0, r) - 16.0)


def heavily_skewed(rng: np.random.Generator, r: int) -> np.ndarray:
    # skewness 2
    return 0.05 + rng.exponential(0.05, r)


def contrasts_of_networks(rng: np.random.Generator) -> Estimate:
    values = rng.normal(0.0, 0.05, (10, 10))
    contrasts = 0.1 + (values[1:] - values[0]) / math.sqrt(2.0)
    return Intersection(tuple((str(i), NetworkMean(tuple(row), 0.0)) for i, row in enumerate(contrasts)))


def networks_counted(probability: float, r: int) -> Draw:
    return lambda rng: Proportion(int(rng.binomial(r, probability)), r, "networks")


CP, SCORE, PAIRS = "Clopper–Pearson", "two proportions, score", "paired proportions, score"
T, BM, JK = "t over units", "Brunner–Munzel", "jackknife t"
RATIO = "ratio"
ENTROPY, IUT, NETWORKS = "entropy", "intersection–union", "t over networks"

SCENARIOS = [
    Scenario(CP, "share .9, n = 500", share(0.9, 500), 0.9, planned=("share .95, n = 2,000", share(0.95, 2000))),
    Scenario(CP, "share .999, n = 500", share(0.999, 500), 0.999),
    Scenario(CP, "share .001, n = 500", share(0.001, 500), 0.001),
    Scenario(CP, "within .91–.95 at its upper end, n = 2,000", share(0.95, 2000), (0.91, 0.95), "within", end=0.95),
    Scenario(
        CP,
        "within .91–.95 at its lower end, n = 10,000",
        share(0.91, 10_000),
        (0.91, 0.95),
        "within",
        planned=("within .91–.95 at .93, n = 10,000", share(0.93, 10_000)),
        end=0.91,
    ),
    Scenario(SCORE, "shares .7 and .2, n = 200 each", difference(0.7, 200, 0.2, 200), 0.5),
    Scenario(SCORE, "shares .8 and .3, n = 200 and 100", difference(0.8, 200, 0.3, 100), 0.5),
    Scenario(
        SCORE,
        "shares .99 and .49, n = 2,000 each",
        difference(0.99, 2000, 0.49, 2000),
        0.5,
        planned=("shares .99 and .44, n = 2,000 each", difference(0.99, 2000, 0.44, 2000)),
    ),
    Scenario(
        PAIRS,
        "both ways, n = 300",
        drop((0.5, 0.25, 0.15, 0.1), 300),
        0.1,
        planned=("both ways, a fall of .15, n = 5,000", drop((0.5, 0.275, 0.125, 0.1), 5000)),
    ),
    Scenario(PAIRS, "one way only, n = 300", drop((0.8, 0.1, 0.0, 0.1), 300), 0.1),
    Scenario(PAIRS, "correlated pairs, n = 500", correlated_drop, 0.1),
    Scenario(
        T,
        "normal, n = 50",
        mean(lambda rng: rng.normal(0.2, 1.0, 50)),
        0.2,
        planned=("normal, twice δ = .2 sd, n = 1,000", mean(lambda rng: rng.normal(0.4, 1.0, 1000))),
    ),
    Scenario(T, "skewness 1, n = 200", mean(lambda rng: rng.gamma(4.0, 0.05, 200)), 0.2),
    Scenario(T, "skewed and correlated pairs, n = 300", mean(skewed_pairs), 0.2),
    Scenario(T, "known support, skewness −1.5, n = 300", mean(lambda rng: rng.beta(9.0, 1.0, 300), (0.0, 1.0)), 0.9),
    Scenario(
        T,
        "known support, hardly any variation, n = 200",
        mean(lambda rng: (rng.random(200) < 0.995).astype(float), (0.0, 1.0)),
        0.995,
    ),
    Scenario(
        BM,
        "three tied values, n = 80 and 100",
        tied,
        0.56,
        planned=("normal, P = .60, n = 5,000 each", shifted(0.6, 5000, 5000)),
    ),
    Scenario(BM, "unequal spreads, n = 40 and 80", shifted(0.56, 40, 80, 3.0), 0.56),
    Scenario(BM, "nearly separated, n = 12 each", shifted(0.9, 12, 12), 0.9),
    Scenario(BM, "most samples separated, n = 10 each", shifted(0.99, 10, 10), 0.99),
    Scenario(JK, "log of a ratio of means, n = 60 and 90", log_ratio, 0.5),
    Scenario(JK, "ratio within units, n = 300", paired_ratio, 0.5),
    Scenario(
        JK,
        "five classes and noise, n = 40 and 80",
        stratified(0.2, 40),
        0.2,
        planned=("five classes and noise, twice δ, n = 400 and 800", stratified(0.4, 400)),
    ),
    Scenario(
        RATIO,
        "mistakes of .1 and .05, n = 200 and 300",
        detectors(0.1, 0.05, 200, 300),
        2.0,
        planned=("mistakes of .08 and .02, n = 5,000 each", detectors(0.08, 0.02, 5000, 5000)),
        fast=False,
    ),
    Scenario(RATIO, "mistakes of .02 and .01, n = 2,000 each", detectors(0.02, 0.01, 2000, 2000), 2.0, fast=False),
    Scenario(ENTROPY, ".9 of ln 10, n = 1,000", entropy(0.9, 1000), 0.9, fast=False),
    Scenario(ENTROPY, ".1 of ln 10, n = 1,000", entropy(0.1, 1000), 0.1, fast=False),
    Scenario(IUT, "seven equal shares", all_of(*[share(0.7, 300)] * 7), 0.7, fast=False),
    Scenario(IUT, "one weak share of seven", all_of(share(0.7, 300), *[share(0.95, 300)] * 6), 0.7, fast=False),
    Scenario(
        IUT,
        "nine correlated means, n = 100",
        correlated_contrasts(0.2, 100),
        0.2,
        planned=("nine correlated means, twice δ = .2 sd, n = 1,000", correlated_contrasts(0.4, 1000)),
        fast=False,
    ),
    *[
        Scenario(
            NETWORKS,
            f"normal, R = {r}",
            networks(normal, r),
            0.1,
            scope="procedure",
            planned=(f"normal, twice δ = 2 sd, R = {r}", networks(doubled, r)) if r >= 10 else None,
        )
        for r in (5, 10, 20)
    ],
    Scenario(
        NETWORKS,
        "sampling error alone, floor in force, R = 10",
        networks(normal, 10, within=0.05**2),
        0.1,
        scope="procedure",
    ),
    *[
        Scenario(NETWORKS, f"skewness ½, R = {r}", networks(mildly_skewed, r), 0.1, scope="procedure")
        for r in (5, 10, 20)
    ],
    *[
        Scenario(NETWORKS, f"skewness 2, R = {r}", networks(heavily_skewed, r), 0.1, scope="procedure", held=False)
        for r in (5, 10, 20)
    ],
    *[
        Scenario(CP, f"share .5 of networks, R = {r}", networks_counted(0.5, r), 0.5, scope="procedure")
        for r in (10, 20)
    ],
    Scenario(IUT, "nine correlated t over networks, R = 10", contrasts_of_networks, 0.1, scope="procedure", fast=False),
    *SCORES,
    *FEATURES,
]
