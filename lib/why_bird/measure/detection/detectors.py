"""The detection scores that are compared: those of a library, taken as they are, and the names of all, in order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from why_bird.errors import Unavailable
from why_bird.measure.detection.mahalanobis import fit_mahalanobis
from why_bird.measure.detection.training import Features, Fit, Logits, Score, Scores, Training
from why_bird.measure.detection.vim import fit_vim

if TYPE_CHECKING:
    from torch import Tensor


def max_softmax(logits: Logits) -> Scores:
    r"""Return the negative maximum softmax probability, :math:`-\max_y \sigma_y(z)` (MSP).

    In 32 bits, as usual: where the largest logit leads by more than about 17, all scores are −1 and tie.

    References
    ----------
    Hendrycks, D. and Gimpel, K. (2017), A baseline for detecting misclassified and out-of-distribution
    examples in neural networks, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(max_softmax(np.log(np.array([[0.7, 0.2, 0.1]], dtype=np.float32)))[0]), 4)
    -0.7
    """
    from pytorch_ood.detector import MaxSoftmax
    from torch import from_numpy

    return _numpy(MaxSoftmax.score(from_numpy(logits)))


def max_logit(logits: Logits) -> Scores:
    r"""Return the negative maximum logit, :math:`-\max_y z_y`.

    References
    ----------
    Hendrycks, D. et al. (2022), Scaling out-of-distribution detection for real-world settings, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> max_logit(np.array([[3.0, 1.0], [0.0, 0.5]], dtype=np.float32)).tolist()
    [-3.0, -0.5]
    """
    from pytorch_ood.detector import MaxLogit
    from torch import from_numpy

    return _numpy(MaxLogit.score(from_numpy(logits)))


def energy(logits: Logits) -> Scores:
    r"""Return the energy at temperature 1, :math:`-\log \sum_y e^{z_y}`.

    References
    ----------
    Liu, W. et al. (2020), Energy-based out-of-distribution detection, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(energy(np.log(np.array([[1.0, 2.0, 5.0]], dtype=np.float32)))[0]), 4)  # −log 8
    -2.0794
    """
    from pytorch_ood.detector import EnergyBased
    from torch import from_numpy

    return _numpy(EnergyBased.score(from_numpy(logits), t=1.0))


def _numpy(scores: Tensor) -> Scores:
    array: Scores = scores.numpy()
    return array


NEIGHBOURS = 50
"""The paper's choice for CIFAR-10, and the default of OpenOOD and pytorch-ood."""


def fit_neighbours(training: Training) -> Score:
    r"""Keep the training features at unit length, and return the score of features (kNN).

    Raises Unavailable if there are fewer training images than neighbours.

    Returns
    -------
    callable
        (N, D) features to (N,) scores :math:`\lVert z - z_{(50)} \rVert`, where :math:`z = f/\lVert f \rVert` and
        :math:`z_{(50)}` is the fiftieth nearest of the training images.

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


LOGIT_DETECTORS: Mapping[str, Score] = MappingProxyType(
    {"MSP": max_softmax, "max logit": max_logit, "energy": energy},
)
"""Score images by their logits."""

FEATURE_DETECTORS: Mapping[str, Fit] = MappingProxyType(
    {"Mahalanobis": fit_mahalanobis, "kNN": fit_neighbours, "ViM": fit_vim},
)
"""Are fitted on training images, and give what scores images by their features."""

DETECTORS: tuple[str, ...] = (*LOGIT_DETECTORS, *FEATURE_DETECTORS)
"""All names, in the order of the rows of the stored scores. Every score is higher for what is less like an image."""
