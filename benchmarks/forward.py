"""Images per second with features, against the loop people write: ``python -m benchmarks.forward``.

Both are timed in turn in one run, on the same images, and must agree in the logits to 1e-4 of their size.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from lib.images.published import post
from lib.measure.forward import forward
from lib.measure.inputs import CIFAR10_MEAN, CIFAR10_STD
from lib.networks.head import find_head
from lib.networks.network import Network
from lib.networks.preprocess import CIFAR10
from lib.networks.resnet import STEMS, resnet18


def _network(stem: str) -> Network:
    torch.manual_seed(0)
    module = resnet18(stem, 10).eval().requires_grad_(requires_grad=False)  # type: ignore[arg-type]
    head = find_head(module, torch.zeros(2, 3, 32, 32))
    return Network(
        name=stem,
        module=module,
        arch="resnet18",
        stem=stem,  # type: ignore[arg-type]
        preprocess=CIFAR10,
        classes=tuple(f"class {i}" for i in range(10)),
        hash="",
        head=head,
        metadata={},
        assumed=(),
        device="cpu",
    )


def _usual_loop(network: Network, images: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Pass images as tutorials do: a DataLoader, NCHW, float32, a forward hook."""
    kept: list[torch.Tensor] = []
    handle = network.module.avgpool.register_forward_hook(lambda _m, _i, out: kept.append(out.flatten(1)))
    logits = []
    with torch.no_grad():
        for (batch,) in DataLoader(TensorDataset(images), batch_size=128):
            logits.append(network.module(network.preprocess(batch)))
    handle.remove()
    return torch.cat(logits).numpy(), torch.cat(kept).numpy()


def main() -> None:
    """Print the ratio of the rates with its spread."""
    parser = argparse.ArgumentParser(description="Our forward pass against the usual loop.")
    parser.add_argument("--images", type=int, default=512, help="images a repetition (default: 512)")
    parser.add_argument("--repeats", type=int, default=5, help="pairs of timings (default: 5)")
    parser.add_argument("--stem", choices=STEMS, default="full", help="stem of the ResNet18 (default: full)")
    options = parser.parse_args()
    network = _network(options.stem)
    noise = post(CIFAR10_MEAN, CIFAR10_STD, 32, 0, "benchmark")
    images = torch.from_numpy(noise.images(0, options.images))
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        expected, _ = _usual_loop(network, images)
        theirs.append(options.images / (time.perf_counter() - start))
        start = time.perf_counter()
        # Ours draws the noise as it goes, theirs has it ready.
        found = forward(network, noise, options.images, taps=("logits", "features"))
        ours.append(options.images / (time.perf_counter() - start))
        assert np.allclose(found["logits"], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"the usual loop  {statistics.median(theirs):8.1f} images/s")
    print(f"forward()       {statistics.median(ours):8.1f} images/s")
    print(f"ratio           {statistics.median(ratios):8.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}]")


if __name__ == "__main__":
    main()
