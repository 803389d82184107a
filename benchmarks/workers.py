"""What it costs to let other processes measure: ``python -m benchmarks.workers``.

Small networks, each asked for 7,000 images of noise, measured in this process, by one worker and by two, in turn and
each on an empty store, at equal answers; and tasks of nothing, sent as measurements are and sent by Dask alone, which
is what its scheduler can do at most. Every worker calculates with one thread, and its start is not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import distributed
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from benchmarks.side_by_side import Compared, rates, record, seconds
from why_bird.measure.classifier import Classifier
from why_bird.measure.inputs import Inputs, read_identity
from why_bird.measure.on_workers import measure_on_workers
from why_bird.measure.store import Store
from why_bird.networks.network import Network
from why_bird.networks.opening import open_network
from why_bird.progress import SILENT
from why_bird.shipped import REFERENCE
from why_bird.workers.threads import calculate_with
from why_bird.workers.work import Task, Work, open_workers

ASKED = (Classifier.noise_a, Classifier.noise)
FACTORY = "benchmarks.workers:small"


def small(classes: int) -> nn.Module:
    """Return a network of 20,000 weights."""
    sizes = (3, 16, 32, 48)
    layers = [
        part
        for before, after in pairwise(sizes)
        for part in (nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU())
    ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(sizes[-1], classes))


def networks(folder: Path, count: int) -> list[Network]:
    """Write so many networks with random weights, and open them."""
    opened = []
    for seed in range(count):
        torch.manual_seed(seed)
        path = folder / f"{seed}.safetensors"
        save_file(small(10).state_dict(), path, {"seed": str(seed)})
        opened.append(open_network(path, factory=FACTORY, size=32))
    return opened


@contextlib.contextmanager
def processes(count: int) -> Iterator[str]:
    """Start workers, and give the address of their scheduler."""
    with distributed.LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster.scheduler_address


def measured(opened: list[Network], address: str | None) -> tuple[float, np.ndarray]:
    """Return the seconds of measuring all networks, and what they say of noise."""
    inputs = Inputs(read_identity(REFERENCE / "images.json"), None)
    with tempfile.TemporaryDirectory() as cache:
        store = Store(Path(cache))
        subjects = [Classifier(network, inputs, store) for network in opened]
        start = time.perf_counter()
        if address is not None:
            measure_on_workers(address, dict.fromkeys(subjects, ASKED), inputs, store, SILENT)
        labels = np.stack([np.concatenate([each.of(subject).labels for each in ASKED]) for subject in subjects])
        return time.perf_counter() - start, labels


def nothing(_setup: str, _asked: str = "") -> str:
    """Do nothing, as a task."""
    return ""


def tasks_a_second(address: str, count: int) -> tuple[float, float]:
    """Return how many tasks of nothing are done in a second, sent as measurements are, and by Dask alone."""
    tasks = [Task(f"nothing-{i}", json.dumps({"i": i})) for i in range(count)]
    with open_workers(address, Work(nothing, nothing, "")) as workers:
        start = time.perf_counter()
        workers.do(tasks, lambda _key, _answer: (), label="tasks", total=count, progress=SILENT)
        ours = count / (time.perf_counter() - start)
    with distributed.Client(address, set_as_default=False) as client:
        start = time.perf_counter()
        client.gather(client.map(nothing, [str(i) for i in range(count)], pure=False))
        return ours, count / (time.perf_counter() - start)


def compared(count: int, tasks: int, repeats: int) -> list[Compared]:
    """Time all in turn, as often as is asked."""
    calculate_with(1)
    alone, one, two, empty = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, processes(1) as single, processes(2) as pair:
        opened = networks(Path(folder), count)
        measured(opened[:2], single)  # which imports what they need
        measured(opened[:4], pair)
        for _ in range(repeats):
            found = [measured(opened, where) for where in (None, single, pair)]
            assert all((labels == found[0][1]).all() for _, labels in found)
            for kept, (took, _) in zip((alone, one, two), found, strict=True):
                kept.append(took)
            empty.append(tasks_a_second(pair, tasks))
    what = f"{count} small networks, 7,000 images of noise each"
    each = [(1000 / ours, 1000 * took / (count * len(ASKED))) for (ours, _), took in zip(empty, one, strict=True)]
    return [
        seconds(f"{what}, by two workers", "by one worker", list(zip(two, one, strict=True))),
        seconds(f"{what}, by one worker", "in this process", list(zip(one, alone, strict=True))),
        rates(f"tasks of nothing a second, {tasks:,} of them", "Dask alone", empty, "tasks/s"),
        rates("what a task costs besides its work", "a measurement of a small network", each, "ms", "share of it"),
    ]


def main() -> None:
    """Print the ratios and write them down."""
    parser = argparse.ArgumentParser(description="Workers against one process.")
    parser.add_argument("--networks", type=int, default=24, help="small networks (default: 24)")
    parser.add_argument("--tasks", type=int, default=10_000, help="tasks of nothing (default: 10,000)")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions (default: 3)")
    options = parser.parse_args()
    record("workers", compared(options.networks, options.tasks, options.repeats))


if __name__ == "__main__":
    main()
