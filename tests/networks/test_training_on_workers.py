"""Trainings that other processes do end in the networks that this one trains."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import told_threads
import torch
from safetensors.torch import load_file
from tiny_training import CLASSES, TINY, write_tree

from why_bird.images.decode import open_images
from why_bird.images.image_set import Images
from why_bird.networks.arms import Arm
from why_bird.networks.job import Job
from why_bird.networks.train import train
from why_bird.networks.train_on_workers import jobs_on_workers, setup_of
from why_bird.progress import SILENT
from why_bird.workers.threads import threads_of_a_worker
from why_bird.workers.work import Task, Work, open_workers


@pytest.fixture
def images(tmp_path: Path, one_thread: None) -> Images:
    return open_images(str(write_tree(tmp_path / "tree", train=12, size=8)), tmp_path / "cache")


def test_a_worker_calculates_with_its_share_of_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("why_bird.workers.cluster.threads_of_a_worker", lambda workers: 3 * workers)
    said: list[str] = []
    with open_workers(1, Work(told_threads.nothing, told_threads.threads, "")) as workers:
        workers.do(
            [Task("one", "")], lambda _key, answer: said.append(answer) or [], label="", total=1, progress=SILENT
        )  # type: ignore[func-returns-value]
    assert said == ["3"]


def test_two_processes_train_what_one_does_and_say_what_cannot_be_trained(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("why_bird.workers.cluster.threads_of_a_worker", lambda _workers: 1)
    short = replace(TINY, name="short", epochs=1, small_epochs=0)
    changed = Arm.parse("with", "detail:frog")
    jobs = [Job(short, 0, CLASSES), Job(short, 1, CLASSES, arm=changed), Job(replace(short, batch=1000), 2, CLASSES)]
    setup = setup_of(images, tmp_path / "cache", out=tmp_path / "sent")
    [refused] = jobs_on_workers(2, jobs, setup, SILENT)
    assert "the recipe short needs 1000 or more" in refused
    for job in jobs[:2]:
        there, here = (
            load_file(tmp_path / "sent" / job.name / "network.safetensors"),
            load_file(train(job, images, tmp_path / "here")),
        )
        assert all(torch.equal(there[name], here[name]) for name in here)
    manifest = json.loads((tmp_path / "sent" / jobs[0].procedure / "manifest.json").read_text())
    assert [each["seed"] for each in manifest["networks"]] == [0]


@pytest.mark.parametrize(("asked", "threads"), [("", 4), ("1", 1), ("3,1", 3), ("16", 4), ("many", 4)])
def test_a_worker_takes_its_share_of_the_cores_and_no_more_threads_than_asked_for(
    monkeypatch: pytest.MonkeyPatch, asked: str, threads: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: set(range(8)), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert threads_of_a_worker(2) == threads
