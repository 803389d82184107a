"""Re-estimated statistics are the moments of the images given, and nothing else has changed."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock

from why_bird.errors import Unavailable
from why_bird.networks.batch_norm import normalised_stages, reestimated, with_moments_of
from why_bird.networks.network import Network
from why_bird.networks.opening import hash_network
from why_bird.networks.preprocess import Preprocess

SIZE = 6
PREPROCESS = Preprocess(mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.25), size=SIZE)
Batch = NDArray[np.float32]


def network_of(module: nn.Module, preprocess: Preprocess = PREPROCESS) -> Network:
    module.eval().requires_grad_(requires_grad=False)
    state = hash_network(module.state_dict(), "tiny", None, preprocess)
    return Network("tiny", module, "tiny", None, preprocess, ("a", "b", "c"), state, None, {}, (), "cpu")


def first_layer(*before: nn.Module) -> nn.Module:
    return nn.Sequential(*before, nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))


def resnet() -> nn.Module:
    module = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=3)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean, 0.0, 0.3)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.uniform_(part.weight, 0.5, 1.5)
    return module


def draw(n: int, size: int = SIZE, seed: int = 0) -> Batch:
    """Return images whose moments differ with the channel and drift with the number."""
    rng = np.random.default_rng(seed)
    drift = np.linspace(0, 1, n)[:, None, None, None]
    scale = np.array([0.1, 0.2, 0.4])[:, None, None]
    return (0.3 + drift + scale * rng.normal(size=(n, 3, size, size))).astype(np.float32)


def cut(images: Batch, *edges: int) -> list[Batch]:
    return [images[start:stop] for start, stop in pairwise((0, *edges, len(images)))]


def moments(batches: list[Batch]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and unbiased variance within a batch, averaged over the images."""
    mean, std = (np.array(v)[:, None, None] for v in (PREPROCESS.mean, PREPROCESS.std))
    fed = [(batch.astype(np.float64) - mean) / std for batch in batches]
    weights = [len(batch) for batch in batches]
    return (
        np.average([x.mean((0, 2, 3)) for x in fed], axis=0, weights=weights),
        np.average([x.transpose(1, 0, 2, 3).reshape(3, -1).var(1, ddof=1) for x in fed], axis=0, weights=weights),
    )


def statistics(network: Network) -> dict[str, Tensor]:
    return {name: t for name, t in network.module.state_dict().items() if "running" in name}


@pytest.mark.parametrize("edges", [(), (10, 20), (17,), (1, 25)], ids=["one", "equal", "unequal", "tiny"])
def test_the_first_layer_gets_exactly_the_moments_of_its_images(edges: tuple[int, ...]) -> None:
    batches = cut(draw(30), *edges)
    mean, variance = moments(batches)
    other = reestimated(network_of(first_layer()), batches)
    np.testing.assert_allclose(other.module[0].running_mean, mean, rtol=1e-5)
    np.testing.assert_allclose(other.module[0].running_var, variance, rtol=1e-5)


def test_every_layer_gets_what_pytorchs_own_calculation_gives() -> None:
    network = network_of(resnet(), Preprocess(PREPROCESS.mean, PREPROCESS.std, 32))
    batches = cut(draw(24, 32), 8, 16)
    other = reestimated(network, batches)
    reference = deepcopy(network.module)
    update_bn([network.preprocess(torch.from_numpy(batch)) for batch in batches], reference)
    assert len(statistics(other)) == 24
    for name, expected in reference.state_dict().items():
        torch.testing.assert_close(other.module.state_dict()[name], expected, rtol=1e-4, atol=1e-5, msg=name)
        if "running" in name:
            assert not torch.allclose(network.module.state_dict()[name], expected, atol=1e-2)


def test_a_layer_used_twice_averages_both_uses() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm2d(3, affine=False)

        def forward(self, x: Tensor) -> Tensor:
            self.norm(x)
            out: Tensor = self.norm(x + 5)
            return out.mean((2, 3))

    batches = cut(draw(30), 12)
    mean, variance = moments(batches)
    norm = reestimated(network_of(Twice()), batches).module.norm
    np.testing.assert_allclose(norm.running_mean, mean + 2.5, rtol=1e-5)
    np.testing.assert_allclose(norm.running_var, variance, rtol=1e-5)


def test_the_network_given_stays_as_it_is_to_the_bit() -> None:
    network = network_of(resnet(), Preprocess(PREPROCESS.mean, PREPROCESS.std, 32))
    before = {name: tensor.clone() for name, tensor in network.module.state_dict().items()}
    other = reestimated(network, [draw(8, 32)])
    for name, tensor in network.module.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert network.hash == hash_network(network.module.state_dict(), "tiny", None, network.preprocess)
    shared = {p.data_ptr() for p in network.module.parameters()} & {p.data_ptr() for p in other.module.parameters()}
    assert not shared
    for each in (network, other):
        parts = list(each.module.modules())
        assert not any(part.training or part._forward_pre_hooks for part in parts)
        assert {part.momentum for part in parts if isinstance(part, nn.BatchNorm2d)} == {0.1}
        assert not any(p.requires_grad for p in each.module.parameters())


