"""What a run says to the shell, and that bad input is refused before any claim."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from asking import HYPOTHESES, Planted, World, run, verdicts
from published import validate

from why_bird.errors import Unavailable
from why_bird.evidence.exhibits import Check
from why_bird.fixtures.collection import Ledgers
from why_bird.fixtures.misuse import ClaimError
from why_bird.fixtures.procedure import _ask as ask_network
from why_bird.stats import Exact, Intersection, Proportion

Z1 = "test_bird_does_not_have_the_highest_bias"


def certain() -> Exact:
    return Exact(1.0, 10, "classes")


def test_0_something_is_confirmed_and_nothing_rejected(world: World, folder: Path) -> None:
    answer = world.ask("bias-sink", "-k", Z1, folder=folder)
    assert verdicts(answer.partial) == {"Z1": "confirmed"}
    assert answer.code == 0


def test_1_something_is_rejected(world: World, folder: Path) -> None:
    answer = world.ask("feature-sink", "-k", Z1, folder=folder)
    assert verdicts(answer.partial) == {"Z1": "rejected"}
    assert answer.code == 1
    # A rejection is one readable line, no failure to be listed with a traceback and again in a summary.
    (line,) = (line for line in answer.output.splitlines() if " Z1 " in line)
    assert line.startswith("REJECTED  Z1  The highest output bias is that of bird")
    assert not any(word in answer.output for word in ("FAILURES", "Error", "short test summary"))
    assert "1 failed" in answer.output.splitlines()[-1]


def test_1_a_rejection_stops_a_run_that_asks_to_be_stopped(world: World, folder: Path) -> None:
    answer = world.ask("feature-sink", "-x", folder=folder)
    found = verdicts(answer.partial)
    # B2 is the first in the order of the files that this network rejects, and Z1 the next.
    assert [claim for claim, verdict in found.items() if verdict == "rejected"] == ["B2"]
    assert "Z1" not in found
    assert answer.code == 1


class Again:
    """Runs what failed once more, as pytest-rerunfailures does with --reruns=1."""

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        for last in (False, True):
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            failed = any(report.failed for report in reports)
            for report in reports:
                if report.failed and not last:
                    report.outcome = "rerun"  # type: ignore[assignment]
                item.ihook.pytest_runtest_logreport(report=report)
            if last or not failed:
                return True
        return True


def test_1_a_rejected_claim_that_another_plugin_runs_again_is_no_error(world: World, folder: Path) -> None:
    answer = world.ask("feature-sink", "-k", Z1, folder=folder, plugins=(Again(),))
    assert verdicts(answer.partial) == {"Z1": "rejected"}
    assert answer.code == 1
    assert "ERROR" not in answer.output


def test_3_a_claim_that_fails_when_it_runs_again_has_no_verdict_of_the_time_before(world: World, folder: Path) -> None:
    runs = []

    def once(judge: Callable[[Exact], None], **_given: Any) -> None:
        runs.append(1)
        if len(runs) > 1:
            raise RuntimeError("planted")
        judge(Exact(0.0, 10, "classes"))

    answer = world.ask("feature-sink", "-k", Z1, folder=folder, plugins=(Again(), Planted(Z1, once)))
    assert verdicts(answer.partial) == {}
    assert [error["detail"] for error in answer.partial["errors"]] == ["RuntimeError: planted"]
    assert "REJECTED" not in answer.output
    assert answer.code == 3


def test_2_interrupted(world: World, folder: Path) -> None:
    class Impatient:
        def pytest_runtest_logfinish(self) -> None:
            raise KeyboardInterrupt

    answer = world.ask("feature-sink", folder=folder, plugins=(Impatient(),))
    assert len(verdicts(answer.partial)) == 1
    assert not answer.folder.exists()
    assert answer.code == 2


def raises(**_given: Any) -> None:
    raise RuntimeError("planted")


def never_judges(**_given: Any) -> None:
    pass


def judges_twice(judge: Callable[[Exact], None], **_given: Any) -> None:
    judge(certain())
    judge(certain())


def skips(**_given: Any) -> None:
    pytest.skip("planted")


def expects_to_fail(judge: Callable[[Exact], None], **_given: Any) -> None:
    judge(certain())
    pytest.xfail("planted")


def fails_an_assertion(**_given: Any) -> None:
    raise AssertionError("planted")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (raises, "RuntimeError: planted"),
        (never_judges, "claim Z1 never called judge"),
        (judges_twice, "claim Z1 called judge twice"),
        (skips, "claim Z1 was skipped"),
        (expects_to_fail, "claim Z1 was skipped"),
        (fails_an_assertion, "AssertionError: planted"),
    ],
)
def test_3_a_claim_that_breaks_the_rules(world: World, folder: Path, body: Any, words: str) -> None:
    answer = world.ask("bias-sink", "-k", f"{Z1} or about_as_accurate", folder=folder, plugins=(Planted(Z1, body),))
    document = answer.partial
    # P1 was rejected beside it: the worst that happened decides.
    assert verdicts(document) == {"P1": "rejected"}
    assert [(error["id"], words in error["detail"]) for error in document["errors"]] == [("Z1", True)]
    assert "ERROR" in answer.output
    validate(document)
    assert answer.code == 3


def judges_both(judge: Callable[[Intersection], None], **_given: Any) -> None:
    judge(Intersection((("a", Proportion(1, 100, "images")), ("b", Proportion(90, 100, "images")))))


def test_3_a_claim_that_says_below_of_an_intersection(world: World, folder: Path) -> None:
    body = Planted("test_predictions_on_noise_are_not_spread", judges_both)
    answer = world.ask("bias-sink", "-k", "not_spread", folder=folder, plugins=(body,))
    (error,) = answer.partial["errors"]
    assert error["detail"].startswith("claim P4: an intersection says that all of its parts are above a number")
    assert not verdicts(answer.partial)
    assert answer.code == 3
    # Nor may a procedure's networks be pooled by the smallest parts.
    item: Any = SimpleNamespace(function=judges_both, obj=judges_both, funcargs={"judge": None, "_given": None})
    with pytest.raises(ClaimError, match="claim P4: an intersection"):
        ask_network(item, Ledgers().register.claims["P4"], None)


def test_3_a_broken_control_withholds_every_verdict(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Check("planted control", passed=False, detail="it said yes", kind="control")
    monkeypatch.setattr("why_bird.evidence.controls.run_controls", lambda *_given: [broken])
    answer = world.ask("bias-sink", "-k", "bias_dominance", folder=folder)
    document = answer.partial
    assert document["void"] == {"control": "planted control", "network": "bias-sink", "detail": "it said yes"}
    assert set(verdicts(document).values()) <= {"inconclusive"}
    assert "VOID: the negative control planted control is broken" in answer.output
    validate(document)
    assert answer.code == 3


def test_3_a_module_that_cannot_be_collected(world: World, folder: Path) -> None:
    class Unreadable:
        def pytest_pycollect_makemodule(self, module_path: Path) -> None:
            if module_path.stem == "test_feature_proximity":
                raise RuntimeError("planted")

    answer = world.ask("bias-sink", folder=folder, plugins=(Unreadable(),))
    assert answer.wrote_nothing
    assert answer.code == 3


def test_5_nothing_is_confirmed_or_rejected(world: World, folder: Path) -> None:
    answer = world.ask("no-sink", "-k", "the_bias_carries_the_lead", folder=folder)
    assert verdicts(answer.partial) == {"Z6": "inconclusive"}
    assert answer.code == 5


def test_5_nothing_is_selected(world: World, folder: Path) -> None:
    answer = world.ask("no-sink", "-k", "no_claim_is_called_so", folder=folder)
    assert answer.wrote_nothing
    assert answer.code == 5


def test_what_a_claim_cannot_have_makes_it_inconclusive(world: World, folder: Path) -> None:
    def lacks(**_given: Any) -> None:
        raise Unavailable("planted: give it with --planted")

    answer = world.ask("bias-sink", "-k", Z1, folder=folder, plugins=(Planted(Z1, lacks),))
    [claim] = answer.partial["claims"]
    assert (claim["verdict"], claim["reason"]) == ("inconclusive", "planted: give it with --planted")
    assert "OPEN      Z1" in answer.output
    assert answer.code == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--no-such-option"], None),
        (["--mean=1,2"], "--mean is '1,2': give three numbers"),
        (["--std=0,1,1"], "expected three positive numbers"),
        (["--input-size=0"], "give a whole number from 1 to 1024"),
        (["--noise-seed=-1"], "give a whole number from 0 to"),
        (["--class-names=a,b"], "but the network has 10 logits"),
        (["--class-names=a,a"], "give every class once"),
        (["--class-names=a,b,c,d,e,f,g,h,i,j"], "give the network's class names with --class-names"),
        (["--device=abacus"], "cpu would work"),
        (["--network=planted_networks:missing"], "has no missing"),
        (["--images=nowhere"], "nowhere"),
        (["--checkpoint=nowhere.safetensors"], "there is no file"),
        (["--checkpoint=nowhere.safetensors", "-n", "2"], "there is no file"),
        (["--evidence-cache=file"], "is a file: give a folder"),
        (["--amend=why"], "use it with --register"),
        (["--log-file=/dev/null/x"], "--log-file is /dev/null/x, which cannot be written (File exists)"),
        (["-o", "log_file=."], "--log-file is ., which cannot be written (Is a directory)"),
        (["--debug=file/x"], "--debug is file/x, which cannot be written (File exists)"),
        (["--debug=/dev/full"], "--debug is /dev/full, which cannot be written (No space left on device)"),
        (["--junitxml=file/x"], "--junit-xml is file/x, which cannot be written (File exists)"),
        (["--basetemp=file/x"], "--basetemp is file/x, which cannot be written (Not a directory)"),
        (["--basetemp=file/x", "-n", "2"], "--basetemp is file/x, which cannot be written (Not a directory)"),
        (["--timeout-method=thread"], "timeout_method is thread, which ends the process"),
        (["-o", "timeout_method=thread"], "timeout_method is thread, which ends the process"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_4_bad_usage(
    world: World, folder: Path, tmp_path: Path, arguments: list[str], words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    answer = world.ask("bias-sink", "-q", *arguments, folder=folder)
    if words is None:  # argparse's own message
        assert "--no-such-option" in answer.output
    else:
        assert words in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


@pytest.mark.skipif(find_spec("pytest_forked") is not None, reason="pytest-forked has the option itself")
def test_4_each_claim_in_a_process_of_its_own(world: World, folder: Path) -> None:
    class Forked:
        """Has the option of pytest-forked."""

        def pytest_addoption(self, parser: pytest.Parser) -> None:
            parser.addoption("--forked", action="store_true")

    answer = world.ask("bias-sink", "--forked", folder=folder, plugins=(Forked(),))
    assert "--forked judges each claim in a process that forgets" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


def test_4_pytest_ends_the_process_by_itself(world: World, folder: Path) -> None:
    class Ending:
        """Has the setting of pytest 9, whose plugin is not loaded here."""

        def pytest_addoption(self, parser: pytest.Parser) -> None:
            parser.addini("faulthandler_exit_on_timeout", "planted", type="bool", default=True)

    answer = world.ask("bias-sink", folder=folder, plugins=(Ending(),))
    assert "faulthandler_exit_on_timeout is true, which ends the process within a claim" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


def test_4_the_report_cannot_go_into_a_file(world: World, folder: Path) -> None:
    folder.touch()
    answer = world.ask("bias-sink", folder=folder)
    assert "--evidence-dir" in answer.complaint
    assert answer.code == 4


def test_4_a_truncated_checkpoint(world: World, folder: Path, tmp_path: Path) -> None:
    whole = (world.root / "bias-sink.safetensors").read_bytes()
    (tmp_path / "half.safetensors").write_bytes(whole[: len(whole) // 2])
    answer = run(HYPOTHESES, *world.options(), f"--checkpoint={tmp_path / 'half.safetensors'}", folder=folder)
    assert "truncated" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4


def test_4_images_that_are_no_image_set(world: World, folder: Path, tmp_path: Path) -> None:
    images = tmp_path / "images"
    shutil.copytree(world.root / "images" / "test", images / "test")
    answer = world.ask("bias-sink", f"--images={images}", folder=folder)
    assert "train" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4
