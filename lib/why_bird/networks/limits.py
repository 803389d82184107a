"""What a checkpoint may hold at most. Each limit lies far beyond every network that is known by name."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from why_bird.errors import BadInput

ACCEPTED = "a safetensors file or torch.save(model.state_dict(), FILE) would work"

CLASSES = 100_000
LONGEST_CLASS = 200
"""Characters of the name of a class."""

_TENSORS, _LONGEST_NAME, _DIMENSIONS = 10_000, 500, 8
_LONGEST_TEXT = {"classes": CLASSES * 40}
_LONGEST_OTHER = 1_000


def check_sizes(path: Path, tensors: Mapping[str, Tensor], size: int) -> None:
    """Refuse, by BadInput, tensors that say more than the bytes of their file hold, before anything is made of them."""
    if len(tensors) > _TENSORS:
        raise BadInput(f"{path} holds {len(tensors):,} tensors, expected {_TENSORS:,} at most")
    # Of others not even the shape can be asked; they are refused where they are turned into weights.
    dense = {name: each for name, each in tensors.items() if each.layout is torch.strided and not each.is_nested}
    for name, tensor in dense.items():
        shown = name_shown(name)
        if len(name) > _LONGEST_NAME:
            raise BadInput(
                f"{path}: the tensor {shown} has a name of {len(name):,} characters, expected {_LONGEST_NAME} at most"
            )
        if tensor.ndim > _DIMENSIONS:
            raise BadInput(f"{path}: {shown} has {tensor.ndim:,} dimensions, expected {_DIMENSIONS} at most")
        # One stored number may be repeated by a stride of 0, and a tensor without numbers may have any other side.
        if max((tensor.numel(), *tensor.shape)) > size:
            raise BadInput(f"{path}: {shown} has more numbers than the file has bytes; {ACCEPTED}")
    # Twice, for weights that two layers share.
    if sum(tensor.numel() for tensor in dense.values()) > 2 * size:
        raise BadInput(f"{path}: its tensors have more numbers than the file has bytes; {ACCEPTED}")


def check_texts(path: Path, metadata: Mapping[str, str]) -> None:
    """Refuse, by BadInput, words about a network that no report could show."""
    for name, text in metadata.items():
        if len(name) > _LONGEST_NAME:
            raise BadInput(
                f"{path}: a name beside its weights has {len(name):,} characters, expected {_LONGEST_NAME} at most"
            )
        most = _LONGEST_TEXT.get(name, _LONGEST_OTHER)
        if len(text) > most:
            raise BadInput(f"{path}: its {reprlib.repr(name)} has {len(text):,} characters, expected {most:,} at most")


def name_shown(name: str) -> str:
    """Return a tensor's name as it is where it is harmless, else quoted and shortened."""
    return name if re.fullmatch(r"[\w.\-]{1,120}", name) else reprlib.repr(name)
