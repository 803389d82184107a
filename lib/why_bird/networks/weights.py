"""Trained weights on disk: 16-bit safetensors with what is needed to use them."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from why_bird.files import write_whole

FORMAT = "why-bird-1"


def round_to_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state with every floating-point tensor rounded to float16 (not bfloat16: 3 more bits)."""
    return {k: v.detach().to("cpu", torch.float16 if v.is_floating_point() else v.dtype) for k, v in state.items()}


def save_weights(path: Path, state: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a state atomically as 16-bit safetensors.

    Parameters
    ----------
    metadata : dict of str
        ``arch``, ``stem``, ``classes``, ``mean``, ``std``, ``size``, ``interpolation``, and what is known
        of the training.

    Raises
    ------
    ValueError
        If a weight is not finite in 16 bits.
    """
    half = {name: tensor.contiguous() for name, tensor in round_to_half(state).items()}
    broken = [name for name, tensor in half.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise ValueError(f"{broken[0]} is not finite in 16 bits")
    content = save(half, metadata={"format": FORMAT, **metadata})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
