"""The structure of the house, held by tools."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("lib", "fixtures", "hypotheses") for path in (ROOT / folder).rglob("*.py"))
LIBRARY = ROOT / "lib"
LONGEST = {"lib": 350, "fixtures": 350, "hypotheses": 420}
"""Lines of a file. A module of hypotheses says all about its question: its words, its claims and their pictures."""


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    roots = [[str(root / name) for name in ("lib", "fixtures")] for root in (folder, ROOT)]
    # Of a namespace all folders on the path are looked through: nothing of the checkout may be beside its copy.
    code = (
        "import sys; from importlinter.cli import lint_imports_command as ask; "
        f"sys.path[:] = {roots[0]} + [path for path in sys.path if path not in {roots[1]}]; ask()"
    )
    command = [sys.executable, "-c", code, "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


def test_nothing_flows_back() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout
    assert "3 kept, 0 broken" in answer.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("lib/why_bird/images/box.py", "from why_bird.measure import store", "Nothing flows back"),
        ("lib/why_bird/measure/plan.py", "import why_bird.stats", "Nothing flows back"),
        ("lib/why_bird/evidence/headlines.py", "import pytest", "The library knows neither pytest nor the fixtures"),
        ("lib/why_bird/streams.py", "import why_bird.fixtures", "The library knows neither pytest nor the fixtures"),
        ("fixtures/why_bird/fixtures/options.py", "from _pytest import nodes", "No private pytest"),
    ],
)
def test_an_import_that_flows_back_is_caught(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for folder in ("lib", "fixtures"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("reference", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as file:
        file.write(f"{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    _, _, broken = answer.stdout.partition("Broken contracts")
    assert contract in broken


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_idea_and_says_which(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST[path.relative_to(ROOT).parts[0]]
    assert ast.get_docstring(ast.parse(text)), "no docstring says what the module is about"


def test_the_rules_name_all_of_the_library() -> None:
    """A module that no rule names may import what it likes."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [rule] = [each for each in rules["contracts"] if each["id"] == "lib-alone"]
    assert rule["source_modules"] == sorted(f"why_bird.{path.stem}" for path in (LIBRARY / "why_bird").glob("[!_]*"))


def test_no_test_fails_for_the_time_that_it_takes() -> None:
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
    limits = re.compile(r"\b(deadline|timeout)=(?!None)|mark\.timeout\((?!0\))")
    timed = [path.name for path in (ROOT / "tests").rglob("*.py") if limits.search(path.read_text(encoding="utf-8"))]
    assert timed == []


def test_no_two_rooms_have_a_file_of_one_name() -> None:
    rooms: dict[str, set[str]] = {}
    for path in (path for folder in ("lib", "fixtures") for path in (ROOT / folder).rglob("*.py")):
        room = path.relative_to(ROOT).parts[2]
        if path.name not in ("__init__.py", room):
            rooms.setdefault(path.name, set()).add(room)
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {}
