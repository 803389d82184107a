"""What is planned for workers is all that is missing, each once; here they stand in this process."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import staged_networks

from why_bird.errors import BadInput, Unavailable
from why_bird.images.image_set import Images
from why_bird.measure import line_up, line_up_trainings, on_workers
from why_bird.measure.line_up_trainings import Training
from why_bird.measure.measurement import declared
from why_bird.measure.on_workers import measure_on_workers
from why_bird.measure.passes import Answers
from why_bird.measure.plan import everything
from why_bird.measure.stored import still_to_make
from why_bird.measure.subject import Subject
from why_bird.networks import train_on_workers as training_on_workers
from why_bird.networks.network import Network
from why_bird.networks.recipe import Recipe
from why_bird.progress import SILENT
from why_bird.workers.work import Task, Work


class Here:
    """Does tasks in this process, and counts them."""

    def __init__(self) -> None:
        self.work: Work | None = None
        self.done: list[str] = []

    def open(self, _where: object, work: Work) -> nullcontext[Here]:
        self.work = work
        return nullcontext(self)

    def do(self, tasks: Iterable[Task], done: Callable[[str, str], Iterable[Task]], **_said: Any) -> None:
        assert self.work is not None
        ahead = deque(tasks)
        while ahead:
            task = ahead.popleft()
            self.done.append(task.key)
            ahead.extend(done(task.key, self.work.perform(self.work.setup, task.asked)))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, images: Images) -> Here:
    made = Here()
    monkeypatch.setattr(on_workers, "open_workers", made.open)
    monkeypatch.setattr(on_workers, "find_images", lambda *_asked: images)
    return made


def send(*subjects: Subject) -> None:
    first = subjects[0]
    measure_on_workers(2, everything(subjects), first.inputs, first.store, SILENT)


def test_workers_make_all_that_is_missing_and_each_once(
    open_tiny: Callable[..., Network], make_subject: Callable[..., Subject], here: Here
) -> None:
    alone, sent = make_subject(open_tiny(), cache="alone"), make_subject(open_tiny())
    for each in declared(type(alone)):
        with contextlib.suppress(Unavailable):
            each.of(alone)
    send(sent)
    assert len(here.done) == len(set(here.done)) > 10
    # What is told of the passes is what is told where nobody else measures.
    told = [{r.key: (r.origin, r.images) for r in each.store.ledger} for each in (alone, sent)]
    assert told[0] == told[1]
    staged_networks.PASSED.clear()
    np.testing.assert_array_equal(sent.noise.logits, alone.noise.logits)
    assert staged_networks.PASSED == []


def test_of_a_network_that_was_planned_nothing_large_stays_in_memory(
    open_tiny: Callable[..., Network], make_subject: Callable[..., Subject], here: Here
) -> None:
    sent = make_subject(open_tiny())
    send(sent)
    assert "untrained" not in vars(sent)
    assert not [value for value in sent.made.values() if isinstance(value, Answers)]


def test_what_two_networks_need_is_made_once(
    open_tiny: Callable[..., Network], make_subject: Callable[..., Subject], here: Here, tmp_path: Path
) -> None:
    first = make_subject(open_tiny())
    shutil.move(tmp_path / "net.pt", tmp_path / "first.pt")
    object.__setattr__(first.network, "opening", {**first.network.opening, "path": str(tmp_path / "first.pt")})
    second = make_subject(open_tiny(scale=2.0))
    assert first.network.hash != second.network.hash
    # Both were trained from one seed, and so have one untrained twin.
    assert first.untrained.network.hash == second.untrained.network.hash
    send(first, second)
    assert len(here.done) == len(set(here.done))
    for subject in (first, second):
        left = still_to_make((e for each in declared(type(subject)) for e in each.wanted(subject)), subject.store)
        assert sum(entry.passes for entry in left) == 0


@pytest.mark.parametrize("found", ["nothing", "another network"])
def test_a_worker_that_lacks_what_it_needs_says_so(
    found: str,
    open_tiny: Callable[..., Network],
    make_subject: Callable[..., Subject],
    here: Here,
    tmp_path: Path,
) -> None:
    subject = make_subject(open_tiny())
    if found == "nothing":
        (tmp_path / "net.pt").unlink()
    else:
        open_tiny(scale=2.0)
    expected = {
        "nothing": "net.pt",
        "another network": "holds another network here than the one that is asked",
    }
    with pytest.raises(BadInput, match=expected[found]):
        send(subject)


OWN = """
from why_bird.measure.passes import Pass, answers
from why_bird.measure.measurement import stored


@stored()
def once_more(subject):
    test = subject.planned.test
    return answers(subject.network, Pass("once more", {**test.source, "again": True}, test.count, test.read))
"""


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (OWN, None),
        (None, "is not here"),
        (OWN + "# changed", "is another file here"),
        ("1 / 0", "cannot be loaded here"),
        ("raise SystemExit(0)", "cannot be loaded here"),
    ],
)
def test_a_measurement_of_ones_own_is_made_by_workers_that_have_its_module(
    there: str | None,
    said: str | None,
    open_tiny: Callable[..., Network],
    make_subject: Callable[..., Subject],
    here: Here,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subject, path = make_subject(open_tiny()), tmp_path / "of_ones_own.py"
    path.write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "of_ones_own", raising=False)
    wanted = importlib.import_module("of_ones_own").once_more
    perform = on_workers.measure

    def elsewhere(setup: str, asked: str) -> str:
        """Do what a worker does that has such a file."""
        path.unlink() if there is None else path.write_text(there)
        return perform(setup, asked)

    monkeypatch.setattr(on_workers, "measure", elsewhere)
    if said == "cannot be loaded here":
        monkeypatch.setattr(on_workers, "sha256_of", lambda _path: "the same")
    asked = {subject: [wanted]}
    if said is None:
        measure_on_workers(2, asked, subject.inputs, subject.store, SILENT)
        assert len(here.done) == 1
        assert subject.knows(wanted)
    else:
        with pytest.raises(BadInput, match=said):
            measure_on_workers(2, asked, subject.inputs, subject.store, SILENT)


def test_the_line_up_is_trained_and_measured_by_workers(
    images: Images, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Recipe("short", "narrow", epochs=1, batch=16, peak=0.02, padding=2)
    trainings = (Training("without colour", (3, 4), "short"),)
    for module, name, value in (
        (line_up, "DRAWS", 20),
        (line_up, "_FEW", 10),
        (line_up_trainings, "TRAININGS", trainings),
        (line_up_trainings, "open_images", lambda *_given: images),
        (training_on_workers, "open_workers", here.open),
        (training_on_workers, "find_images", lambda *_asked: images),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setitem(line_up_trainings.RECIPES, "short", short)
    monkeypatch.setenv("WHY_BIRD_CACHE", str(tmp_path / "cache"))
    for place, more in (("alone", []), ("sent", ["--workers=2"])):
        folders = [f"--out={tmp_path / place}-runs", f"--numbers={tmp_path / place}"]
        assert line_up_trainings.main(["--images=some", *folders, *more]) == 0
    assert len(here.done) == 2
    alone, sent = (sorted((tmp_path / place).rglob("seed*.*")) for place in ("alone", "sent"))
    assert [path.name for path in alone] == ["seed3.json", "seed3.safetensors", "seed4.json", "seed4.safetensors"]
    assert [path.read_bytes() for path in alone] == [path.read_bytes() for path in sent]
