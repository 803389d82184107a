"""Convolutions that answer in a single place, done as matrix products, are the same function with the same gradient."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from why_bird.networks.resnet import resnet18
from why_bird.networks.single_place import multiply_single_places

SINGLE = [
    (3, 1, 1, (1, 1)),
    (3, 2, 1, (2, 2)),
    (3, 2, 1, (1, 2)),
    (1, 2, 0, (2, 2)),
    (7, 2, 3, (2, 2)),
    (5, 4, 1, (4, 5)),
    (3, 1, 0, (3, 3)),
]


def strides(tensor: Tensor | None) -> list[int]:
    """Return those that move: along a side of one any number is as good."""
    assert tensor is not None
    return [stride for stride, side in zip(tensor.stride(), tensor.shape, strict=True) if side > 1]


def both_ways(module: nn.Module, images: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
    """Answers and gradients, convolved and multiplied."""
    multiplied = deepcopy(module)
    multiply_single_places(multiplied)
    found = []
    for each in (module, multiplied):
        given = images.clone().requires_grad_()
        answer = each(given)
        answer.square().sum().backward()
        gradients = [parameter.grad for parameter in each.parameters()]
        assert all(strides(parameter) == strides(parameter.grad) for parameter in each.parameters())
        found.append((answer.detach(), [given.grad, *gradients]))
    return found


@pytest.mark.parametrize(("kernel", "stride", "padding", "sides"), [*SINGLE, (3, 1, 1, (2, 2)), (3, 2, 1, (1, 3))])
@pytest.mark.parametrize("bias", [False, True])
def test_it_is_the_same_function_with_the_same_gradient(
    kernel: int, stride: int, padding: int, sides: tuple[int, int], *, bias: bool
) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 6, kernel, stride, padding, bias=bias).double().to(memory_format=torch.channels_last)
    images = torch.randn(5, 4, *sides, dtype=torch.float64).to(memory_format=torch.channels_last)
    (plain, its_gradients), (answer, gradients) = both_ways(layer, images)
    assert torch.allclose(answer, plain, atol=1e-12)
    for gradient, its in zip(gradients, its_gradients, strict=True):
        assert torch.allclose(gradient, its, atol=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "padding", "sides"), SINGLE)
def test_nothing_is_convolved_for_a_single_place(
    kernel: int, stride: int, padding: int, sides: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = nn.Conv2d(4, 6, kernel, stride, padding)
    multiply_single_places(layer)
    monkeypatch.setattr(nn.Conv2d, "forward", None)
    assert layer(torch.randn(5, 4, *sides)).shape == (5, 6, 1, 1)


@pytest.mark.parametrize(
    "options", [{"padding_mode": "circular"}, {"groups": 2}, {"dilation": 2, "padding": 2}, {"padding": "same"}]
)
def test_other_convolutions_are_convolved_as_they_were(options: dict[str, object]) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 6, **({"kernel_size": 3, "padding": 1} | options))
    (plain, _), (answer, _) = both_ways(layer, torch.randn(5, 4, 1, 1))
    assert torch.equal(answer, plain)


def test_a_network_keeps_its_state_and_takes_the_same_steps() -> None:
    torch.manual_seed(0)
    networks = [resnet18("imagenet", 10).double().to(memory_format=torch.channels_last) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    multiply_single_places(networks[1])
    images, labels = torch.randn(8, 3, 32, 32, dtype=torch.float64), torch.randint(10, (8,))
    for network, fused in zip(networks, (False, True), strict=True):
        optimizer = torch.optim.SGD(network.parameters(), 0.01, 0.9, weight_decay=0.1, nesterov=True, fused=fused)
        for _ in range(3):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images), labels).backward()
            optimizer.step()
    for name, state in networks[0].state_dict().items():
        assert torch.allclose(state, networks[1].state_dict()[name], atol=1e-9), name
