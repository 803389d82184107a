"""A network as a graph that is laid out once for the processor, to pass many images faster."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress

import torch
from torch import Tensor

from why_bird.measure.answering import Answering
from why_bird.networks.factory import SCRIPTED

Ask = Callable[[Tensor], tuple[Tensor, ...]]
"""From preprocessed images to logits and taps, as :class:`why_bird.measure.answering.Answering`."""

_RUNS = 2
"""A graph is profiled in the first of them and finished in the second."""

_CLOSE = 1e-4


def freezing_pays() -> bool:
    """Return whether this processor is of those where a frozen graph is faster: with AVX2 alone it is slower."""
    return torch.backends.cpu.get_cpu_capability() == "AVX512"


def frozen(answering: Answering, example: Tensor, expected: tuple[Tensor, ...]) -> Ask:
    """Return a function that gives the same answers faster, or the one given where none can be made.

    What passes between the layers stays in the blocked order of oneDNN, in which its convolutions reach the speed of
    a matrix product. Adding, rectifying and bringing the weights into their order remain steps of their own, some
    8 % of the time in batches of 32.

    Parameters
    ----------
    answering : Answering
        In eval mode, on the CPU, in float32.
    example : (n, 3, S, S) Tensor
        Preprocessed images. Any number can be asked afterwards.
    expected : tuple of Tensor
        What the network answers to them.

    Notes
    -----
    A network whose steps depend on what an image shows says so while it is traced, since it looks at numbers there: it
    has no graph. On the example, and on half of it in reverse order, the graph's answers must be those of the network
    to 1e-4 of the largest, else it is not used.
    The functions of PyTorch behind it are deprecated in favour of ``torch.compile``, which needs a C++ compiler on
    the user's machine and gains less; a version without them passes images as before. See
    docs/decisions/0015-a-frozen-graph.md.
    """
    _forget_earlier()
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            traced = torch.jit.trace(answering, example, check_trace=False)  # type: ignore[no-untyped-call]
            looked = torch.jit.TracerWarning  # type: ignore[attr-defined]
            if any(issubclass(each.category, looked) for each in said):
                return answering
            graph = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
            for _ in range(_RUNS):
                found = graph(example)
            again = example.flip(0)[: 1 + len(example) // 2]
            agree = _agree(found, expected) and _agree(graph(again), answering(again))
    except (AttributeError, RuntimeError):
        return answering
    return graph if agree else answering


def _forget_earlier() -> None:
    """Let go of graphs that nobody asks any more: PyTorch keeps the types of all that it traced, weights among them.

    It can let go of all alone, and whoever then asks a network that came as a graph ends the process.
    """
    if SCRIPTED:
        return
    with suppress(AttributeError):
        torch._C._jit_clear_class_registry()
        # Else the next module of a class that was scripted before would be given a type that is gone.
        torch.jit._recursive.concrete_type_store = torch.jit._recursive.ConcreteTypeStore()
        torch.jit._state._clear_class_state()


def _agree(found: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> bool:
    return len(found) == len(expected) and all(
        bool((a - b).abs().max() <= _CLOSE * b.abs().max()) for a, b in zip(found, expected, strict=True)
    )
