"""Distance to the k-th nearest training image."""

from __future__ import annotations

from why_bird.errors import Unavailable
from why_bird.measure.detection.training import Features, Score, Scores, Training

NEIGHBOURS = 50
"""The paper's choice for CIFAR-10, and the default of OpenOOD and pytorch-ood."""


def fit_neighbours(training: Training) -> Score:
    r"""Keep the training features at unit length, and return the score of features (kNN).

    Parameters
    ----------
    training : Training
        50 images or more.

    Returns
    -------
    callable
        (N, D) features to (N,) scores :math:`\lVert z - z_{(50)} \rVert`, where :math:`z = f/\lVert f \rVert` and
        :math:`z_{(50)}` is the fiftieth nearest of the training images.

    Raises
    ------
    Unavailable
        If there are fewer training images than neighbours.

    References
    ----------
    Sun, Y. et al. (2022), Out-of-distribution detection with deep nearest neighbors, ICML. There k = 50 belongs to
    all 50,000 training images of CIFAR-10.
    """
    import torch
    from pytorch_ood.detector import KNN

    if len(training.features) < NEIGHBOURS:
        raise Unavailable(f"{len(training.features)} training images are fewer than the {NEIGHBOURS} nearest of kNN")
    detector = KNN(None, k=NEIGHBOURS, algorithm="brute")
    # The class asks for all processors; the caller's thread settings are to hold.
    detector.knn.set_params(n_jobs=1)
    detector.fit_features(torch.from_numpy(training.features), torch.from_numpy(training.truth))

    def score(features: Features) -> Scores:
        distances: Scores = detector.predict_features(torch.from_numpy(features)).float().numpy()
        return distances

    return score
