"""Networks whose module is built again where it is asked for, so that of hundreds few are in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from why_bird.errors import BadInput
from why_bird.measure.taps import has_stages
from why_bird.networks.network import Network, Unbuilt

if TYPE_CHECKING:
    from torch import nn

_MOST = 2
"""Modules that stay in memory: the one that is asked, and one beside it."""

_built: OrderedDict[object, nn.Module] = OrderedDict()


def on_disk(network: Network, opened: Callable[[], Network]) -> Network:
    """Return the same network, of which nothing large is in memory before it is asked, or long after.

    Parameters
    ----------
    opened : callable
        Opens it again. Where its file holds another network then, that is refused when it is asked for.
    """
    # Taken out of the network: what builds it again would keep it, with its weights.
    kinds, expected, name = (has_stages(network), network.has_batchnorm), network.hash, network.name
    seed = network.seed_of_initialisation

    def module() -> nn.Module:
        again = opened()
        if again.hash != expected:
            raise BadInput(f"the file of {name} has changed since the run began: leave it until the run ends")
        return again.module

    def module_of_twin() -> nn.Module:
        from why_bird.networks.opening import build_untrained

        return build_untrained(opened(), seed).module

    twin = network.source.twin if isinstance(network.source, Unbuilt) else None
    if twin is not None:
        twin = replace(twin, source=Unbuilt(_kept_a_while(module_of_twin), *kinds))
    return replace(network, source=Unbuilt(_kept_a_while(module), *kinds, twin))


def _kept_a_while(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    """Return what builds a module, and gives it back as long as it is among the last ones."""
    key = object()

    def get() -> nn.Module:
        if key not in _built:
            _built[key] = build()
        _built.move_to_end(key)
        while len(_built) > _MOST:
            _built.popitem(last=False)
        return _built[key]

    return get
