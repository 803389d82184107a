"""The last linear layer in double precision, with and without its bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from why_bird.networks.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The last linear layer: logits = W f + b."""

    weight: NDArray[np.float64]
    """(K, D)."""
    bias: NDArray[np.float64]
    """(K,)."""

    @classmethod
    def of(cls, network: Network) -> Self:
        """Return the head of a network; Unavailable where it does not end in a linear layer."""
        site = network.require_head()
        return cls(site.weight.astype(np.float64), site.bias.astype(np.float64))

    def logits(self, features: NDArray[np.floating], *, bias: bool = True) -> NDArray[np.float64]:
        """Return (N, K) logits of (N, D) features, in double precision, with or without the bias."""
        product: NDArray[np.float64] = features.astype(np.float64) @ self.weight.T
        return product + self.bias if bias else product

    def labels(self, features: NDArray[np.floating], *, bias: bool = True) -> NDArray[np.int64]:
        """Return (N,) predicted classes."""
        return np.asarray(self.logits(features, bias=bias).argmax(1))
