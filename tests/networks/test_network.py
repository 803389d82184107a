from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from why_bird.errors import BadInput, Unavailable
from why_bird.networks.architectures import build
from why_bird.networks.classes import CIFAR10_CLASSES, choose_classes
from why_bird.networks.network import untrained
from why_bird.networks.opening import open_network
from why_bird.networks.preprocess import CIFAR10
from why_bird.networks.resnet import resnet18
from why_bird.networks.weights import save_weights

TINY = "tiny_networks:linear"


@pytest.fixture
def state() -> dict[str, Tensor]:
    return {k: v.clone() for k, v in build(TINY, None, 3, seed=1).state_dict().items()}


@pytest.fixture
def path(tmp_path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, tmp_path / "net.pt")
    return tmp_path / "net.pt"


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(BadInput) as caught:
        open_network(path, **({"factory": TINY} | options))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_opens_for_reading_only(path: Path, state: dict[str, Tensor]) -> None:
    network = open_network(path, factory=TINY)
    assert (network.name, network.arch, network.stem, network.preprocess) == ("net", TINY, None, CIFAR10)
    assert not any(m.training for m in network.module.modules())
    assert not any(p.requires_grad for p in network.module.parameters())
    assert np.array_equal(network.require_head().weight, state["5.weight"])
    assert network.assumed == ("mean", "std", "size", "interpolation", "classes")
    assert network.classes == ("class 0", "class 1", "class 2")


def test_what_training_writes_opens_with_nothing_assumed(tmp_path: Path) -> None:
    module = resnet18("stride2", 2)
    metadata = {"arch": "resnet18", "stem": "stride2", "classes": '["cat", "dog"]', "mean": "[0.1, 0.2, 0.3]"}
    metadata |= {"std": "[0.4, 0.5, 0.6]", "size": "24", "interpolation": "bicubic", "seed": "7"}
    save_weights(tmp_path / "net.safetensors", module.state_dict(), metadata)
    network = open_network(tmp_path / "net.safetensors")
    assert (network.stem, network.classes, network.assumed) == ("stride2", ("cat", "dog"), ())
    assert (network.preprocess.mean, network.preprocess.size) == ((0.1, 0.2, 0.3), 24)
    assert network.metadata["seed"] == "7"
    images = torch.rand(2, 3, 32, 32)
    module = module.half().float().eval()
    torch.testing.assert_close(network.module(network.preprocess(images)), module(network.preprocess(images)))


def test_a_resnet18_without_metadata_is_taken_for_cifar_10(tmp_path: Path) -> None:
    torch.save({"net": resnet18("full", 10).state_dict(), "acc": 93.1}, tmp_path / "ckpt.pth")
    network = open_network(tmp_path / "ckpt.pth", size=8)
    assert (network.stem, network.classes, "classes" in network.assumed) == ("full", CIFAR10_CLASSES, True)
    assert network.assumed == ("stem", "mean", "std", "interpolation", "classes")


def test_options_win_over_metadata(tmp_path: Path, state: dict[str, Tensor]) -> None:
    metadata = {"arch": "vgg11", "classes": '["a", "b", "c"]', "size": "99", "mean": "broken", "stem": "broken"}
    save_file(state, tmp_path / "net.safetensors", metadata)
    network = open_network(
        tmp_path / "net.safetensors", factory=TINY, classes=["x", "y", "z"], size=16, mean=(0.0, 0.0, 0.0)
    )
    assert (network.classes, network.preprocess.size, "classes" in network.assumed) == (("x", "y", "z"), 16, False)


def test_the_hash_does_not_depend_on_format_wrapper_prefix_or_counter(
    tmp_path: Path, path: Path, state: dict[str, Tensor]
) -> None:
    torch.save({"epoch": 1, "state_dict": {f"module.{k}": v for k, v in state.items()}}, tmp_path / "wrapped.pt")
    torch.save({k: v.double() if v.is_floating_point() else v for k, v in state.items()}, tmp_path / "double.pt")
    torch.save({k: v for k, v in state.items() if "num_batches" not in k}, tmp_path / "old.pt")
    save_file(dict(reversed(state.items())), tmp_path / "net.safetensors")
    names = ("wrapped.pt", "double.pt", "old.pt", "net.safetensors")
    hashes = {open_network(p, factory=TINY).hash for p in (path, *(tmp_path / n for n in names))}
    assert len(hashes) == 1


def test_the_hash_depends_on_whatever_decides_a_prediction(
    tmp_path: Path, path: Path, state: dict[str, Tensor]
) -> None:
    hashes = [open_network(path, factory=TINY, **o).hash for o in ({}, {"size": 16}, {"interpolation": "nearest"})]
    hashes += [open_network(path, factory=TINY, mean=(0.5, 0.5, 0.5)).hash]
    hashes += [open_network(path, factory="tiny_networks:fixed_at_three").hash]
    state["5.bias"][0] += 1e-6
    torch.save(state, tmp_path / "other.pt")
    hashes += [open_network(tmp_path / "other.pt", factory=TINY).hash]
    assert len(set(hashes)) == len(hashes)
    assert open_network(path, factory=TINY, classes=["x", "y", "z"]).hash == hashes[0]


