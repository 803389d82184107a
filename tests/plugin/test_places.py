"""Which claims a run is asked for: those in a folder called hypotheses that has a register."""

from __future__ import annotations

from pathlib import Path

import pytest

from why_bird.fixtures.places import first_claims
from why_bird.shipped import CLAIMS, IS_INSTALLED


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with claims, beside another whose folder of that name is something else."""
    for folder in ("own/hypotheses/deep", "own/tests", "other/hypotheses"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "own/hypotheses/register.toml").touch()
    (tmp_path / "own/hypotheses/test_a.py").touch()
    (tmp_path / "other/register.toml").touch()
    return tmp_path


def asked(argument: str, here: Path, *, pyargs: bool = False, registering: bool = False) -> Path | None:
    return first_claims([argument], here, pyargs=pyargs, registering=registering)


@pytest.mark.parametrize(
    "argument",
    [
        "own",
        "own/hypotheses",
        "own/hypotheses/",
        "own/hypotheses/test_a.py",
        "own/hypotheses/test_a.py::test_x",
        "own/hypotheses/test_a.py::test_x[a::b]",
        "own/hypotheses/deep",
        "own/tests/../hypotheses",
    ],
)
def test_claims_are_named_by_their_folder_by_what_is_in_it_and_by_what_holds_it(project: Path, argument: str) -> None:
    assert asked(argument, project) == project / "own" / "hypotheses"
    assert asked(str(project / argument), Path("/")) == project / "own" / "hypotheses"


@pytest.mark.parametrize(
    "argument",
    [
        ".",
        "own/tests",
        "own/tests/hypotheses",
        "other",
        "other/hypotheses",
        "nowhere",
        "why_bird.hypotheses",
        "x" * 5000,
    ],
)
def test_nothing_else_names_claims(project: Path, argument: str) -> None:
    assert asked(argument, project) is None


def test_the_first_register_is_yet_to_be_written(project: Path) -> None:
    assert asked("other/hypotheses", project, registering=True) == project / "other" / "hypotheses"
    assert asked("own/tests", project, registering=True) is None


def test_the_first_of_several_counts(project: Path) -> None:
    words = ["own/tests", "own/hypotheses", str(CLAIMS)]
    assert first_claims(words, project, pyargs=False, registering=False) == project / "own" / "hypotheses"


def test_a_checkout_has_claims_of_its_own() -> None:
    assert not IS_INSTALLED
    assert asked("hypotheses", Path(__file__).parents[2]) == CLAIMS
    assert asked("why_bird.hypotheses", Path(__file__).parents[1], pyargs=True) is None
