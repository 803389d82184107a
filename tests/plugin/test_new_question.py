"""A question of one's own: a module with a claim that runs, in a folder that has none of ours."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import PROJECT, World, environment, forget_modules, read, run, verdicts
from hypothesis import given
from hypothesis import strategies as st

from why_bird.commands import main as why_bird
from why_bird.commands import registering
from why_bird.commands.new import module_name, module_text
from why_bird.evidence.register import read_register
from why_bird.fixtures.collection import Ledgers
from why_bird.printing import printable

QUESTION = "Do blurred images lose their class?"
MODULE = "hypotheses/test_do_blurred_images_lose_their_class.py"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, in which the commands are given."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    forget_modules(folder)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a question was begun, to be copied."""
    folder = tmp_path_factory.mktemp("begun")
    with environment(), contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as said:
        assert why_bird.main(["new", QUESTION]) == 0
    assert MODULE in said.getvalue()
    assert "next: pytest hypotheses/ --checkpoint=FILE --images=DIR" in said.getvalue()
    return folder


@pytest.fixture
def project(empty: Path, begun: Path) -> Path:
    """The current folder, in which a question was begun."""
    shutil.copytree(begun, empty, dirs_exist_ok=True)
    return empty


def ask(*words: str) -> int:
    """Give the command in this process."""
    with environment():
        return why_bird.main(["new", *words])


def test_it_is_judged_on_a_network_and_on_images_with_report_and_gate(project: Path, world: World) -> None:
    options = world.options("bias-sink")
    accepted = run("hypotheses/", *options, "--accept", folder=None)
    assert accepted.code == 0, accepted.output
    assert "report: reports/latest/evidence.html" in accepted.output
    assert "accepted: reports/accepted.json" in accepted.output
    document = read(project / "reports" / "latest")
    assert verdicts(document) == {"Q1": "confirmed"}
    assert document["void"] is None
    assert document["amendments"] == []
    (claim,) = document["claims"]
    assert claim["words"]["holds"] == "more than half the test images are given their class"
    assert [chart["kind"] for chart in claim["charts"]] == ["bars"]
    held = run("hypotheses/", *options, "--gate", folder=project / "again")
    assert "1 held" in held.output
    assert held.code == 0
    # Now that something was found, a register that is gone is missed, and not written as if it were the first.
    (project / "hypotheses" / "register.toml").unlink()
    with environment():
        assert registering.main([]) == 4
    assert not (project / "hypotheses" / "register.toml").exists()


@pytest.mark.parametrize(("name", "content"), [("pyproject.toml", "[project]\n"), ("setup.py", "")])
def test_the_command_that_it_prints_works_below_another_project(
    empty: Path, world: World, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    (empty.parent / name).write_text(content)
    assert ask(QUESTION) == 0
    (command,) = re.findall("^next: pytest (.*) --checkpoint=FILE --images=DIR$", capsys.readouterr().out, re.MULTILINE)
    assert command == "--rootdir=. hypotheses/"
    refused = run("hypotheses/", *world.options("bias-sink"), folder=None)
    assert "the nearest at or above the paths it is given; this works" in refused.complaint
    assert "with the = sign" not in refused.complaint
    assert run(*command.split(), *world.options("bias-sink"), folder=None).code == 0


def test_what_comes_later_is_an_amendment(project: Path) -> None:
    module = project / MODULE
    module.write_text(module.read_text().replace("above=0.5", "above=0.7"))
    with environment():
        assert registering.main(["--amend=more than half is too easy"]) == 0
    assert ask("Does it rain?") == 0
    register = read_register(project / "hypotheses" / "register.toml")
    assert {claim.id: claim.module for claim in register.claims.values()} == {
        "Q1": Path(MODULE).stem,
        "Q2": "test_does_it_rain",
    }
    assert register.claims["Q1"].threshold == 0.7
    assert Ledgers(register).alphas() == {"Q1": 0.025, "Q2": 0.025}
    reasons = [amendment.reason for amendment in register.amendments]
    assert reasons == ["more than half is too easy", "a new question: Does it rain?"]


def refused(said: pytest.CaptureFixture[str]) -> str:
    out, error = said.readouterr()
    assert out == ""
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert error.rstrip("\n").isprintable()
    return error


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (" \t\n", "give it in words"),
        ("?!…", "give it in words"),
        ("why " * 1000, "say it in 200 at most"),
    ],
)
def test_4_no_question(empty: Path, capsys: pytest.CaptureFixture[str], question: str, words: str) -> None:
    assert ask(question) == 4
    assert words in refused(capsys)
    assert not list(empty.iterdir())


