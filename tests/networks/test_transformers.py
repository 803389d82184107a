"""Folders of small models that transformers made: the same logits, fed as they say, and nothing else is opened."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from why_bird.errors import BadInput
from why_bird.measure.forward import forward
from why_bird.networks.manifest import networks_in
from why_bird.networks.network import Network, untrained
from why_bird.networks.opening import open_network

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformers = pytest.importorskip(
        "transformers", reason="transformers are not installed: pip install 'why-bird[transformers]'"
    )

NAMES = {0: "cat", 1: "dog", 2: "bird"}


def vit(**more: Any) -> Any:
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.ViTConfig(**sizes, image_size=16, patch_size=4, id2label=NAMES, **more)
    return transformers.ViTForImageClassification(config), transformers.ViTImageProcessor(
        size={"height": 16, "width": 16}, image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.3, 0.4]
    )


def resnet() -> Any:
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", num_labels=4
    )
    processor = transformers.ConvNextImageProcessor(size={"shortest_edge": 24}, crop_pct=0.75)
    return transformers.ResNetForImageClassification(config), processor


def grey() -> Any:
    config = transformers.ConvNextConfig(num_channels=1, hidden_sizes=[8, 8, 8, 16], depths=[1] * 4, num_labels=3)
    processor = transformers.ConvNextImageProcessor(
        size={"shortest_edge": 32}, crop_pct=1.0, image_mean=[0.3], image_std=[0.25]
    )
    return transformers.ConvNextForImageClassification(config), processor


def saved(folder: Path, model: Any, processor: Any = None) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers.utils.logging.disable_progress_bar()
        model.eval().save_pretrained(folder)
        if processor is not None:
            processor.save_pretrained(folder)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        open_network(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("make", [vit, resnet, grey])
def test_a_folder_gives_the_models_own_logits(tmp_path: Path, make: Any) -> None:
    model, processor = make()
    network = open_network(saved(tmp_path / "net", model, processor))
    preprocess = network.preprocess
    x = preprocess(torch.rand(3, preprocess.channels, preprocess.size, preprocess.size))
    torch.testing.assert_close(network.module(x), model(x).logits)
    head = network.require_head()
    assert np.array_equal(head.weight, network.module.get_submodule(head.name).weight)


def test_its_features_are_what_enters_its_head(tmp_path: Path) -> None:
    network = open_network(saved(tmp_path / "net", *vit()))
    said = forward(network, _Noise(network), 20)
    head = network.require_head()
    found = torch.from_numpy(said["features"] @ head.weight.T + head.bias)
    torch.testing.assert_close(found, torch.from_numpy(said["logits"]), rtol=1e-4, atol=1e-5)


def test_it_is_fed_as_its_folder_says(tmp_path: Path) -> None:
    network = open_network(saved(tmp_path / "net", *vit()))
    assert network.preprocess.describe() == "RGB, 16×16 pixels, bilinear, mean 0.5, 0.4, 0.3, sd 0.2, 0.3, 0.4"
    assert network.classes == ("cat", "dog", "bird")
    assert network.assumed == ()
    other = open_network(tmp_path / "net", mean=(0.0, 0.0, 0.0))
    assert (other.preprocess.mean, other.preprocess.std) == ((0.0, 0.0, 0.0), (0.2, 0.3, 0.4))


@pytest.mark.parametrize("make", [vit, resnet])
def test_images_come_out_as_the_models_own_processor_makes_them(tmp_path: Path, make: Any) -> None:
    model, processor = make()
    network = open_network(saved(tmp_path / "net", model, processor))
    # Far from black and white: where bicubic overshoots them, theirs is clipped, and ours is not, as noise is not.
    pixels = np.random.default_rng(0).integers(64, 192, (40, 40, 3), dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = processor(Image.fromarray(pixels), return_tensors="pt")["pixel_values"]
    ours = network.preprocess(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
    # Theirs rounds to 8 bits after resizing.
    torch.testing.assert_close(ours, theirs.float(), rtol=0, atol=1.01 / 255 / min(network.preprocess.std))


def test_its_twin_has_fresh_weights_and_the_same_head(tmp_path: Path) -> None:
    network = open_network(saved(tmp_path / "net", *vit()))
    one, again, other = (untrained(network, seed) for seed in (1, 1, 2))
    assert one.hash == again.hash
    assert len({network.hash, one.hash, other.hash}) == 3
    assert one.require_head().name == network.require_head().name


def test_the_configuration_is_part_of_what_decides(tmp_path: Path) -> None:
    model, processor = vit()
    saved(tmp_path / "net", model, processor)
    first = open_network(tmp_path / "net").hash
    config = tmp_path / "net" / "config.json"
    config.write_text(config.read_text().replace('"num_attention_heads": 2', '"num_attention_heads": 4'))
    assert open_network(tmp_path / "net").hash != first


def test_a_folder_is_one_network(tmp_path: Path) -> None:
    saved(tmp_path / "net", *vit())
    assert networks_in(tmp_path / "net") == (tmp_path / "net",)


def test_without_a_processor_the_size_comes_from_the_configuration(tmp_path: Path) -> None:
    network = open_network(saved(tmp_path / "net", vit()[0]))
    assert network.preprocess.size == 16
    assert network.assumed == ("mean", "std", "interpolation")


class TestNothingElseIsOpened:
    """A folder chooses among the library's own classifiers, and only safetensors are read."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return saved(tmp_path / "net", *vit())

    def test_code_of_its_own(self, folder: Path) -> None:
        (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\nclass Evil: pass\n")
        _amend(folder / "config.json", model_type="evil", auto_map={"AutoConfig": "evil.Evil"})
        assert "have no model_type 'evil'" in refused(folder)
        assert not (folder / "ran").exists()

    def test_code_beside_a_known_model_is_not_run(self, folder: Path) -> None:
        (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\nclass Evil: pass\n")
        _amend(folder / "config.json", auto_map={"AutoModelForImageClassification": "evil.Evil"})
        open_network(folder)
        assert not (folder / "ran").exists()

    def test_pickled_weights(self, folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        assert "holds no model.safetensors" in refused(folder)

    def test_an_adapter(self, folder: Path) -> None:
        (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "elsewhere"}')
        assert "holds an adapter" in refused(folder)

    def test_a_model_that_is_no_classifier_of_images(self, folder: Path) -> None:
        (folder / "config.json").write_text('{"model_type": "bert"}')
        assert "make no image classifier of the model_type 'bert'" in refused(folder)

    def test_weights_of_another_model(self, folder: Path) -> None:
        _amend(folder / "config.json", num_hidden_layers=3)
        assert "does not hold all weights of its vit" in refused(folder)

    @pytest.mark.parametrize("content", ["", "[]", "{", "[" * 10_000, "{}", '{"model_type": []}'])
    def test_a_configuration_that_is_none(self, folder: Path, content: str) -> None:
        (folder / "config.json").write_text(content)
        said = refused(folder)
        assert "config.json" in said
        assert "save_pretrained" in said

    @pytest.mark.parametrize(
        ("amended", "found"),
        [
            ({"size": {"height": 16, "width": 12}}, "expected a square"),
            ({"resample": 1}, "interpolation is 'lanczos'"),
            ({"rescale_factor": 1 / 127.5}, "another scale"),
            ({"do_rescale": False}, "another scale"),
            ({"rescale_factor": "large"}, "in numbers"),
            ({"image_mean": [0.5, "x", 0.5]}, "expected three finite numbers"),
        ],
    )
    def test_a_feeding_that_cannot_be_done(self, folder: Path, amended: dict[str, Any], found: str) -> None:
        _amend(folder / "preprocessor_config.json", **amended)
        assert found in refused(folder)


def test_they_are_asked_for_by_name_where_they_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = saved(tmp_path / "net", *vit())
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert "pip install 'why-bird[transformers]'" in refused(folder)


class _Noise:
    def __init__(self, network: Network) -> None:
        self.shape = (network.preprocess.channels, network.preprocess.size, network.preprocess.size)

    def images(self, start: int, stop: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return np.random.default_rng(start).random((stop - start, *self.shape), dtype=np.float32)


def _amend(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
