"""After a kill at any moment of a run the next run completes, with the same verdicts."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from asking import Answer, evidence, read, verdicts
from published import validate

from why_bird.streams import generator

from .caches import entries, folders, unfinished
from .conftest import SELECTED, Endurance
from .felled import STEP, WHERE

STEPS = 40


@dataclass
class Chain:
    """Runs one after another on one cache and one folder of reports, all of them killed but the last."""

    root: Path
    kills: int = 0
    made: dict[str, int] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def folder(self) -> Path:
        return self.root / "latest"

    def inspect(self, report: Path) -> None:
        """Hold that every entry is whole, that none which was there was made again, and that a report is whole."""
        there = entries(self.cache)
        assert self.made.items() <= there.items()
        self.made = there
        if (report / "evidence.json").exists():
            validate(read(report))
            assert (report / "evidence.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
            assert (report / "evidence.md").read_text(encoding="utf-8").startswith("#")

    def completed(self, answer: Answer, report: Path, undisturbed: Path) -> None:
        """Hold that a run found what the undisturbed one found, and left nothing unfinished."""
        assert answer.code == 1, answer.output
        assert "warning:" not in answer.output
        found, expected = read(report), read(undisturbed)
        assert verdicts(found) == verdicts(expected)
        assert evidence(found) == evidence(expected)
        assert unfinished(self.cache) == []
        assert sorted(path.name for path in report.glob("[!.]*")) == ["evidence.html", "evidence.json", "evidence.md"]


def stages(count: int, of: int) -> list[int]:
    """Return how many entries there are when a run is killed, one in each of as many equal parts, in random order."""
    rng = generator(0, "endurance", "kill")
    shares = rng.permutation((np.arange(count) + rng.uniform(size=count)) / count)
    return [int(share * of) for share in shares]


def duration_of(endurance: Endurance, root: Path, selected: str) -> tuple[float, set[str]]:
    """Return the seconds of an undisturbed run on an empty cache, and what it makes."""
    started = time.perf_counter()
    assert endurance.start(root / "cache", root / "latest", selected=selected).answer().code == 1
    return time.perf_counter() - started, set(entries(root / "cache"))


@pytest.mark.parametrize(
    ("selected", "kills"),
    [(SELECTED, 10), pytest.param("", 20, marks=pytest.mark.nightly)],
    ids=["ten, of a question", "twenty, of all"],
)
def test_after_so_many_kills_the_next_run_completes_with_the_same_verdicts(
    endurance: Endurance, tmp_path: Path, selected: str, kills: int
) -> None:
    duration, everything = duration_of(endurance, tmp_path / "timed", selected)
    an_entry = duration / len(everything)
    rng = generator(0, "endurance", "moment")
    undisturbed = endurance.report(tmp_path / "timed" / "latest", selected)
    ahead, chains, hits = stages(kills, len(everything)), [Chain(tmp_path / "0")], []
    # A run may be through before it is killed, and one whose stage lies behind it is left alone.
    for _ in range(4 * kills):
        chain = chains[-1]
        report = endurance.report(chain.folder, selected)
        run = endurance.start(chain.cache, chain.folder, selected=selected)
        status = None
        hunted = ahead and not 0 < ahead[-1] <= len(chain.made)
        if hunted:
            # By what it has made and not by the clock: how long that takes is the machine's, and what else runs there.
            while status is None and len(folders(chain.cache)) < ahead[-1]:
                status = run.ended(an_entry / 10)
            # Then somewhere in the making of the next.
            status = run.ended(rng.uniform() * an_entry) if status is None else status
            if status is None:
                run.kill()
        status = run.ended() if status is None else status
        chain.inspect(report)
        if status == -signal.SIGKILL:
            hits.append((len(chain.made), bool(unfinished(chain.cache))))
            chain.kills += 1
            ahead.pop()
            continue
        chain.completed(run.said_answer(), report, undisturbed)
        assert set(chain.made) == everything
        if not ahead:
            break
        if hunted:
            # It was through before its moment, as where the machine had more to do when one was timed.
            an_entry /= 2
        chains.append(Chain(tmp_path / str(len(chains))))
    assert len(hits) == kills
    # Kills that only met the loading of libraries, or a finished cache, would prove nothing.
    assert sum(0 < made < len(everything) for made, _ in hits) >= 0.4 * kills
    assert any(left for _, left in hits)


def test_a_kill_at_any_step_of_writing_leaves_what_is_whole(endurance: Endurance, tmp_path: Path) -> None:
    chain = Chain(tmp_path / "chain")
    report = endurance.report(chain.folder)
    rng = generator(0, "endurance", "step")
    kills = 0
    while True:
        # Each run comes a few entries further, and the last of those that are killed to the report.
        step = int(rng.integers(1, STEPS))
        given = {WHERE: str(chain.root), STEP: str(step)}
        run = endurance.copies.start(
            *endurance.words(chain.cache),
            "-p",
            "tests.endurance.felled",
            folder=chain.folder,
            aside=tmp_path,
            environment=given,
        )
        status = run.ended()
        chain.inspect(report)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        assert kills < 2 * STEPS, "no run comes further than the one before"
    chain.completed(run.said_answer(), report, endurance.undisturbed)
    assert kills >= 6
