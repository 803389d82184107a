"""Distance to the nearest class mean, in the metric of the covariance that the classes share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.measure.detection.training import Features, Score, Scores, Training


def fit_mahalanobis(training: Training) -> Score:
    r"""Fit class means and the tied covariance Σ, and return the score of features.

    That takes two training images of every class or more, and more than D + K altogether. Raises Unavailable if a class
    has fewer than two training images, or the covariance is singular.

    Returns
    -------
    callable
        (N, D) features to (N,) scores :math:`\min_c (f - \mu_c)^\top \Sigma^{-1} (f - \mu_c) / 2n`, where n is the
        number of training images; the constant changes no order.

    Notes
    -----
    The detector keeps 32-bit matrices and adds 10⁻⁶ to the sum of squares, which is much or little depending
    on the scale of the features. The distance is the same in any basis, so it is given features that were whitened in
    64 bits: their tied covariance is the identity.

    References
    ----------
    Lee, K. et al. (2018), A simple unified framework for detecting out-of-distribution samples and
    adversarial attacks, NeurIPS; here without their input preprocessing and on one layer.
    """
    import torch
    from pytorch_ood.detector import Mahalanobis

    origin, whitening = _whitening(training)

    def whitened(features: Features) -> torch.Tensor:
        return torch.from_numpy(((features - origin) @ whitening).astype(np.float32))

    detector = Mahalanobis(None).fit_features(whitened(training.features), torch.from_numpy(training.truth))

    def score(features: Features) -> Scores:
        distances: Scores = detector.predict_features(whitened(features)).numpy()
        return distances

    return score


def _whitening(training: Training) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean, (D,), and the matrix after which the tied covariance is the identity, (D, D)."""
    counts = np.bincount(training.truth, minlength=len(training.classes))
    if counts.min() < 2:
        scarce = training.classes[int(counts.argmin())]
        raise Unavailable(f"the class {scarce} has {counts.min()} training images: a covariance needs at least 2")
    features = training.features.astype(np.float64)
    size, dimension = features.shape
    if size <= dimension + len(counts):
        raise Unavailable(
            f"the covariance of {dimension} features is singular: {size} training images of {len(counts)} classes "
            f"are no more than {dimension + len(counts)}"
        )
    means = np.stack([features[training.truth == c].mean(0) for c in range(len(counts))])
    within = features - means[training.truth]
    variances, directions = np.linalg.eigh(within.T @ within / size)
    # Below that share of the largest variance, a variance is what rounding left of 0.
    if not variances[0] > variances[-1] * dimension * np.finfo(np.float64).eps:
        raise Unavailable(
            f"the covariance of {dimension} features is singular: the training images of a class do not differ in some "
            "direction, as where a unit is always silent"
        )
    return features.mean(0), directions / np.sqrt(variances)
