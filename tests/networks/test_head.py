from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_networks import Pair, convolutional, cosine, linear, unbiased, with_softmax
from torch import Tensor, nn

from why_bird.errors import BadInput, Unavailable
from why_bird.networks.head import find_head
from why_bird.networks.resnet import resnet18


@pytest.fixture
def example() -> Tensor:
    return torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def features_at(module: nn.Module, name: str, images: Tensor) -> Tensor:
    taken: list[Tensor] = []
    handle = module.get_submodule(name).register_forward_pre_hook(lambda _module, inputs: taken.append(inputs[0]))
    module(images)
    handle.remove()
    return taken[0]


def test_the_head_gives_the_logits_from_its_input(example: Tensor) -> None:
    module = linear(5).eval()
    head = find_head(module, example)
    assert (head.name, head.has_bias, head.weight.shape) == ("5", True, (5, 4))
    features = features_at(module, head.name, example)
    np.testing.assert_allclose(
        features.detach().numpy() @ head.weight.T + head.bias, module(example).detach(), rtol=1e-5, atol=1e-6
    )


def test_a_head_without_bias_has_zeros(example: Tensor) -> None:
    module = unbiased(4).eval()
    head = find_head(module, example)
    assert not head.has_bias
    assert head.bias.tolist() == [0.0] * 4
    features = features_at(module, head.name, example)
    np.testing.assert_allclose(
        features.detach().numpy() @ head.weight.T, module(example).detach(), rtol=1e-5, atol=1e-6
    )


def test_the_head_of_a_resnet18(example: Tensor) -> None:
    head = find_head(resnet18("stride2", 10).eval(), example)
    assert (head.name, head.weight.shape, head.bias.shape) == ("fc", (10, 512), (10,))


def test_dropout_after_the_head_does_not_hide_it(example: Tensor) -> None:
    assert find_head(nn.Sequential(linear(3), nn.Dropout(), nn.Identity()).eval(), example).name == "0.5"


def test_an_inner_linear_layer_is_not_the_head(example: Tensor) -> None:
    class Squeezing(nn.Module):
        """Lists its layers in another order than it calls them, and works in place after the first."""

        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(4, 4)
            self.squeeze = nn.Linear(12, 4)

        def forward(self, images: Tensor) -> Tensor:
            pooled = nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)
            out: Tensor = self.head(self.squeeze(pooled).relu_())
            return out

    assert find_head(Squeezing().eval(), example).name == "head"


def test_a_layer_that_is_changed_in_place_afterwards_is_not_the_head(example: Tensor) -> None:
    module = nn.Sequential(linear(4), nn.ReLU(inplace=True)).eval()
    module.get_parameter("0.5.bias").data.fill_(-10)
    with pytest.raises(Unavailable):
        find_head(module, example)


@pytest.mark.parametrize("factory", [convolutional, with_softmax, cosine])
def test_logits_from_something_else_have_no_head(factory: object, example: Tensor) -> None:
    with pytest.raises(Unavailable, match=r"do not come straight from an nn\.Linear"):
        find_head(factory(4).eval(), example)  # type: ignore[operator]


def test_logits_are_a_matrix(example: Tensor) -> None:
    with pytest.raises(BadInput, match="for 3 images the network returns a tuple"):
        find_head(Pair(3).eval(), example)
    with pytest.raises(BadInput, match=r"returns of shape \(3, 3, 8, 8\), expected logits"):
        find_head(nn.Identity(), example)


def test_logits_are_finite(example: Tensor) -> None:
    module = linear(3).eval()
    module.get_parameter("5.bias").data.fill_(3e38)
    module.get_parameter("1.bias").data.fill_(3e38)
    with pytest.raises(BadInput, match="not finite"):
        find_head(module, example)


def test_looking_leaves_no_hooks(example: Tensor) -> None:
    module = linear(3).eval()
    find_head(module, example)
    assert not any(layer._forward_hooks for layer in module.modules())
