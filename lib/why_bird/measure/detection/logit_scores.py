"""Detection scores that read (N, K) float32 logits alone and are fitted on nothing: (N,) float32, as all scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from why_bird.measure.detection.training import Logits, Scores

if TYPE_CHECKING:
    from torch import Tensor


def max_softmax(logits: Logits) -> Scores:
    r"""Return the negative maximum softmax probability, :math:`-\max_y \sigma_y(z)` (MSP).

    In 32 bits, as usual: where the largest logit leads by more than about 17, all scores are −1 and tie.

    References
    ----------
    Hendrycks, D. and Gimpel, K. (2017), A baseline for detecting misclassified and out-of-distribution
    examples in neural networks, ICLR.
    """
    from pytorch_ood.detector import MaxSoftmax
    from torch import from_numpy

    return _numpy(MaxSoftmax.score(from_numpy(logits)))


def max_logit(logits: Logits) -> Scores:
    r"""Return the negative maximum logit, :math:`-\max_y z_y`.

    References
    ----------
    Hendrycks, D. et al. (2022), Scaling out-of-distribution detection for real-world settings, ICML.
    """
    from pytorch_ood.detector import MaxLogit
    from torch import from_numpy

    return _numpy(MaxLogit.score(from_numpy(logits)))


def energy(logits: Logits) -> Scores:
    r"""Return the energy at temperature 1, :math:`-\log \sum_y e^{z_y}`.

    References
    ----------
    Liu, W. et al. (2020), Energy-based out-of-distribution detection, NeurIPS.
    """
    from pytorch_ood.detector import EnergyBased
    from torch import from_numpy

    return _numpy(EnergyBased.score(from_numpy(logits), t=1.0))


def _numpy(scores: Tensor) -> Scores:
    array: Scores = scores.numpy()
    return array
