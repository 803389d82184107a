"""Build a network by name, and find out how many classes and channels a state dict was made for."""

from __future__ import annotations

import contextlib
import difflib
import re
import reprlib
from collections.abc import Mapping
from typing import Any, cast

import torch
import torchvision
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.checkpoint import strip_prefixes
from why_bird.networks.factory import build_factory, quietly
from why_bird.networks.from_timm import TIMM, build_timm
from why_bird.networks.from_transformers import TRANSFORMERS, build_transformers
from why_bird.networks.network import STEMS, Stem
from why_bird.networks.resnet import RESNETS, resnet18

DEFAULT = "resnet18"


_COLOURS = 3
_OF_CONVOLUTION = ("out_channels", "kernel_size", "stride", "padding", "dilation", "padding_mode")


def choose_arch(metadata: Mapping[str, str], *, arch: str | None = None, factory: str | None = None) -> str:
    """Take the architecture from the options, else from the checkpoint, else ResNet18.

    Parameters
    ----------
    metadata : mapping of str
        The checkpoint's.
    arch : str, optional
        ``"resnet18"``, a torchvision classification model, or ``"timm:NAME"``.
    factory : str, optional
        ``"package.module:factory"``, see :func:`why_bird.networks.factory.build_factory`. Wins over ``arch``.

    Returns
    -------
    str
        A name that :func:`build` takes.

    Raises
    ------
    BadInput
        If there is no such architecture, or if a checkpoint names a factory: a file never chooses what
        is imported.
    """
    if factory is not None:
        if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", factory):
            raise BadInput(f"the network factory is {reprlib.repr(factory)}, expected package.module:factory")
        return factory
    name = arch if arch is not None else metadata.get("arch", DEFAULT)
    lowered = name.lower()
    if re.fullmatch(r"timm:[a-z0-9_.]+", lowered) or lowered in RESNETS or lowered in _torchvision_names():
        return lowered
    whose = "the architecture" if arch is not None else "the checkpoint's architecture"
    close = difflib.get_close_matches(lowered, _torchvision_names(), n=3)
    like = f" (did you mean {' or '.join(close)}?)" if close else ""
    raise BadInput(
        f"{whose} is {reprlib.repr(name)}{like}, expected resnet18, a torchvision classification model, timm:NAME, "
        "or --network=package.module:factory"
    )


def choose_stem(
    arch: str, state: Mapping[str, Tensor], metadata: Mapping[str, str], stem: str | None = None
) -> tuple[Stem | None, bool]:
    """Find the stem of a ResNet18.

    A 7×7 first convolution is ImageNet's. A 3×3 one is the same in three stems, which differ in stride and pooling
    alone: then the option decides, else the checkpoint's metadata, else it is taken for ``"full"``.

    Returns
    -------
    str or None
        None for every architecture but ResNet18 and its forms.
    bool
        Whether it was assumed.

    Raises
    ------
    BadInput
        If there is no such stem, or the architecture has none.
    """
    if arch not in RESNETS:
        if stem is not None:
            raise BadInput(f"a stem was given for {arch}, expected none: only resnet18 has stems to choose from")
        return None, False
    first = state.get("conv1.weight")
    kernel = tuple(first.shape[2:]) if first is not None else ()
    if stem is None and kernel == (7, 7):
        return "imagenet", False
    found = stem if stem is not None else metadata.get("stem")
    if found is None:
        return "full", True
    if found not in STEMS:
        raise BadInput(f"the stem is {reprlib.repr(found)}, expected one of {', '.join(STEMS)}")
    return found, False


def build(
    arch: str, stem: Stem | None, classes: int, *, channels: int = 3, config: str = "", seed: int | None = None
) -> nn.Module:
    """Return an untrained network, leaving PyTorch's global generator as it was.

    Parameters
    ----------
    arch : str
        From :func:`choose_arch`, or ``"transformers:TYPE"``.
    stem : str or None
        From :func:`choose_stem`.
    classes : int
        Number of logits.
    channels : {3, 1}
        Of the images. A user's own factory decides that itself, as it decides the number of logits where it is not
        told; so does the configuration of transformers.
    config : str
        Of a network of transformers.
    seed : int, optional
        Seed of the initial weights.

    Raises
    ------
    BadInput
        If a library is missing, or the factory cannot be imported, fails, or returns no module.
    """
    with torch.random.fork_rng(devices=[]), quietly():
        if seed is not None:
            # Only the CPU's generator, on which networks are made: torch.manual_seed also seeds the GPUs'.
            torch.default_generator.manual_seed(seed)
        if arch.startswith(TRANSFORMERS):
            return build_transformers(config)
        if arch.startswith(TIMM):
            return build_timm(arch, classes, channels)
        if ":" in arch:
            return build_factory(arch, classes)
        if arch in RESNETS:
            module = resnet18(stem or "full", classes, arch)
        else:
            module = cast(nn.Module, torchvision.models.get_model(arch, weights=None, num_classes=classes))
        return grey_first(module) if channels == 1 else module


