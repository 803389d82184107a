"""How fast images pass a network: ``python -m benchmarks.forward``.

Our forward pass with features against the loop that people write (DataLoader, NCHW, float32, a hook) and against
pytorch-ood's extraction of features, at equal logits (1e-4 of the largest); its FLOP/s as a share of this machine's
best matrix product in float32; and half precision against full precision, at equal labels. All have the same images
ready in memory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pytorch_ood.utils import extract_features
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import small_networks
from benchmarks.side_by_side import Compared, rates, record
from why_bird.images.published_noise import post
from why_bird.measure.forward import forward
from why_bird.measure.inputs import read_identity
from why_bird.measure.taps import Tap
from why_bird.networks.network import Network, Precision
from why_bird.networks.opening import open_network

REFERENCE = Path(__file__).resolve().parents[1] / "fixtures" / "reference"
TAPS: tuple[Tap, ...] = ("logits", "features")
BATCH, SIDES, PRODUCTS, HALF = 128, (1024, 2048, 4096), 4, 256
WHAT = "images/s of the full-resolution ResNet18, logits and features, float32"


def usual_loop(network: Network, images: torch.Tensor) -> np.ndarray:
    """Pass images as tutorials do: a DataLoader, NCHW, float32, a forward hook."""
    kept: list[torch.Tensor] = []
    head = network.module.get_submodule(network.require_head().name)
    handle = head.register_forward_pre_hook(lambda _module, given: kept.append(given[0]))
    logits = []
    with torch.no_grad():
        for (batch,) in DataLoader(TensorDataset(images), batch_size=BATCH):
            logits.append(network.module(network.preprocess(batch)))
    handle.remove()
    torch.cat(kept)
    return torch.cat(logits).numpy()


def pytorch_ood_loop(network: Network, images: torch.Tensor) -> np.ndarray:
    """Extract features as pytorch-ood does, and apply the head to them."""
    module = network.module
    body = torch.nn.Sequential(*list(module.children())[:-1])
    loader = DataLoader(TensorDataset(images, torch.zeros(len(images), dtype=torch.long)), batch_size=BATCH)
    features, _ = extract_features(loader, lambda batch: body(network.preprocess(batch)), "cpu")
    with torch.no_grad():
        return module.fc(features).numpy()


def best_product(dtype: torch.dtype) -> float:
    """Return GFLOP/s of the fastest of some square matrix products.

    Each as itself and as a convolution of one pixel: PyTorch gives them to two libraries, either of which may be far
    the slower on a processor.
    """
    best = 0.0
    for side in SIDES:
        a, b = (torch.randn(side, side).to(dtype) for _ in range(2))
        images = a.t()[None, :, :, None].contiguous(memory_format=torch.channels_last)
        weights = b.t()[:, :, None, None].contiguous(memory_format=torch.channels_last)
        for _ in range(PRODUCTS):
            for product in (lambda a=a, b=b: a @ b, lambda x=images, w=weights: functional.conv2d(x, w)):
                start = time.perf_counter()
                product()
                best = max(best, 2 * side**3 / (time.perf_counter() - start) / 1e9)
    return best


def gflop_per_image(network: Network) -> float:
    """Return what convolutions and products of one image count, by PyTorch's own counter."""
    size = network.preprocess.size
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.module(torch.zeros(1, 3, size, size))
    return counter.get_total_flops() / 1e9


@dataclass(frozen=True, slots=True)
class Ready:
    """Images in memory, as batches."""

    pixels: np.ndarray

    def images(self, start: int, stop: int) -> np.ndarray:
        """Return some of them."""
        return self.pixels[start:stop]


def _ours(network: Network, images: Ready, count: int, precision: Precision) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    found = forward(network, images, count, taps=TAPS, precision=precision)
    return count / (time.perf_counter() - start), found["logits"]


def compared(network: Network, count: int, repeats: int) -> list[Compared]:
    """Time all in turn, as often as is asked."""
    identity = read_identity(REFERENCE / "images.json")
    noise = post(identity.mean, identity.std, network.preprocess.size, 0, "benchmark")
    ready = Ready(noise.images(0, count))
    images = torch.from_numpy(ready.pixels)
    work = gflop_per_image(network)
    loop, ood, share, half, equal = [], [], [], [], []
    for _ in range(repeats):
        rate, logits = _ours(network, ready, count, "fp32")
        product = best_product(torch.float32)
        share.append((rate * work, product))
        for other, pairs in ((usual_loop, loop), (pytorch_ood_loop, ood)):
            start = time.perf_counter()
            expected = other(network, images)
            pairs.append((rate, count / (time.perf_counter() - start)))
            assert np.allclose(logits, expected, rtol=0, atol=1e-4 * np.abs(expected).max()), other.__name__
        # Few images: without units for it, a processor takes ten times as long.
        half_rate, half_logits = _ours(network, ready, min(count, HALF), "bf16")
        half.append((half_rate, rate))
        equal.append(((half_logits.argmax(1) == logits[: len(half_logits)].argmax(1)).mean(), 1.0))
    return [
        rates(WHAT, "the usual loop", loop, "images/s"),
        rates(WHAT, "pytorch-ood's extract_features", ood, "images/s"),
        rates(
            "GFLOP/s of the same pass", "the best matrix product in float32", share, "GFLOP/s", "share of its FLOP/s"
        ),
        rates("images/s with --precision=bf16", "float32", half, "images/s"),
        rates("labels of noise with --precision=bf16", "float32", equal, "of them", "share that is equal"),
    ]


def small(count: int, repeats: int) -> list[Compared]:
    """Time small networks, whose layers are done as fast as they are begun."""
    found = []
    for factory, name in (("resnet20", "He's ResNet-20"), ("vit128", "a vision transformer of width 128")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.pt"
            torch.save(getattr(small_networks, factory)(10).state_dict(), path)
            network = open_network(path, factory=f"benchmarks.small_networks:{factory}")
        noise = torch.rand(count, 3, network.preprocess.size, network.preprocess.size)
        ready, pairs = Ready(noise.numpy()), []
        for _ in range(repeats):
            rate, logits = _ours(network, ready, count, "fp32")
            start = time.perf_counter()
            expected = usual_loop(network, noise)
            pairs.append((rate, count / (time.perf_counter() - start)))
            assert np.allclose(logits, expected, rtol=0, atol=1e-4 * np.abs(expected).max()), factory
        found.append(rates(f"images/s of {name}, logits and features, float32", "the usual loop", pairs, "images/s"))
    return found


def main() -> None:
    """Print the ratios and write them down."""
    parser = argparse.ArgumentParser(description="Our forward pass against the usual ones.")
    parser.add_argument("--images", type=int, default=4096, help="images a repetition (default: 4096)")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions (default: 5)")
    options = parser.parse_args()
    network = open_network(REFERENCE / "resnet18.safetensors")
    rows = compared(network, options.images, options.repeats)
    record("forward", rows + small(options.images, options.repeats))


if __name__ == "__main__":
    main()
