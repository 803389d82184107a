"""Claims of one's own are tests of pytest, written in any of its ways, and each has one verdict."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import Answer, World, environment, forget_modules, run

from why_bird.commands import registering
from why_bird.evidence.register import read_register

HEAD = '''"""Do its mistakes matter?"""
import warnings

import pytest

from why_bird.fixtures.asking import claim
from why_bird.stats import Proportion

FEW, HALF, MANY = (Proportion(k, 100, "coins") for k in (1, 50, 99))
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty project, in which pytest runs."""
    (tmp_path / "own" / "hypotheses").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "own")
    yield tmp_path / "own"
    forget_modules(tmp_path)


def write(project: Path, text: str, name: str = "test_own") -> Path:
    path = project / "hypotheses" / f"{name}.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def coin(name: str, estimate: str, takes: str = "", does: str = "pass", mark: str = "above=0.5") -> str:
    """Return a test of a claim that a coin falls on its head."""
    return f'''
@claim("{name}", {mark}, source="ours", found="It falls on its head {{value:about}} of the time.")
def test_{name}({takes}judge):
    """A coin falls on its head."""
    {does}
    judge({estimate})
'''


def registered(project: Path, **how: Any) -> Answer:
    answer = run("hypotheses/", "--register", folder=project / "registering", **how)
    forget_modules(project)
    return answer


def judged(project: Path, *words: object, **how: Any) -> Answer:
    assert registered(project).code == 0
    return run("hypotheses/", *words, folder=project / "evidence", **how)


def verdicts(answer: Answer) -> dict[str, str]:
    complete = (answer.folder / "evidence.json").exists()
    document = answer.evidence if complete else answer.partial
    assert document["errors"] == []
    return {claim["id"]: claim["verdict"] for claim in document["claims"]}


@pytest.mark.parametrize("before", ["", coin("Q1", "HALF")], ids=["registering", "judging"])
def test_4_a_claim_with_parameters_of_its_own_would_have_several_verdicts(project: Path, before: str) -> None:
    if before:
        write(project, before)
        assert registered(project).code == 0
    write(project, '\n@pytest.mark.parametrize("k", [0, 1])' + coin("Q1", "(FEW, MANY)[k]", "k, "))
    answer = run("hypotheses/", folder=project / "evidence") if before else registered(project)
    assert "claim Q1 would be judged more than once" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4
    assert (project / "hypotheses" / "register.toml").exists() == bool(before)


def test_claims_are_registered_in_the_order_in_which_they_stand(project: Path) -> None:
    class Shuffling:
        @pytest.hookimpl(tryfirst=True)
        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            items.reverse()

    write(project, coin("Q2", "HALF") + coin("Q1", "HALF"), "test_a")
    write(project, coin("Q3", "HALF"), "test_b")
    answer = registered(project, plugins=(Shuffling(),))
    assert "register.toml (3 claims)" in answer.output
    assert answer.code == 0
    assert list(read_register(project / "hypotheses" / "register.toml").claims) == ["Q2", "Q1", "Q3"]


