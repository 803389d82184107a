"""Whether memory grows with the number of networks that a run judges, for :mod:`benchmarks.memory`.

Small networks, each of its own random weights with a head that was fitted to images of ten planted patterns, are judged
by ``pytest hypotheses/ --quick`` in a process of its own: few of them, and many; and the same with two workers. Each is
opened, measured (also as it was before training), judged by some claims, and has a page; the claims are few so that
hundreds take minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from benchmarks.runs import ROOT
from benchmarks.side_by_side import Compared, rates
from benchmarks.workers import FACTORY, small
from why_bird.measure.inputs import read_identity
from why_bird.networks.preprocess import CIFAR10
from why_bird.shipped import REFERENCE

SIDE, TRAIN, TEST = 16, 120, 60
_ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}
JUDGED = "P1 or P2 or P4 or P5 or Z2 or Z6"


def write_images(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Write images of ten patterns, 16 × 16 pixels with noise on them, and return those for training."""
    rng = np.random.default_rng(0)
    kept = []
    for name in read_identity(REFERENCE / "images.json").classes:
        pattern = rng.uniform(0.2, 0.8, (4, 4, 3)).repeat(SIDE // 4, axis=0).repeat(SIDE // 4, axis=1)
        noisy = pattern + rng.normal(0, 0.1, (TRAIN + TEST, SIDE, SIDE, 3))
        pixels = np.rint(noisy.clip(0, 1) * 255).astype(np.uint8)
        for i, image in enumerate(pixels):
            place = folder / ("train" if i < TRAIN else "test") / name
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{i}.png")
        kept.append(pixels[:TRAIN])
    return np.concatenate(kept), np.repeat(np.arange(len(kept)), TRAIN)


def write_network(path: Path, seed: int, pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
    """Write a network of random weights whose head is fitted by least squares."""
    torch.manual_seed(seed)
    module = small(int(labels.max()) + 1)
    fed = ((pixels / 255 - CIFAR10.mean) / CIFAR10.std).transpose(0, 3, 1, 2)
    with torch.inference_mode():
        features = module[:-1](torch.from_numpy(fed).float())
        centred = features - features.mean(0)
        told = torch.nn.functional.one_hot(torch.from_numpy(labels)).float()
        weights = torch.linalg.lstsq(centred, told - told.mean(0), driver="gelsd").solution.T
        module[-1].weight.copy_(weights)
        module[-1].bias.copy_(told.mean(0) - weights @ features.mean(0))
    path.parent.mkdir(parents=True)
    save_file(module.state_dict(), path, {"seed": str(seed)})


def peak(count: int, *words: str) -> float:
    """Return the peak resident memory, in MB, of a process that judges so many networks, or of one of its workers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pixels, labels = write_images(folder / "images")
        for seed in range(count):
            write_network(folder / "networks" / f"seed{seed}" / "network.safetensors", seed, pixels, labels)
        given = [f"--checkpoint={folder / 'networks'}", f"--network={FACTORY}", f"--images={folder / 'images'}"]
        places = [f"--evidence-dir={folder / 'report'}", f"--evidence-cache={folder / 'cache'}"]
        command = [sys.executable, "-m", "pytest", "hypotheses", "-q", "-p", "no:cacheprovider", "--quick", *given]
        with (folder / "output").open("w") as output:
            run = subprocess.Popen(  # noqa: S603
                [*command, *places, "-k", JUDGED, *words], cwd=ROOT, env=_ONE_THREAD, stdout=output, stderr=output
            )
            _, status, used = os.wait4(run.pid, 0)
        pages = len(list(folder.glob("report-partial/networks/*/evidence.html")))
        if os.waitstatus_to_exitcode(status) not in (0, 1) or pages != count:
            raise RuntimeError((folder / "output").read_text()[-2000:])
    # Kilobytes on Linux, bytes on macOS.
    return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def compared(few: int, many: int) -> list[Compared]:
    """Hold many networks against few, without workers and with them. Two runs at once take no more memory each."""
    ways = {"": (), ", by two workers": ("--workers=2",)}
    with ThreadPoolExecutor(2) as pool:
        runs = {way: [pool.submit(peak, count, *words) for count in (many, few)] for way, words in ways.items()}
        what = f"peak memory of a run of {many} small networks"
        return [
            rates(f"{what}{way}", f"of {few}", [(large.result(), small.result())], "MB", "times as much")
            for way, (large, small) in runs.items()
        ]
