"""Each mutant in ``mutants.py``, a mistake that someone could make, is caught by the test that is named for it."""

from __future__ import annotations

import ast
import compileall
import gc
import multiprocessing
import os
import py_compile
import resource
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import mutants
import pytest
from hypothesis import Phase, settings
from mutants import MUTANTS, Mutant

PROJECT = Path(__file__).resolve().parents[1]
OURS = ("lib", "fixtures", "hypotheses", "tests")
# Read once, by the server that every run is forked from; nothing of the project is among them.
LIBRARIES = ["hypothesis", "numpy", "pytest", "scipy.stats", "statsmodels.stats.proportion", "torch", "torchvision"]
LIBRARIES += ["jsonschema"]
MOST_SECONDS = 900
# No plugin is loaded by itself there, and this one knows the profile.
ONCE = ("-p", "_hypothesis_pytestplugin", "--hypothesis-profile=once")
READ_ELSEWHERE = 70
"""Exit code where a run read the checkout, or nothing, instead of the copy."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project; what is shipped is only pointed at."""
    copy = tmp_path_factory.mktemp("mutations") / "project"
    for name in OURS:
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("reference", "__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, copy)
    (copy / "fixtures" / "reference").symlink_to(PROJECT / "fixtures" / "reference")
    # By content, so that of a mutant nothing is taken for the original: it could have its size and its second.
    compileall.compile_dir(copy, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return copy


@contextmanager
def mutated(project: Path, mutant: Mutant) -> Iterator[None]:
    file = project / mutant.file
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = before.count(mutant.original)
    if found != 1:
        pytest.fail(f"renew the mutant “{mutant.name}”: {mutant.original!r} stands {found} times in {mutant.file}")
    after = before.replace(mutant.original, mutant.mutated)
    ast.parse(after)  # a file that cannot be read would be caught by any test
    try:
        file.write_text(after, encoding="utf-8")
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def in_the_copy(project: Path, tests: Collection[str], log: Path) -> None:
    """Run tests of the copy in this process, which ends with pytest's exit code."""
    with log.open("w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Some mutants never end. What they calculate is limited, not how long the machine takes for it.
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.dont_write_bytecode = True
    ours = ("", "lib", "fixtures")
    checkout = {*(str(PROJECT / name) for name in ours)}
    checkout |= {path for path in sys.path if Path(path).is_relative_to(PROJECT / "tests")}
    sys.path[:] = [*(str(project / name) for name in ours), *(path for path in sys.path if path not in checkout)]
    os.chdir(project)
    # That a test fails is enough: no example is made smaller, and none depends on chance.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("once", phases=phases, derandomize=True, database=None, deadline=None)
    # At its end pytest collects garbage several times, and would go through all that the libraries made.
    gc.freeze()
    code = pytest.main(["-q", "-rfE", "-o", "addopts=", "-p", "no:cacheprovider", *ONCE, *tests])
    files = [Path(module.__dict__.get("__file__") or "") for module in list(sys.modules.values())]
    mine = {Path(__file__), Path(mutants.__file__)}
    elsewhere = [file for file in files if any(file.is_relative_to(PROJECT / n) for n in OURS) and file not in mine]
    if elsewhere or not any(file.is_relative_to(project / "lib") for file in files):
        print("read from elsewhere:", *elsewhere)
        code = READ_ELSEWHERE
    sys.stdout.flush()
    sys.exit(int(code))


def ask(project: Path, tests: Collection[str]) -> tuple[int, str]:
    """Return the exit code and the output of a run in a fresh process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    log = project.with_name("log.txt")
    process = context.Process(target=in_the_copy, args=(project, tests, log))
    process.start()
    process.join()
    return process.exitcode or 0, log.read_text(encoding="utf-8")


@pytest.mark.parametrize("is_nightly", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["fast", "nightly"])
def test_without_a_mutation_the_same_tests_pass(project: Path, *, is_nightly: bool) -> None:
    tests = sorted({mutant.test for mutant in MUTANTS if mutant.nightly == is_nightly})
    code, output = ask(project, tests)
    assert code == 0, output


@pytest.mark.parametrize(
    "mutant",
    [pytest.param(each, id=each.name, marks=[pytest.mark.nightly] if each.nightly else []) for each in MUTANTS],
)
def test_a_mutant_is_caught_by_its_test(project: Path, mutant: Mutant) -> None:
    with mutated(project, mutant):
        code, output = ask(project, [mutant.test])
    assert code == 1, output
    caught = [line for line in output.splitlines() if line.startswith(f"FAILED {mutant.test}")]
    assert caught, output


@pytest.mark.parametrize("mutant", [pytest.param(each, id=each.name) for each in MUTANTS if each.nightly])
def test_what_a_mutant_of_the_night_changes_is_there(project: Path, mutant: Mutant) -> None:
    with mutated(project, mutant):
        pass


def test_names_of_mutants_are_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
