"""A question of one's own, as docs/your-own-question.md and the README have it, is run in an empty folder."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from any_worlds import class_names, write_any_images, write_any_network
from asking import PROJECT, forget_modules, read, run

PAGE = PROJECT / "docs" / "your-own-question.md"
MODULE = "hypotheses/test_do_blurred_images_lose_their_class.py"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
K, EACH = 3, 40


@dataclass(frozen=True)
class Told:
    """What the page's commands did, in their order: exit codes and output; and the folder that they were given in."""

    codes: dict[str, int]
    output: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Follow the page in a folder that holds a network and images, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    # It recognises patterns of seven pixels a cell, which a blur of two pixels leaves as they are.
    write_any_images(folder / "images", K, test=EACH)
    write_any_network(folder / "net.safetensors", K)
    planted = f"--network=any_networks:colour --evidence-cache={folder / 'cache'}"
    codes, output = {}, {}
    for kind, content in blocks():
        if kind == "python":
            (folder / MODULE).write_text(content, encoding="utf-8")
        for command in content.splitlines() if kind == "sh" else ():
            how = follow_here if command.startswith("pytest") else follow
            codes[command], output[command] = how(command, folder, planted)
    yield Told(codes, output, folder)
    forget_modules(folder)


def blocks(page: Path = PAGE) -> Iterator[tuple[str, str]]:
    """A page's blocks of code, each with the language that it says it is in."""
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found[1], found[2]


def follow_here(command: str, folder: Path, given: str) -> tuple[int, str]:
    """Give a command of pytest in a folder with options beside it, in this process, which has loaded what it needs."""
    with contextlib.chdir(folder):
        answer = run(*shlex.split(command)[1:], *shlex.split(given), folder=None)
    return answer.code, answer.output


def follow(command: str, folder: Path, given: str) -> tuple[int, str]:
    """Give a command of a page in a folder, as who has installed it; one of pytest has options beside it."""
    program, *words = shlex.split(command)
    roots = [str(PROJECT / "lib"), str(PROJECT / "fixtures"), str(Path(__file__).parent)]
    quiet = "-p no:randomly -p no:cacheprovider -p undrawn"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": os.pathsep.join(roots), "OMP_NUM_THREADS": "1"}
    if program == "pytest":
        environment["PYTEST_ADDOPTS"] = f"{quiet} {given}"
    installed = Path(sysconfig.get_path("scripts")) / program
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(installed), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_command_of_the_page_ends_as_it_says(told: Told) -> None:
    assert [command.split()[0] for command in told.codes] == ["why-bird", "why-bird", "pytest", "pytest", "pytest"]
    begun, registered, judged, accepted, held = told.codes
    # The claim is rejected of this network: that is a result, which can be accepted, and the gate does not mind it.
    assert list(told.codes.values()) == [0, 0, 1, 0, 0], told.output
    assert "new: –; amended: Q1; withdrawn: –; as they were: 0" in told.output[registered]
    assert "1 rejected" in told.output[judged]
    assert "accepted: reports/accepted.json" in told.output[accepted]
    assert MODULE in told.output[begun]
    assert "gate: 1 held" in told.output[held]


def test_what_the_page_shows_of_the_output_is_said(told: Told) -> None:
    said = "\n".join(told.output.values())
    shown = [line for kind, content in blocks() if kind == "text" for line in content.splitlines()]
    assert len(shown) > 3
    for line in shown:
        assert line in said, line


def test_the_claim_is_judged_and_its_chart_is_in_the_record(told: Told) -> None:
    document = read(told.folder / "reports" / "latest")
    (claim,) = document["claims"]
    assert (claim["id"], claim["verdict"], claim["n"]) == ("Q1", "rejected", K * EACH)
    assert claim["estimate"]["value"] == 0
    assert claim["statement"] == "More than half the test images lose their class when they are blurred."
    assert claim["words"]["fails"] == "0.0 % of the images lose their class when they are blurred, not more than 50 %"
    assert claim["question"]["title"] == "Do blurred images lose their class?"
    assert claim["guess"] == "The network looks at edges"
    (chart,) = claim["charts"]
    assert chart["kind"] == "stacked"
    assert chart["title"] == f"33.3 % of the blurred images are called {class_names(K)[0]}"
    assert [each["label"] for each in chart["stacks"]] == ["sharp", "blurred"]
    assert chart["stacks"][0]["shares"] == chart["stacks"][1]["shares"] == [pytest.approx(1 / K, abs=1e-3)] * K
    (amendment,) = document["amendments"]
    assert amendment["reason"] == "blurred images in the place of the example"


def test_the_question_in_the_readme_is_whole_and_found_what_stands_below_it(tmp_path: Path) -> None:
    readme = PROJECT / "README.md"
    for kind, content in blocks(readme):
        if kind == "python":
            (module,) = (tmp_path / "hypotheses").glob("test_*.py")
            module.write_text(content, encoding="utf-8")
        for command in content.splitlines() if kind == "sh" else ():
            code, output = follow(command, tmp_path, f"--evidence-cache={tmp_path / 'cache'}")
            assert code == (1 if command.startswith("pytest") else 0), output
    (claim,) = read(tmp_path / "reports" / "latest")["claims"]
    assert claim["question"]["title"] == "Do its mistakes fall into the class of noise?"
    # Of the network that is shipped, offline.
    told = f"Of the shipped network it is {claim['verdict']}: {claim['words']['found']}"
    assert told in readme.read_text(encoding="utf-8")
