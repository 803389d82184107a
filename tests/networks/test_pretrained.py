"""ImageNet's weights are read without running what was put in their place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from hostile.odd_networks import Payload

from why_bird.errors import BadInput
from why_bird.networks import weights


def test_what_lies_in_their_place_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    planted = tmp_path / "checkpoints" / "resnet18-f37072fd.pth"
    torch.save({"fc.weight": Payload(tmp_path / "ran")}, planted)
    with pytest.raises(BadInput, match="its SHA-256 is another: remove it"):
        weights.imagenet_weights()
    # Nor where the hash is that of the file.
    monkeypatch.setattr(weights, "_SHA256", hashlib.sha256(planted.read_bytes()).hexdigest())
    with pytest.raises(BadInput, match="which would run code"):
        weights.imagenet_weights()
    assert not (tmp_path / "ran").exists()
