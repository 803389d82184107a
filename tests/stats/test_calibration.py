"""At the threshold itself, false verdicts stay within the budget: 1,000 worlds an engine through `decide`."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import entr

from lib.stats import (
    Intersection,
    NetworkMean,
    PairedDrop,
    PredictionEntropy,
    Proportion,
    ProportionDifference,
    decide,
    jackknife,
    paired_mean,
    superiority,
)
from lib.streams import generator

SIMULATIONS, ALLOWED, ALPHA = 1_000, 45, 0.025


def proportion(rng, share, n):
    return Proportion(int(rng.binomial(n, share)), n, "noise images")


def difference(rng):
    return ProportionDifference(int(rng.binomial(200, 0.7)), 200, int(rng.binomial(200, 0.2)), 200, "noise images")


def drop(rng, cells, n):
    return PairedDrop(*(int(c) for c in rng.multinomial(n, cells)), unit="noise images")


def skewed_mean(rng):
    return paired_mean(rng.gamma(4.0, 0.05, 200), "images")


def tied(rng):
    # P(X > Y) + P(X = Y)/2 = .3 * .2 + 13/30 * .6 + 8/30 * .9 = .56
    x = rng.choice(3, 80, p=[9 / 30, 13 / 30, 8 / 30])
    y = rng.choice(3, 100, p=[0.4, 0.4, 0.2])
    return superiority(x, y, "images")


def nearly_separated(rng):
    # P(X > Y) = .9: most samples of this size are separated or all but
    return superiority(rng.normal(math.sqrt(2) * 1.2815515655446004, 1, 12), rng.normal(0, 1, 12), "images")


def log_ratio(rng):
    x, y = rng.gamma(4.0, 0.5, 60), rng.gamma(4.0, 1.0, 90)
    leave_x = np.log((x.sum() - x) / (x.size - 1)) - math.log(y.mean())
    leave_y = math.log(x.mean()) - np.log((y.sum() - y) / (y.size - 1))
    return jackknife(math.log(x.mean() / y.mean()), [leave_x, leave_y], "images", "exp")


def nine_tenths_entropy(k=10):
    def excess(top):
        return (entr(top) + (k - 1) * entr((1 - top) / (k - 1))) / math.log(k) - 0.9

    top = brentq(excess, 1 / k, 0.99)
    return [top, *[(1 - top) / (k - 1)] * (k - 1)]


CELLS = nine_tenths_entropy()


def entropy(rng):
    return PredictionEntropy(tuple(int(c) for c in rng.multinomial(1000, CELLS)), "noise images")


def intersection(rng):
    return Intersection(tuple((str(i), proportion(rng, 0.7, 300)) for i in range(7)))


def one_weak_contrast(rng):
    others = [(str(i), proportion(rng, 0.95, 300)) for i in range(6)]
    return Intersection((("weak", proportion(rng, 0.7, 300)), *others))


def networks(rng, r):
    return NetworkMean(tuple(rng.normal(0.1, 0.05, r)), 0.0)


def skewed_networks(rng):
    return NetworkMean(tuple(0.1 + 0.02 * (rng.gamma(16.0, 1.0, 10) - 16.0)), 0.0)


WORLDS = {
    "proportion": (lambda rng: proportion(rng, 0.9, 500), 0.9),
    "proportion near 1": (lambda rng: proportion(rng, 0.999, 500), 0.999),
    "within": (lambda rng: proportion(rng, 0.95, 2000), (0.91, 0.95)),
    "difference": (difference, 0.5),
    "paired drop": (lambda rng: drop(rng, (0.5, 0.25, 0.15, 0.1), 300), 0.1),
    "paired drop, one way only": (lambda rng: drop(rng, (0.8, 0.1, 0.0, 0.1), 300), 0.1),
    "mean, mildly skewed": (skewed_mean, 0.2),
    "superiority with ties": (tied, 0.56),
    "superiority, nearly separated": (nearly_separated, 0.9),
    "jackknife of a ratio": (log_ratio, 0.5),
    "entropy": (entropy, 0.9),
    "intersection": (intersection, 0.7),
    "intersection, one weak": (one_weak_contrast, 0.7),
    "5 networks": (lambda rng: networks(rng, 5), 0.1),
    "10 networks": (lambda rng: networks(rng, 10), 0.1),
    "20 networks": (lambda rng: networks(rng, 20), 0.1),
    "10 networks, mildly skewed": (skewed_networks, 0.1),
}


@pytest.mark.parametrize("name", WORLDS)
def test_false_verdicts_stay_within_the_budget(name):
    draw, threshold = WORLDS[name]
    side = "within" if isinstance(threshold, tuple) else "above"
    rng = generator(65547, "calibration", name)
    verdicts = [decide(draw(rng), threshold, side, ALPHA) for _ in range(SIMULATIONS)]
    assert sum(v.confirmed for v in verdicts) <= ALLOWED
    assert sum(v.rejected for v in verdicts) <= ALLOWED


def test_a_world_past_its_threshold_is_confirmed_and_one_short_of_it_rejected():
    # The same machinery is no dead gauge.
    rng = generator(65547, "calibration", "power")
    past = [decide(proportion(rng, 0.95, 2000), 0.9, "above", ALPHA) for _ in range(200)]
    short = [decide(proportion(rng, 0.85, 2000), 0.9, "above", ALPHA) for _ in range(200)]
    assert sum(v.confirmed for v in past) > 190
    assert sum(v.rejected for v in short) > 190
