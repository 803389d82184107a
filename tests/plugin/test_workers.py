from __future__ import annotations

from pathlib import Path

import pytest
from asking import HYPOTHESES, World, run


@pytest.mark.parametrize("given", ["0", "many", "tcp://here", "http://127.0.0.1:8786", "2000", "tcp://a..b:1"])
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
