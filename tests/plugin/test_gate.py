"""``--gate`` and ``--accept`` on planted worlds: what is red, in which words, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import few_claims
import pytest
from asking import HYPOTHESES, QUIET, Answer, Planted, World, run
from few_claims import ASKED, Without
from published import validate
from worlds import write_network

from why_bird.evidence.accepted import Baseline, read_accepted, write_accepted
from why_bird.evidence.document import read_document
from why_bird.evidence.exhibits import Reading
from why_bird.evidence.record import PROCEDURE
from why_bird.fixtures.collection import Ledgers
from why_bird.stats import Exact, Interval, Proportion
from why_bird.stats.drift import GATE_LEVEL


@pytest.fixture(scope="session")
def baseline(world: World, tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """What a few claims found about the network whose noise falls into frog, by its bias."""
    folder = tmp_path_factory.mktemp("baseline") / "evidence"
    return Baseline.of(read_document(world.ask("bias-sink", folder=folder, plugins=(few_claims,)).partial))


@pytest.fixture
def accepted(baseline: Baseline, tmp_path: Path) -> Path:
    path = tmp_path / "accepted.json"
    write_accepted(path, baseline)
    return path


def gate(world: World, network: str, accepted: Path, *arguments: object, folder: Path, **more: Any) -> Answer:
    plugins = (few_claims, *more.pop("plugins", ()))
    return world.ask(network, "--gate", f"--accepted={accepted}", *arguments, folder=folder, plugins=plugins, **more)


def red(answer: Answer) -> list[str]:
    """The sentences of what is red; they are printed and stand in the evidence, which fits its schema."""
    document = answer.partial
    validate(document)
    said = [line["sentence"] for line in document["gate"]["lines"] if line["status"] == "red"]
    for sentence in said:
        assert f"RED   {sentence}" in answer.output
    assert f"{len(said)} red" in answer.output
    page = (answer.folder.with_name(f"{answer.folder.name}-partial") / "evidence.md").read_text(encoding="utf-8")
    assert page.index("- gate: ") < page.index("## Verdicts")
    return said


def test_the_same_network_is_held_whatever_is_rejected(world: World, accepted: Path, folder: Path) -> None:
    answer = gate(world, "bias-sink", accepted, folder=folder)
    assert red(answer) == []
    assert "REJECTED" in answer.output
    assert "gate: 5 held, 0 amber, 0 red, 0 noted" in answer.output
    assert answer.code == 0


def test_fresh_noise_is_not_red(world: World, accepted: Path, folder: Path) -> None:
    answer = gate(world, "bias-sink", accepted, "--noise-seed=7", folder=folder)
    assert red(answer) == []
    assert answer.code == 0


def test_a_network_whose_noise_falls_elsewhere(world: World, accepted: Path, folder: Path, tmp_path: Path) -> None:
    network = write_network(tmp_path / "ship.safetensors", bias={"ship": 1.0, "bird": 0.3}, threshold=0.4)
    options = [*world.options(), f"--checkpoint={network}", "--gate", f"--accepted={accepted}"]
    answer = run(HYPOTHESES, *options, folder=folder, plugins=(few_claims,))
    [sentence] = red(answer)
    assert sentence.startswith("P2 (ship) has moved: noise falls into ship now and fell into frog when accepted: 5,000")
    assert answer.code == 1


def halved(judge: Callable[..., None], **_given: Any) -> None:
    judge(Proportion(2500, 5000, "noise images"))


def no_number(judge: Callable[..., None], **_given: Any) -> None:
    judge(Exact(float("nan"), 10, "classes"))


def test_planted_regressions_are_red_with_one_sentence_each(world: World, baseline: Baseline, folder: Path) -> None:
    moved = [replace(each, threshold=0.02) if each.id == "Z1" else each for each in baseline.claims]
    path = folder.with_name("accepted.json")
    write_accepted(path, replace(baseline, claims=tuple(moved)))
    plugins = (Planted("test_nearly_all_noise_falls_into_one_class", halved), Without("Z6"))
    answer = gate(world, "bias-sink", path, folder=folder, plugins=plugins)
    said = red(answer)
    assert len(said) == 3
    assert said[0].startswith(
        "P2 (bias-sink) is reversed: it was confirmed and is rejected now; 1.00 was accepted, 0.500"
    )
    assert said[1] == "Z1 says something else in the register: its threshold was 0.02 when accepted and is 0.01 now."
    assert said[2] == "Z6 is missing: it was accepted (1.00, confirmed) and has no record now."
    assert answer.code == 1


def test_claims_about_several_networks_are_held_where_several_are_given(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_claims, "ASKED", ("P1", "P5", "N2"))
    found = Baseline.of(read_document(world.ask("bias-sink", folder=folder, plugins=(few_claims,)).partial))
    shown = {"estimate": Reading(0.5, 0.4, 0.6), "gate_interval": Interval(0.3, 0.7, GATE_LEVEL)}
    shown |= {"n": 8, "unit": "networks", "test": "Clopper–Pearson"}
    path = tmp_path / "accepted.json"
    whole = [replace(each, **shown) if each.network == PROCEDURE else each for each in found.claims]
    write_accepted(path, replace(found, claims=tuple(whole)))

    one = gate(world, "bias-sink", path, folder=folder)
    assert red(one) == []
    assert (
        "NOTED P5[procedure], N2[procedure]: not held, they are about several networks trained alike, which this run "
        "was not given."
    ) in one.output
    assert one.code == 0

    other = write_network(tmp_path / "other.safetensors", bias={"frog": 1.0, "bird": 0.2}, threshold=0.4)
    two = gate(world, "bias-sink", path, f"--checkpoint={other}", folder=folder)
    [sentence] = red(two)
    assert sentence.startswith("P5[procedure] (the procedure, 2 networks) is not to be held: 0.500 was accepted, and ")
    assert two.code == 1


def test_a_nan_is_an_error_and_never_passes(world: World, accepted: Path, folder: Path) -> None:
    plugins = (Planted("test_bird_does_not_have_the_highest_bias", no_number),)
    answer = gate(world, "bias-sink", accepted, folder=folder, plugins=plugins)
    assert answer.partial["gate"] is None
    assert "This run is not held against the accepted findings: Z1 raised an error." in answer.output
    assert answer.code == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--gate", "-k", "bias"], "refuses a selection (-k bias): pytest hypotheses/ --gate"),
        (["--gate", "-m", "claim"], "(-m claim)"),
        (["--gate", "-x"], "(-x or --maxfail)"),
        (["--gate", "--deselect=hypotheses/test_clutter.py"], "(--deselect)"),
        (["--gate", "--collect-only"], "(--collect-only)"),
        (["--accept", "-k", "bias"], "refuses a selection (-k bias)"),
        (["--gate", "--accept"], "give one"),
        (["--gate", "--accepted=nowhere.json"], "no accepted findings at"),
        (["--accept", "--accepted=nowhere/accepted.json"], "there is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_4_what_is_refused_before_anything_runs(world: World, folder: Path, arguments: list[str], words: str) -> None:
    answer = world.ask("bias-sink", *arguments, folder=folder)
    assert words in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


def test_4_a_single_file_is_a_selection(world: World, accepted: Path, folder: Path) -> None:
    options = [*world.options("bias-sink"), "--gate", f"--accepted={accepted}"]
    answer = run(f"{HYPOTHESES}/test_bias_dominance.py", *options, folder=folder)
    assert "refuses a selection" in answer.complaint
    assert answer.code == 4


@pytest.mark.parametrize("option", ["--lf", "--sw", "--sw-skip", "--sw-reset"])
def test_4_what_pytest_remembers_is_a_selection(
    world: World, accepted: Path, folder: Path, tmp_path: Path, option: str
) -> None:
    place = QUIET.index("no:cacheprovider")
    quiet = (*QUIET[: place - 1], *QUIET[place + 1 :], f"--override-ini=cache_dir={tmp_path / 'cache'}")
    answer = gate(world, "bias-sink", accepted, option, folder=folder, quiet=quiet)
    assert "refuses a selection (--" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


@pytest.mark.parametrize("asked", ["--gate", "--accept"])
def test_4_a_selection_that_is_made_later(world: World, accepted: Path, folder: Path, asked: str) -> None:
    class Later:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            session.config.option.keyword = "bias"

    before = accepted.read_bytes()
    plugins = (few_claims, Later())
    answer = world.ask("bias-sink", asked, f"--accepted={accepted}", folder=folder, plugins=plugins)
    assert "the accepted findings: it is a partial run (-k bias)." in answer.output
    assert accepted.read_bytes() == before
    assert answer.code == 4


def test_3_what_fails_after_a_claim_was_rejected(world: World, accepted: Path, folder: Path) -> None:
    class Untidy:
        def pytest_runtest_teardown(self, item: pytest.Function) -> None:
            if item.originalname == "test_the_class_of_noise_is_bird":
                raise RuntimeError("planted")

    answer = gate(world, "bias-sink", accepted, folder=folder, plugins=(Untidy(),))
    assert answer.partial["gate"] is None
    assert "This run is not held against the accepted findings: " in answer.output
    assert answer.code == 3


def test_4_a_deselection_by_a_plugin(world: World, accepted: Path, folder: Path) -> None:
    class Choosing:
        def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
            config.hook.pytest_deselected(items=[items.pop()])

    answer = world.ask("bias-sink", "--gate", f"--accepted={accepted}", folder=folder, plugins=(Choosing(),))
    assert "was deselected" in answer.complaint
    assert answer.code == 4


def test_4_a_baseline_that_was_edited_or_is_of_other_images(
    world: World, accepted: Path, baseline: Baseline, folder: Path
) -> None:
    content = json.loads(accepted.read_text())
    content["accepted"]["claims"][0]["n"] = 5
    accepted.write_text(json.dumps(content))
    answer = gate(world, "bias-sink", accepted, folder=folder)
    assert "were edited by hand" in answer.complaint
    write_accepted(accepted, replace(baseline, images="0" * 64))
    other = gate(world, "bias-sink", accepted, folder=folder)
    assert "findings on different images are not held against each other" in other.complaint
    assert answer.code == other.code == 4


def test_4_nothing_is_accepted_of_a_run_that_lacks_a_claim(world: World, accepted: Path, folder: Path) -> None:
    before = accepted.read_bytes()
    answer = world.ask("bias-sink", "--accept", f"--accepted={accepted}", folder=folder, plugins=(few_claims,))
    assert "Nothing was accepted: P" in answer.output
    assert accepted.read_bytes() == before
    assert answer.code == 4


def test_a_whole_run_is_accepted(world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Ledgers().register
    few = replace(whole, claims={claim: whole.claims[claim] for claim in ASKED})
    monkeypatch.setattr("why_bird.fixtures.collection.read_register", lambda _path: few)
    path = tmp_path / "accepted.json"
    first = world.ask("bias-sink", "--accept", f"--accepted={path}", folder=folder, plugins=(few_claims,))
    assert "Accepted for the first time: 5 findings." in first.output
    assert first.code == 0
    findings = read_accepted(path)
    assert findings == Baseline.of(read_document(first.evidence))
    assert [each.of("frog") for each in findings.noise] == [5000]
    again = world.ask("bias-sink", "--accept", f"--accepted={path}", folder=folder, plugins=(few_claims,))
    assert "nothing changed." in again.output
