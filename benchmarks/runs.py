"""How long whole runs take: ``python -m benchmarks.runs``, and with ``--images=DIR`` that of a retrained network.

The first run of a fresh clone (an empty cache), the second, only imports and collection, and ``import torch``, which
neither of the last two needs, in turn. A retrained
network is the shipped one with another bias: nothing that is stored is about it, and all has to pass.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from benchmarks.side_by_side import Compared, rates, record

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "fixtures" / "reference" / "resnet18.safetensors"
FIRST_RUN, RETRAINED = 60.0, 600.0
"""Seconds that these may take on two cores."""

_VERDICTS = (0, 1)


def import_torch() -> float:
    """Return the seconds that Python takes to import PyTorch."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - start


def run(folder: Path, *words: str) -> float:
    """Return the seconds of ``pytest hypotheses/`` with reports and cache in a folder."""
    command = [sys.executable, "-m", "pytest", "hypotheses", "-q", "-p", "no:cacheprovider"]
    places = [f"--evidence-dir={folder / 'report'}", f"--evidence-cache={folder / 'cache'}"]
    # What Python has compiled it keeps, as it does unless somebody tells it not to.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [*command, *places, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - start
    if done.returncode not in _VERDICTS:
        raise RuntimeError(
            f"the run ended with exit code {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return took


def offline(repeats: int) -> list[Compared]:
    """Return what a first and a second run of the shipped networks take."""
    first, second, collection = [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            first.append((run(folder), FIRST_RUN))
            torch = import_torch()
            second.append((run(folder), torch))
            collection.append((run(folder, "--collect-only"), torch))
    return [
        rates("the first run of a fresh clone, offline", "what it may take", first, "s", "share of it"),
        rates("a second run", "`import torch` alone", second, "s", "times as long"),
        rates("imports and collection alone", "`import torch` alone", collection, "s", "times as long"),
    ]


def retrained(images: str) -> Compared:
    """Return what a run takes of a network of which nothing is known."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with safe_open(SHIPPED, "pt") as file:
            weights, metadata = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118
        weights["fc.bias"] = weights["fc.bias"] + 0.001
        checkpoint = folder / "retrained.safetensors"
        save_file(weights, checkpoint, metadata)
        # Of the images all that needs no network is shipped, as it is to anybody who judges a network on CIFAR-10.
        took = run(folder, f"--checkpoint={checkpoint}", f"--images={images}")
    return rates(
        "a retrained full-resolution ResNet18, judged whole",
        "what it may take",
        [(took, RETRAINED)],
        "s",
        "share of it",
    )


def main() -> None:
    """Print the ratios and write them down."""
    parser = argparse.ArgumentParser(description="How long whole runs take.")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions of the short runs (default: 3)")
    parser.add_argument(
        "--images", help="CIFAR-10, as pytest hypotheses/ --images takes it; a retrained network needs it"
    )
    options = parser.parse_args()
    record("runs", offline(options.repeats))
    if options.images:
        record("a retrained network", [retrained(options.images)])


if __name__ == "__main__":
    main()
