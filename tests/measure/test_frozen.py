"""A frozen network answers as it did before, and one that would not is not used."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_resnets import Stack, by_hand, network_of, resnet
from torch import Tensor

from why_bird.measure import frozen as frozen_module
from why_bird.measure import inference
from why_bird.measure.answering import Answering
from why_bird.measure.forward import forward
from why_bird.measure.taps import TAPS
from why_bird.networks.network import Network

FEW, MANY = 20, 530
"""Fewer images and more than a network is frozen for, and no whole number of batches."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was made of each network that was to be frozen."""
    made: list[Any] = []
    frozen = inference.frozen

    def spy(answering: Answering, example: Tensor, expected: tuple[Tensor, ...]) -> Any:
        made.append(frozen(answering, example, expected))
        return made[-1]

    monkeypatch.setattr(inference, "frozen", spy)
    # On any processor.
    monkeypatch.setattr(inference, "freezing_pays", lambda: True)
    monkeypatch.setattr(inference, "_MUCH", 0)
    return made


def test_many_images_pass_a_frozen_network_that_answers_as_by_hand(asked: list[Any]) -> None:
    network, images = resnet(), Stack(MANY)
    tapped = forward(network, images, MANY)
    expected = by_hand(network, images.stack)
    assert tapped.keys() == expected.keys()
    for name, value in tapped.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)
    (graph,) = asked
    assert isinstance(graph, torch.jit.ScriptModule)


def freeze_from(images: int, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the products of so many images be enough."""
    with inference._counted(network.module) as layers:
        network.module(torch.from_numpy(Stack(images).stack))
    monkeypatch.setattr(inference, "_MUCH", sum(products for _numbers, products in layers))


@pytest.mark.parametrize("taps", [("logits",), ("features",), ("stages",)])
def test_a_frozen_network_gives_what_is_asked_of_it(
    asked: list[Any], taps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, images = resnet(), Stack(MANY)
    freeze_from(FEW + 1, network, monkeypatch)
    few = forward(network, images, FEW, taps=taps)
    many = forward(network, images, MANY, taps=taps)
    assert len(asked) == 1
    assert many.keys() == few.keys()
    for name, value in many.items():
        np.testing.assert_allclose(value[:FEW], few[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_few_images_are_not_frozen_nor_a_network_that_is_listened_to(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = resnet()
    freeze_from(FEW + 1, network, monkeypatch)
    forward(network, Stack(FEW), FEW)
    assert asked == []
    freeze_from(FEW, network, monkeypatch)
    network.module.register_forward_hook(lambda *_passed: None)
    forward(network, Stack(MANY), MANY)
    assert asked == []


class Other(torch.nn.Module):
    def __init__(self, way: str) -> None:
        super().__init__()
        self.head = torch.nn.Linear(3, 3)
        self.way = way

    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean(dim=(2, 3))
        # What no trace follows: steps that depend on the images, and on how many there are.
        if self.way == "looks":
            pooled = pooled if float(pooled.sum()) > 0 else -pooled
        elif self.way == "counts":
            pooled = pooled * len(x.tolist())
        logits: Tensor = self.head(pooled)
        return logits


@pytest.mark.parametrize(("way", "is_frozen"), [("plain", True), ("looks", False), ("counts", False)])
def test_a_network_of_ones_own_is_frozen_where_a_trace_follows_it(
    asked: list[Any], way: str, *, is_frozen: bool
) -> None:
    network, images = network_of(Other(way)), Stack(MANY)
    found = forward(network, images, MANY, taps=("logits",), batch=8)["logits"]
    batches = [network.preprocess(torch.from_numpy(images.images(i, min(i + 8, MANY)))) for i in range(0, MANY, 8)]
    expected = torch.cat([network.module(batch) for batch in batches])
    np.testing.assert_allclose(found, expected.detach(), rtol=1e-4, atol=1e-5)
    assert [isinstance(each, torch.jit.ScriptModule) for each in asked] == [is_frozen]


@pytest.mark.parametrize("fault", ["wrong", "missing", "refused"])
def test_where_none_can_be_made_images_pass_as_before(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def wrong(graph: Any) -> Any:
        return lambda x: tuple(1.001 * each for each in graph(x))

    def refused(_graph: Any) -> Any:
        raise RuntimeError("planted")

    if fault == "missing":
        monkeypatch.delattr(torch.jit, "optimize_for_inference")
    else:
        monkeypatch.setattr(torch.jit, "optimize_for_inference", {"wrong": wrong, "refused": refused}[fault])
    network, images = resnet(), Stack(MANY)
    tapped = forward(network, images, MANY)
    expected = by_hand(network, images.stack)
    for name, value in tapped.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)
    assert [type(each) for each in asked] == [Answering]


def test_the_network_itself_is_left_as_it_was(asked: list[Any]) -> None:
    network = resnet()
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    forward(network, Stack(MANY), MANY, taps=TAPS)
    assert all(torch.equal(value, before[name]) for name, value in network.module.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.module.modules())


class Wide(torch.nn.Module):
    """Answers with weights of 16 MiB."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2048, 2048)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return (self.layer(x),)


def grown_by(rounds: int) -> int:
    """Return by how many bytes this process has grown after so many networks were frozen, one after the other."""
    statm = Path("/proc/self/statm")
    sizes = []
    # What is there by now is not looked through each time.
    gc.freeze()
    for _ in range(rounds + 2):
        network, example = Wide().eval().requires_grad_(False), torch.randn(2, 2048)
        graph = frozen_module.frozen(network, example, network(example))  # type: ignore[arg-type]
        assert isinstance(graph, torch.jit.ScriptModule)
        del graph, network
        gc.collect()
        sizes.append(int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    gc.unfreeze()
    return sizes[-1] - sizes[1]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_what_was_frozen_earlier_is_let_go_of() -> None:
    # In a process of its own: here what other tests have let go of would be used again, and nothing grow.
    asked = (
        "import test_frozen as t; print(t.grown_by(4))\n"
        "t.frozen_module._forget_earlier = lambda: None; print(t.grown_by(4))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    words = [sys.executable, "-W", "ignore", "-c", asked]
    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    ours, alone = map(int, said.stdout.split())
    # PyTorch by itself keeps two copies of each of four. Of the last, malloc may not have given them back.
    assert ours < 3 * 2**24 < 6 * 2**24 < alone


def test_a_network_that_came_as_a_graph_stays_while_others_are_frozen() -> None:
    asked = (
        "import torch; from why_bird.measure.frozen import frozen\n"
        "from why_bird.networks.factory import build_factory\n"
        "traced, images = build_factory('tiny_networks:traced', 3), torch.zeros(1, 3, 8, 8)\n"
        "frozen(torch.nn.Identity(), images, (images,)); print(tuple(traced(images).shape))"
    )
    paths = [*sys.path, str(Path(__file__).parents[1] / "networks")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    words = [sys.executable, "-W", "ignore", "-c", asked]
    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert (said.returncode, said.stdout) == (0, "(1, 3)\n")


@pytest.mark.filterwarnings("ignore:.*is deprecated")
def test_a_module_is_scripted_again_after_graphs_were_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_module, "SCRIPTED", [])
    for _ in range(2):
        assert torch.jit.script(torch.nn.Linear(2, 3))(torch.zeros(1, 2)).shape == (1, 3)  # type: ignore[no-untyped-call]
        frozen_module._forget_earlier()
