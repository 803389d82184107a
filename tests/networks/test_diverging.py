"""A training ends the same each time it is run, also where it cannot end well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_training import CLASSES, TINY, write_tree

from why_bird.errors import BadInput
from why_bird.images.decode import open_images
from why_bird.images.image_set import Images
from why_bird.networks.recipe import RECIPES, Recipe
from why_bird.networks.train import Job, train

CHEAP = replace(RECIPES["cheap"], name="small-cheap", epochs=2, batch=16)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    tree = write_tree(tmp_path_factory.mktemp("tree"), train=12, size=16)
    return open_images(str(tree), tmp_path_factory.mktemp("cache"))


@contextmanager
def spoiling(_label: str, _total: int) -> Iterator[Callable[[int], None]]:
    """Leave NaN in memory that is free, where a gradient will lie: what is not written shows."""

    def advance(_done: int) -> None:
        spoilt = [torch.full((256 * 512 * 9,), torch.nan) for _ in range(4)]
        del spoilt

    advance(0)
    yield advance


def test_where_a_strided_convolution_meets_a_single_place(images: Images, tmp_path: Path) -> None:
    job = Job(CHEAP, 0, CLASSES)
    once, again = (load_file(train(job, images, tmp_path / name, spoiling)) for name in ("once", "again"))
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_one_that_diverges_says_so_each_time_and_keeps_what_it_had(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recipe, "rate", lambda _recipe, step, steps: 0.01 if 2 * step < steps else 1e30)
    job = Job(replace(TINY, epochs=2, small_epochs=0), 0, CLASSES)
    said, kept = set(), set()
    for _ in range(2):
        with pytest.raises(BadInput, match=r"diverged in epoch 2.*an epoch before is kept in .*resume.pt") as refused:
            train(job, images, tmp_path)
        said.add(str(refused.value))
        kept.add((tmp_path / job.name / "resume.pt").stat().st_mtime_ns)
    assert len(said) == len(kept) == 1
