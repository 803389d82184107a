"""A factory may take the number of classes in its place, by name, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.architectures import build
from why_bird.networks.network import untrained
from why_bird.networks.opening import open_network


@pytest.mark.parametrize(
    "factory",
    [
        "without_arguments",
        "by_keyword",
        "by_keyword_only",
        "as_num_labels",
        "with_a_default",
        "passing_keywords_on",
        "passing_arguments_on",
        "linear",
    ],
)
def test_a_factory_is_called_as_it_wants_to_be(factory: str) -> None:
    module = build(f"tiny_networks:{factory}", None, 10).eval()
    assert module(torch.zeros(2, 3, 8, 8)).shape == (2, 10)


@pytest.mark.parametrize("factory", ["by_keyword", "by_keyword_only", "as_num_labels", "passing_keywords_on"])
def test_the_number_of_classes_reaches_it(factory: str) -> None:
    assert build(f"tiny_networks:{factory}", None, 4).eval()(torch.zeros(1, 3, 8, 8)).shape == (1, 4)


def test_a_factory_without_arguments_opens_a_checkpoint_of_its_own_classes(tmp_path: Path) -> None:
    torch.save(build("tiny_networks:without_arguments", None, 10).state_dict(), tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", factory="tiny_networks:without_arguments", size=8)
    assert len(network.classes) == 10
    assert untrained(network, 3).require_head().weight.shape == (10, 4)


def test_a_factory_that_needs_more_is_told_what_it_may_take() -> None:
    with pytest.raises(BadInput, match=r"fails when it is called with num_classes=3.*missing 1 required.*or nothing"):
        build("tiny_networks:needs_a_width", None, 3)


@pytest.mark.parametrize("factory", ["with_named_logits", "with_logits_by_key"])
def test_logits_that_are_named_among_other_things_are_taken_out(tmp_path: Path, factory: str) -> None:
    module = build(f"tiny_networks:{factory}", None, 3).eval()
    torch.save(module.state_dict(), tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", factory=f"tiny_networks:{factory}", size=8)
    x = torch.rand(2, 3, 8, 8)
    plain = nn.Module.__getattr__(module, "body")(x)
    torch.testing.assert_close(network.module(x), plain)
    assert network.require_head().name == "model.body.5"
    twin = untrained(network, 1)
    assert isinstance(twin.module(x), Tensor)
    assert twin.require_head().name == "model.body.5"


def test_a_network_of_grey_images_is_known_by_its_first_convolution(tmp_path: Path) -> None:
    torch.save(build("tiny_networks:grey", None, 3).state_dict(), tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", factory="tiny_networks:grey", size=8)
    assert network.preprocess.describe() == "grey, 8×8 pixels, bilinear, mean 0.4809, sd 0.2392"
    assert network.assumed == ("mean", "std", "interpolation", "classes")
    assert network.module(network.preprocess(torch.rand(2, 1, 9, 9))).shape == (2, 3)


def test_three_numbers_for_a_network_of_grey_images_are_refused(tmp_path: Path) -> None:
    torch.save(build("tiny_networks:grey", None, 3).state_dict(), tmp_path / "net.pt")
    with pytest.raises(BadInput, match=r"takes grey images .* give one number, such as --mean=0\.48 --std=0\.24"):
        open_network(tmp_path / "net.pt", factory="tiny_networks:grey", mean=(0.5,) * 3, std=(0.5,) * 3)
    with pytest.raises(BadInput, match="mean has 1 and std 3 numbers"):
        open_network(tmp_path / "net.pt", factory="tiny_networks:grey", mean=(0.5,), std=(0.5,) * 3)


def test_one_number_for_a_network_of_colours_is_refused(tmp_path: Path) -> None:
    torch.save(build("tiny_networks:linear", None, 3).state_dict(), tmp_path / "net.pt")
    with pytest.raises(BadInput, match=r"fails on grey images of 32×32 pixels .* three numbers as --mean and --std"):
        open_network(tmp_path / "net.pt", factory="tiny_networks:linear", mean=(0.5,))


@pytest.mark.parametrize("arch", ["resnet18", "mobilenet_v3_small"])
def test_a_named_architecture_whose_first_convolution_was_exchanged(tmp_path: Path, arch: str) -> None:
    module = build(arch, None, 3, channels=1).eval()
    torch.save({"net": module.state_dict(), "mean": json.dumps([0.3]), "std": json.dumps([0.4])}, tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", arch=arch, size=32)
    assert (network.preprocess.mean, network.preprocess.std) == ((0.3,), (0.4,))
    x = torch.rand(2, 1, 32, 32)
    torch.testing.assert_close(network.module(x), module(x))
    assert untrained(network, 1).module(x).shape == (2, 3)


@pytest.mark.parametrize("prefix", ["backbone.", "encoder.net."])
def test_a_prefix_that_all_names_share_is_left_out(tmp_path: Path, prefix: str) -> None:
    state = build("tiny_networks:linear", None, 3).state_dict()
    torch.save({prefix + name: tensor for name, tensor in state.items()}, tmp_path / "net.pt")
    assert open_network(tmp_path / "net.pt", factory="tiny_networks:linear", size=8).classes[2] == "class 2"


def test_what_stands_beside_a_prefix_is_not_passed_over(tmp_path: Path) -> None:
    state = {f"backbone.{k}": v for k, v in build("tiny_networks:linear", None, 3).state_dict().items()}
    torch.save(state | {"temperature": torch.ones(1)}, tmp_path / "net.pt")
    with pytest.raises(BadInput, match="is missing"):
        open_network(tmp_path / "net.pt", factory="tiny_networks:linear", size=8)


@pytest.mark.parametrize("factory", ["with_more", "traced", "compiled"])
def test_what_is_more_than_a_module_is_opened_as_one(tmp_path: Path, factory: str) -> None:
    module = build(f"tiny_networks:{factory}", None, 3).eval()
    state = {name: each for name, each in module.state_dict().items() if isinstance(each, Tensor)}
    torch.save(state, tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", factory=f"tiny_networks:{factory}", size=8)
    x = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(network.module(x), module(x))


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        ("lazy", "makes a network that cannot be opened .*uninitialized.*whose tensors have their shapes, would work"),
        ("exiting", r"fails on images of 8×8 pixels \(SystemExit: 0\)"),
    ],
)
def test_what_cannot_be_opened_is_refused(tmp_path: Path, factory: str, words: str) -> None:
    torch.save(
        {"model." + name: each for name, each in build("tiny_networks:linear", None, 3).state_dict().items()},
        tmp_path / "net.pt",
    )
    with pytest.raises(BadInput, match=words):
        open_network(tmp_path / "net.pt", factory=f"tiny_networks:{factory}", size=8)
