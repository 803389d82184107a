"""Statistics of batch normalisation, estimated anew on images of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from why_bird.networks.network import Network
from why_bird.networks.opening import hash_network

__all__ = ["layers_with_statistics", "reestimated"]


def reestimated(network: Network, batches: Iterable[NDArray[np.float32]]) -> Network:
    r"""Return a copy of a network whose batch-normalisation statistics are those of the images given.

    The images pass once. Meanwhile each normalisation layer standardises by the mean and variance of the batch at
    hand, as in training, and averages both over the batches; all else, dropout for example, is as in use. No weight
    changes. This is what ``torch.optim.swa_utils.update_bn`` does, except that a batch counts by its number of images
    :math:`n_i`, so that one smaller than the others does not distort the average:

    .. math:: \mu = \sum_i n_i \mu_i / \sum_i n_i, \qquad \sigma^2 = \sum_i n_i s_i^2 / \sum_i n_i

    with :math:`s_i^2` the unbiased variance within a batch. Batches of one size count alike, and a layer that is used
    twice in a pass averages both uses.

    Parameters
    ----------
    network : Network
        Stays as it is, to the bit.
    batches : iterable of (n, 3, H, W) float32 arrays
        On the [0, 1] scale; their sizes and their order are part of what is estimated. Large ones are better: each
        should be a fair sample of the whole.

    Returns
    -------
    Network
        In eval mode, with a hash of its own.

    Raises
    ------
    Unavailable
        If no layer of the network keeps such statistics.
    ValueError
        If there is no batch, or PyTorch refuses one (it takes no variance of a single value).

    References
    ----------
    Schneider, S. et al. (2020), Improving robustness against common corruptions by covariate shift adaptation,
    NeurIPS; Nado, Z. et al. (2020), Evaluating prediction-time batch normalization for robustness under covariate
    shift, arXiv:2006.10963. Both estimate on the images that are asked about; here those may be others.
    """
    network.require_batchnorm()
    module = deepcopy(network.module).eval()
    layers = layers_with_statistics(module)
    momenta = [layer.momentum for layer in layers]
    handles = [layer.register_forward_pre_hook(_ByImages()) for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.train()
    passed = 0
    with torch.no_grad():
        for batch in batches:
            passed += len(batch)
            x = network.preprocess(torch.from_numpy(batch).to(network.device))
            module(x.contiguous(memory_format=torch.channels_last))
    if not passed:
        raise ValueError("statistics of normalisation cannot be estimated on no image")
    for layer, momentum, handle in zip(layers, momenta, handles, strict=True):
        handle.remove()
        layer.momentum = momentum
    return replace(
        network,
        name=f"{network.name} with normalisation statistics estimated anew",
        source=module.eval(),
        hash=hash_network(
            module.state_dict(), network.arch, network.stem, network.preprocess, network.config, network.code
        ),
    )


def layers_with_statistics(module: nn.Module) -> list[_BatchNorm]:
    """Return the layers that keep statistics, each once however often it is used."""
    return [part for part in module.modules() if isinstance(part, _BatchNorm) and part.running_mean is not None]


class _ByImages:
    """Before a layer takes a batch: give it the weight of its images among all that the layer has taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self, layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        assert isinstance(layer, _BatchNorm)  # noqa: S101 - no other layer is given one
        self.taken += len(inputs[0])
        layer.momentum = len(inputs[0]) / self.taken
