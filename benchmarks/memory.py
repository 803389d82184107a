"""Peak memory of a pass of few images and of many: ``python -m benchmarks.memory``.

Each pass runs in a process of its own, and its results go to a file, as those of the store do.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.side_by_side import rates, record
from why_bird.images.published_noise import post
from why_bird.measure.forward import forward
from why_bird.measure.inputs import read_identity
from why_bird.networks.opening import open_network
from why_bird.networks.resnet import resnet18

REFERENCE = Path(__file__).resolve().parents[1] / "fixtures" / "reference"


def peak(count: int) -> float:
    """Return the peak resident memory, in MB, of a process of its own that passes so many images."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.memory", f"--pass={count}"], capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout))


def passed(count: int) -> float:
    """Pass images here, and return the peak resident memory in MB."""
    shipped = open_network(REFERENCE / "resnet18.safetensors")
    # With the stem of ImageNet it takes a tenth of the time. What is asked is how memory grows.
    module = resnet18("imagenet", len(shipped.classes)).eval().requires_grad_(requires_grad=False)
    network = replace(shipped, source=module)
    identity = read_identity(REFERENCE / "images.json")
    noise = post(identity.mean, identity.std, network.preprocess.size, 0, "benchmark")
    with tempfile.TemporaryDirectory() as scratch:
        forward(network, noise, count, scratch=Path(scratch))
    # Kilobytes on Linux, bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Print the ratio and write it down."""
    parser = argparse.ArgumentParser(description="Peak memory of a pass of few images and of many.")
    parser.add_argument("--few", type=int, default=10_000, help="images of the small pass (default: 10000)")
    parser.add_argument("--many", type=int, default=60_000, help="images of the large pass (default: 60000)")
    parser.add_argument("--few-networks", type=int, default=24, help="networks of the small run (default: 24)")
    parser.add_argument("--many-networks", type=int, default=200, help="networks of the large run (default: 200)")
    parser.add_argument("--pass", dest="count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        print(json.dumps(passed(options.count)))
        return
    # Not in the process that passes images, whose memory is asked.
    from benchmarks.many import compared

    pair = (peak(options.many), peak(options.few))
    what = f"peak memory of a pass of {options.many:,} images"
    row = rates(what, f"{options.few:,} images", [pair], "MB", "times as much")
    record("memory", [row, *compared(options.few_networks, options.many_networks)])


if __name__ == "__main__":
    main()
