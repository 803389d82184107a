"""Networks are trained in the same arithmetic whether or not the processor has units for bfloat16."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from why_bird.networks import bfloat16
from why_bird.networks.bfloat16 import RoundedProducts, arithmetic, autocast
from why_bird.networks.resnet import resnet18
from why_bird.networks.single_place import multiply_single_places
from why_bird.processor import calculates_in_bfloat16

CPU = torch.device("cpu")
STEP = 2.0**-7
"""The spacing of bfloat16 between 1 and 2."""


@pytest.fixture
def without_units(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bfloat16, "calculates_in_bfloat16", lambda: False)
    arithmetic.cache_clear()
    yield
    arithmetic.cache_clear()


def gradients(answer: Callable[[], Tensor], *leaves: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(answer().float().square().sum(), leaves))


def test_operands_answers_and_gradients_are_rounded(without_units: None) -> None:
    """What a product takes and gives has the eight bits of bfloat16; the sum between them has more."""
    images = torch.full((1, 1, 1, 2), 1 + STEP / 4, requires_grad=True)
    weight = torch.tensor([[[[1.0, STEP]]]], requires_grad=True)
    with autocast(CPU):
        answer = functional.conv2d(images, weight)
        long = functional.linear(torch.full((1, 1000), STEP), torch.ones(1, 1000))
    assert answer.dtype == torch.bfloat16
    assert answer.item() == 1 + STEP  # of 1, not of 1 + STEP / 4, which would give another one
    assert long.item() == torch.tensor(1000 * STEP).bfloat16()  # a sum in bfloat16 would stop at 2
    for gradient in gradients(lambda: answer, images, weight):
        assert gradient.dtype == torch.float32
        assert torch.equal(gradient, gradient.bfloat16().float())


def test_a_product_is_that_of_the_definition() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(4, 8, 9, 9, generator=generator).requires_grad_()
    weight = torch.randn(16, 8, 3, 3, generator=generator).requires_grad_()
    exact = [each.detach().bfloat16().double().requires_grad_() for each in (images, weight)]
    with RoundedProducts():
        found = functional.conv2d(images, weight, None, 2, 1)
    expected = functional.conv2d(exact[0], exact[1], None, 2, 1)
    torch.testing.assert_close(found.double(), expected, rtol=STEP / 2, atol=1e-4)
    back = torch.randn(expected.shape, generator=generator).bfloat16()
    ours = torch.autograd.grad(found, (images, weight), back)
    theirs = torch.autograd.grad(expected, exact, back.double())
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.double(), other, rtol=STEP / 2, atol=1e-4)


def test_a_whole_network_calculates_as_by_the_units(without_units: None) -> None:
    """PyTorch's own bfloat16, which is slow without units, stands for them: its sums have another order alone."""
    torch.manual_seed(0)
    module = resnet18("narrow", 10).train()
    multiply_single_places(module)
    images = torch.randn(8, 3, 8, 8)
    with torch.no_grad():
        full = module(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            theirs = module(images).float()
        with autocast(CPU):
            ours = module(images).float()
    apart = float((ours - theirs).abs().mean())
    assert apart < 0.5 * float((full - theirs).abs().mean())


def test_a_training_says_what_it_calculates_in(without_units: None) -> None:
    assert arithmetic(CPU) == "bfloat16 autocast, products in float32"
    assert arithmetic(torch.device("meta")) == "float32"


def test_units_are_used_where_they_are() -> None:
    arithmetic.cache_clear()
    assert arithmetic(CPU).endswith("in float32") == (not calculates_in_bfloat16())


def test_nothing_else_is_rounded(without_units: None) -> None:
    with autocast(CPU):
        assert (torch.ones(2) * (1 + STEP / 4)).dtype == torch.float32
        assert functional.cross_entropy(torch.randn(2, 3), torch.tensor([0, 1])).dtype == torch.float32
    assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32
