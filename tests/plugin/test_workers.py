from __future__ import annotations

from pathlib import Path

import pytest
from asking import HYPOTHESES, PROJECT, World, alone, run

FORBIDS = """
import sys


class Forbidden:
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] not in ("dask", "distributed"), name


sys.meta_path.insert(0, Forbidden())
"""


def test_without_workers_nothing_of_dask_is_imported(world: World, tmp_path: Path) -> None:
    (tmp_path / "forbids.py").write_text(FORBIDS)
    words = [HYPOTHESES, *world.options("feature-sink"), f"--evidence-dir={tmp_path}/latest", "-k", "Z2", "-c"]
    done = alone("-p", "forbids", *words, PROJECT / "pyproject.toml", cwd=tmp_path, checkout=PROJECT)
    assert "1 passed" in done.stdout or "1 failed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("given", ["0", "many", "tcp://here", "http://127.0.0.1:8786", "2000"])
def test_what_is_neither_a_number_nor_a_scheduler_is_refused(world: World, folder: Path, given: str) -> None:
    answer = world.ask("feature-sink", f"--workers={given}", folder=folder)
    assert answer.code == 4
    assert answer.complaint.startswith(f"--workers is '{given}': give a number of processes from 1 to 1024")
    assert answer.wrote_nothing


def test_a_scheduler_that_does_not_answer_is_named(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("why_bird.workers.cluster.SECONDS", 1)
    words = [HYPOTHESES, *world.options("bias-sink"), f"--evidence-cache={tmp_path}", "-k", "Z2"]
    answer = run(*words, "--workers=tcp://127.0.0.1:9", folder=folder)
    assert answer.code == 4
    assert answer.complaint.startswith("the scheduler at tcp://127.0.0.1:9 does not answer")
