from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, World, read
from worlds import write_images, write_network

from .copies import Copies, Started, copies

NETWORK = "feature-sink"
# A question whose claims need many passes, without those that make a run long.
SELECTED = "noise_collapse and not (family or escapes)"


@dataclass(frozen=True)
class Endurance:
    """A small planted world, what is found in it where nothing disturbs, and processes to disturb."""

    world: World
    copies: Copies
    undisturbed: Path

    def words(self, cache: Path, selected: str = SELECTED) -> list[str]:
        """Return the words of a run on a cache: of one question, or of all where none is selected."""
        words = [HYPOTHESES, *self.world.options(NETWORK), f"--evidence-cache={cache}"]
        return [*words, "-k", selected] if selected else words

    def start(self, cache: Path, folder: Path, selected: str = SELECTED, **more: Any) -> Started:
        return self.copies.start(*self.words(cache, selected), folder=folder, **more)

    def report(self, folder: Path, selected: str = SELECTED) -> Path:
        """Return where a run writes that is to report into a folder."""
        return folder.with_name(f"{folder.name}-partial") if selected else folder


@pytest.fixture(scope="session")
def endurance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endurance]:
    root = tmp_path_factory.mktemp("endurance")
    write_images(root / "images", train=4, test=12)
    write_network(root / f"{NETWORK}.safetensors", sink="bird")
    world = World(root)
    first = [HYPOTHESES, *world.options(NETWORK), "-k", SELECTED]
    with copies(*first, folder=root / "undisturbed") as made:
        assert len(read(root / "undisturbed-partial")["claims"]) > 5
        yield Endurance(world, made, root / "undisturbed-partial")
