"""Models of timm, by their names and from the folders that it writes, fed as it says."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from why_bird.errors import BadInput
from why_bird.networks.network import untrained
from why_bird.networks.opening import open_network

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    timm = pytest.importorskip("timm", reason="timm is not installed: pip install 'why-bird[timm]'")

ARCH = "timm:test_resnet"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.save(timm.create_model("test_resnet", num_classes=3).state_dict(), tmp_path / "net.pt")
    return tmp_path / "net.pt"


def test_it_is_fed_as_timm_says(path: Path) -> None:
    network = open_network(path, arch=ARCH)
    assert network.preprocess.describe() == (
        "RGB, 160×160 pixels cut from 168, bilinear, mean 0.5, 0.5, 0.5, sd 0.5, 0.5, 0.5"
    )
    assert network.assumed == ("classes",)


def test_options_win_over_what_timm_says(path: Path) -> None:
    network = open_network(path, arch=ARCH, size=32, std=(0.2, 0.2, 0.2))
    assert network.preprocess.describe() == "RGB, 32×32 pixels, bilinear, mean 0.5, 0.5, 0.5, sd 0.2, 0.2, 0.2"


def test_images_come_out_as_timms_own_transform_makes_them(path: Path) -> None:
    network = open_network(path, arch=ARCH)
    data = timm.data.resolve_model_data_config(timm.create_model("test_resnet"))
    pixels = np.random.default_rng(0).integers(64, 192, (40, 60, 3), dtype=np.uint8)
    theirs = timm.data.create_transform(**data, is_training=False)(Image.fromarray(pixels))[None]
    ours = network.preprocess(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
    # Theirs rounds to 8 bits after resizing.
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1.01 / 255 / 0.5)


def test_a_network_of_grey_images(tmp_path: Path) -> None:
    model = timm.create_model("test_resnet", num_classes=3, in_chans=1).eval()
    torch.save(model.state_dict(), tmp_path / "net.pt")
    network = open_network(tmp_path / "net.pt", arch=ARCH, size=32)
    assert network.preprocess.channels == 1
    x = torch.rand(2, 1, 32, 32)
    torch.testing.assert_close(network.module(x), model(x))
    assert untrained(network, 1).module(x).shape == (2, 3)


@pytest.mark.parametrize("safe", [True, False])
def test_a_folder_that_timm_wrote(tmp_path: Path, *, safe: bool) -> None:
    model = timm.create_model("test_resnet", num_classes=3).eval()
    names = ["cat", "dog", "bird"]
    timm.models.save_for_hf(model, tmp_path / "net", model_config={"label_names": names}, safe_serialization=safe)
    network = open_network(tmp_path / "net")
    assert (network.arch, network.classes, network.assumed) == (ARCH, tuple(names), ())
    assert (network.preprocess.size, network.preprocess.resize) == (160, 168)
    x = torch.rand(2, 3, 160, 160)
    torch.testing.assert_close(network.module(x), model(x))


@pytest.mark.parametrize(
    ("amended", "found"),
    [
        ({"architecture": "../evil"}, "architecture is 'timm:../evil'"),
        ({"architecture": "no_such_net"}, "timm has no model no_such_net"),
        ({"pretrained_cfg": {"input_size": [3, 160, 128]}}, "160×128, expected a square"),
        ({"pretrained_cfg": {"input_size": "large"}}, "no numbers"),
        ({"pretrained_cfg": {"input_size": [3, 160, 160], "crop_pct": "x"}}, "no numbers"),
    ],
)
def test_a_folder_that_cannot_be_understood(tmp_path: Path, amended: dict[str, object], found: str) -> None:
    model = timm.create_model("test_resnet", num_classes=3)
    timm.models.save_for_hf(model, tmp_path / "net", safe_serialization=True)
    config = tmp_path / "net" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | amended))
    with pytest.raises(BadInput) as caught:
        open_network(tmp_path / "net")
    assert found in str(caught.value)
