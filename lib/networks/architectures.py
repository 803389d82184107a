"""Build a network by name, and find out how many classes a state dict was made for."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import re
import reprlib
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch
import torchvision
from torch import Tensor, nn

from lib.errors import BadInput
from lib.networks.checkpoint import strip_prefixes
from lib.networks.resnet import RESNETS, STEMS, Stem, resnet18

__all__ = ["DEFAULT", "build", "choose_arch", "choose_stem", "count_classes", "first_line"]

DEFAULT = "resnet18"


def choose_arch(metadata: Mapping[str, str], *, arch: str | None = None, factory: str | None = None) -> str:
    """Take the architecture from the options, else from the checkpoint, else ResNet18.

    Parameters
    ----------
    metadata : mapping of str
        The checkpoint's.
    arch : str, optional
        ``"resnet18"``, a torchvision classification model, or ``"timm:NAME"``.
    factory : str, optional
        ``"package.module:factory"``, a callable that takes the number of classes. Wins over ``arch``.

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
        "or --network package.module:factory"
    )


def choose_stem(
    arch: str, state: Mapping[str, Tensor], metadata: Mapping[str, str], stem: str | None = None
) -> tuple[Stem | None, bool]:
    """Find the stem of a ResNet18.

    A 7×7 first convolution is ImageNet's. A 3×3 one is the same in three stems, which differ in stride
    and pooling alone: then the option decides, else the checkpoint's metadata, else it is taken for
    ``"full"``.

    Parameters
    ----------
    arch : str
    state : mapping of Tensor
    metadata : mapping of str
    stem : str, optional
        The option.

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


def build(arch: str, stem: Stem | None, classes: int, *, seed: int | None = None) -> nn.Module:
    """Return an untrained network, leaving PyTorch's global generator as it was.

    Parameters
    ----------
    arch : str
        From :func:`choose_arch`.
    stem : str or None
        From :func:`choose_stem`.
    classes : int
        Number of logits.
    seed : int, optional
        Seed of the initial weights.

    Raises
    ------
    BadInput
        If timm is missing, or the factory cannot be imported, fails, or returns no module.
    """
    with torch.random.fork_rng(devices=[]), _quietly():
        if seed is not None:
            # Only the CPU's generator, on which networks are made: torch.manual_seed also seeds the GPUs'.
            torch.default_generator.manual_seed(seed)
        if arch in RESNETS:
            return resnet18(stem or "full", classes, arch)
        if arch.startswith("timm:"):
            return _build_timm(arch, classes)
        if ":" in arch:
            return _build_factory(arch, classes)
        return cast(nn.Module, torchvision.models.get_model(arch, weights=None, num_classes=classes))


def count_classes(arch: str, stem: Stem | None, state: Mapping[str, Tensor]) -> int | None:
    """Return the number of classes that a state dict was made for.

    The tensors whose shape depends on it are found by building the architecture for two numbers of
    classes, so that no list of names of last layers is needed.

    Parameters
    ----------
    arch : str
    stem : str or None
    state : mapping of Tensor
        Without prefixes.

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


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, to be quoted inside a sentence."""
    return f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".: ")


def _torchvision_names() -> list[str]:
    return cast(list[str], torchvision.models.list_models(module=torchvision.models))


def _shapes(arch: str, stem: Stem | None, classes: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of an architecture's tensors."""
    try:
        # Without memory or time where the constructor allows; RegNet's computes with its tensors.
        with contextlib.nullcontext() if ":" in arch else torch.device("meta"):
            tensors = build(arch, stem, classes).state_dict()
    except NotImplementedError:
        tensors = build(arch, stem, classes).state_dict()
    return {short: tuple(tensors[name].shape) for name, short in strip_prefixes(tensors).items()}


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep what networks warn of (googlenet: slow initial weights) out of a run where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _build_timm(arch: str, classes: int) -> nn.Module:
    try:
        timm = importlib.import_module("timm")
    except ImportError:
        raise BadInput(f"{arch} needs timm, which is not installed; pip install 'why-bird[timm]' would do") from None
    name = arch.removeprefix("timm:")
    if not timm.is_model(name):
        raise BadInput(f"timm has no model {name}; timm.list_models() names them")
    return cast(nn.Module, timm.create_model(name, pretrained=False, num_classes=classes))


def _build_factory(arch: str, classes: int) -> nn.Module:
    package, _, name = arch.partition(":")
    try:
        factory = getattr(importlib.import_module(package), name)
    except AttributeError:
        raise BadInput(f"{package} has no {name}, expected package.module:factory") from None
    except (Exception, SystemExit) as error:  # the user's module runs on import, and a script may read our options
        raise BadInput(f"{package} cannot be imported ({first_line(error)}); is its folder on PYTHONPATH?") from None
    try:
        module = factory(classes)
    except (Exception, SystemExit) as error:  # the user's code
        raise BadInput(
            f"{arch} fails when it is called with {classes}, the number of classes ({first_line(error)}), "
            "expected a callable that returns a torch.nn.Module"
        ) from None
    if not isinstance(module, nn.Module):
        raise BadInput(f"{arch} returns a {type(module).__name__}, expected a torch.nn.Module")
    return _unwarned(module)


def _unwarned(module: nn.Module) -> nn.Module:
    """Return a user's module that keeps to itself what it warns of: in a run every warning is an error."""
    kind = type(module)
    # torchvision's do not warn, and are known by their class.
    if kind.__module__.partition(".")[0] == "torchvision":
        return module

    def call(self: nn.Module, *inputs: Any) -> Any:
        with _quietly():
            return kind.__call__(self, *inputs)

    module.__class__ = type(kind.__name__, (kind,), {"__call__": call})
    return module
