"""Networks whose module is built where it is asked for: of a file that was seen before, or of hundreds in one run."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput, Unavailable
from why_bird.files import sha256_of
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.store import Store
from why_bird.measure.taps import has_stages
from why_bird.networks.network import HeadSite, Network, Precision, Unbuilt, untrained
from why_bird.networks.preprocess import Preprocess

if TYPE_CHECKING:
    from torch import nn


VERSION = 1
_LIBRARIES = ("torch", "torchvision", "timm", "transformers")


def open_known(path: Path, store: Store, *, device: str = "cpu", precision: Precision = "fp32", **fed: Any) -> Network:
    """Open a checkpoint, without building a network where the store knows what was seen of the same file before.

    What is not kept: a network that runs on another device, which has to be there; one of a factory, whose code may
    have changed; and a folder. What else is given is as for :func:`why_bird.networks.opening.open_network`, and so is
    what is refused.

    Raises
    ------
    BadInput
        As that function.
    """

    @cache
    def built() -> Network:
        from why_bird.networks.opening import open_network

        return open_network(path, device=device, precision=precision, **fed)

    keys = kept_as(path, **fed) if device == "cpu" and not fed.get("factory") else ()
    for key in keys:
        with suppress(Unavailable):
            known = _known(store.get(key, None).arrays, built)
            opening = {"path": str(path.absolute()), "device": device, "precision": precision, **fed}
            return replace(known, name=path.stem, precision=precision, opening=opening)
    network = built()
    if keys:
        # Our own ResNet18 is the same whatever is installed; how another is fed is for its library to say.
        key = keys[0 if network.stem else 1]
        # What cannot be kept is opened again the next time.
        with suppress(BadInput):
            store.get(key, lambda _scratch: _seen(network))
    return network


def kept_as(path: Path, **fed: Any) -> tuple[Key, ...]:
    """Return the keys under which a file may be known: alone, and with the libraries that are installed.

    There are two, or none where there is no file to be read, or an option that cannot be used.
    """
    try:
        # Of a device or a pipe there would be no end.
        if not path.is_file():
            return ()
        said = {name: value for name, value in fed.items() if value is not None}
        given: dict[str, Any] = {"file": sha256_of(path), "fed": said}
        libraries = {name: _version(name) for name in _LIBRARIES}
        return Key("network", VERSION, given), Key("network", VERSION, {**given, "libraries": libraries})
    except (OSError, ValueError):
        return ()


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _seen(network: Network) -> Arrays:
    """Return a network without its module, and the same before training."""
    both = (network, untrained(network, network.seed_of_initialisation))
    about = {
        "has_stages": has_stages(network),
        "has_batchnorm": network.has_batchnorm,
        "networks": [_said(each) for each in both],
    }
    arrays: dict[str, NDArray[Any]] = {"about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)}
    for place, head in ((place, each.head) for place, each in enumerate(both) if each.head is not None):
        arrays |= {f"weight.{place}": head.weight, f"bias.{place}": head.bias}
    return arrays


def _said(network: Network) -> dict[str, Any]:
    said = {name: getattr(network, name) for name in ("name", "arch", "stem", "hash", "metadata", "config")}
    head = network.head and {"name": network.head.name, "has_bias": network.head.has_bias}
    lists = {"classes": list(network.classes), "assumed": list(network.assumed)}
    return {**said, **lists, "preprocess": asdict(network.preprocess), "head": head}


def _known(arrays: Arrays, built: Callable[[], Network]) -> Network:
    """Return a network as :func:`_seen` saw it, which is built where it is asked for its module."""
    about = json.loads(arrays["about"].tobytes())
    said, said_of_twin = about["networks"]

    def module() -> nn.Module:
        return _unchanged(built(), said["hash"]).module

    @cache
    def module_of_twin() -> nn.Module:
        return untrained(built(), built().seed_of_initialisation).module

    kinds = about["has_stages"], about["has_batchnorm"]
    twin = _network(arrays, 1, said_of_twin, Unbuilt(module_of_twin, *kinds))
    return _network(arrays, 0, said, Unbuilt(module, *kinds, twin))


def _unchanged(network: Network, expected: str) -> Network:
    if network.hash != expected:
        raise BadInput(f"the file of {network.name} has changed since the run began: leave it until the run ends")
    return network


def _network(arrays: Arrays, place: int, said: dict[str, Any], source: Unbuilt) -> Network:
    names = said.pop("head")
    head = names and HeadSite(
        weight=np.array(arrays[f"weight.{place}"]), bias=np.array(arrays[f"bias.{place}"]), **names
    )
    said |= {"classes": tuple(said["classes"]), "assumed": tuple(said["assumed"])}
    said |= {"preprocess": Preprocess(**said["preprocess"])}
    return Network(**said, source=source, head=head, device="cpu")


_MOST = 2
"""Modules that stay in memory: the one that is asked, and one beside it."""

_built: OrderedDict[object, nn.Module] = OrderedDict()


def on_disk(network: Network, opened: Callable[[], Network]) -> Network:
    """Return the same network, of which nothing large is in memory before it is asked, or long after.

    Where its file holds another network when it is opened again, that is refused when it is asked for.
    """
    # Taken out of the network: what builds it again would keep it, with its weights.
    kinds, expected = (has_stages(network), network.has_batchnorm), network.hash
    seed = network.seed_of_initialisation

    def module() -> nn.Module:
        return _unchanged(opened(), expected).module

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
