"""The code of a user's own network, which decides what it answers as its weights do."""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path

import torch
from torch import nn

_LIBRARIES = {"torch", "torchvision", "timm", "transformers", "builtins", "why_bird"}


def code_of(module: nn.Module) -> str:
    """Return the SHA-256 of the files in which the classes of a network are written, and of graphs that were traced.

    Whole files, because a ``forward`` uses functions beside its class. What a library brings is left out.

    Returns
    -------
    str
        Empty where everything is a library's.
    """
    kinds = {kind for part in module.modules() for kind in type(part).__mro__}
    sources = {_source(kind) for kind in kinds if kind.__module__.partition(".")[0] not in _LIBRARIES}
    graphs = {str(part.graph).encode() for part in module.modules() if isinstance(part, torch.jit.ScriptModule)}
    content = hashlib.sha256()
    for each in sorted(hashlib.sha256(code).digest() for code in (sources | graphs) - {b""}):
        content.update(each)
    return content.hexdigest() if sources | graphs else ""


def _source(kind: type) -> bytes:
    try:
        return Path(inspect.getfile(kind)).read_bytes()
    except (OSError, TypeError):  # written into a terminal, or compiled: the spot check has to do
        return b""
