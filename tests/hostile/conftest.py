from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from worlds import write_images, write_network

from .scene import Scene


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A small planted world, in which one claim is judged already."""
    root = tmp_path_factory.mktemp("hostile")
    write_images(root / "images", train=2, test=4)
    write_network(root / "known.safetensors", bias={"frog": 1.0, "bird": 0.3}, threshold=0.4)
    first = Scene(root, tmp_path_factory.mktemp("first"), {})
    expected = first.judged()
    assert expected["Z1"] == "confirmed"
    shutil.copytree(first.cache, first.unspoilt)
    return replace(first, expected=expected)


@pytest.fixture
def scene(sound: Scene, tmp_path: Path) -> Scene:
    return replace(sound, tmp=tmp_path)
