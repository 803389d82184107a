"""Bars are shown to a person who waits at a terminal, and to nobody else."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from why_bird.fixtures import networks
from why_bird.progress import SILENT

Config = Any


def config(*, verbose: int = 0, isatty: bool = True, worker: bool = False, without: str = "") -> Config:
    """Return what pytest says of a run."""

    @contextmanager
    def shown() -> Any:
        yield

    plugins = {
        "terminalreporter": SimpleNamespace(isatty=isatty),
        "capturemanager": SimpleNamespace(global_and_fixture_disabled=shown),
    }
    plugins.pop(without, None)
    made = SimpleNamespace(getoption={"verbose": verbose}.get, pluginmanager=SimpleNamespace(get_plugin=plugins.get))
    if worker:
        made.workerinput = {}
    return made


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The labels of the bars that were opened."""
    labels: list[str] = []

    @contextmanager
    def bars(label: str, _total: int) -> Any:
        labels.append(label)
        yield lambda _done: None

    monkeypatch.setattr(networks, "bars", bars)
    monkeypatch.delenv("CI", raising=False)
    return labels


def test_a_person_at_a_terminal_sees_them(opened: list[str]) -> None:
    with networks._visible_bars(config())("5,000 images", 5000) as advance:
        advance(1)
    assert opened == ["5,000 images"]


@pytest.mark.parametrize(
    "made",
    [
        config(verbose=-1),
        config(isatty=False),
        config(worker=True),
        config(without="terminalreporter"),
        config(without="capturemanager"),
    ],
    ids=["-q", "no terminal", "a worker of xdist", "no reporter", "no capture"],
)
def test_nobody_else_does(made: Config) -> None:
    assert networks._visible_bars(made) is SILENT


def test_nor_does_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert networks._visible_bars(config()) is SILENT