def test_4_asked_before(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert ask(QUESTION.upper()) == 4
    assert "is there already" in refused(capsys)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_4_where_no_folder_can_be(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "hypotheses").touch()
    assert ask(QUESTION) == 4
    assert "cannot be written (File exists)" in refused(capsys)


def test_4_a_register_that_was_edited(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "hypotheses").mkdir()
    (empty / "hypotheses" / "register.toml").write_text("digest =")
    assert ask(QUESTION) == 4
    assert "is not TOML" in refused(capsys)
    assert not (empty / MODULE).exists()


def test_4_what_pytest_cannot_collect_is_taken_back(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "conftest.py").write_text("raise SystemError\n")
    assert ask(QUESTION) == 4
    assert "pytest cannot collect" in refused(capsys)
    assert [path.name for path in empty.iterdir() if path.name != "__pycache__"] == ["conftest.py"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_question_that_is_stopped_is_taken_back(
    empty: Path, begun: Path, monkeypatch: pytest.MonkeyPatch, *, is_first: bool
) -> None:
    if not is_first:
        shutil.copytree(begun, empty, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in empty.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    def stopped(command: list[str], **_given: object) -> None:
        compiled = Path(command[3]).parent / "__pycache__"
        compiled.mkdir(exist_ok=True)
        (compiled / "as pytest keeps it.pyc").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", stopped)
    assert ask("Does it rain?") == 2
    kept = (path for path in empty.rglob("*") if path.is_file() and (is_first or path.suffix != ".pyc"))
    assert {path: path.read_bytes() for path in kept} == before


def test_claims_below_a_folder_of_their_own_are_kept(project: Path) -> None:
    (project / "hypotheses" / "later").mkdir()
    module = (project / MODULE).read_text().replace('"Q1"', '"Q7"')
    (project / "hypotheses" / "later" / "test_later.py").write_text(module)
    with environment():
        assert registering.main(["--amend=asked later"]) == 0
    assert ask("Does it rain?") == 0
    assert list(read_register(project / "hypotheses" / "register.toml").claims) == ["Q1", "Q7", "Q2"]


def test_options_of_pytest_in_the_environment_leave_no_claim_out(
    empty: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with environment():
        os.environ["PYTEST_ADDOPTS"] = "-k nothing --no-such-option"
        assert why_bird.main(["new", QUESTION]) == 0
        assert registering.main([]) == 0
    assert "as they were: 1" in capfd.readouterr().out


def test_reports_of_something_else_are_no_sign_of_a_register(empty: Path) -> None:
    (empty / "reports").mkdir()
    (empty / "reports" / "coverage.html").touch()
    assert ask(QUESTION) == 0


def test_4_a_register_that_went_missing(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "reports" / "latest").mkdir(parents=True)
    (empty / "reports" / "latest" / "evidence.json").touch()
    assert ask(QUESTION) == 4
    path = empty / "hypotheses" / "register.toml"
    assert f"no register at {path}: restore it with `git checkout -- {path}`" in refused(capsys)
    assert not (empty / "hypotheses").exists()


def test_a_folder_that_holds_something_else_is_left_as_it_is(empty: Path) -> None:
    (empty / "hypotheses").mkdir()
    (empty / "hypotheses" / "notes.txt").write_text("what I think")
    assert ask('Is "it" a \\ or """; $id and 7 × ½?') == 0
    names = sorted(path.name for path in (empty / "hypotheses").iterdir() if path.is_file())
    assert names == ["notes.txt", "register.toml", "test_is_it_a_or_id_and_7_12.py"]


@given(st.text(st.characters(), max_size=200).map(printable))
def test_any_question_is_the_docstring_of_its_module(question: str) -> None:
    module = ast.parse(module_text(question, "Q1"))
    assert ast.get_docstring(module, clean=False) == question


@given(st.text(max_size=200))
def test_any_question_names_a_module(question: str) -> None:
    name = module_name(question, "Q7")
    assert name.isidentifier()
    assert name.isascii()
    assert name == name.lower()
    assert name.startswith("test_")
    assert len(name) < 70


def test_questions_without_latin_letters_are_named_by_their_claim() -> None:
    assert module_name("模糊的图像会失去它们的类别吗？", "Q3") == "test_q3"
    assert module_name("Überrascht das?", "Q3") == "test_uberrascht_das"


def test_register_says_where_there_is_nothing(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert registering.main([]) == 4
    assert "there is no folder hypotheses" in refused(capsys)


@pytest.mark.parametrize("words", [[], ["nonsense"], ["--nonsense"], ["new"], ["register", "--nonsense"]])
def test_4_bad_usage(empty: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        why_bird.main(words)
    assert stop.value.code == 4
    assert "--help` says what can be given" in refused(capsys)


def test_commands_are_those_of_the_modules(capsys: pytest.CaptureFixture[str]) -> None:
    evidence = PROJECT / "reports" / "reference" / "evidence.json"
    assert why_bird.main(["compare", str(evidence), str(evidence)]) == 0
    assert "0 red" in capsys.readouterr().out
    told = {}
    for name in ("train", "line-up", "figures", "cache", "compare", "register", "new"):
        with pytest.raises(SystemExit) as stop:
            why_bird.main([name, "--help"])
        assert stop.value.code == 0
        told[name] = " ".join(capsys.readouterr().out.split())
    # In a module's docstring names of programs are marked up.
    assert [name for name, words in told.items() if "``" in words] == []
    assert "where their numbers go (default: fixtures/reference/line-up)" in told["line-up"]


def test_help_imports_nothing_that_takes_time() -> None:
    code = (
        "import sys; from why_bird.commands.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: sys.exit(', '.join({'torch', 'numpy', 'pytest', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert "begin a question of your own" in done.stdout
