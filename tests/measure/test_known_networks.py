"""What was seen of a network is kept, so that it is built only where something passes through it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from why_bird.errors import BadInput
from why_bird.measure.known_networks import open_known
from why_bird.measure.store import Store
from why_bird.measure.taps import has_stages
from why_bird.networks import opening
from why_bird.networks.network import Network, untrained
from why_bird.networks.resnet import resnet18
from why_bird.networks.weights import save_weights


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "net.safetensors", 1)


def written(path: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    about = {"arch": "resnet18", "stem": "pool", "seed": "5", "classes": '["cat", "dog", "frog"]'}
    save_weights(path, resnet18("pool", 3).state_dict(), about)
    return path


APART = ("source", "head", "opening")


def facts(network: Network) -> dict[str, Any]:
    found = {each.name: getattr(network, each.name) for each in fields(network) if each.name not in APART}
    head = network.require_head()
    kinds = {"stages": has_stages(network), "batchnorm": network.has_batchnorm, "bias": head.has_bias}
    return {**found, **kinds, "W": head.weight.tolist(), "b": head.bias.tolist(), "head": head.name}


def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: object, **_how: object) -> Network:
        raise AssertionError("a network was built")

    monkeypatch.setattr(opening, "open_network", refuse)


def test_a_network_that_was_opened_before_is_known_without_being_built(
    file: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_known(file, store, size=16)
    moved = file.rename(file.with_name("moved.safetensors"))
    with monkeypatch.context() as patched:
        unbuilt(patched)
        again = open_known(moved, store, size=16, precision="bf16")
        assert facts(again) == {**facts(first), "name": "moved", "precision": "bf16"}
        before = untrained(again, again.seed_of_initialisation)
    assert facts(before) == {**facts(untrained(first, 5)), "name": "moved untrained, seed 5", "precision": "bf16"}
    assert opening.open_network(**again.opening).hash == first.hash
    images = torch.rand(2, 3, 16, 16)
    for one, other in ((again, first), (before, untrained(first, 5))):
        assert torch.equal(one.module(one.preprocess(images)), other.module(other.preprocess(images)))


@pytest.mark.parametrize("what", ["weights", "option", "device"])
def test_what_would_make_it_another_network_has_it_opened_again(
    file: Path, store: Store, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    open_known(file, store)
    unbuilt(monkeypatch)
    open_known(file, store)
    if what == "weights":
        written(file, 2)
    with pytest.raises(AssertionError, match="was built"):
        open_known(file, store, device="meta" if what == "device" else "cpu", size=8 if what == "option" else None)


def test_a_factory_is_called_each_time_since_its_code_may_have_changed(
    file: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(opening, "open_network", lambda *_asked, **how: asked.append(how["factory"]))
    for _ in range(2):
        open_known(file, store, factory="package.module:factory")
    assert len(asked) == 2


def test_a_file_that_changes_before_it_is_built_is_refused(file: Path, store: Store) -> None:
    open_known(file, store)
    known = open_known(file, store)
    written(file, 2)
    with pytest.raises(BadInput, match="the file of net has changed since the run began: leave it until the run ends"):
        _ = known.module


def test_where_nothing_can_be_kept_it_is_opened_all_the_same(file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    network = open_known(file, Store(tmp_path / "file" / "cache"))
    np.testing.assert_array_equal(network.require_head().bias, network.module.get_parameter("fc.bias"))
