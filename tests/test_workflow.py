"""The ready workflows are ones that GitHub can read, and their commands are ones that this project has."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from why_bird.evidence.comparison.markdown import MARKER

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "findings.yml"
PAGE = WORKFLOW.with_name("page.yml")
WORKFLOWS = pytest.mark.parametrize("workflow", sorted(WORKFLOW.parent.iterdir()), ids=lambda path: path.stem)
CHECKER = Path(sys.executable).with_name("check-jsonschema")


def check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(CHECKER), "--builtin-schema", "vendor.github-workflows", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@WORKFLOWS
def test_it_is_a_workflow(workflow: Path) -> None:
    answer = check(workflow)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("line", "instead"),
    [("runs-on: ubuntu-latest", "runs: ubuntu-latest"), ("uses: actions/checkout@", "use: actions/checkout@")],
)
@WORKFLOWS
def test_another_would_be_noticed(tmp_path: Path, workflow: Path, line: str, instead: str) -> None:
    text = workflow.read_text()
    assert line in text
    (tmp_path / "broken.yml").write_text(text.replace(line, instead))
    assert check(tmp_path / "broken.yml").returncode == 1


def test_every_script_is_one_that_bash_can_read() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    texts = (path.read_text() for path in (WORKFLOW, PAGE))
    blocks = [block for text in texts for block in re.findall(r"run: \|\n((?: {10}.*\n)+)", text)]
    assert len(blocks) == 6
    for block in blocks:
        answer = subprocess.run([bash, "-n"], input=block, capture_output=True, text=True, check=False)  # noqa: S603
        assert answer.returncode == 0, answer.stderr


def test_its_options_and_targets_are_ours() -> None:
    text = WORKFLOW.read_text()
    options = (ROOT / "fixtures" / "why_bird" / "fixtures" / "options.py").read_text() + (
        ROOT / "lib" / "why_bird" / "networks" / "train_command.py"
    ).read_text()
    options += (ROOT / "fixtures" / "why_bird" / "fixtures" / "settle.py").read_text()
    for line in text.splitlines():
        if "pytest hypotheses" in line or "why-bird train" in line or "given=(" in line:
            for option in re.findall(r"--[a-z-]+", line):
                assert f'"{option}"' in options or option == "--junitxml", option
    assert ".venv/installed" in text
    assert "$(VENV)/installed:" in (ROOT / "Makefile").read_text()


@WORKFLOWS
def test_actions_are_pinned_and_nothing_given_is_read_as_shell(workflow: Path) -> None:
    text = workflow.read_text()
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
    # What a person types comes in through the environment alone.
    scripts = re.findall(r"run: (?:\|\n(?:(?: {10}.*)?\n)+|.*\n)", text)
    assert len(scripts) == text.count("run: ")
    assert [each for each in scripts if "${{" in each] == []


def test_the_comment_that_is_renewed_is_the_one_that_is_written(tmp_path: Path) -> None:
    """The script of the step, with a command in the place of GitHub's that keeps what it is asked."""
    bash, text = shutil.which("bash"), WORKFLOW.read_text()
    if bash is None:
        pytest.skip("needs bash")
    assert f'startswith("{MARKER}")' in text
    script = re.findall(r"run: \|\n((?: {10}.*\n)+)", text)[-1]
    asked, answer = tmp_path / "asked", tmp_path / "answer"
    (tmp_path / "gh").write_text(f'#!/bin/sh\necho "$*" >> {asked}\ncase "$*" in *--paginate*) cat {answer};; esac\n')
    (tmp_path / "gh").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "COMMENTS": "repos/a/b/issues/1/comments", "OURS": ".[]"}
    for known, expected in (("", "POST repos/a/b/issues/1/comments"), ("u/7\nu/9\n", "PATCH u/7")):
        answer.write_text(known)
        done = subprocess.run([bash, "-e"], input=script, env=environment, text=True, check=False)  # noqa: S603
        assert done.returncode == 0
        said = asked.read_text().splitlines()[-1]
        assert said == f"api --method {expected} --field body=@reports/latest/compare.md --silent"


def test_what_is_published_is_the_page_of_the_committed_run_with_the_evidence_beside_it(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    shutil.copytree(ROOT / "reports" / "reference", tmp_path / "reports" / "reference")
    (script,) = re.findall(r"run: \|\n((?: {10}.*\n)+)", PAGE.read_text())
    subprocess.run([bash, "-e"], input=script, text=True, check=True, cwd=tmp_path)  # noqa: S603
    laid_out = {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()}
    shipped = {path.name: path.read_bytes() for path in (ROOT / "reports" / "reference").glob("evidence.*")}
    assert laid_out.pop("index.html") == shipped.pop("evidence.html")
    assert laid_out == shipped


def test_what_is_fetched_is_held_against_its_hash(tmp_path: Path) -> None:
    """The script of the step, with a command in the place of curl that brings another file."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    script = next(each for each in re.findall(r"run: \|\n((?: {10}.*\n)+)", WORKFLOW.read_text()) if "curl" in each)
    (tmp_path / "curl").write_text("#!/bin/sh\nprintf weights > network.pt\n")
    (tmp_path / "curl").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for expected, code in (
        (hashlib.sha256(b"weights").hexdigest(), 0),
        (hashlib.sha256(b"others").hexdigest(), 1),
        ("", 1),
    ):
        environment = {"PATH": path, "CHECKPOINT": "https://example.org/net.pt", "SHA256": expected}
        done = subprocess.run(  # noqa: S603
            [bash, "-e"], input=script, env=environment, cwd=tmp_path, text=True, capture_output=True, check=False
        )
        assert done.returncode == code
