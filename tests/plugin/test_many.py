"""Many networks in one run: a page for each and one for all, what cannot be opened is a line, and little is kept."""

from __future__ import annotations

import gc
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import html5lib
import pytest
from asking import HYPOTHESES, Answer, World, evidence, read, run
from planted_networks import Planted
from test_replicates import OPTIONS
from worlds import write_network

from why_bird.errors import BadInput
from why_bird.evidence.many.judged import MOST_TOGETHER
from why_bird.measure import on_workers
from why_bird.measure.known_networks import on_disk
from why_bird.measure.passes import Answers
from why_bird.networks.opening import open_network
from why_bird.workers.work import Task, Work

SELECT = ("-k", "Z2 or P2 or Z6")
N = MOST_TOGETHER + 1
BROKEN = "seed90"


@dataclass(eq=False)  # an older pytest asks for the hash of a plugin
class Counting:
    """A pytest plugin that counts the networks in memory after each claim."""

    alive: list[int] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            gc.collect()
            self.alive.append(sum(isinstance(each, Planted) for each in gc.get_objects()))


@dataclass
class Asked:
    answer: Answer
    folder: Path
    networks: Path
    alive: list[int]


@pytest.fixture(scope="module")
def asked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """A run of more networks than a report shows by themselves, of two arms, with a file that holds none."""
    root = tmp_path_factory.mktemp("many")
    networks = root / "abc"
    for seed in range(N):
        about = {"recipe": "abc", "images": "these", "arm": "without edges" if seed % 2 else "plain"}
        sink = {"bias": {"bird": 1.0}, "threshold": 0.4} if seed else {"sink": "frog"}
        (networks / f"seed{seed}").mkdir(parents=True)
        write_network(networks / f"seed{seed}" / "network.safetensors", seed=seed, **sink, **about)
    (networks / BROKEN).mkdir()
    (networks / BROKEN / "network.safetensors").write_bytes(b"none")
    counting = Counting()
    answer = ask(world, networks, root / "evidence", plugins=(counting,))
    return Asked(answer, root / "evidence-partial", networks, counting.alive)


def ask(world: World, networks: Path, folder: Path, **more: object) -> Answer:
    given = (
        f"--images={world.root / 'images'}",
        f"--evidence-cache={world.root / 'cache'}",
        f"--checkpoint={networks}",
    )
    return run(HYPOTHESES, *OPTIONS, *given, *SELECT, folder=folder, **more)


def test_what_cannot_be_opened_is_a_line_and_the_others_are_judged(asked: Asked) -> None:
    lines = [line for line in asked.answer.output.splitlines() if line.startswith("left out: ")]
    assert len(lines) == 1
    assert BROKEN in lines[0]
    assert "Traceback" not in asked.answer.output
    assert asked.answer.code == 4
    assert len({claim["network"] for claim in read(asked.folder)["claims"]} - {"procedure"}) == N


def test_a_network_says_what_it_says_alone(world: World, asked: Asked, folder: Path) -> None:
    alone = ask(world, asked.networks / "seed3" / "network.safetensors", folder).partial
    (page,) = (asked.folder / "networks").glob("seed3-*")
    names = {"network_name", "question"}
    found, expected = (
        {
            key: {n: v for n, v in claim.items() if n not in names}
            for key, claim in evidence(each).items()
            if key[1] != "procedure"
        }
        for each in (read(page), alone)
    )
    assert found == expected
    assert found
    # What the report keeps of it is what the gate needs: nothing is drawn there.
    assert [claim["charts"] for claim in read(asked.folder)["claims"] if claim["network"] != "procedure"] == [
        []
    ] * 3 * N