def test_the_hash_tells_stems_apart_whose_weights_are_the_same(tmp_path: Path) -> None:
    torch.save(resnet18("full", 3).state_dict(), tmp_path / "net.pt")
    hashes = {open_network(tmp_path / "net.pt", stem=stem, size=8).hash for stem in ("full", "stride2", "pool")}
    assert len(hashes) == 3


@pytest.mark.parametrize("name", ["Inner", "Normalising"])
def test_names_that_look_like_prefixes_or_metadata_are_weights(tmp_path: Path, name: str) -> None:
    factory = f"tiny_networks:{name}"
    state = build(factory, None, 3, seed=2).state_dict()
    torch.save(state, tmp_path / "net.pt")
    found = open_network(tmp_path / "net.pt", factory=factory).module.state_dict()
    assert all(torch.equal(found[k], state[k]) for k in state)


def test_a_network_without_a_linear_head_opens_and_says_so(tmp_path: Path) -> None:
    factory = "tiny_networks:convolutional"
    torch.save(build(factory, None, 4).state_dict(), tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", factory=factory)
    assert len(network.classes) == 4
    with pytest.raises(Unavailable, match=r"the logits of net do not come straight from an nn\.Linear"):
        network.require_head()


def test_a_tensor_that_does_not_fit_is_named(tmp_path: Path, state: dict[str, Tensor]) -> None:
    file = tmp_path / "net.pt"
    torch.save({k: v for k, v in state.items() if k != "0.bias"}, file)
    assert "tensor 0.bias is missing (1 missing, 0 unexpected, 0 of another shape); --arch" in refused(file)
    torch.save(state | {"7.weight": torch.ones(2)}, file)
    assert "tensor '7.weight' is unexpected (0 missing, 1 unexpected" in refused(file)
    torch.save(state | {"0.weight": torch.ones(4, 3, 5, 5)}, file)
    assert "tensor 0.weight has shape (4, 3, 5, 5), expected (4, 3, 3, 3)" in refused(file)
    torch.save({k: v for k, v in state.items() if not k.startswith("5")}, file)
    assert "tensor 5.weight is missing" in refused(file)
    assert "does not fit resnet18 with the full stem: tensor conv1.weight is missing" in refused(file, factory=None)


def test_one_logit_is_refused(tmp_path: Path) -> None:
    torch.save(build(TINY, None, 1).state_dict(), tmp_path / "net.pt")
    assert "has 1 logit, expected 2 or more" in refused(tmp_path / "net.pt")


def test_class_names_must_fit(path: Path) -> None:
    assert "2 class names are given, but the network has 3 logits; give 3 with --class-names" in refused(
        path, classes=["a", "b"]
    )
    assert "'a' is given twice" in refused(path, classes=["a", "b", "a"])
    assert "expected printable text" in refused(path, classes=["a", "b", "c\x1b[31m"])
    assert "expected 3 strings" in refused(path, classes="abc")


def test_wrong_options_are_refused(path: Path) -> None:
    assert "device 'tpu9' cannot be used" in refused(path, device="tpu9")
    assert "device 'meta' holds no numbers" in refused(path, device="meta")
    assert "size is 0" in refused(path, size=0)
    assert "the architecture is 'resnet'" in refused(path, factory=None, arch="resnet")
    assert "fails on images of 2×2 pixels (RuntimeError" in refused(path, size=2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device that the test lacks")
def test_a_missing_accelerator_is_refused(path: Path) -> None:
    assert "device 'cuda' cannot be used" in refused(path, device="cuda")


def test_a_network_that_returns_no_logits_is_refused(tmp_path: Path) -> None:
    torch.save(build("tiny_networks:Pair", None, 3).state_dict(), tmp_path / "net.pt")
    said = refused(tmp_path / "net.pt", factory="tiny_networks:Pair")
    assert said.startswith(str(tmp_path / "net.pt"))
    assert "returns a tuple" in said


def test_untrained_is_the_same_architecture_with_fresh_weights(path: Path) -> None:
    network = replace(open_network(path, factory=TINY, size=16), assumed=())
    before = torch.random.get_rng_state()
    one, again, other = untrained(network, 8), untrained(network, 8), untrained(network, 9)
    assert torch.equal(before, torch.random.get_rng_state())
    assert one.hash == again.hash
    assert len({network.hash, one.hash, other.hash}) == 3
    assert (one.preprocess, one.classes, one.arch) == (network.preprocess, network.classes, network.arch)
    assert np.array_equal(one.require_head().weight, one.module.get_parameter("5.weight"))
    assert not one.module.training


NAMES = st.lists(st.text(max_size=4) | st.integers() | st.none(), max_size=4)


@given(st.text(max_size=30) | NAMES.map(json.dumps) | st.just("[" * 50_000))
def test_any_class_names_in_metadata_give_names_or_one_sentence(text: str) -> None:
    try:
        names, assumed = choose_classes({"classes": text}, 3)
    except BadInput as error:
        names, assumed = tuple(str(error).splitlines()), None
    assert (len(set(names)), assumed) in {(3, False), (1, None)}