def test_only_statistics_change_and_the_hash_tells_them() -> None:
    network = network_of(resnet(), Preprocess(PREPROCESS.mean, PREPROCESS.std, 32))
    other = reestimated(network, [draw(8, 32)])
    weights = dict(network.module.named_parameters())
    assert all(torch.equal(p, weights[name]) for name, p in other.module.named_parameters())
    assert other.hash == hash_network(other.module.state_dict(), "tiny", None, network.preprocess)
    assert other.hash != network.hash
    assert (other.classes, other.preprocess, other.arch) == (network.classes, network.preprocess, network.arch)
    assert other.name != network.name


def test_it_is_the_same_again_and_other_batches_are_another_estimate() -> None:
    network, images = network_of(first_layer()), draw(30)
    hashes = [reestimated(network, cut(images, *edges)).hash for edges in ((10, 20), (10, 20), (15,))]
    assert hashes[0] == hashes[1] != hashes[2]
    # What the statistics were before has no part in it, not even where they are broken.
    broken = deepcopy(network.module)
    broken[0].running_mean.fill_(float("nan"))
    assert reestimated(network_of(broken), cut(images, 10, 20)).hash == hashes[0]


def test_dropout_stays_off() -> None:
    batches = cut(draw(30), 15)
    other = reestimated(network_of(first_layer(nn.Dropout(0.9))), batches)
    np.testing.assert_allclose(other.module[1].running_mean, moments(batches)[0], rtol=1e-5)


def test_a_layer_whose_own_statistics_are_averaged_stays_so() -> None:
    module = nn.Sequential(nn.BatchNorm2d(3, momentum=None), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    batches = cut(draw(30), 17)
    norm = reestimated(network_of(module), batches).module[0]
    assert norm.momentum is None
    np.testing.assert_allclose(norm.running_mean, moments(batches)[0], rtol=1e-5)


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE * SIZE, 3)),
        nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Sequential(nn.InstanceNorm2d(3, track_running_stats=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Sequential(nn.GroupNorm(1, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    ],
    ids=["none", "without statistics", "instance", "group"],
)
def test_without_statistics_there_are_none_to_estimate(module: nn.Module) -> None:
    network = network_of(module)
    assert not network.has_batchnorm
    for ask in (Network.require_batchnorm, lambda n: reestimated(n, [draw(4)])):
        with pytest.raises(Unavailable, match="tiny has no batch normalisation that keeps statistics"):
            ask(network)


def test_a_network_with_statistics_has_them() -> None:
    network = network_of(first_layer())
    assert network.has_batchnorm
    network.require_batchnorm()


def test_no_image_has_no_statistics_and_one_value_no_variance() -> None:
    with pytest.raises(ValueError, match="on no image"):
        reestimated(network_of(first_layer()), [])
    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3), nn.Flatten())
    with pytest.raises(ValueError, match="more than 1 value"):
        reestimated(network_of(pooled), [draw(1)])


def test_images_go_on_with_the_moments_that_others_have_there() -> None:
    module = first_layer()
    layer = module[0]
    nn.init.uniform_(layer.running_var, 0.5, 2.0)
    nn.init.uniform_(layer.weight, 0.5, 1.5)
    nn.init.normal_(layer.bias)
    network, noise, images = network_of(module), draw(40, seed=1), draw(64, seed=2)
    given = reestimated(with_moments_of(network, cut(noise, 15)), [images])

    def moments_out(other: Network, shown: Batch) -> list[Tensor]:
        with torch.no_grad():
            out = other.module[0](other.preprocess(torch.from_numpy(shown)))
        return [out.mean((0, 2, 3)), out.std((0, 2, 3), correction=0)]

    for ours, theirs in zip(moments_out(given, images), moments_out(network, noise), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    # Another pattern all the same: the images are told apart as before, up to scale and shift of a channel.
    before, after = (each.module[0](each.preprocess(torch.from_numpy(images)))[:, 0] for each in (network, given))
    assert np.corrcoef(before.flatten().numpy(), after.flatten().numpy())[0, 1] > 0.9999


def test_one_stage_is_estimated_and_the_others_stay() -> None:
    network = network_of(resnet())
    assert normalised_stages(network.module) == ("bn1", "layer1", "layer2", "layer3", "layer4")
    again = reestimated(network, [draw(16)], "layer2")
    changed = {
        name.split(".")[0]
        for (name, old), new in zip(network.module.named_buffers(), again.module.buffers(), strict=True)
        if name.endswith("running_mean") and not torch.equal(old, new)
    }
    assert changed == {"layer2"}
