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
from why_bird.networks.opening import with_module


def normalised_stages(module: nn.Module) -> tuple[str, ...]:
    """Return the parts of a module that hold layers which keep statistics, as its own names begin, in their order."""
    return tuple(dict.fromkeys(name.split(".")[0] for name, _ in _named_layers(module)))


def reestimated(network: Network, batches: Iterable[NDArray[np.float32]], stage: str | None = None) -> Network:
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
    stage : str, optional
        The one part of the network that is estimated anew, of :func:`normalised_stages`; all by default.

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
    layers = layers_with_statistics(module, stage)
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
    return _renamed(network, module, "with normalisation statistics estimated anew")


def with_moments_of(network: Network, batches: Iterable[NDArray[np.float32]]) -> Network:
    r"""Return a copy whose layers put out, of standardised input, the moments that some images have in the original.

    Where the images arrive at a normalisation layer with mean :math:`m` and variance :math:`v` in a channel, and the
    layer takes off :math:`\mu` and divides by :math:`\sigma`, they leave it, before its own scale
    :math:`\gamma` and shift :math:`\beta`, with the mean :math:`a = (m - \mu)/\sigma` and the standard deviation
    :math:`b = \sqrt v/\sigma`. The copy has :math:`\gamma b` for :math:`\gamma` and :math:`\beta + \gamma a` for
    :math:`\beta`. With its statistics :func:`reestimated` on other images, these go on with the first ones' moments.

    Parameters
    ----------
    network : Network
        Stays as it is.
    batches : iterable of (n, 3, H, W) float32 arrays
        The images whose moments are taken.

    Raises
    ------
    Unavailable
        If no layer of the network keeps such statistics.
    """
    network.require_batchnorm()
    module = deepcopy(network.module).eval()
    moments = {layer: _Moments() for layer in layers_with_statistics(module)}
    handles = [layer.register_forward_pre_hook(each) for layer, each in moments.items()]
    with torch.no_grad():
        for batch in batches:
            x = network.preprocess(torch.from_numpy(batch).to(network.device))
            module(x.contiguous(memory_format=torch.channels_last))
        for handle in handles:
            handle.remove()
        for layer, each in moments.items():
            mean, variance = each.of_all()
            running_mean, running_var = layer.running_mean, layer.running_var
            assert running_mean is not None and running_var is not None  # noqa: S101, PT018 - such layers are taken
            sd = (running_var + layer.eps).sqrt()
            shift, scale = (mean - running_mean) / sd, (variance + layer.eps).sqrt() / sd
            weight = torch.ones_like(sd) if layer.weight is None else layer.weight
            bias = torch.zeros_like(sd) if layer.bias is None else layer.bias
            layer.bias = nn.Parameter(bias + weight * shift, requires_grad=False)
            layer.weight = nn.Parameter(weight * scale, requires_grad=False)
    return _renamed(network, module, "with the moments of other images")


def _renamed(network: Network, module: nn.Module, what: str) -> Network:
    return replace(with_module(network, module.eval()), name=f"{network.name} {what}")


def layers_with_statistics(module: nn.Module, stage: str | None = None) -> list[_BatchNorm]:
    """Return the layers that keep statistics, each once however often it is used; of one stage, or of all."""
    return [part for name, part in _named_layers(module) if stage in (None, name.split(".")[0])]


def _named_layers(module: nn.Module) -> list[tuple[str, _BatchNorm]]:
    named = module.named_modules()
    return [(name, part) for name, part in named if isinstance(part, _BatchNorm) and part.running_mean is not None]


class _ByImages:
    """Before a layer takes a batch: give it the weight of its images among all that the layer has taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self, layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        assert isinstance(layer, _BatchNorm)  # noqa: S101 - no other layer is given one
        self.taken += len(inputs[0])
        layer.momentum = len(inputs[0]) / self.taken


class _Moments:
    """Before a layer takes a batch: add up what its channels are, over images and places."""

    def __init__(self) -> None:
        self.count = 0
        self.total: torch.Tensor | float = 0.0
        self.squares: torch.Tensor | float = 0.0

    def __call__(self, _layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        x = inputs[0].double()
        over = [axis for axis in range(x.ndim) if axis != 1]
        self.count += x.numel() // x.shape[1]
        self.total, self.squares = self.total + x.sum(over), self.squares + x.square().sum(over)

    def of_all(self) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.count:
            raise ValueError("moments cannot be taken of no image")
        mean = torch.as_tensor(self.total / self.count)
        return mean.float(), (torch.as_tensor(self.squares / self.count) - mean.square()).clamp(min=0.0).float()
