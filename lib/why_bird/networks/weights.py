"""Trained weights on disk: our own in 16 bits with what is needed to use them, and ImageNet's by torchvision."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from why_bird.errors import BadInput
from why_bird.files import sha256_of, write_whole
from why_bird.networks.checkpoint import read_checkpoint

FORMAT = "why-bird-1"


_SHA256 = "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec"


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


def imagenet_weights() -> dict[str, Tensor]:
    """Return the weights from PyTorch's cache, downloaded where they are not there yet.

    Raises BadInput if they cannot be downloaded, or what lies in the cache is something else.
    """
    # Imported here because most trainings start from random weights.
    from torchvision.models import ResNet18_Weights

    url = ResNet18_Weights.IMAGENET1K_V1.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(path), hash_prefix=_SHA256)
        found = sha256_of(path)
    except (OSError, RuntimeError) as error:
        raise BadInput(f"the ImageNet weights could not be downloaded ({error}): train with --init random") from None
    if found != _SHA256:
        raise BadInput(f"{path} does not hold torchvision's ImageNet weights, its SHA-256 is another: remove it")
    return read_checkpoint(path).state
