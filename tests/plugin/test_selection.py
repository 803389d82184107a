"""Neither a selection nor the order nor the number of workers changes a verdict."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from asking import HYPOTHESES, PROJECT, QUIET, Answer, World, alone, evidence, run
from worlds import write_network

from why_bird.evidence.accepted import Baseline, write_accepted
from why_bird.evidence.claim import Claim
from why_bird.evidence.document import read_document
from why_bird.fixtures.collection import LEDGERS, Ledgers

MODULES = tuple(sorted(path.stem for path in Path(HYPOTHESES).glob("test_*.py")))


def holds(world: World, part: dict[tuple[str, str], object]) -> bool:
    """Whether everything that a run found is what the whole run found."""
    whole = evidence(world.whole("bias-sink").evidence)
    assert part
    assert {key: whole[key] for key in part} == part
    return True


def test_by_name(world: World, folder: Path) -> None:
    answer = world.ask("bias-sink", "-k", "bias", folder=folder)
    assert holds(world, evidence(answer.partial))
    assert answer.partial["selection"]["words"] == "-k bias"
    assert not answer.partial["complete"]


def test_by_the_id_of_a_claim(world: World, folder: Path) -> None:
    answer = world.ask("bias-sink", "-k", "Z6", folder=folder)
    assert holds(world, evidence(answer.partial))
    assert {claim["id"] for claim in answer.partial["claims"]} == {"Z6"}


@pytest.mark.parametrize("module", MODULES)
def test_one_file_at_a_time(world: World, folder: Path, module: str) -> None:
    answer = run(f"{HYPOTHESES}/{module}.py", *world.options("bias-sink"), folder=folder)
    assert holds(world, evidence(answer.partial))
    assert {claim["module"] for claim in answer.partial["claims"]} == {module}


def test_with_two_workers(world: World, folder: Path) -> None:
    whole = read_document(world.whole("bias-sink").evidence)
    accepted = folder.with_name("accepted.json")
    write_accepted(accepted, Baseline.of(whole))
    options = [*world.options("bias-sink"), f"--evidence-dir={folder}", "-n", "2", "--gate", f"--accepted={accepted}"]
    done = alone(HYPOTHESES, *options, cwd=PROJECT, checkout=PROJECT)
    answer = Answer(done.returncode, done.stdout + done.stderr, folder)
    assert answer.folder.exists(), answer.output
    assert evidence(answer.evidence) == evidence(world.whole("bias-sink").evidence)
    assert answer.evidence["complete"]
    # Only the controller reports, and it knows what its workers read: it asks for no noise itself.
    assert any(" noise B" in each["name"] for each in answer.evidence["provenance"]["inputs"])
    # Held by the gate, a claim that is rejected is no failure.
    assert re.search(r"gate: \d+ held, 0 amber, 0 red, ", answer.output), answer.output
    assert answer.code == 0


@pytest.mark.parametrize("seed", [1])
def test_in_random_order(world: World, folder: Path, seed: int) -> None:
    pytest.importorskip("pytest_randomly")
    place = QUIET.index("no:randomly")
    quiet = (*QUIET[: place - 1], *QUIET[place + 1 :])
    answer = world.ask("bias-sink", f"--randomly-seed={seed}", folder=folder, quiet=quiet)
    assert f"Using --randomly-seed={seed}" in answer.output
    assert evidence(answer.evidence) == evidence(world.whole("bias-sink").evidence)


class Reversed:
    """A pytest plugin that turns the order of all items round, whatever fixtures they share."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.ran: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.before = [item.nodeid for item in items]
        items.reverse()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.ran.append(nodeid)


def test_in_reverse_order(world: World, folder: Path) -> None:
    order = Reversed()
    answer = world.ask("bias-sink", folder=folder, plugins=(order,))
    assert order.ran == order.before[::-1]
    assert evidence(answer.evidence) == evidence(world.whole("bias-sink").evidence)


def test_files_in_reverse_order(world: World, folder: Path) -> None:
    files = [f"{HYPOTHESES}/{module}.py" for module in reversed(MODULES)]
    answer = run(*files, *world.options("bias-sink"), folder=folder)
    assert evidence(answer.evidence) == evidence(world.whole("bias-sink").evidence)


@pytest.mark.parametrize("selected", [("", "-k", "Z1 or Z6"), ("/test_noise_collapse.py",)], ids=["-k", "one file"])
def test_the_error_budget_is_the_registers(tmp_path: Path, folder: Path, selected: tuple[str, ...]) -> None:
    seen = {}

    class Looking:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            seen.update(session.config.stash[LEDGERS].alphas())

    write_network(tmp_path / "net.safetensors")
    network = (f"--checkpoint={tmp_path / 'net.safetensors'}", "--network=planted_networks:planted")
    words = ("--collect-only", f"--evidence-cache={tmp_path / 'cache'}", *network)
    answer = run(f"{HYPOTHESES}{selected[0]}", *selected[1:], *words, folder=folder, plugins=(Looking(),))
    assert seen == Ledgers().alphas(), answer.output


