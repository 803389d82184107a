"""Resampling engines against SciPy's: ``python -m benchmarks.resampling``.

The permutation test of two rankings against ``scipy.stats.permutation_test``, at the same p-value; the jackknife of
distances between class means, and the resampled means of units, against ``scipy.stats.bootstrap``, at standard errors
that agree within what the bootstrap's own draws allow.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.side_by_side import in_turn, record, seconds
from why_bird.measure.group_means import Products, group_means
from why_bird.measure.proximity import cosine_distances
from why_bird.measure.units.excitation import RESAMPLES, measure_excitation
from why_bird.stats import jackknife
from why_bird.stats.ranking import permutation_p
from why_bird.streams import generator

CLASSES, FEATURES, PER_GROUP, UNITS = 8, 512, 200, 64
CLOSE = 0.15
"""The standard error of a standard error from 200 resamples is 5 %."""


def _scores() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = generator(0, "benchmark", "scores")
    first = rng.normal(size=CLASSES)
    return first, first + rng.normal(size=CLASSES)


def _permuted(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    def rho(x: NDArray[np.float64]) -> float:
        return float(stats.spearmanr(x, second).statistic)

    # Every permutation, as ours counts them.
    test = stats.permutation_test((first,), rho, permutation_type="pairings", alternative="greater", n_resamples=np.inf)
    return float(test.pvalue)


def _groups() -> list[NDArray[np.float64]]:
    rng = generator(0, "benchmark", "groups")
    centres = rng.gamma(1.0, size=(3, FEATURES))
    return [np.maximum(rng.normal(centre, 1.0, (PER_GROUP, FEATURES)), 0.0) for centre in centres]


def _contrast(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    distances = cosine_distances(Products(gram, np.zeros(gram.shape[:-1])), centred=False)
    contrast: NDArray[np.float64] = distances[..., 0, 1] - distances[..., 0, 2]
    return contrast


def _by_jackknife(groups: Sequence[NDArray[np.float64]]) -> float:
    means = group_means(groups)
    replicates = [_contrast(products.gram) for products in means.left_out()]
    return jackknife(float(_contrast(means.products.gram)), replicates, "images").se


def _by_bootstrap(groups: Sequence[NDArray[np.float64]]) -> float:
    def contrast(*rows: NDArray[np.float64]) -> float:
        means = np.stack([group[row.astype(int)].mean(0) for group, row in zip(groups, rows, strict=True)])
        return float(_contrast(means @ means.T))

    rows = tuple(np.arange(len(group)) for group in groups)
    found = stats.bootstrap(
        rows, contrast, vectorized=False, n_resamples=RESAMPLES, method="percentile",
        rng=generator(0, "benchmark", "bootstrap"),
    )  # fmt: skip
    return float(found.standard_error)


def _excited() -> NDArray[np.float32]:
    return generator(0, "benchmark", "units").gamma(2.0, size=(2_000, UNITS)).astype(np.float32)


def _our_means(features: NDArray[np.float32]) -> NDArray[np.float64]:
    return measure_excitation(features, np.zeros(UNITS), seed=0).resampled.std(0)


def _their_means(features: NDArray[np.float32]) -> NDArray[np.float64]:
    found = stats.bootstrap(
        (features,), np.mean, axis=0, n_resamples=RESAMPLES, method="percentile",
        rng=generator(0, "benchmark", "means"), batch=20,
    )  # fmt: skip
    return np.asarray(found.standard_error)


def main() -> None:
    """Print the ratios and write them down."""
    parser = argparse.ArgumentParser(description="Resampling engines against SciPy's.")
    parser.add_argument("--repeats", type=int, default=5, help="pairs of timings (default: 5)")
    repeats = parser.parse_args().repeats
    first, second = _scores()
    assert np.isclose(permutation_p(first, second), _permuted(first, second), rtol=1e-9)
    groups, features = _groups(), _excited()
    assert np.isclose(_by_jackknife(groups), _by_bootstrap(groups), rtol=CLOSE)
    assert np.allclose(_our_means(features), _their_means(features), rtol=2 * CLOSE)
    record(
        "resampling",
        [
            seconds(
                f"p of a permutation of {CLASSES} classes, all counted",
                "scipy.stats.permutation_test",
                in_turn(lambda: permutation_p(first, second), lambda: _permuted(first, second), repeats),
            ),
            seconds(
                f"standard error of a contrast of distances, {3 * PER_GROUP} images of {FEATURES} features, jackknife",
                f"scipy.stats.bootstrap, {RESAMPLES} resamples",
                in_turn(lambda: _by_jackknife(groups), lambda: _by_bootstrap(groups), repeats),
            ),
            seconds(
                f"{RESAMPLES} resampled means of {UNITS} units, 2,000 images",
                "scipy.stats.bootstrap",
                in_turn(lambda: _our_means(features), lambda: _their_means(features), repeats),
            ),
        ],
    )


if __name__ == "__main__":
    main()
