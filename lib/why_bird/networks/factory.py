"""Networks from a user's own function, whatever it takes."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

from torch import nn
from torch.jit import ScriptModule

from why_bird.errors import BadInput

CLASS_WORDS = ("num_classes", "n_classes", "nclasses", "nb_classes", "num_class", "n_class", "num_labels", "classes")
"""What people call the number of classes where a function takes it by name."""

SCRIPTED: WeakSet[nn.Module] = WeakSet()
"""Networks in use with parts that were traced or scripted, whose types PyTorch has to keep."""


def build_factory(arch: str, classes: int) -> nn.Module:
    """Return what ``package.module:factory`` makes.

    The number of classes is given by the name that the function has for it (:data:`CLASS_WORDS`), else as its first
    argument if it takes one that has no default, or a whole number as default, else not at all.

    Raises BadInput if it cannot be imported, fails, needs other arguments, or returns no module.
    """
    package, _, name = arch.partition(":")
    try:
        factory = getattr(importlib.import_module(package), name)
    except AttributeError:
        raise BadInput(f"{package} has no {name}, expected package.module:factory") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the user's module runs on import, and a script may read our options
        raise BadInput(f"{package} cannot be imported ({first_line(error)}); is its folder on PYTHONPATH?") from None
    positional, named = _arguments(factory, classes)
    try:
        module = factory(*positional, **named)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the user's code; what panics in Rust raises no Exception
        given = [*map(str, positional), *(f"{word}={number}" for word, number in named.items())]
        how = f"with {given[0]}, the number of classes" if given else "without arguments"
        raise BadInput(
            f"{arch} fails when it is called {how} ({first_line(error)}), expected a callable that returns a "
            "torch.nn.Module, given the number of classes or nothing"
        ) from None
    if not isinstance(module, nn.Module):
        raise BadInput(f"{arch} returns a {type(module).__name__}, expected a torch.nn.Module")
    if any(isinstance(part, ScriptModule) for part in module.modules()):
        SCRIPTED.add(module)
    return _unwarned(module)


def _arguments(factory: Callable[..., object], classes: int) -> tuple[tuple[int, ...], dict[str, int]]:
    """Return how to tell a function the number of classes."""
    try:
        taken = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # one that was not written in Python
        return (classes,), {}
    by_name = {each.name for each in taken if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)}
    word = next((word for word in CLASS_WORDS if word in by_name), None)
    if word is not None:
        return (), {word: classes}
    first = next(iter(taken), None)
    if first is None:
        return (), {}
    in_place = first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
    if first.kind is first.VAR_POSITIONAL or (in_place and first.default is first.empty):
        return (classes,), {}
    if in_place and type(first.default) is int:
        return (classes,), {}
    # What passes its keywords on, as torchvision's own functions do, passes them to what knows the word.
    return (), {CLASS_WORDS[0]: classes} if any(each.kind is each.VAR_KEYWORD for each in taken) else {}


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, to be quoted inside a sentence."""
    return f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".: ")


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep what networks warn of (googlenet: slow initial weights) out of a run where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _unwarned(module: nn.Module) -> nn.Module:
    """Return a user's module that keeps to itself what it warns of: in a run every warning is an error."""
    kind = type(module)
    # torchvision's do not warn, and are known by their class; for that of a traced network no other can stand.
    if kind.__module__.partition(".")[0] == "torchvision" or isinstance(module, ScriptModule):
        return module

    def call(self: nn.Module, *inputs: Any) -> Any:
        with quietly():
            return kind.__call__(self, *inputs)

    module.__class__ = type(kind.__name__, (kind,), {"__call__": call})
    return module