def test_registering_says_what_changed_and_lists_no_other_claim(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(project, coin("Q1", "HALF") + coin("Q2", "HALF") + coin("Q3", "HALF"))
    with environment():
        assert registering.main([]) == 0
        path = project / "hypotheses" / "register.toml"
        first = [f"registered: {path} (3 claims)", "new: Q1, Q2, Q3; amended: –; withdrawn: –; as they were: 0"]
        assert capfd.readouterr().out.strip().split("\n") == first
        write(project, coin("Q1", "HALF") + coin("Q2", "HALF", mark="above=0.6") + coin("Q4", "HALF"))
        assert registering.main([]) == 4
        refused = capfd.readouterr()
        assert refused.out.strip() == ""
        assert refused.err.count("ERROR: ") == 1
        assert registering.main(["--amend=a better one"]) == 0
    said = capfd.readouterr().out
    assert "new: Q4; amended: Q2; withdrawn: Q3; as they were: 1\n" in said
    assert "test_own.py" not in said


def test_registering_says_what_has_no_test(project: Path) -> None:
    write(project, coin("Q1", "MANY"))
    other = write(project, coin("Q2", "MANY"), "test_other")
    assert registered(project).code == 0
    other.unlink()
    assert "without a test: Q2; --amend=REASON withdraws them" in registered(project).output
    alone = run("hypotheses/test_own.py", "--register", folder=project / "registering")
    assert "without a test" not in alone.output
    forget_modules(project)
    partial = run("hypotheses/", folder=project / "evidence")
    assert (
        "PARTIAL: not every written claim was judged, so this is not the whole answer.\nnot judged: Q2\n"
        in partial.output
    )
    forget_modules(project)
    withdrawn = run("hypotheses/", "--register", "--amend=asked no more", folder=project / "registering")
    assert "register.toml (1 claim)" in withdrawn.output
    assert "without a test" not in withdrawn.output


def test_4_no_claim_where_some_are_registered(project: Path) -> None:
    write(project, coin("Q1", "MANY"))
    assert registered(project).code == 0
    (project / "pytest.ini").write_text("[pytest]\npython_files = check_*.py\n", encoding="utf-8")
    answer = run("hypotheses/", folder=project / "evidence")
    assert "has 1 claim, and no test of one was found in a file of the name check_*.py" in answer.complaint
    assert answer.wrote_nothing
    assert answer.code == 4
    assert "in a file of the name check_*.py" in registered(project).complaint


def test_4_a_marker_that_states_no_claim_is_found_by_its_node(project: Path) -> None:
    write(project, coin("Q1", "HALF", mark="above=0.5, below=0.9"))
    answer = registered(project)
    assert answer.complaint.startswith("hypotheses/test_own.py::test_Q1: a claim needs an id and one of above=")


@pytest.mark.parametrize(
    ("also", "code", "said"),
    [
        ("import nothing_of_this_name", 3, "nothing_of_this_name"),
        (coin("Q2", "HALF", "noise: int, "), 4, "takes noise as <class 'int'>"),
    ],
    ids=["a module that cannot be imported", "a claim that is refused"],
)
def test_nothing_is_registered_where_something_cannot_be(project: Path, also: str, code: int, said: str) -> None:
    write(project, coin("Q1", "HALF"))
    write(project, also, "test_other")
    answer = registered(project)
    assert said in answer.output
    assert answer.code == code
    assert not (project / "hypotheses" / "register.toml").exists()


def test_4_nothing_to_register(project: Path) -> None:
    write(project, "def test_coin():\n    pass\n")
    answer = registered(project)
    assert answer.complaint.startswith("--register found no claim")
    assert answer.code == 4


def test_it_can_be_registered_below_the_settings_of_another_project(project: Path) -> None:
    (project.parent / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -x\n")
    write(project, coin("Q1", "HALF"))
    with environment():
        assert registering.main([]) == 0
    assert (project / "hypotheses" / "register.toml").exists()


def test_a_claim_is_written_in_any_way_that_a_test_is(project: Path) -> None:
    class Heard:
        def __init__(self) -> None:
            self.of: list[str] = []

        def pytest_exception_interact(self, node: pytest.Item) -> None:
            self.of.append(node.name.partition("[")[0])

    ignored = '\n@pytest.mark.filterwarnings("ignore:well")'
    named = 'above=0.5, needs="bird"'
    parts = "with subtests.test('a part'): pass"
    write(
        project,
        coin("Q1", "MANY")
        + coin("Q2", "FEW")
        + coin("Q3", "HALF")
        + ignored
        + coin("Q4", "MANY", does="warnings.warn('well known')")
        + coin("Q5", "MANY", does="warnings.warn('a(b')")
        + coin("Q6", "MANY", "subtests, ", parts)
        + coin("Q7", "MANY", mark=named),
    )
    heard = Heard()
    answer = judged(project, "-W", "ignore:a(b", plugins=(heard,))
    assert verdicts(answer) == {"Q2": "rejected", "Q3": "inconclusive"} | {
        f"Q{i}": "confirmed" for i in (1, 4, 5, 6, 7)
    }
    assert answer.code == 1
    # A debugger opens where a claim is rejected, and not where it is open.
    assert heard.of == ["test_Q2"]


def test_a_warning_is_an_error_but_where_the_settings_say_else(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\nfilterwarnings = ignore:well.known\n", encoding="utf-8")
    warns = "warnings.warn('well known')"
    write(project, coin("Q1", "MANY", does=warns) + coin("Q2", "MANY", does="warnings.warn('news')"))
    answer = judged(project)
    assert {claim["id"]: claim["verdict"] for claim in answer.evidence["claims"]} == {"Q1": "confirmed"}
    assert [error["detail"] for error in answer.evidence["errors"]] == ["UserWarning: news"]
    assert answer.code == 3


def test_a_selection_says_what_was_selected(project: Path) -> None:
    write(project, coin("Q1", "MANY") + coin("Q2", "MANY"))
    answer = judged(project, "--deselect=hypotheses/test_own.py::test_Q2", "-p", "no:warnings", "--strict-markers")
    assert verdicts(answer) == {"Q1": "confirmed"}
    assert answer.partial["selection"]["words"] == "--deselect"


def test_3_what_is_no_claim_says_what_is_wrong(project: Path) -> None:
    class Skipping:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(self, item: pytest.Item) -> None:
            if "Q3" in item.name:
                pytest.skip("not today")

    write(project, coin("Q1", "0.9") + coin("Q2", "HALF", "test_imagse, ") + coin("Q3", "HALF"))
    answer = judged(project, plugins=(Skipping(),))
    assert {error["id"]: error["detail"] for error in answer.evidence["errors"]} == {
        "Q1": "claim Q1: judge takes an estimate, such as Proportion(k, n, 'images') of why_bird.stats, and not float",
        "Q2": "fixture 'test_imagse' not found: test_images would work",
        "Q3": "claim Q3 was skipped (not today): raise Unavailable for what it cannot have",
    }
    assert answer.code == 3


@pytest.mark.parametrize("takes", ["test_images, judge", "test_images", "judge"])
def test_3_a_test_that_takes_what_a_claim_takes_and_is_none(project: Path, takes: str) -> None:
    write(project, coin("Q1", "MANY") + f"\ndef test_coin({takes}):\n    pass\n")
    answer = judged(project)
    assert verdicts(answer) == {"Q1": "confirmed"}
    assert "it takes judge or a measurement, and is no claim: mark it with @claim" in answer.output
    assert "ERROR hypotheses/test_own.py::test_coin" in answer.output
    assert "SubRequest" not in answer.output
    assert answer.code == 3


def test_4_a_selection_in_the_settings_is_left_out_by_the_command_that_is_said(project: Path) -> None:
    write(project, coin("Q1", "MANY"))
    assert registered(project).code == 0
    (project / "pytest.ini").write_text("[pytest]\naddopts = -x --strict-markers\n", encoding="utf-8")
    answer = run("hypotheses/", "--accept", folder=project / "evidence")
    command = "pytest hypotheses/ --accept -o addopts="
    assert answer.complaint.endswith(f"refuses a selection (-x or --maxfail): {command}")
    assert answer.code == 4
    assert run(*command.split()[1:], folder=project / "evidence").code == 0


def test_what_could_not_be_read_is_not_the_first_that_is_accepted(project: Path) -> None:
    write(project, coin("Q1", "MANY"))
    assert registered(project).code == 0
    (project / "reports").mkdir()
    (project / "reports" / "accepted.json").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    answer = run("hypotheses/", "--accept", folder=project / "evidence")
    assert "Accepted in the place of what could not be read: 1 finding." in answer.output
    assert answer.code == 0


def test_2_a_run_that_a_plugin_ends_because_its_time_is_over(project: Path) -> None:
    class Timed:
        def pytest_runtest_teardown(self, item: pytest.Item) -> None:
            item.session.shouldfail = "session-timeout: 1.0 sec exceeded"

    write(project, coin("Q1", "MANY") + coin("Q2", "MANY"))
    answer = judged(project, plugins=(Timed(),))
    assert verdicts(answer) == {"Q1": "confirmed"}
    assert answer.code == 2


def test_1_as_many_rejections_as_a_run_was_to_have_are_no_end_from_outside(project: Path) -> None:
    class Distributed:
        """Ends a run as pytest-xdist does."""

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> None:
            for item in session.items:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if session.shouldfail:
                    raise session.Interrupted(session.shouldfail)

    write(project, coin("Q1", "FEW") + coin("Q2", "MANY"))
    answer = judged(project, "-x", plugins=(Distributed(),))
    assert verdicts(answer) == {"Q1": "rejected"}
    assert answer.code == 1


def test_4_the_gate_of_a_project_from_within_its_folder_of_claims(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, coin("Q1", "MANY"))
    assert judged(project, "--accept").code == 0
    monkeypatch.chdir(project / "hypotheses")
    answer = run("--gate", folder=project / "again")
    assert answer.code == 4
    command = shlex.split(answer.complaint.partition("; this works: pytest ")[2])
    assert f"--rootdir={project}" in command
    assert run(*command, folder=None).code == 0


def test_3_another_test_that_fails_is_named_where_findings_are_to_be_kept(project: Path) -> None:
    write(project, coin("Q1", "MANY"))
    (project / "test_other.py").write_text("def test_it():\n    assert 0\n", encoding="utf-8")
    assert registered(project).code == 0
    answer = run(".", "--accept", folder=project / "evidence")
    said = "This run is not added to the accepted findings: test_other.py::test_it failed."
    assert said in answer.output
    assert answer.code == 3


def test_a_procedure_asks_claims_in_a_class_and_with_a_parameter_of_their_own(world: World, project: Path) -> None:
    write(
        project,
        '''
class TestCoins:
    @claim("Q1", above=0.5, source="ours", procedure=True)
    def test_coin(self, judge, noise, k=96):
        """A coin falls on its head."""
        judge(Proportion(k + len(noise.labels) % 2, 100, "coins"))
''',
    )
    answer = judged(project, *world.options(*(f"replicate-{seed}" for seed in range(8))), "-k", "procedure")
    assert answer.partial["errors"] == []
    assert [claim["network"] for claim in answer.partial["claims"]] == ["procedure"]


def test_a_network_that_fails_first_has_its_whole_page(world: World, project: Path) -> None:
    class FailedFirst:
        """What pytest's --ff does where the claim that was rejected is asked of both networks."""

        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            items.sort(key=lambda item: "Q1" not in item.name)

    write(project, coin("Q1", "FEW") + coin("Q2", "MANY"))
    answer = judged(project, *world.options("replicate-0", "replicate-1"), plugins=(FailedFirst(),))
    assert answer.code == 1
    pages = sorted((answer.folder / "networks").iterdir())
    assert len(pages) == 2
    for page in pages:
        own = Answer(0, "", page)
        assert verdicts(own) == {"Q1": "rejected", "Q2": "confirmed"}