def count_classes(arch: str, stem: Stem | None, state: Mapping[str, Tensor]) -> int | None:
    """Return the number of classes that a state dict, without prefixes, was made for.

    The tensors whose shape depends on it are found by building the architecture for two numbers of classes, so that no
    list of names of last layers is needed.

    Returns
    -------
    int or None
        None if the state does not have that tensor, or the architecture ignores the number of classes.
    """
    two, three = _shapes(arch, stem, 2), _shapes(arch, stem, 3)
    for name in reversed(two):
        if name in three and name in state and len(two[name]) == len(three[name]) == state[name].ndim:
            differing = [i for i, sizes in enumerate(zip(two[name], three[name], strict=True)) if sizes == (2, 3)]
            if differing:
                return int(state[name].shape[differing[0]])
    return None


def _torchvision_names() -> list[str]:
    return cast(list[str], torchvision.models.list_models(module=torchvision.models))


def count_channels(arch: str, stem: Stem | None, state: Mapping[str, Tensor]) -> int:
    """Return how many channels the images have that a state dict was made for: 3, or 1 of grey.

    Only of an architecture that is built by name: others say it themselves.
    """
    if ":" in arch and not arch.startswith(TIMM):
        return 3
    return channels_in(state, _untrained(arch, stem, 2))


def names_in(arch: str) -> tuple[str, ...]:
    """Return the names of an architecture's tensors, without the prefixes of wrappers; every stem has the same."""
    return tuple(_shapes(arch, None, 2))


def _shapes(arch: str, stem: Stem | None, classes: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of an architecture's tensors."""
    state = _untrained(arch, stem, classes).state_dict()
    # What a network keeps beside its tensors is no part of a checkpoint of weights.
    tensors = {name: each for name, each in state.items() if isinstance(each, Tensor)}
    return {short: tuple(tensors[name].shape) for name, short in strip_prefixes(tensors).items()}


def _untrained(arch: str, stem: Stem | None, classes: int) -> nn.Module:
    """Build to look at names and shapes alone."""
    try:
        # Without memory or time where the constructor allows; RegNet's computes with its tensors.
        with contextlib.nullcontext() if ":" in arch else torch.device("meta"):
            return build(arch, stem, classes)
    except NotImplementedError:
        return build(arch, stem, classes)


def takes_grey(module: nn.Module) -> bool:
    """Return whether a network takes one channel, as its first convolution says.

    The first in the order of its parts need not be the one that sees the image. Where another convolution takes three
    channels, that one is taken for it.

    Examples
    --------
    >>> takes_grey(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3)))
    True
    """
    first = _first(module)
    rest = [part.in_channels for part in module.modules() if isinstance(part, nn.Conv2d)]
    return first is not None and first[1].in_channels == 1 and _COLOURS not in rest


def channels_in(state: Mapping[str, Tensor], template: nn.Module) -> int:
    """Return how many channels weights are for, of an architecture that is built for three: 3, or 1.

    Parameters
    ----------
    state : mapping of Tensor
        Without prefixes.
    template : nn.Module
        The architecture, built for three channels.
    """
    first = _first(template)
    weight = None if first is None else state.get(f"{first[0]}.weight")
    is_grey = first is not None and weight is not None and first[1].in_channels == _COLOURS and weight.ndim == 4
    return 1 if is_grey and weight is not None and weight.shape[1] == 1 else _COLOURS


def grey_first(module: nn.Module) -> nn.Module:
    """Give a network a first convolution of one channel, which is how people feed grey images to a network of three."""
    first = _first(module)
    if first is None:
        return module
    name, old = first
    above, _, own = name.rpartition(".")
    same: dict[str, Any] = {name: getattr(old, name) for name in _OF_CONVOLUTION}
    new = nn.Conv2d(1, bias=old.bias is not None, **same)
    setattr(module.get_submodule(above), own, new)
    return module


def _first(module: nn.Module) -> tuple[str, nn.Conv2d] | None:
    return next(((name, part) for name, part in module.named_modules() if isinstance(part, nn.Conv2d)), None)
