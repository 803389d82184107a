"""The pre-registration is written by a run, held against every other run, and never changed in silence."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, PROJECT, Answer, World, run

from why_bird.evidence.register import Register, read_register, write_register

SHIPPED = PROJECT / "hypotheses" / "register.toml"


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the register, which the plugin takes for the project's."""
    path = tmp_path / "register.toml"
    path.write_bytes(SHIPPED.read_bytes())
    monkeypatch.setattr("why_bird.fixtures.collection.register_file", lambda _config: path)
    return path


def rewrite(path: Path, claim: str, **changes: Any) -> Register:
    """Register something else for a claim, with a digest that fits."""
    register = read_register(path)
    claims = register.claims | {claim: replace(register.claims[claim], **changes)}
    write_register(path, replace(register, claims=claims))
    return read_register(path)


def test_registering_needs_neither_networks_nor_images(register: Path, folder: Path) -> None:
    before = rewrite(register, "Z2", planned=True)
    answer = run(HYPOTHESES, "--register", "--checkpoint=nowhere", folder=folder)
    after = read_register(register)
    assert before.claims["Z2"].planned
    assert not after.claims["Z2"].planned
    assert after == read_register(SHIPPED)
    assert answer.wrote_nothing
    assert answer.code == 0


def test_workers_do_not_register(register: Path, folder: Path) -> None:
    rewrite(register, "Z2", planned=True)
    answer = run(HYPOTHESES, "--register", "-n", "2", folder=folder)
    assert not read_register(register).claims["Z2"].planned
    assert answer.wrote_nothing
    assert answer.code == 0


def test_the_register_that_is_committed_is_what_the_tests_state(register: Path, folder: Path) -> None:
    answer = run(HYPOTHESES, "--register", folder=folder)
    assert register.read_bytes() == SHIPPED.read_bytes()
    assert answer.code == 0


def test_a_change_needs_a_reason_and_is_kept(register: Path, folder: Path, world: World) -> None:
    rewrite(register, "Z2", threshold=0.2)
    refused = run(HYPOTHESES, "--register", folder=folder)
    assert "claim Z2 changed since it was registered: threshold was 0.2 and is 0.1 now" in refused.complaint
    assert refused.code == 4
    nameless = run(HYPOTHESES, "--register", "--amend=", folder=folder)
    assert "an amendment needs its reason" in nameless.complaint
    assert nameless.code == 4
    assert run(HYPOTHESES, "--register", "--amend=a tenth is enough", folder=folder).code == 0
    *before, amendment = tomllib.loads(register.read_text(encoding="utf-8"))["amendment"]
    assert amendment["reason"] == "a tenth is enough"
    assert (amendment["before"]["threshold"], amendment["after"]["threshold"]) == (0.2, 0.1)
    answer = world.ask("bias-sink", "-k", "highest_bias", folder=folder)
    *kept, last = answer.partial["amendments"]
    assert len(kept) == len(before)
    assert (last["after"]["id"], last["reason"]) == ("Z2", "a tenth is enough")
    assert answer.code == 0


def by_hand(register: Path) -> None:
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("weight = 2", "weight = 3", 1), encoding="utf-8")


def planned(register: Path) -> None:
    rewrite(register, "Z2", planned=True)


def never(register: Path) -> None:
    content = read_register(register)
    claims = {name: claim for name, claim in content.claims.items() if name != "Z2"}
    write_register(register, replace(content, claims=claims))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (by_hand, "was edited by hand"),
        (planned, "claim Z2 has a test and stands in the register as planned"),
        (never, "claim Z2 was never registered"),
        (Path.unlink, "no register at"),
        (lambda register: register.write_text("digest ="), "is not TOML"),
    ],
)
def test_4_a_register_that_does_not_fit(
    world: World, register: Path, folder: Path, change: Callable[[Path], Any], words: str
) -> None:
    change(register)
    # The claim that is asked for is another one: a register holds as a whole or not at all.
    answer = world.ask("bias-sink", "-k", "highest_bias", folder=folder)
    assert words in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


class Marked:
    """A pytest plugin that gives one claim another marker."""

    def __init__(self, mark: pytest.MarkDecorator) -> None:
        self.mark = mark

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        if item.name.startswith("test_bird_does_not"):
            item.add_marker(self.mark, append=False)


STATED: dict[str, Any] = {"above": 0.01, "source": "comment, 28 December 2019"}


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (pytest.mark.claim(**STATED), "a claim needs an id and one of above=, below= and within="),
        (pytest.mark.claim(" ", **STATED), "'' is no id of a claim: give letters and numbers, such as Q1"),
        (pytest.mark.claim("Z\x1b[1m", **STATED), "is no id of a claim"),
        (pytest.mark.claim("Z1[procedure]", **STATED), "'Z1[procedure]' is no id of a claim"),
        (pytest.mark.claim("Z1", source="x"), "a claim needs an id and one of above=, below= and within="),
        (pytest.mark.claim("Z1", below=1.0, **STATED), "a claim needs an id and one of above=, below= and within="),
        (pytest.mark.claim("Z1", above=0.01), "the marker does not state a claim"),
        (pytest.mark.claim("Z1", weigth=2, **STATED), "weigth"),
        (pytest.mark.claim("Z1", **{**STATED, "above": float("nan")}), "is not finite"),
        (pytest.mark.claim("Z2", **STATED), "claim Z2 stands in"),
        (
            pytest.mark.claim("Z1", weight=2, **STATED),
            "claim Z1 changed since it was registered: weight was 1 and is 2",
        ),
        (pytest.mark.skip, "is marked skip: a claim gets its verdict from judge alone"),
        (pytest.mark.xfail, "is marked xfail: a claim gets its verdict from judge alone"),
    ],
)
def test_4_a_marker_that_states_no_claim(world: World, folder: Path, mark: pytest.MarkDecorator, words: str) -> None:
    answer: Answer = world.ask("bias-sink", folder=folder, plugins=(Marked(mark),))
    assert words in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


def test_registering_without_claims_is_refused(folder: Path) -> None:
    answer = run(PROJECT / "tests" / "test_streams.py", "--register", folder=folder)
    assert "pytest hypotheses/ --register" in answer.complaint
    assert answer.code == 4
