from __future__ import annotations

from pathlib import Path

import pytest
from asking import World
from worlds import write_images, write_network


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The planted world, whose measurements all tests of this folder share."""
    root = tmp_path_factory.mktemp("world")
    write_images(root / "images")
    write_network(root / "feature-sink.safetensors", sink="bird")
    write_network(root / "bias-sink.safetensors", bias={"frog": 1.0, "bird": 0.3}, threshold=0.4)
    write_network(root / "no-sink.safetensors")
    for seed in range(8):
        write_network(root / f"replicate-{seed}.safetensors", bias={"bird": 1.0}, threshold=0.4, seed=seed)
    return World(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run's report would go; it is not there yet."""
    return tmp_path / "evidence"
