"""In half precision the labels are those of full precision, also where half precision could not tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_resnets import Stack, resnet

from why_bird.measure.forward import forward
from why_bird.networks.network import Network

N = 200


@pytest.fixture(scope="module")
def close() -> Network:
    """A network whose logits are so close together that bfloat16 confuses them."""
    network = resnet()
    weight = network.module.fc.weight
    torch.manual_seed(1)
    with torch.no_grad():
        weight.copy_(1 + 2e-3 * torch.randn(weight.shape))
        network.module.fc.bias.zero_()
        assert network.head is not None
        head = replace(network.head, weight=weight.numpy().copy(), bias=np.zeros(len(weight), np.float32))
    return replace(network, head=head)


def naive(network: Network, images: Stack) -> np.ndarray:
    """As autocast alone has it, in one batch."""
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        return network.module(network.preprocess(torch.from_numpy(images.stack))).float().argmax(1).numpy()


def test_labels_are_those_of_full_precision(close: Network) -> None:
    images = Stack(N)
    full = forward(close, images, N)["logits"].argmax(1)
    half = forward(close, images, N, precision="bf16")["logits"].argmax(1)
    # It is not for want of difficulty.
    assert (naive(close, images) != full).mean() > 0.05
    assert (half == full).mean() >= 0.999


def test_what_is_sure_is_not_asked_again() -> None:
    network, images = resnet(), Stack(N)
    full, half = (forward(network, images, N, precision=each)["logits"] for each in ("fp32", "bf16"))
    # Were all asked again, all would be equal to the last bit but the order of sums.
    assert 1e-4 < np.abs(half - full).max() / np.abs(full).max() < 0.05


def test_logits_are_those_of_the_features_that_are_kept(close: Network) -> None:
    tapped = forward(close, Stack(N), N, precision="bf16")
    assert close.head is not None
    by_hand = tapped["features"] @ close.head.weight.T + close.head.bias
    np.testing.assert_allclose(tapped["logits"], by_hand, rtol=1e-4, atol=1e-5)


def test_a_network_calculates_in_its_own_precision_unless_it_is_told() -> None:
    network, images = replace(resnet(), precision="bf16"), Stack(40)
    own, told = forward(network, images, 40)["logits"], forward(network, images, 40, precision="bf16")["logits"]
    assert np.array_equal(own, told)
    assert not np.array_equal(own, forward(network, images, 40, precision="fp32")["logits"])


def test_measurements_of_two_precisions_are_two() -> None:
    network = resnet()
    assert network.key == network.hash
    assert replace(network, precision="bf16").key == f"{network.hash} bf16"
    assert replace(network, precision="bf16").hash == network.hash