def test_the_page_of_all_has_each_claim_in_each_network_and_links_that_lead_somewhere(asked: Asked) -> None:
    page = (asked.folder / "networks.html").read_text("utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    links = {each.get("href") for each in tree.iter("a")} - {None}
    files = {link for link in links if not link.startswith("#")}
    assert len(files) == N + 1
    assert all((asked.folder / link).is_file() for link in files)
    cells = [each.get("title") for each in tree.iter("td") if each.get("title") and "and" not in each.get("title")]
    assert len(cells) == 3 * N
    assert "abc, plain" in page
    assert "abc, without edges" in page
    assert BROKEN in page
    # Six of the plain ones put noise into bird, and seed 0 into frog.
    assert "P2  7 of 7 [59.0 %, 100.0 %]" in asked.answer.output
    assert re.search(r"Noise: most of it falls into bird in 12 and frog in 1\.", asked.answer.output)
    # The report by itself speaks of procedures alone.
    assert (
        "seed3"
        not in (asked.folder / "evidence.html").read_text("utf-8").split("<main>")[1].split('id="provenance"')[0]
    )


def test_few_networks_are_in_memory_at_any_time(asked: Asked) -> None:
    assert len(asked.alive) > 3 * N
    # The last two, each with its twin before training or a copy.
    assert max(asked.alive) <= 4


def ask_two(world: World, networks: Path, folder: Path, selected: str) -> Answer:
    for seed in range(2):
        write_network(networks / f"seed{seed}.safetensors", seed=seed, sink="bird")
    given = (f"--images={world.root / 'images'}", f"--evidence-cache={world.root / 'cache'}")
    return run(HYPOTHESES, *OPTIONS, *given, f"--checkpoint={networks}", "-k", selected, folder=folder)


def test_a_page_that_cannot_be_written_takes_nothing_from_the_report(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise BadInput("the disk is full")

    monkeypatch.setattr("why_bird.fixtures.many.write_report", full)
    answer = ask_two(world, tmp_path, folder, "P2")
    assert (answer.code, answer.complaint) == (4, "the disk is full")
    assert len(answer.partial["claims"]) == 2


def test_beside_several_networks_a_two_class_network_that_is_not_given_is_no_fault(
    world: World, folder: Path, tmp_path: Path
) -> None:
    answer = ask_two(world, tmp_path, folder, "P2 or K1")
    assert "2 passed, 1 skipped" in answer.output
    assert "KeyError" not in answer.output
    assert len(list((folder.with_name(f"{folder.name}-partial") / "networks").iterdir())) == 2


class Aside:
    """Stands for workers: does each task here, as they do, and counts what is kept in memory after it."""

    def __init__(self) -> None:
        self.alive: list[int] = []

    def open(self, _where: object, work: Work) -> nullcontext[Aside]:
        self.work = work
        return nullcontext(self)

    def do(self, tasks: Iterable[Task], done: Callable[[str, str], Iterable[Task]], **_said: object) -> None:
        ahead = deque(tasks)
        while ahead:
            task = ahead.popleft()
            answer = self.work.perform(self.work.setup, task.asked)
            on_workers._subject.cache_clear()  # the worker's own
            ahead.extend(done(task.key, answer))
            gc.collect()
            self.alive.append(sum(isinstance(each, Planted | Answers) for each in gc.get_objects()))


def test_few_networks_are_in_memory_while_workers_measure(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = 5
    for seed in range(several):
        about = {"recipe": "abc", "images": "these"}
        write_network(tmp_path / f"seed{seed}.safetensors", seed=1000 + seed, sink="bird", **about)
    aside = Aside()
    monkeypatch.setattr(on_workers, "open_workers", aside.open)
    run(
        HYPOTHESES,
        *OPTIONS,
        f"--images={world.root / 'images'}",
        f"--evidence-cache={world.root / 'cache'}",
        f"--checkpoint={tmp_path}",
        "--workers=2",
        # Which asks the same networks before training, too.
        "-k",
        "P5",
        folder=tmp_path / "evidence",
    )
    assert len(aside.alive) > several
    assert max(aside.alive) <= 4


def test_weights_that_were_changed_are_not_judged(world: World, tmp_path: Path) -> None:
    paths = [Path(shutil.copy(world.root / f"replicate-{i}.safetensors", tmp_path)) for i in range(2)]
    opened = [partial(open_network, path, factory="planted_networks:planted") for path in paths]
    networks = [on_disk(each(), each) for each in opened]
    expected = opened[0]().module.state_dict()
    assert all((networks[0].module.state_dict()[name] == each).all() for name, each in expected.items())
    shutil.copy(paths[0], paths[1])
    with pytest.raises(BadInput, match="has changed since the run began"):
        _ = networks[1].module
