from __future__ import annotations

import json
import math

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torchvision.transforms import v2

from why_bird.errors import BadInput
from why_bird.networks.preprocess import CIFAR10, Preprocess, choose_preprocess

PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def images(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 0.3 + 0.5


def test_normalises_each_channel_and_keeps_values_outside_the_unit_interval() -> None:
    x = torch.stack([torch.full((32, 32), v) for v in (-0.5, 0.5, 1.5)])[None]
    out = Preprocess((0.1, 0.2, 0.3), (0.5, 0.25, 2.0))(x)
    expected = [(-0.5 - 0.1) / 0.5, (0.5 - 0.2) / 0.25, (1.5 - 0.3) / 2.0]
    assert out[0, :, 3, 4].tolist() == pytest.approx(expected)


def test_leaves_the_pixels_alone_when_the_size_fits() -> None:
    x = images(2, 3, 32, 32)
    assert torch.equal(Preprocess(**PLAIN)(x), x)


@pytest.mark.parametrize("size", [16, 48])
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("bilinear", v2.InterpolationMode.BILINEAR),
        ("bicubic", v2.InterpolationMode.BICUBIC),
        ("nearest", v2.InterpolationMode.NEAREST),
    ],
)
def test_resizes_as_torchvision_does(size: int, name: str, mode: v2.InterpolationMode) -> None:
    x = images(2, 3, 32, 32)
    expected = v2.functional.resize(x, [size, size], mode, antialias=True)
    torch.testing.assert_close(Preprocess(**PLAIN, size=size, interpolation=name)(x), expected)


def test_keeps_dtype_and_stretches_what_is_not_square() -> None:
    out = CIFAR10(images(1, 3, 20, 40).double())
    assert out.shape == (1, 3, 32, 32)
    assert out.dtype == torch.float64


@pytest.mark.parametrize("x", [torch.zeros(3, 32, 32), torch.zeros(1, 1, 32, 32), torch.zeros(1, 3, 32, 32).byte()])
def test_refuses_what_is_no_batch_of_images(x: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="expected floats of shape"):
        CIFAR10(x)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"mean": (0.5, 0.5)}, "mean is .*three finite"),
        ({"mean": (0.5, 0.5, math.nan)}, "mean is .*three finite"),
        ({"mean": (0.5, 0.5, 10**400)}, "mean is .*three finite"),
        ({"mean": (0.5, 0.5, True)}, "mean is .*three finite"),
        ({"mean": 0.5}, "mean is .*three finite"),
        ({"std": (0.5, 0.5, math.inf)}, "std is .*three finite"),
        ({"std": (0.5, 0.0, 0.5)}, "std is .*three positive"),
        ({"std": (0.5, -0.1, 0.5)}, "std is .*three positive"),
        ({"size": 0}, "size is 0"),
        ({"size": 1025}, "size is 1025"),
        ({"size": 32.0}, "size is 32.0"),
        ({"size": True}, "size is True"),
        ({"interpolation": "lanczos"}, "interpolation is 'lanczos', expected one of bilinear, bicubic, nearest"),
    ],
)
def test_checks_itself(change: dict[str, object], found: str) -> None:
    with pytest.raises(BadInput, match=found):
        Preprocess(**(PLAIN | change))  # type: ignore[arg-type]


def test_options_win_over_metadata_and_metadata_over_cifar() -> None:
    metadata = {"mean": "[0.1, 0.2, 0.3]", "std": "this is never parsed", "size": "64"}
    chosen, assumed = choose_preprocess(metadata, std=[1, 2, 3])
    assert chosen == Preprocess((0.1, 0.2, 0.3), (1.0, 2.0, 3.0), 64, "bilinear")
    assert assumed == ("interpolation",)
    assert choose_preprocess({}) == (CIFAR10, ("mean", "std", "size", "interpolation"))


def test_metadata_that_are_not_json_name_the_option_that_helps() -> None:
    with pytest.raises(BadInput, match="the checkpoint's size is 'big', which is not JSON; give --input-size instead"):
        choose_preprocess({"size": "big"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
VALUES = (
    st.text(max_size=30) | JSON.map(json.dumps) | st.sampled_from(["9" * 5000, "[" * 50_000, "1e999", "[1,2,1e999]"])
)


@example({"mean": json.dumps([{str(i): ["x" * 40] * 6} for i in range(6)])})
@given(st.dictionaries(st.sampled_from(["mean", "std", "size", "interpolation"]), VALUES))
def test_any_metadata_gives_a_preprocess_or_one_sentence(metadata: dict[str, str]) -> None:
    said = "one line"
    try:
        chosen, assumed = choose_preprocess(metadata)
    except BadInput as error:
        said = str(error)
    else:
        assert set(metadata).isdisjoint(assumed)
        assert list(chosen.mean) == json.loads(metadata.get("mean", json.dumps(CIFAR10.mean)))
        assert chosen.size == json.loads(metadata.get("size", "32"))
    assert len(said.splitlines()) == 1
    assert len(said) < 250
