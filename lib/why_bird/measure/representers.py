"""Which training images pull noise to its class: the head's weights as a sum over training images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from why_bird.measure.entry import Arrays, Key
from why_bird.measure.passes import Answers, Pass, answers
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored, plainly
from why_bird.networks.network import Network

SHOWN = 8
_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Pulls:
    """The training images that pull noise most to a class, and those that hold it back most."""

    towards: NDArray[np.uint8]
    shares: NDArray[np.float64]
    labels: NDArray[np.int64]
    away: NDArray[np.uint8]
    """(n, 32): content hashes, the strongest first."""
    shares_away: NDArray[np.float64]
    """(n,): of all pulls of their sign."""
    labels_away: NDArray[np.int64]
    """(n,): their classes."""


def pulls(
    logits: NDArray[np.floating],
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    noise: NDArray[np.floating],
    target: int,
) -> NDArray[np.float64]:
    r"""Return how far each training image pulls noise to a class, in a unit that is the same for all.

    Where a head was trained to the end with weight decay λ, its weights are
    :math:`w_c = \frac{1}{\lambda n} \sum_i (1[y_i = c] - p_c(x_i)) f_i`, so the logit of noise is a sum over training
    images. What image i adds to it is proportional to :math:`(1[y_i = c] - p_c(x_i)) \langle f_i, \bar f \rangle`, with
    :math:`\bar f` the mean feature of noise.

    The result is a (N,) float64 array. `logits` (N, K), `features` (N, D) and `labels` (N,) are of the training images,
    `noise` is (M, D) features.

    References
    ----------
    Yeh, C.-K., Kim, J., Yen, I. E.-H. and Ravikumar, P. (2018), Representer point selection for explaining deep neural
    networks, NeurIPS 31.

    Examples
    --------
    >>> logits, features = np.zeros((3, 2)), np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]])
    >>> pulls(logits, features, np.array([0, 0, 1]), np.array([[3.0, 0.0]]), 0)  # its own by half, another's by half
    array([ 1.5,  0. , -3. ])
    """
    residual = (labels == target) - softmax(logits.astype(np.float64), axis=1)[:, target]
    along = features.astype(np.float64) @ noise.mean(axis=0, dtype=np.float64)
    return np.asarray(residual * along)


def measure_pulls(network: Network, training: Pass, noise: Stored[Answers], target: int) -> Stored[Pulls]:
    """Return the entry of the training images that pull noise most to a class.

    The training images are labelled and have features. Raises Unavailable if the network has no linear head.
    """
    network.require_head()
    said = answers(network, training)

    def compute(store: Store, _scratch: Path) -> Arrays:
        found, drawn, images = said.get(store), noise.get(store), training.content()
        values = pulls(found.logits, found.features, found.truth, drawn.features, target)
        order = np.argsort(-values, kind="stable")
        first, last = order[:SHOWN], order[::-1][:SHOWN]
        return {
            "towards": images.digests[first],
            "shares": values[first] / values.clip(0).sum(),
            "labels": found.truth[first],
            "away": images.digests[last],
            "shares_away": values[last] / values.clip(max=0).sum(),
            "labels_away": found.truth[last],
        }

    key = Key("pulls", _VERSION, {"network": network.key, "images": training.source, "target": target})
    return Stored(key, plainly(Pulls), compute if training.read else None, needs=(said, noise))
