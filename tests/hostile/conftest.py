from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worlds import write_images, write_network

from why_bird.fixtures.networks import TWO_CLASS
from why_bird.networks.network import Network
from why_bird.networks.opening import open_network

from .scene import Scene


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A small planted world, in which one claim is judged already."""
    root = tmp_path_factory.mktemp("hostile")
    write_images(root / "images", train=2, test=4)
    write_network(root / "known.safetensors", bias={"frog": 1.0, "bird": 0.3}, threshold=0.4)
    first = Scene(root, tmp_path_factory.mktemp("first"), {})
    pair = open_network(TWO_CLASS, device="cpu")

    def opened(path: Path, **how: Any) -> Network:
        # Every run opens the shipped pair, and most of what a refusal costs would go into that.
        return pair if path == TWO_CLASS else open_network(path, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("why_bird.fixtures.networks.open_network", opened)
        expected = first.judged()
        assert expected["Z1"] == "confirmed"
        shutil.copytree(first.cache, first.unspoilt)
        yield replace(first, expected=expected)


@pytest.fixture
def scene(sound: Scene, tmp_path: Path) -> Scene:
    return replace(sound, tmp=tmp_path)