def test_each_ledger_shares_out_the_protocols_budget() -> None:
    ledgers = Ledgers()
    claims: dict[str, Claim] = ledgers.register.claims | ledgers.register.withdrawn
    # The protocol: these share .025 by weight, and apart from them the procedures do, equally.
    first = {claim: each for claim, each in claims.items() if not ledgers.register.ledger(claim)}
    weights = {claim: each.weight for claim, each in first.items() if each.scope != "procedure"}
    asked = ledgers.register.claims.keys()
    for claim, weight in weights.items():
        assert claim not in asked or ledgers.alpha(claim, procedure=False) == pytest.approx(
            0.025 * weight / sum(weights.values())
        )
    procedures = [claim for claim, each in first.items() if each.procedure]
    for claim in asked & set(procedures):
        assert ledgers.alpha(claim, procedure=True) == pytest.approx(0.025 / len(procedures))
    # What was added later has a ledger of its own, and takes nothing from these.
    later = {claim: each.weight for claim, each in claims.items() if each.ledger == "line-up"}
    rates = {claim: 0.05 * weight / sum(later.values()) for claim, weight in later.items()}
    assert {claim: ledgers.alpha(claim, procedure=True) for claim in later} == pytest.approx(rates)


def test_a_question_that_is_added_moves_no_error_rate_of_an_older_one() -> None:
    before = Ledgers()
    model = before.register.claims["Z2"]
    asked = [replace(model, id="Q1", module="test_mine", weight=3), replace(model, id="Q2", module="test_clutter")]
    after = Ledgers(before.register.amended(asked, reason="questions of mine", date="2026-01-02"))
    for claim in before.register.claims.values():
        for procedure in {claim.scope == "procedure", claim.procedure}:
            rates = (each.alpha(claim.id, procedure=procedure) for each in (before, after))
            assert next(rates) == next(rates)
    # Each has the whole budget of its own question, also one that lies in a module of ours.
    assert {after.alpha(each, procedure=asked) for each in ("Q1", "Q2") for asked in (False, True)} == {0.025}


def test_a_second_network_leaves_the_error_rates_as_they_are(world: World, folder: Path) -> None:
    answer = run(HYPOTHESES, *world.options("bias-sink", "no-sink"), "-k", "Z1 or Z6", folder=folder)
    found = answer.partial["claims"]
    assert len({each["network"] for each in found}) == 2
    assert {(each["id"], each["alpha"]) for each in found} == {
        (claim, Ledgers().alpha(claim, procedure=False)) for claim in ("Z1", "Z6")
    }


def test_what_failed_last(world: World, folder: Path, tmp_path: Path) -> None:
    quiet = (*QUIET[2:], "-o", f"cache_dir={tmp_path / 'cache'}")
    arguments = ("bias-sink", "-k", "collapse")
    first = world.ask(*arguments, folder=folder, quiet=quiet)
    rejected = {key for key, claim in evidence(first.partial).items() if claim["verdict"] == "rejected"}
    again = world.ask(*arguments, "--lf", folder=folder, quiet=quiet)
    assert evidence(again.partial).keys() == rejected
    assert holds(world, evidence(again.partial))
    assert again.partial["selection"]["words"] == "-k collapse --lf"


def test_a_part_does_not_overwrite_the_whole(world: World) -> None:
    whole = world.whole("bias-sink")
    before = (whole.folder / "evidence.json").read_bytes()
    part = world.ask("bias-sink", "-k", "highest_bias", folder=whole.folder)
    assert (whole.folder / "evidence.json").read_bytes() == before
    assert [claim["id"] for claim in part.partial["claims"]] == ["Z1"]
    assert "PARTIAL: not every written claim was judged (-k highest_bias)" in part.output


def test_a_second_run_computes_nothing(world: World, folder: Path) -> None:
    world.whole("bias-sink")
    answer = world.ask("bias-sink", "-k", "about_as_accurate or nearly_all", folder=folder)
    assert answer.partial["provenance"]["images_passed"] == 0
    assert {each["source"] for each in answer.partial["provenance"]["inputs"]} == {"cache"}


def test_without_images_what_needs_them_says_so(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    known = {"name": "planted", "train": "0" * 64, "test": "1" * 64, "classes": ["bird", "frog"]}
    (reference / "images.json").write_text(json.dumps(known | {"mean": [0.5] * 3, "std": [0.25] * 3}))
    monkeypatch.setattr("why_bird.fixtures.networks.REFERENCE", reference)
    options = world.options("bias-sink", images=False)
    answer = run(HYPOTHESES, *options, "-k", "about_as_accurate or highest_bias or spanning_tree", folder=folder)
    found = {claim["id"]: (claim["verdict"], claim["reason"]) for claim in answer.partial["claims"]}
    needs = ("inconclusive", "needs images: --images=DIR or --images=download")
    assert (found["P1"], found["X3"]) == (needs, needs)
    assert found["Z1"][0] == "confirmed"
    assert answer.partial["provenance"]["images"]["origin"] == "no images given, shipped measurements"
    assert answer.code == 0


def test_other_tests_are_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "from unittest import mock\n"
        "import pytest\n"
        "@mock.patch('os.getcwd')\n"
        "def test_patched(getcwd): pass\n"
        "@pytest.mark.skip\n"
        "def test_skipped(): pass\n"
        "def test_failing(): raise SystemError\n"
    )
    settings = f"-c{PROJECT}/pyproject.toml"
    tests = (PROJECT / "tests" / "test_streams.py", tmp_path / "test_plain.py")
    answer = run(*tests, settings, "-rA", "--checkpoint=nowhere", folder=folder)
    assert "PASSED" in answer.output
    assert "1 failed" in answer.output
    assert "1 skipped" in answer.output
    assert "evidence" not in answer.output.replace(str(tmp_path), "")
    assert answer.wrote_nothing
    assert answer.code == 1
