"""The manipulation checks pass on a sound network, and each catches what it is there for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from why_bird.images.noise import Noise, Params
from why_bird.measure.checks import LIMITS, judge_checks, measure_checks
from why_bird.networks.head import find_head
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess

SIZE = 8
PREPROCESS = Preprocess(mean=(0.5, 0.45, 0.4), std=(0.2, 0.25, 0.3), size=SIZE)
NOISE = Noise("gaussian", SIZE, (0.5, 0.5, 0.5), (0.25, 0.2, 0.3), seed=1)


@pytest.fixture
def network():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
    )
    module.eval().requires_grad_(requires_grad=False)
    head = find_head(module, torch.rand(2, 3, SIZE, SIZE))
    return Network("tiny", module, "tiny", None, PREPROCESS, ("a", "b", "c", "d"), "00", head, {}, (), "cpu")


def failed(network):
    measured = measure_checks(network, NOISE, NOISE)
    return {name for name in measured if not judge_checks({name: measured[name]})[0].passed}


def test_a_sound_network_passes(network):
    measured = measure_checks(network, NOISE, NOISE)
    assert measured.keys() == LIMITS.keys()
    checks = judge_checks(measured)
    assert len(checks) == 5
    assert all(check.passed for check in checks)
    assert checks[0].name == "logits do not depend on the batch"
    assert checks[0].detail.endswith("of their sd (allowed 0.0001)")


def test_batch_statistics_are_caught(network):
    network.module[1].train()
    assert failed(network) == {"batch_dependence", "modules_in_training"}


def test_an_output_that_depends_on_the_order_is_caught(network):
    class Leaky(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x + 0.1 * x.roll(1, dims=0))

    leaky = Leaky(network.module).eval()
    name = f"inner.{network.head.name}"
    assert failed(replace(network, source=leaky, head=replace(network.head, name=name))) == {"batch_dependence"}


def test_a_wrong_head_is_caught(network):
    wrong = replace(network.head, bias=network.head.bias + 0.01)
    assert failed(replace(network, head=wrong)) == {"head_residual"}


def test_without_a_head_there_is_nothing_to_hold_the_logits_against(network):
    assert "head_residual" not in measure_checks(replace(network, head=None), NOISE, NOISE)


class Altered(Preprocess):
    """Does something to the image first."""

    alter = staticmethod(lambda images: images)

    def __call__(self, images):
        return Preprocess.__call__(self, self.alter(images))


def altered(alteration):
    return type("A", (Altered,), {"alter": staticmethod(alteration)})(PREPROCESS.mean, PREPROCESS.std, SIZE)


@pytest.mark.parametrize(
    ("alteration", "caught"),
    [
        (lambda images: images.clamp(0, 1), {"noise_sd"}),
        (lambda images: images + 0.01, {"noise_mean"}),
        (lambda images: images.mul(255).round().clamp(0, 255).div(255), {"noise_sd"}),
        (lambda images: images * 1.001, set()),
    ],
    ids=["clipped", "shifted", "8 bits", "one per mille"],
)
def test_a_pipeline_that_changes_noise_is_caught(network, alteration, caught):
    assert failed(replace(network, preprocess=altered(alteration))) == caught


def test_mean_and_sd_are_those_of_2000_images(network):
    x = PREPROCESS(torch.from_numpy(NOISE.images(0, 2_000))).double().numpy()
    sd = np.array(NOISE.std) / PREPROCESS.std
    mean = (np.array(NOISE.mean) - PREPROCESS.mean) / PREPROCESS.std
    measured = measure_checks(network, NOISE, NOISE)
    np.testing.assert_allclose(measured["noise_mean"], np.abs((x.mean((0, 2, 3)) - mean) / sd).max(), rtol=1e-6)
    np.testing.assert_allclose(measured["noise_sd"], np.abs(x.std((0, 2, 3)) / sd - 1).max(), rtol=1e-6)


def test_noise_that_is_not_plain_is_refused(network):
    with pytest.raises(ValueError, match="expected it plain"):
        measure_checks(network, NOISE, replace(NOISE, params=Params(clip="clip")))


@pytest.mark.parametrize("measure", LIMITS)
def test_the_limit_passes_and_nan_does_not(measure):
    limit = LIMITS[measure]
    values = {limit: True, limit + 1e-6: False, float("nan"): False, float("inf"): False}
    assert {v: judge_checks({measure: v})[0].passed for v in values} == values
