"""One pass gives logits, features and stages as a calculation by hand does, and each image goes through once."""

import numpy as np
import pytest
import torch
from small_resnets import SIZE, Stack, by_hand, network_of, resnet
from torch import nn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock, Bottleneck

from why_bird.errors import BadInput, Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.measure.entry import Key
from why_bird.measure.folding import folded
from why_bird.measure.forward import forward
from why_bird.measure.store import Store
from why_bird.measure.taps import STAGES
from why_bird.networks.preprocess import Preprocess


class Flat(nn.Module):
    """A network without stages that notes the first pixel of each image that passes."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3, 3)
        self.passed = []

    def forward(self, x):
        self.passed += x[:, 0, 0, 0].tolist()
        return self.head(x.mean(dim=(2, 3)))


class Numbered:
    """Image i is i everywhere; notes what was read."""

    def __init__(self):
        self.read = []

    def images(self, start, stop):
        self.read.append((start, stop))
        numbers = np.arange(start, stop, dtype=np.float32)
        return np.broadcast_to(numbers[:, None, None, None], (stop - start, 3, SIZE, SIZE)).copy()


def image_set(n):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (n, SIZE, SIZE, 3), dtype=np.uint8)
    digests = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return ImageSet(pixels, np.zeros(n, np.int64), digests, ("a", "b", "c"))


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_logits_features_and_stages_are_those_by_hand(block):
    network, images = resnet(block), Stack(10)
    tapped = forward(network, images, 10, batch=4)
    expected = by_hand(network, images.stack)
    assert tapped.keys() == expected.keys()
    for name, value in tapped.items():
        assert (value.dtype, value.shape) == (np.float32, expected[name].shape)
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_an_image_set_is_passed_on_the_scale_from_0_to_1():
    network, images = resnet(), image_set(7)
    tapped = forward(network, images, batch=3)
    expected = by_hand(network, images.pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    np.testing.assert_allclose(tapped["logits"], expected["logits"], rtol=1e-4, atol=1e-5)
    assert forward(network, images, 2, taps=("logits",))["logits"].shape == (2, 3)


@pytest.mark.parametrize(("count", "batch"), [(10, 4), (8, 4), (3, 4), (1, 1)])
def test_each_image_passes_once_for_all_taps(count, batch):
    module, images = Flat(), Numbered()
    network = network_of(module, Preprocess((0, 0, 0), (1, 1, 1), SIZE))
    module.passed.clear()
    tapped = forward(network, images, count, batch=batch)
    assert module.passed == list(range(count))
    assert [i for start, stop in images.read for i in range(start, stop)] == list(range(count))
    np.testing.assert_array_equal(tapped["features"], np.repeat(np.arange(count), 3).reshape(count, 3))


def test_progress_counts_the_images():
    opened, advanced = [], []

    class Bar:
        def __init__(self, label, total):
            opened.append((label, total))

        def __enter__(self):
            return advanced.append

        def __exit__(self, *_):
            pass

    forward(network_of(Flat()), Numbered(), 10, batch=4, progress=Bar)
    assert opened == [("10 images through the network", 10)]
    assert advanced == [4, 4, 2]


def test_only_what_is_asked_for_is_tapped():
    network = resnet()
    assert forward(network, Stack(2), 2, taps=("logits",)).keys() == {"logits"}
    assert forward(network, Stack(2), 2, taps=("features",)).keys() == {"features"}
    assert forward(network, Stack(2), 2, taps=("stages",)).keys() == set(STAGES)


def test_other_architectures_have_no_stages():
    assert forward(network_of(Flat()), Numbered(), 3).keys() == {"logits", "features"}


def test_the_network_is_left_as_it_was():
    for network in (resnet(), network_of(Flat())):
        before = {name: (value.clone(), value.stride()) for name, value in network.module.state_dict().items()}
        parts = list(network.module.modules())
        forward(network, Stack(3), 3)
        assert list(network.module.modules()) == parts
        assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts)
        for name, value in network.module.state_dict().items():
            assert torch.equal(value, before[name][0])
            assert value.stride() == before[name][1]


def test_hooks_go_also_after_an_error():
    network = network_of(Flat())

    class Broken:
        def images(self, *_):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        forward(network, Broken(), 3)
    assert not network.module.head._forward_pre_hooks


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_folding_takes_out_the_normalisation_and_keeps_the_logits(block):
    module = resnet(block).module
    lighter = folded(module)
    x = torch.randn(5, 3, SIZE, SIZE)
    with torch.inference_mode():
        torch.testing.assert_close(lighter(x), module(x), rtol=1e-4, atol=1e-5)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in lighter.modules())
    assert any(isinstance(part, nn.BatchNorm2d) for part in module.modules())


def test_what_folding_does_not_know_comes_back_itself():
    class Other(ResNet):
        """Might do anything in its forward pass."""

    other = Other(BasicBlock, [1, 1, 1, 1], num_classes=3).eval()
    assert folded(other) is other
    hooked = resnet().module
    hooked.bn1.register_forward_hook(lambda _module, _inputs, output: output * 0)
    assert folded(hooked) is hooked


def test_results_in_a_file_are_those_in_memory(tmp_path):
    network = resnet()
    in_memory = forward(network, Stack(10), 10, batch=4)
    in_files = forward(network, Stack(10), 10, batch=4, scratch=tmp_path)
    for name, value in in_files.items():
        assert isinstance(value, np.memmap)
        np.testing.assert_array_equal(value, in_memory[name])
        np.testing.assert_array_equal(np.load(tmp_path / f"{name}.npy"), value)


def test_a_pass_goes_into_the_store_and_out_again(tmp_path):
    network = resnet()
    entry = Store(tmp_path).get(Key("forward", 1, {}), lambda scratch: forward(network, Stack(4), 4, scratch=scratch))
    for name, value in forward(network, Stack(4), 4).items():
        np.testing.assert_array_equal(entry[name], value)


class Wide(nn.Module):
    """Gives so many numbers in its one convolution for each image."""

    def __init__(self, channels):
        super().__init__()
        self.convolution = nn.Conv2d(3, channels, 1)
        self.head = nn.Linear(channels, 3)

    def forward(self, x):
        return self.head(self.convolution(x).mean(dim=(2, 3)))


@pytest.mark.parametrize(("channels", "expected"), [(1, 256), (60, 60), (1_000, 32), (4_000, 32), (16_000, 8)])
def test_what_layers_give_of_a_batch_is_bounded(channels, expected):
    images = Numbered()
    forward(network_of(Wide(channels)), images, 8 + expected + 1, taps=("logits",))
    assert images.read[0] == (0, 8)
    # by hand: 2¹⁹ numbers over channels · 12 · 12, or 32; at most 32 · 614,400 over channels · 12 · 12 + 3
    assert images.read[1] == (8, 8 + expected)


def test_many_weights_are_read_for_many_images():
    class Heavy(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Flatten(), nn.Linear(432, 20_000), nn.Linear(20_000, 3))

        def forward(self, x):
            return self.layers(x)

    images = Numbered()
    forward(network_of(Heavy()), images, 600, taps=("logits",))
    # 8.7 million weights over 20,003 numbers of an image is 434, and 256 is the most
    assert images.read[1] == (8, 264)


def test_never_more_than_a_batch_is_read():
    images = Numbered()
    forward(network_of(Flat()), images, 600)
    assert images.read == [(0, 8), (8, 264), (264, 520), (520, 600)]


def test_bf16_is_close_and_comes_back_as_float32():
    network = resnet()
    exact = forward(network, Stack(40), 40)
    rough = forward(network, Stack(40), 40, precision="bf16")
    for name, value in rough.items():
        assert value.dtype == np.float32
        spread = exact[name].std()
        assert 0 < np.abs(value - exact[name]).max() < 0.2 * spread


def test_logits_that_are_not_finite_are_bad_input():
    class Holed(Numbered):
        def images(self, start, stop):
            images = super().images(start, stop)
            if start <= 5 < stop:
                images[5 - start] = np.nan
            return images

    with pytest.raises(BadInput, match=r"not finite \(NaN or infinite\) for image 5: "):
        forward(network_of(Flat()), Holed(), 8, batch=4)


def test_a_network_without_a_linear_head_has_logits_only():
    network = network_of(nn.Sequential(nn.Conv2d(3, 3, SIZE), nn.Flatten()))
    with pytest.raises(Unavailable, match="no head"):
        forward(network, Numbered(), 3)
    assert forward(network, Numbered(), 3, taps=("logits", "stages")).keys() == {"logits"}


@pytest.mark.parametrize("count", [0, -1, None, 6])
def test_a_count_that_cannot_be_is_refused(count):
    images = image_set(5) if count == 6 else Numbered()
    with pytest.raises(ValueError, match=r"count is|6 images are asked of a set of 5"):
        forward(network_of(Flat()), images, count)
