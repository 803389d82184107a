"""Trainings that other processes do: a job travels as what it is, and its network lies in a folder that all share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from why_bird.errors import BadInput
from why_bird.images.decode import find_images
from why_bird.images.image_set import Images
from why_bird.locks import locked
from why_bird.networks.arms import Arm
from why_bird.networks.job import Job
from why_bird.networks.recipe import Recipe
from why_bird.networks.train import train
from why_bird.progress import Progress
from why_bird.workers.work import Task, Where, Work, open_workers


def setup_of(images: Images, cache: Path, **folders: Path) -> str:
    """Return what every training needs: the images, by content, and the folders into which it writes."""
    content = {"name": images.name, "train": images.train.hash, "test": images.test.hash}
    return json.dumps(
        {
            "cache": str(cache.absolute()),
            "images": {**content, "classes": images.train.classes},
            "shared": [str(folder.absolute()) for folder in (cache, *folders.values())],
            **{name: str(folder.absolute()) for name, folder in folders.items()},
        }
    )


@lru_cache(maxsize=1)
def prepare(setup: str) -> Images:
    """Return the images of a setup, in a worker.

    Raises BadInput if they are not there.
    """
    said = json.loads(setup)
    images = said["images"]
    return find_images(Path(said["cache"]), images["name"], tuple(images["classes"]), images["train"], images["test"])


def asked_job(asked: str) -> Job:
    """Return the job that is asked."""
    said = json.loads(asked)
    read = {"recipe": Recipe(**said["recipe"]), "classes": tuple(said["classes"]), "arm": Arm.of(said["arm"])}
    return Job(**{**said, **read})


def train_one(setup: str, asked: str) -> str:
    """Train one network, in a worker; return nothing, or why it cannot be trained."""
    images, job, out = prepare(setup), asked_job(asked), Path(json.loads(setup)["out"])
    try:
        (out / job.name).mkdir(parents=True, exist_ok=True)
        # Of two that are to train the same, one waits for the other.
        with locked(out / job.name / ".lock", f"training {job.name}"):
            train(job, images, out)
    except BadInput as error:
        return str(error)
    return ""


def jobs_on_workers(
    where: Where,
    jobs: Iterable[Job],
    setup: str,
    progress: Progress,
    do: Callable[[str, str], str] = train_one,
) -> list[str]:
    """Have networks trained by other processes, and return why some cannot be.

    Parameters
    ----------
    where : int or str
        See :func:`why_bird.workers.work.parse_workers`.
    setup : str
        From :func:`setup_of`, with the folder ``out``.
    progress : Progress
        Shows the networks.
    do : callable
        What is done with a job, given the setup and the job: as :func:`train_one`.

    Raises
    ------
    BadInput
        If there are no workers, one is not fit, or some trainings failed.
    """
    tasks = [_task(job, setup) for job in jobs]
    refused: list[str] = []

    def done(_key: str, answer: str) -> tuple[Task, ...]:
        refused.extend([answer] if answer else [])
        return ()

    gpu = any(json.loads(task.asked)["device"].startswith("cuda") for task in tasks)
    shared = tuple(json.loads(setup)["shared"])
    with open_workers(where, Work(prepare, do, setup, gpu, shared)) as workers:
        workers.do(tasks, done, label="trainings", total=len(tasks), progress=progress)
    return refused


def _task(job: Job, setup: str) -> Task:
    asked = json.dumps({**asdict(job), "arm": job.arm.name})
    return Task(f"training-{hashlib.sha256((setup + asked).encode()).hexdigest()[:16]}", asked)
