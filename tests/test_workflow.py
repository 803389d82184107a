"""The ready workflow is one that GitHub can read, and its commands are ones that this project has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "findings.yml"
CHECKER = Path(sys.executable).with_name("check-jsonschema")


def check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(CHECKER), "--builtin-schema", "vendor.github-workflows", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def test_it_is_a_workflow() -> None:
    answer = check(WORKFLOW)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("line", "instead"),
    [("runs-on: ubuntu-latest", "runs: ubuntu-latest"), ("uses: actions/checkout@v4", "use: actions/checkout@v4")],
)
def test_another_would_be_noticed(tmp_path: Path, line: str, instead: str) -> None:
    text = WORKFLOW.read_text()
    assert line in text
    (tmp_path / "broken.yml").write_text(text.replace(line, instead))
    assert check(tmp_path / "broken.yml").returncode == 1


def test_every_script_is_one_that_bash_can_read() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    blocks = re.findall(r"run: \|\n((?: {10}.*\n)+)", WORKFLOW.read_text())
    assert len(blocks) == 3
    for block in blocks:
        answer = subprocess.run([bash, "-n"], input=block, capture_output=True, text=True, check=False)  # noqa: S603
        assert answer.returncode == 0, answer.stderr


def test_its_options_and_targets_are_ours() -> None:
    text = WORKFLOW.read_text()
    options = (ROOT / "fixtures" / "why_bird" / "fixtures" / "options.py").read_text() + (
        ROOT / "lib" / "why_bird" / "networks" / "train.py"
    ).read_text()
    options += (ROOT / "fixtures" / "why_bird" / "fixtures" / "gate.py").read_text()
    for line in text.splitlines():
        if "pytest hypotheses" in line or "why-bird train" in line or "given=(" in line:
            for option in re.findall(r"--[a-z-]+", line):
                assert f'"{option}"' in options or option == "--junitxml", option
    assert ".venv/installed" in text
    assert "$(VENV)/installed:" in (ROOT / "Makefile").read_text()
