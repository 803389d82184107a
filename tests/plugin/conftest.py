from __future__ import annotations

import os
from pathlib import Path

import pytest
from asking import World
from filelock import FileLock
from worlds import write_images, write_network


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The planted world, whose measurements all tests of this folder share, whichever worker they run in."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "world"
    with FileLock(root.with_suffix(".lock")):
        if not root.exists():
            made = tmp_path_factory.mktemp("world")
            write_images(made / "images")
            write_network(made / "feature-sink.safetensors", sink="bird")
            write_network(made / "bias-sink.safetensors", bias={"frog": 1.0, "bird": 0.3}, threshold=0.4)
            write_network(made / "no-sink.safetensors")
            for seed in range(8):
                write_network(made / f"replicate-{seed}.safetensors", bias={"bird": 1.0}, threshold=0.4, seed=seed)
            made.rename(root)
    return World(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run's report would go; it is not there yet."""
    return tmp_path / "evidence"
