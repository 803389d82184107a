"""What a worker does that is asked for its threads: in a module that loads nothing, as those of measurements."""

from __future__ import annotations


def threads(_setup: str, _asked: str = "") -> str:
    import torch

    return str(torch.get_num_threads())


def nothing(_setup: str) -> None:
    """Prepare nothing."""
