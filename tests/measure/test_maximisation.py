"""Images made for a unit: held against the best image where it is known, and against networks that have none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock

from why_bird.errors import Unavailable
from why_bird.measure.maximisation import ascent
from why_bird.measure.maximisation.ascent import Maximised, ascend
from why_bird.measure.maximisation.fourier import Moves
from why_bird.measure.maximisation.maximised import measure_maximised
from why_bird.measure.store import Store
from why_bird.networks.head import find_head
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess

SIZE = 8
STILL = Moves(0, 0, 0)
PREPROCESS = Preprocess(mean=(0.5, 0.5, 0.5), std=(0.25, 0.2, 0.3), size=SIZE)


class Body(nn.Module):
    """Linear features of the pixels, as a subclass bends them, and a linear head; counts what passes."""

    def __init__(self, width: int = 3, *, bias: float = 0.0) -> None:
        super().__init__()
        rng = np.random.default_rng(7)
        self.pixels = nn.Linear(3 * SIZE * SIZE, width)
        self.head = nn.Linear(width, 2)
        self.passed = 0
        with torch.no_grad():
            self.pixels.weight.copy_(torch.from_numpy(rng.normal(0, 0.1, self.pixels.weight.shape)))
            self.pixels.bias.fill_(bias)
            self.head.weight.copy_(torch.from_numpy(rng.normal(0, 1, self.head.weight.shape)))

    def bent(self, features: Tensor) -> Tensor:
        return features

    def forward(self, x: Tensor) -> Tensor:
        self.passed += len(x)
        logits: Tensor = self.head(self.bent(self.pixels(x.flatten(1))))
        return logits


class Rectified(Body):
    def bent(self, features: Tensor) -> Tensor:
        return torch.relu(features)


class Root(Body):
    def bent(self, features: Tensor) -> Tensor:
        return (features * 0).square().sqrt()


class Blind(Body):
    def bent(self, features: Tensor) -> Tensor:
        return torch.full(features.shape, 2.0)


class Numpy(Body):
    def bent(self, features: Tensor) -> Tensor:
        return torch.from_numpy(features.numpy() * 2)


def network_of(module: nn.Module, name: str = "00") -> Network:
    module.eval().requires_grad_(requires_grad=False)
    try:
        head = find_head(module, torch.linspace(-1, 1, 2 * 3 * SIZE * SIZE).view(2, 3, SIZE, SIZE))
    except Unavailable:
        head = None
    return Network("tiny", module, "tiny", None, PREPROCESS, ("a", "b"), name, head, {}, (), "cpu")


def resnet() -> nn.Module:
    with torch.device("meta"):  # drawing ten million weights to overwrite them takes longest
        module = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=2)
    module.to_empty(device="cpu")
    rng = torch.Generator().manual_seed(3)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=rng) * (0.1 if tensor.ndim > 1 else 1.0))
    return module


def features(network: Network, images: np.ndarray) -> np.ndarray:
    """Return the features of 8-bit images, by hand."""
    module = network.module
    assert isinstance(module, Body)
    x = PREPROCESS(torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255))
    found: np.ndarray = module.bent(module.pixels(x.flatten(1))).numpy()
    return found


def same(one: Maximised, other: Maximised) -> bool:
    names = ("images", "activations", "curve", "climbed")
    return one.units == other.units and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names
    )


def test_the_best_image_of_a_linear_unit_is_found() -> None:
    """It is black and white by the sign of each weight."""
    module = Body()
    weight = module.pixels.weight.detach().numpy().reshape(-1, 3, SIZE, SIZE)
    # All colours of a pixel have one sign: what photographs do least, such as red without green, is slow to climb.
    weight[:] = np.abs(weight) * np.sign(weight[:, :1])
    made = ascend(network_of(module), (2, 0), 5, steps=300, moves=STILL, rate=0.2)
    weight = weight[[2, 0]]
    slope = weight / np.array(PREPROCESS.std)[:, None, None]
    greatest = np.abs(slope).sum(axis=(1, 2, 3)) / 2
    assert (made.activations >= 0.95 * greatest).all()
    assert (made.activations <= greatest * (1 + 1e-5)).all()
    bright = made.images.transpose(0, 3, 1, 2) > 127
    assert (bright == (weight > 0)).mean() > 0.97
    assert made.climbed.all()
    assert made.remarks == ()


@pytest.mark.parametrize("moves", [STILL, Moves(0.2, 40, 0.5)])
def test_activations_are_those_of_the_very_images_and_the_best_on_the_way(moves: Moves) -> None:
    network = network_of(Rectified())
    made = ascend(network, (1, 2), 0, steps=40, moves=moves)
    assert made.images.shape == (2, SIZE, SIZE, 3)
    assert made.images.dtype == np.uint8
    np.testing.assert_allclose(made.activations, features(network, made.images)[[0, 1], [1, 2]], rtol=1e-5)
    assert made.curve.shape == (4, 2)  # after 0, 16, 32 and 40 steps
    assert (made.activations == made.curve.max(axis=0)).all()
    assert (made.activations > made.curve[0]).all()


def test_moves_make_images_that_still_excite_when_they_are_moved() -> None:
    network = network_of(Body())
    shifted = {}
    for label, moves in (("still", STILL), ("moved", Moves())):
        image = ascend(network, (0,), 0, steps=80, moves=moves).images
        near = [np.roll(image, (down, right), (1, 2)) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
        shifted[label] = np.mean([features(network, each)[0, 0] for each in near])
    assert shifted["moved"] > shifted["still"] + 1


def test_a_unit_that_is_silent_for_most_images_is_climbed(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(Rectified(bias=-2.4))
    made = ascend(network, (1,), 0, steps=20, moves=STILL)
    assert made.climbed.all()
    assert (made.activations > 2).all()
    # From the calm random images it could not be.
    monkeypatch.setattr(ascent, "_CONTRAST", 1.0)
    assert not ascend(network, (1,), 0, steps=20, moves=STILL).climbed.any()


def test_the_same_seed_gives_the_same_bytes_and_touches_no_global_generator() -> None:
    network = network_of(resnet())
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - the state that must not move
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    first = ascend(network, (3, 500), 4, steps=2, moves=Moves())
    assert torch.equal(torch.get_rng_state(), before)
    assert np.random.get_state()[1].tobytes() == numpy_before  # noqa: NPY002
    torch.manual_seed(2)
    assert same(first, ascend(network, (3, 500), 4, steps=2, moves=Moves()))
    assert not same(first, ascend(network, (3, 500), 5, steps=2, moves=Moves()))


def test_an_image_depends_on_its_unit_and_not_on_the_others() -> None:
    network = network_of(Rectified())
    together = ascend(network, (0, 1, 2), 0, steps=20, moves=Moves())
    for place, unit in enumerate(together.units):
        alone = ascend(network, (unit,), 0, steps=20, moves=Moves())
        assert np.abs(alone.images[0].astype(int) - together.images[place]).max() <= 1


@pytest.mark.parametrize("make", [resnet, Rectified, Root], ids=["resnet", "plain", "failing"])
def test_the_network_is_left_as_it_was(make: Callable[[], nn.Module]) -> None:
    network = network_of(make())
    module = network.module
    # Flags as no network that was opened has them, so that one that is set anew would show.
    for place, parameter in enumerate(module.parameters()):
        parameter.requires_grad_(place % 2 == 0)
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with pytest.raises(Unavailable) if isinstance(module, Root) else nullcontext():
        ascend(network, (0, 2), 0, steps=3, moves=Moves())
    assert all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())
    assert [p.requires_grad for p in module.parameters()] == [n % 2 == 0 for n in range(len(list(module.parameters())))]
    assert not any(part.training or part._forward_pre_hooks or part._forward_hooks for part in module.modules())


@pytest.mark.parametrize(("make", "answer"), [(Rectified, 0.0), (Blind, 2.0)])
def test_a_unit_without_a_gradient_is_said_to_have_none(make: type[Body], answer: float) -> None:
    module = make()
    with torch.no_grad():
        module.pixels.bias[1] = -1e6
    made = ascend(network_of(module), (0, 1), 0, steps=3, moves=Moves())
    assert made.climbed.tolist() == [make is Rectified, False]
    assert made.activations[1] == answer
    assert made.remarks[-1].startswith(f"unit 1 has no gradient (it gives {answer:.4g} for the one of 128 random")
    assert np.isfinite(made.curve).all()


def test_a_gradient_that_is_not_finite_is_said() -> None:
    with pytest.raises(Unavailable, match="the gradient of unit 2 by its image is not finite"):
        ascend(network_of(Root()), (2,), 0, steps=2, moves=Moves())


def test_a_network_that_cannot_be_differentiated_is_said() -> None:
    with pytest.raises(Unavailable, match=r"cannot be differentiated by its image \(RuntimeError: Can't call numpy"):
        ascend(network_of(Numpy()), (0,), 0, steps=1, moves=Moves())


def test_a_network_without_a_head_has_no_units() -> None:
    headless = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(Unavailable, match="has no head"):
        ascend(network_of(headless), (0,), 0, steps=1, moves=Moves())


@pytest.mark.parametrize("units", [(), (-1,), (3,), (0, 1, 0)])
def test_units_that_there_are_not_are_refused(units: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected different ones from 0 to 2"):
        measure_maximised(network_of(Body()), units, 0).get(Store(tmp_path))


def test_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="steps is 0"):
        ascend(network_of(Body()), (0,), 0, steps=0, moves=STILL)


@given(st.integers(0, 2**63), st.integers(1, 3))
@settings(max_examples=10)
def test_whatever_the_seed_numbers_are_finite(seed: int, steps: int) -> None:
    made = ascend(network_of(Rectified()), (1, 0), seed, steps=steps, moves=Moves())
    assert np.isfinite(made.activations).all()
    assert np.isfinite(made.curve).all()
    assert (made.activations >= made.curve).all()


def test_images_are_made_once_and_their_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, store = network_of(Body()), Store(tmp_path)
    module = network.module
    assert isinstance(module, Body)
    module.passed = 0
    made = measure_maximised(network, np.array([2, 1]), 3, steps=20).get(store)
    assert store.ledger[0].images == module.passed
    monkeypatch.setattr(ascent, "ascend", None)
    assert same(made, measure_maximised(network, (2, 1), 3, steps=20).get(Store(tmp_path)))
    assert same(made, ascend(network, (2, 1), 3, steps=20, moves=Moves()))


def test_the_key_names_everything_that_the_images_depend_on() -> None:
    network, other = network_of(Body()), network_of(Body(), "01")
    keys = [
        measure_maximised(network, (1, 2), 0).key,
        measure_maximised(other, (1, 2), 0).key,
        measure_maximised(network, (2, 1), 0).key,
        measure_maximised(network, (1, 2), 1).key,
        measure_maximised(network, (1, 2), 0, steps=7).key,
    ]
    assert len({key.name for key in keys}) == len(keys)
