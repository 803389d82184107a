"""A folder of networks is what its manifest lists, file by file, and nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from why_bird.errors import BadInput
from why_bird.networks.manifest import MANIFEST, add_network, networks_in


def checkpoint(folder: Path, name: str, content: bytes = b"weights") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def enter(folder: Path, path: Path, seed: int) -> None:
    add_network(folder, path, {"recipe": "abc", "seed": seed, "arm": "plain", "test_accuracy": 0.9})


def test_what_was_entered_is_found_in_order_and_nothing_else(tmp_path: Path) -> None:
    second = checkpoint(tmp_path, "seed1/network.safetensors")
    first = checkpoint(tmp_path, "seed0/network.safetensors")
    enter(tmp_path, second, 1)
    enter(tmp_path, first, 0)
    checkpoint(tmp_path, "seed2/unfinished.pt")
    assert networks_in(tmp_path) == (first, second)
    rows = json.loads((tmp_path / MANIFEST).read_text())["networks"]
    assert [(row["seed"], row["arm"], row["recipe"], row["test_accuracy"]) for row in rows] == [
        (0, "plain", "abc", 0.9),
        (1, "plain", "abc", 0.9),
    ]


def test_a_network_that_is_trained_again_takes_its_old_place(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, "seed0/network.safetensors")
    enter(tmp_path, path, 0)
    checkpoint(tmp_path, "seed0/network.safetensors", b"other weights")
    enter(tmp_path, path, 0)
    assert networks_in(tmp_path) == (path,)


def test_a_folder_without_a_manifest_is_every_checkpoint_below_it(tmp_path: Path) -> None:
    paths = [checkpoint(tmp_path, name) for name in ("a.pt", "b/c.safetensors")]
    checkpoint(tmp_path, "b/log.jsonl")
    assert networks_in(tmp_path) == tuple(paths)


def changed(folder: Path) -> None:
    checkpoint(folder, "seed0/network.safetensors", b"others")


def missing(folder: Path) -> None:
    (folder / "seed0/network.safetensors").unlink()


def without_end(folder: Path) -> None:
    os.truncate(folder / "seed0/network.safetensors", 2**40)


def cut_off(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"networks": [{"fi')


def of_another_kind(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"networks": [{"file": 3}]}')


def empty(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"networks": []}')


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (changed, r"seed0/network\.safetensors, which is not the file that was entered there: restore it, or remove"),
        (missing, r"seed0/network\.safetensors, which is missing: restore it, or remove"),
        (without_end, r"seed0/network\.safetensors, which cannot be read \(it has 1,099,511,627,776 bytes"),
        (cut_off, "is not a manifest"),
        (of_another_kind, "is not a manifest"),
        (empty, "lists no network"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, spoil, words) -> None:
    enter(tmp_path, checkpoint(tmp_path, "seed0/network.safetensors"), 0)
    spoil(tmp_path)
    with pytest.raises(BadInput, match=words):
        networks_in(tmp_path)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no checkpoint"):
        networks_in(tmp_path)
