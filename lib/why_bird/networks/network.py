"""What is known of a network, without building it: only one through which something passes needs PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.networks.preprocess import Preprocess

if TYPE_CHECKING:
    from torch import nn

Precision = Literal["fp32", "bf16"]
PRECISIONS = get_args(Precision)

Stem = Literal["full", "narrow", "stride2", "pool", "imagenet"]
STEMS: tuple[Stem, ...] = get_args(Stem)

_LARGEST_SEED = 2**64 - 1
"""The largest that PyTorch takes."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadSite:
    """The linear layer that makes the logits, ``z = W f + b``."""

    name: str
    """Dotted name of the module; the penultimate features f, (N, D), are its input."""
    weight: NDArray[np.float32]
    """(K, D) float32 array."""
    bias: NDArray[np.float32]
    """(K,): zeros where the layer has none."""
    has_bias: bool


@dataclass(frozen=True, slots=True, eq=False)
class Unbuilt:
    """The module of a network that was opened before, and what was seen of it then."""

    build: Callable[[], nn.Module]
    """Returns the module, each time the same."""
    has_stages: bool
    """Whether it has the stages of a ResNet, so that they can be tapped."""
    has_batchnorm: bool
    """Whether it has a batch normalisation with statistics that were estimated in training."""
    twin: Network | None = None
    """The same network before training."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A trained classifier and how it is fed."""

    name: str
    """What the report calls it."""
    source: nn.Module | Unbuilt
    """What `module` is."""
    arch: str
    stem: Stem | None
    """Of a ResNet18."""
    preprocess: Preprocess
    classes: tuple[str, ...]
    """K of them, in the order of the logits."""
    hash: str
    """See :func:`why_bird.networks.opening.hash_network`."""
    head: HeadSite | None
    """None where the logits do not come from a linear layer; :meth:`require_head` says why."""
    metadata: dict[str, str]
    """The checkpoint's."""
    assumed: tuple[str, ...]
    """What neither the options nor the checkpoint gave (``"stem"``, ``"mean"``, ``"classes"``, …)."""
    device: str
    precision: Precision = "fp32"
    """What it calculates in."""
    config: str = ""
    """Of a network of transformers what it is, as JSON."""
    code: str = ""
    """Of a user's own network; see :func:`why_bird.networks.code.code_of`."""
    opening: Mapping[str, Any] = field(default_factory=dict)
    """JSON-safe: what :func:`why_bird.networks.opening.open_network` was given, with the whole path, so that another
    process opens the same."""

    @property
    def module(self) -> nn.Module:
        """In eval mode, without gradients; takes what ``preprocess`` returns and gives logits (N, K)."""
        return self.source.build() if isinstance(self.source, Unbuilt) else self.source

    @property
    def key(self) -> str:
        """What its measurements are stored under: its hash, and the precision where that is not full."""
        return self.hash if self.precision == "fp32" else f"{self.hash} {self.precision}"

    @property
    def seed_of_initialisation(self) -> int:
        """Seed of the untrained twin: the one that the network was trained from, where it says so, else 0."""
        try:
            return min(max(0, int(self.metadata.get("seed", "0"))), _LARGEST_SEED)
        except ValueError:
            return 0

    def require_head(self) -> HeadSite:
        """Return the head.

        Raises Unavailable if the network does not end in a linear layer.
        """
        if self.head is None:
            raise Unavailable(f"the logits of {self.name} do not come straight from an nn.Linear, so it has no head")
        return self.head

    @property
    def has_batchnorm(self) -> bool:
        """Whether it has a batch normalisation with statistics that were estimated in training."""
        if isinstance(self.source, Unbuilt):
            return self.source.has_batchnorm
        from why_bird.networks.batch_norm import layers_with_statistics

        return bool(layers_with_statistics(self.source))

    def require_batchnorm(self) -> None:
        """Raise what has to be said of a network without one.

        Raises Unavailable if `has_batchnorm` is false.
        """
        if not self.has_batchnorm:
            raise Unavailable(
                f"{self.name} has no batch normalisation that keeps statistics, so there are none to estimate anew"
            )


def untrained(network: Network, seed: int) -> Network:
    """Return the same architecture with fresh weights of a seed, 0 or more.

    PyTorch's global generator is left as it was.
    """
    twin = network.source.twin if isinstance(network.source, Unbuilt) else None
    if twin is None or twin.metadata["seed"] != str(seed):
        from why_bird.networks.opening import build_untrained

        twin = build_untrained(network, seed)
    return replace(twin, name=f"{network.name} untrained, seed {seed}", precision=network.precision)
