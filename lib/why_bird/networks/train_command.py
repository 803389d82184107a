"""Train networks by a named recipe: ``why-bird train``."""

from __future__ import annotations

import argparse
import reprlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from why_bird.cache import cache_folder
from why_bird.command_line import BAD_INPUT, Parser, command
from why_bird.images.decode import open_images
from why_bird.networks.arms import PLAIN, WITH, WITHOUT, Arm, Change
from why_bird.networks.job import Job
from why_bird.networks.recipe import RECIPES
from why_bird.networks.train import train
from why_bird.networks.train_on_workers import jobs_on_workers, setup_of
from why_bird.progress import SILENT, bars
from why_bird.workers.work import HELP, parse_workers

_NO_SEED, _MOST_SEEDS = 2**32, 10_000


def _seeds(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        start, end = int(first), int(last if dash else first)
    except ValueError:
        start, end = 1, 0
    if not 0 <= start <= end < _NO_SEED or end - start >= _MOST_SEEDS:
        raise argparse.ArgumentTypeError(f"{reprlib.repr(text)} is not a seed (3) or a range of seeds (0-9)")
    return list(range(start, end + 1))


def _told(changes: Mapping[str, Change]) -> str:
    return "; ".join(f"{name} ({change.says})" for name, change in changes.items())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="why-bird train", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--images", required=True, help="folder of images, or the word download")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the networks go (default: runs)")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="post", help="a named recipe (default: post)")
    parser.add_argument("--classes", help="train on these only, such as cat,dog (default: all)")
    parser.add_argument("--seeds", type=_seeds, default=[0], help="a seed (3) or a range (0-9); one network each")
    parser.add_argument("--init", choices=["random", "imagenet"], default="random", help="weights to start from")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--without", metavar="SUSPECT", help=f"take this out of the training: {_told(WITHOUT)}")
    change.add_argument(
        "--with",
        dest="added",
        metavar="CHANGE",
        help=f"put this into the training: {_told(WITH)}; names of classes stand after a colon, as in detail:frog",
    )
    parser.add_argument("--keep-epochs", action="store_true", help="also keep the network after every epoch")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu, cuda, …")
    parser.add_argument("--workers", metavar="N|tcp://…|tls://…", help=HELP)
    parser.add_argument("--cache", type=Path, help="where decoded images are kept (default: the user's cache)")
    return parser


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    options = _parser().parse_args(arguments)
    show = bars if sys.stderr.isatty() else SILENT
    arm = PLAIN
    if options.without is not None:
        arm = Arm.parse("without", options.without)
    elif options.added is not None:
        arm = Arm.parse("with", options.added)
    cache = options.cache or cache_folder()
    images = open_images(options.images, cache, show)
    asked = tuple(name.strip() for name in options.classes.split(",")) if options.classes else None
    recipe, classes = RECIPES[options.recipe], asked or images.train.classes
    how = (options.init, options.device, arm, options.keep_epochs)
    jobs = [Job(recipe, seed, classes, *how) for seed in options.seeds]
    if options.workers is not None:
        where, setup = parse_workers(options.workers), setup_of(images, cache, out=options.out)
        refused = jobs_on_workers(where, jobs, setup, show)
        for sentence in refused:
            print(f"error: {sentence}", file=sys.stderr)
        return BAD_INPUT if refused else 0
    for job in jobs:
        train(job, images, options.out, show)
    return 0
