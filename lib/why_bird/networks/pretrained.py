"""ImageNet's weights of a ResNet18, as torchvision publishes them: checked by hash, and read as any checkpoint."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from why_bird.errors import BadInput
from why_bird.networks.checkpoint import read_checkpoint

_SHA256 = "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec"


def imagenet_weights() -> dict[str, Tensor]:
    """Return the weights from PyTorch's cache, downloaded where they are not there yet.

    Raises
    ------
    BadInput
        If they cannot be downloaded, or what lies in the cache is something else.
    """
    # Imported here because most trainings start from random weights.
    from torchvision.models import ResNet18_Weights

    url = ResNet18_Weights.IMAGENET1K_V1.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(path), hash_prefix=_SHA256)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, RuntimeError) as error:
        raise BadInput(f"the ImageNet weights could not be downloaded ({error}): train with --init random") from None
    if found != _SHA256:
        raise BadInput(f"{path} does not hold torchvision's ImageNet weights, its SHA-256 is another: remove it")
    return read_checkpoint(path).state
