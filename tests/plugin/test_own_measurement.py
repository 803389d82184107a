"""A measurement that somebody else declares is planned, stored and given to claims as ours are."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import own_measurement
import pytest
from asking import PROJECT, Answer, World
from worlds import CLASSES, TEST

from why_bird.fixtures.measurements import MEASURED
from why_bird.measure.passes import Answers
from why_bird.stats import Proportion

NAME = "test_the_class_of_noise_is_bird"
ALWAYS = 2_000 + 5_000 + TEST * len(CLASSES)


@pytest.fixture
def ask(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Return a run of one claim, with another body."""
    monkeypatch.syspath_prepend(PROJECT)
    module = importlib.import_module("hypotheses.test_noise_collapse")

    def asked(body: Callable[..., None], folder: str) -> Answer:
        original = getattr(module, NAME)
        body.__doc__, body.pytestmark = original.__doc__, original.pytestmark  # type: ignore[attr-defined]
        monkeypatch.setattr(module, NAME, body)
        cache = f"--evidence-cache={tmp_path / 'cache'}"
        return world.ask("feature-sink", cache, "-k", NAME, folder=tmp_path / folder, plugins=(own_measurement,))

    return asked


def test_it_is_planned_passed_once_and_stored(ask: Callable[..., Answer]) -> None:
    def own(negatives: Answers, bird: int, judge: Any) -> None:
        judge(Proportion(int((negatives.labels == bird).sum()), len(negatives), "negatives"))

    first = ask(own, "first")
    (claim,) = first.partial["claims"]
    assert (claim["n"], claim["unit"]) == (TEST * len(CLASSES), "negatives")
    assert f"to pass: at most {ALWAYS + TEST * len(CLASSES):,} images" in first.output
    again = ask(own, "again")
    assert again.partial["claims"][0]["estimate"] == claim["estimate"]
    assert "to pass: no image, what can be measured is stored" in again.output


def test_a_claim_that_takes_it_for_something_else_is_told_so(ask: Callable[..., Answer]) -> None:
    def own(negatives: Proportion, judge: Any) -> None:
        judge(negatives)

    answer = ask(own, "wrong")
    assert "takes negatives as <class 'why_bird.stats.proportion.Proportion'>" in answer.complaint
    assert "declared as <class 'why_bird.measure.passes.Answers'>" in answer.complaint
    assert answer.code == 4


def test_what_a_fixture_is_can_be_read_without_its_neighbours() -> None:
    # pytest --fixtures lists them by name.
    leaning = re.compile(r"\bthe same (?:class|network|test|without)|\bthat (?:family|it)\b", re.IGNORECASE)
    said = {name: wanted.__doc__ or "" for name, wanted in MEASURED.items()}
    assert said["collapse"].startswith("The class of noise")
    assert {name: text for name, text in said.items() if leaning.search(text)} == {}
