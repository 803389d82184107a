"""The clusters of a class and how far its other points lie from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.measure.dimension.points import Degenerate, Points, as_points, distinct, in_order

CENTRES = 5
STARTS = 10
QUANTILE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class ClassClusters:
    """Centres of a class, fitted on its training points, and the reach of its test points about them."""

    centres: Points
    """(5, p)."""
    distances: NDArray[np.float64]
    """(n,): from each test point to the nearest centre, in the order given: what a bootstrap with centres fixed draws
    from."""

    @property
    def radius(self) -> float:
        """95th percentile of the distances, between order statistics by linear interpolation."""
        return float(np.quantile(self.distances, QUANTILE))


def fit_clusters(
    training: NDArray[np.floating],
    test: NDArray[np.floating],
    seed: np.random.SeedSequence,
    name: str = "the points",
) -> ClassClusters:
    """Fit five centres on training points and measure the test points' distances to them.

    Parameters
    ----------
    training : (m, p) array of float
        Five distinct points or more.
    test : (n, p) array of float
        Of the same class, one or more.
    seed : numpy.random.SeedSequence
        From :func:`why_bird.streams.stream`.

    Raises
    ------
    Degenerate
        If fewer than five training points are distinct.
    ValueError
        If there are fewer than five training points or no test point, the features differ in number, or
        numbers are not finite.

    Notes
    -----
    K-means with K = 5 by Lloyd's algorithm, the best of ten k-means++ starts, on the points in an order
    of their own and on one thread: sums over threads come in any order. Training points given in single
    precision are fitted in it; distances are Euclidean and always in double precision.

    References
    ----------
    Lloyd, S. P. (1982), IEEE Transactions on Information Theory 28, 129–137; Arthur, D. and
    Vassilvitskii, S. (2007), "k-means++: the advantages of careful seeding", SODA, 1027–1035.

    Examples
    --------
    >>> from why_bird.streams import stream
    >>> corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0], [4.0, 4.0]])
    >>> fit_clusters(corners, np.array([[9.0, 1.0], [4.0, 4.0]]), stream(0, "K-means", "corners")).distances.tolist()
    [1.0, 0.0]
    """
    fitted_on = as_points(f"the training points of {name}", training, minimum=CENTRES)
    measured = as_points(f"the test points of {name}", test, minimum=1, features=fitted_on.shape[1])
    different = len(distinct(fitted_on))
    if different < CENTRES:
        raise Degenerate(f"{name} are only {different} distinct training points, and {CENTRES} centres need as many")
    # Seconds to load, and only needed where the distances are not in the store yet.
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # Centres are means of thousands of points: single precision does for them, in a third of the time.
    precision = np.float32 if training.dtype == np.float32 else np.float64
    means = KMeans(CENTRES, n_init=STARTS, random_state=int(seed.generate_state(1)[0]))
    with threadpool_limits(limits=1):
        means.fit(in_order(fitted_on).astype(precision))
    centres = np.asarray(means.cluster_centers_, dtype=np.float64)
    to_each = np.stack([np.linalg.norm(measured - centre, axis=1) for centre in centres])
    return ClassClusters(centres, to_each.min(0))
