"""The pulls of training images on noise add up to the logit of noise where the head was trained to the end."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from why_bird.measure.representers import pulls


def test_pulls_add_up_to_the_logit_of_a_head_at_its_optimum() -> None:
    rng = np.random.default_rng(0)
    n, K, D, decay = 60, 3, 4, 0.05
    features, labels = rng.normal(size=(n, D)), rng.integers(0, K, n)

    def loss(flat: np.ndarray) -> float:
        W = flat.reshape(K, D)
        return float(-log_softmax(features @ W.T, axis=1)[np.arange(n), labels].mean() + decay / 2 * (W**2).sum())

    W = minimize(loss, np.zeros(K * D), tol=1e-10).x.reshape(K, D)
    noise = rng.normal(size=(7, D))
    for target in range(K):
        total = pulls(features @ W.T, features, labels, noise, target).sum() / (decay * n)
        np.testing.assert_allclose(total, noise.mean(0) @ W[target], atol=1e-4)
