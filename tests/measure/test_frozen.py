"""A frozen network answers as it did before, and one that would not is not used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from small_resnets import Stack, by_hand, network_of, resnet
from torch import Tensor

from why_bird.measure import forward as forward_module
from why_bird.measure.answering import Answering
from why_bird.measure.forward import forward
from why_bird.measure.taps import TAPS

MANY = 530
"""More than a network is frozen for, and no whole number of batches."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was made of each network that was to be frozen."""
    made: list[Any] = []
    frozen = forward_module.frozen

    def spy(answering: Answering, example: Tensor, expected: tuple[Tensor, ...]) -> Any:
        made.append(frozen(answering, example, expected))
        return made[-1]

    monkeypatch.setattr(forward_module, "frozen", spy)
    # On any processor.
    monkeypatch.setattr(forward_module, "freezing_pays", lambda: True)
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


@pytest.mark.parametrize("taps", [("logits",), ("features",), ("stages",)])
def test_a_frozen_network_gives_what_is_asked_of_it(asked: list[Any], taps: Any) -> None:
    network, images = resnet(), Stack(MANY)
    few = forward(network, images, 20, taps=taps)
    many = forward(network, images, MANY, taps=taps)
    assert len(asked) == 1
    assert many.keys() == few.keys()
    for name, value in many.items():
        np.testing.assert_allclose(value[:20], few[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_few_images_and_other_networks_are_not_frozen(asked: list[Any]) -> None:
    forward(resnet(), Stack(20), 20)

    class Other(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = torch.nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            # As a trace would not follow: what is done depends on the images.
            pooled = x.mean(dim=(2, 3))
            logits: Tensor = self.head(pooled if float(pooled.sum()) > 0 else -pooled)
            return logits

    forward(network_of(Other()), Stack(MANY), MANY)
    assert asked == []


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
