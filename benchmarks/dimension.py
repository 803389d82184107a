"""Dimension of a class against the usual ways to it: ``python -m benchmarks.dimension``.

TwoNN and maximum likelihood against scikit-dimension, the jackknife of the participation ratio against
counting it again without each point, subsamples of TwoNN against estimating each alone. Each pair is timed
in turn in one run, on the same points, and must agree to 1e-7 of the value.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from skdim.id import MLE, TwoNN

from benchmarks.side_by_side import Compared, in_turn, record, seconds
from why_bird.measure.dimension.neighbours import levina_bickel, two_nn, two_nn_subsamples
from why_bird.measure.dimension.participation import participation_ratio
from why_bird.streams import generator


def _points(count: int, features: int) -> np.ndarray:
    """Draw points as a class's features are: positive, and spread over few of their directions."""
    rng = generator(0, "benchmark", "dimension")
    hidden = rng.normal(size=(count, 20))
    return np.maximum(hidden @ rng.normal(size=(20, features)) + 0.1 * rng.normal(size=(count, features)), 0)


def _recomputed(points: np.ndarray) -> np.ndarray:
    """Leave each point out and take the covariance matrix of the others."""
    values = []
    for i in range(len(points)):
        kept = np.delete(points, i, axis=0)
        covariance = np.cov(kept, rowvar=False)
        plain = np.trace(covariance) ** 2 / (covariance**2).sum()
        values.append(1 / (1 / plain - 1 / len(kept)))
    return np.array(values)


def _alone(points: np.ndarray, size: int, count: int) -> np.ndarray:
    """Estimate each subsample as a sample of its own; the points are distinct."""
    rng = generator(0, "benchmark", "subsamples")
    ordered = points[sorted(range(len(points)), key=lambda i: points[i].tobytes())]
    return np.array(
        [TwoNN().fit(ordered[rng.choice(len(points), size, replace=False)]).dimension_ for _ in range(count)]
    )


def _compared(
    name: str, against: str, ours: Callable[[], object], usual: Callable[[], object], repeats: int
) -> Compared:
    np.testing.assert_allclose(ours(), usual(), rtol=1e-7)
    return seconds(name, against, in_turn(ours, usual, repeats))


def main() -> None:
    """Print the ratios and write them down."""
    parser = argparse.ArgumentParser(description="Dimension of a class against the usual ways to it.")
    parser.add_argument("--points", type=int, default=1000, help="points of the class (default: 1000)")
    parser.add_argument("--features", type=int, default=512, help="features of a point (default: 512)")
    parser.add_argument("--subsamples", type=int, default=50, help="subsamples of half of them (default: 50)")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of timings (default: 3)")
    options = parser.parse_args()
    points, half, count = _points(options.points, options.features), options.points // 2, options.subsamples
    alone = "scikit-dimension"
    ways = (
        ("TwoNN", alone, lambda: two_nn(points), lambda: TwoNN(discard_fraction=0.1).fit(points).dimension_),
        ("maximum likelihood, k = 20", alone, lambda: levina_bickel(points), lambda: MLE().fit(points).dimension_),
        (
            f"TwoNN of {count} subsamples",
            "scikit-dimension on each",
            lambda: two_nn_subsamples(points, half, count, generator(0, "benchmark", "subsamples")),
            lambda: _alone(points, half, count),
        ),
        (
            "jackknife of the participation ratio",
            "leaving out each point in turn",
            lambda: participation_ratio(points).replicates,
            lambda: _recomputed(points),
        ),
    )
    record("dimension", [_compared(*way, options.repeats) for way in ways])


if __name__ == "__main__":
    main()
