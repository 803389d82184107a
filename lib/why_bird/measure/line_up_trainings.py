"""Train the networks of the line-up and keep their numbers: ``why-bird line-up``.

Every network that has no numbers yet is trained, measured and entered, one after the other, in the order of
:data:`TRAININGS`. Several processes may work on one folder: each takes the next network that no other one holds. After
a kill the same command goes on where it was ended. With ``--workers`` a Dask cluster does it.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from why_bird.cache import cache_folder
from why_bird.command_line import BAD_INPUT, Parser, command
from why_bird.errors import BadInput
from why_bird.images.decode import open_images
from why_bird.images.image_set import Images
from why_bird.measure.line_up import SEEDS, measure_line_up, write_numbers
from why_bird.networks.arms import Arm
from why_bird.networks.job import Job
from why_bird.networks.opening import open_network
from why_bird.networks.recipe import RECIPES
from why_bird.networks.train import train
from why_bird.networks.train_on_workers import asked_job, jobs_on_workers, prepare, setup_of
from why_bird.progress import SILENT, bars
from why_bird.workers.work import HELP, parse_workers

_SHOWN = SEEDS[:4]


@dataclass(frozen=True, slots=True)
class Training:
    """Networks of one arm and recipe, one a seed."""

    arm: str
    """As it stands in results."""
    seeds: tuple[int, ...] = SEEDS
    recipe: str = "cheap"


TRAININGS = (
    Training("plain"),
    Training("without cross-spectrum"),
    Training("without cross-spectrum-and-contrast"),
    Training("without output-bias"),
    Training("without border"),
    Training("noise"),
    Training("permuted-cross-spectra"),
    Training("swapped-cross-spectra:frog,truck"),
    Training("swapped-cross-spectra:frog,horse"),
    Training("without fine-detail"),
    Training("without phases"),
    Training("without colour"),
    Training("without normalisation"),
    Training("without zero-padding"),
    Training("detail:ship"),
    Training("white-spectrum:ship"),
    Training("random-phases:ship"),
    Training("white-spectrum:truck"),
    Training("random-phases:truck"),
    Training("without augmentation", seeds=_SHOWN),
    Training("without class:frog", seeds=_SHOWN),
    Training("plain", recipe="accurate"),
    Training("without cross-spectrum-and-contrast", recipe="accurate"),
    Training("without output-bias", recipe="accurate"),
    Training("without averaging", recipe="accurate"),
)
"""In the order in which they are trained: the main suspect first, those that the post names, the cure, and then the
claims that the fewest networks decide."""


def _jobs(only: str | None, classes: tuple[str, ...]) -> Iterator[Job]:
    for training in TRAININGS:
        if only is None or training.recipe == only:
            recipe, arm = RECIPES[training.recipe], Arm.of(training.arm)
            yield from (Job(recipe, seed, classes, arm=arm) for seed in training.seeds)


def _make(job: Job, images: Images, out: Path, kept: Path) -> None:
    """Train and measure one network, unless it has its numbers or another process is at it."""
    path = kept / f"{job.name}.json"
    for folder in (path.parent, out / job.name):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / job.name / ".lock", timeout=0):
            if path.is_file():
                return
            network = open_network(train(job, images, out))
            # So it is also known whether the network works on images such as it was trained on.
            changed = job.arm.pixels(images.test, job.seed) if job.arm.change.pixels else None
            numbers, arrays = measure_line_up(network, images.test, network.metadata, changed)
            write_numbers(path, numbers, arrays)
    except Timeout:
        return


def make_one(setup: str, asked: str) -> str:
    """Do the same in a worker; return nothing, or why the network cannot be trained."""
    images, folders = prepare(setup), json.loads(setup)
    try:
        _make(asked_job(asked), images, Path(folders["out"]), Path(folders["numbers"]))
    except BadInput as error:
        return str(error)
    return ""


def _refusals(jobs: Iterable[Job], images: Images, options: Namespace) -> Iterator[str]:
    """Make all networks; yield why some cannot be: one that diverged leaves the others to be trained."""
    if options.workers is not None:
        setup = setup_of(images, cache_folder(), out=options.out, numbers=options.numbers)
        show = bars if sys.stderr.isatty() else SILENT
        yield from jobs_on_workers(parse_workers(options.workers), jobs, setup, show, make_one)
        return
    for job in jobs:
        try:
            _make(job, images, options.out, options.numbers)
        except BadInput as error:
            yield str(error)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(prog="why-bird line-up", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--images", required=True, help="folder of images, or the word download")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the networks go (default: runs)")
    numbers = Path("fixtures/reference/line-up")
    parser.add_argument("--numbers", type=Path, default=numbers, help=f"where their numbers go (default: {numbers})")
    parser.add_argument("--recipe", choices=sorted({t.recipe for t in TRAININGS}), help="only those of one recipe")
    parser.add_argument("--workers", metavar="N|tcp://…|tls://…", help=HELP)
    options = parser.parse_args(arguments)
    failed = 0
    images = open_images(options.images, cache_folder(), SILENT)
    for sentence in _refusals(_jobs(options.recipe, images.train.classes), images, options):
        failed = BAD_INPUT
        print(f"error: {sentence}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
