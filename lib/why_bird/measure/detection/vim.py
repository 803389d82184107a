"""Virtual-logit matching: what of the features lies outside the main subspace of the training images."""

from __future__ import annotations

import numpy as np

from why_bird.errors import Unavailable
from why_bird.measure.detection.training import Features, Score, Scores, Training

_ROUNDING = 1e-6
"""Share of a length below which a residual is what the 32 bits of the features left of 0."""


def principal_dimension(features: int) -> int:
    """Return the dimension of the main subspace of D features, by the rule of the authors' code.

    1000 where D ≥ 2048, 512 where D ≥ 768, else ⌊D/2⌋: 256 for a ResNet-18. (``benchmark.py`` of
    ``haoqiwang/vim``. The paper's text names 1000 and 512 for the networks that it examines, of 768 and
    more features; with 512 of 512 nothing would be left outside.)
    """
    return 1000 if features >= 2048 else 512 if features >= 768 else features // 2


def fit_vim(training: Training) -> Score:
    r"""Fit the main subspace P and the scale α of the virtual logit, and return the score of features.

    Returns
    -------
    callable
        (N, D) features to (N,) scores :math:`\alpha \lVert (f - u)^{P\perp} \rVert - \log \sum_y e^{z_y}` with the
        origin :math:`u = -W^+ b` and α = mean largest logit / mean residual of the training images.

    Raises
    ------
    Unavailable
        If training images have no residual outside the subspace, or their largest logits are not positive on
        average: α would then mean nothing.

    Notes
    -----
    P⊥ and α are calculated here and not by the detector, which would take the eigenvectors in 32 bits: where P ends
    among directions of nearly equal variance, those are other ones on another machine. What is asked is the detector's.

    References
    ----------
    Wang, H. et al. (2022), ViM: out-of-distribution with virtual-logit matching, CVPR.
    """
    import torch
    from pytorch_ood.detector import ViM

    weight, bias = training.head.weight, training.head.bias
    dimension = principal_dimension(training.features.shape[1])
    origin = -np.linalg.pinv(weight) @ bias
    centred = training.features - origin
    # Ascending, so that the first directions are those of the least variance.
    directions = np.linalg.eigh(centred.T @ centred)[1]
    outside = directions[:, : len(origin) - dimension]
    residual = float(np.linalg.norm(centred @ outside, axis=1).mean())
    largest = float(training.head.logits(training.features).max(1).mean())
    if not residual > _ROUNDING * float(np.linalg.norm(centred, axis=1).mean()):
        raise Unavailable(
            f"no training image lies outside its {dimension}-dimensional main subspace, so ViM has no virtual logit"
        )
    if not largest > 0:
        raise Unavailable("the largest logits of the training images are not positive on average, which ViM scales by")
    detector = ViM(None, d=dimension, w=torch.from_numpy(weight), b=torch.from_numpy(bias))
    detector.principal_subspace = torch.from_numpy(outside).float()
    detector.alpha = largest / residual

    def score(features: Features) -> Scores:
        scores: Scores = detector.predict_features(torch.from_numpy(features)).numpy()
        return scores

    return score
