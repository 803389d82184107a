"""Pytest looks for settings next to every path that it is given: none but the project's are judged under."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from asking import HYPOTHESES, PROJECT, World, alone, read, run, verdicts

from why_bird.evidence.register import read_register, write_register
from why_bird.networks.network import STEMS

SELECTED = ("-k", "highest_bias")


def elsewhere(world: World, tmp_path: Path) -> Path:
    """Put a checkpoint into a folder that has settings of its own."""
    folder = tmp_path / "of another"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(world.root / "bias-sink.safetensors", folder / "net.safetensors")
    return folder / "net.safetensors"


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("form", ["--checkpoint {}", "--checkpoint={}"])
def test_a_checkpoint_beside_other_settings(
    world: World, folder: Path, tmp_path: Path, form: str, *, is_first: bool
) -> None:
    checkpoint = elsewhere(world, tmp_path)
    given = [word.format(checkpoint) for word in form.split(" ")]
    words = [*given, HYPOTHESES] if is_first else [HYPOTHESES, *given]
    answer = run(*words, *world.options(), *SELECTED, folder=folder)
    if form.endswith("={}"):
        assert answer.code == 0
    if answer.code == 4:
        assert answer.wrote_nothing
        assert "for this project's settings" in answer.complaint
        found = re.search(r"this works: (pytest .*) \(write --checkpoint=FILE", answer.complaint)
        assert found is not None
        command = shlex.split(found[1])
        answer = run(*command[1:], folder=folder)
    assert verdicts(answer.partial) == {"Z1": "confirmed"}
    assert answer.code == 0


REFUSED_LATE = "--amend=why"
"""By what ends a run after pytest has loaded what lies beside its paths."""


def planted(folder: Path) -> Path:
    """Put a conftest.py into a folder, and return the file that is there once it was executed."""
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_text(f"open({str(folder / 'ran')!r}, 'w').close()")
    return folder / "ran"


@pytest.mark.parametrize("place", [".", "test"])
@pytest.mark.parametrize("option", ["--checkpoint", "--images", "--arch"])
def test_no_code_is_run_that_lies_where_an_option_points(folder: Path, tmp_path: Path, option: str, place: str) -> None:
    other = tmp_path / "of another"
    ran = planted(other / place)
    assert "--amend gives the reason" in run(HYPOTHESES, option, other, REFUSED_LATE, folder=folder).complaint
    assert not ran.exists()


def test_nor_where_the_current_folder_holds_the_claims(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = planted(tmp_path / "of another")
    monkeypatch.chdir(HYPOTHESES)
    answer = run("--checkpoint", ran.parent, REFUSED_LATE, folder=folder)
    assert not ran.exists()
    assert "write --checkpoint=FILE with the = sign" in answer.complaint


def test_nor_what_other_settings_name(folder: Path, tmp_path: Path) -> None:
    ran = planted(tmp_path / "of another")
    settings = tmp_path / "images" / "pytest.ini"
    settings.parent.mkdir()
    settings.write_text(f"[pytest]\naddopts = '{ran.parent}'\n")
    answer = run("--images", settings.parent, HYPOTHESES, folder=folder)
    assert not ran.exists()
    assert f"pytest took {settings} for this project's settings" in answer.complaint


def test_nor_are_claims_that_were_installed_judged_under_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "images"):
        (tmp_path / name).mkdir()
    (tmp_path / "images" / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("why_bird.fixtures.options.is_of_project", lambda _folder: False)
    answer = run("--images", tmp_path / "images", HYPOTHESES, folder=folder)
    assert f"pytest took {tmp_path / 'images' / 'pytest.ini'} for this project's settings" in answer.complaint
    assert f"this works: pytest --rootdir={tmp_path / 'here'} " in answer.complaint


def test_other_settings_below_the_right_root(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(HYPOTHESES)
    answer = run("--images", tmp_path, f"--rootdir={PROJECT}", folder=folder)
    assert f"pytest took {tmp_path / 'pytest.ini'} for this project's settings" in answer.complaint


def test_settings_that_were_asked_for(world: World, folder: Path, tmp_path: Path) -> None:
    other = elsewhere(world, tmp_path).with_name("pytest.ini")
    answer = run(HYPOTHESES, "-c", other, *world.options("bias-sink"), *SELECTED, folder=folder)
    assert f"pytest took {other} for this project's settings" in answer.complaint
    assert answer.code == 4
    found = re.search(r"because it takes those that -c names, .* this works: (pytest .*)$", answer.complaint)
    assert found is not None
    assert run(*shlex.split(found[1])[1:], folder=folder).code == 0


def test_the_options_stand_in_one_group(folder: Path) -> None:
    answer = run(HYPOTHESES, "--help", folder=folder)
    _, _, rest = answer.output.partition("ask a neural network why (pytest hypotheses/):\n")
    group = re.split(r"\n(?=\S)", rest)[0]
    for option in (
        "--checkpoint=FILE", "--arch=NAME", "--stem=", "--network=MODULE:FACTORY", "--mean=R,G,B", "--std=R,G,B",
        "--input-size=PIXELS", "--interpolation=", "--class-names=A,B,…", "--device=NAME", "--images=DIR|download",
        "--noise-seed=N", "--evidence-cache=DIR", "--evidence-dir=DIR", "--register", "--amend=REASON",
    ):  # fmt: skip
        assert option in group
    # Words of the help are folded.
    told = " ".join(group.split())
    assert [stem for stem in STEMS if f" {stem}: " not in told] == []
    assert "takes the number of classes" in told
    assert "~/.cache/why-bird" in told
    assert answer.code == 0


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout inside a larger repository that has settings of its own."""
    outer = tmp_path_factory.mktemp("outer")
    (outer / "pytest.ini").write_text("[pytest]\naddopts = --tb=short\n")
    checkout = outer / "tools" / "why"
    checkout.mkdir(parents=True)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, checkout)
    for name in ("fixtures", "hypotheses", "lib"):
        shutil.copytree(PROJECT / name, checkout / name, ignore=shutil.ignore_patterns("reference"))
    # All of what is shipped that a user's own network needs.
    shipped = Path("fixtures", "reference", "cat-dog.safetensors")
    (checkout / shipped).parent.mkdir()
    shutil.copy(PROJECT / shipped, checkout / shipped)
    return checkout


FORBIDS = """
import sys


class Forbidden:
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] not in ("dask", "distributed"), name


sys.meta_path.insert(0, Forbidden())
"""


def test_a_checkout_in_a_larger_repository(world: World, folder: Path, nested: Path) -> None:
    outer = nested.parents[1]
    # Nor is anything that only workers need imported there.
    (outer / "forbids.py").write_text(FORBIDS)
    shutil.copy(world.root / "bias-sink.safetensors", outer / "net.safetensors")
    options = [*world.options(), f"--evidence-dir={folder}", *SELECTED]
    refused = alone("tools/why/hypotheses", "--checkpoint", "net.safetensors", *options, cwd=outer, checkout=nested)
    assert refused.returncode == 4, refused.stdout + refused.stderr
    assert "Traceback" not in refused.stderr
    assert not folder.parent.joinpath("evidence-partial").exists()
    found = re.search(r"this works: pytest (.*) \(write", refused.stderr)
    assert found is not None
    works = alone("-p", "forbids", *shlex.split(found[1]), cwd=outer, checkout=nested)
    assert works.returncode == 0, works.stdout + works.stderr
    assert verdicts(read(folder.with_name("evidence-partial"))) == {"Z1": "confirmed"}


def test_docstrings_that_are_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    refused = alone("hypotheses", "--collect-only", cwd=PROJECT, checkout=PROJECT)
    assert "ERROR: python -OO (or PYTHONOPTIMIZE=2) strips docstrings" in refused.stderr
    assert refused.returncode == 4


@pytest.mark.nightly
def test_4_a_claim_that_changed_with_two_workers(world: World, folder: Path, nested: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(nested, checkout)
    path = checkout / "hypotheses" / "register.toml"
    register = read_register(path)
    changed = replace(register.claims["Z2"], threshold=0.2)
    write_register(path, replace(register, claims=register.claims | {"Z2": changed}))
    options = [*world.options("bias-sink"), f"--evidence-dir={folder}", "-n", "2"]
    refused = alone("hypotheses", *options, cwd=checkout, checkout=checkout)
    assert refused.returncode == 4, refused.stdout + refused.stderr
    assert "ERROR: claim Z2 changed since it was registered: threshold was 0.2 and is 0.1 now" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not list(folder.parent.glob("evidence*"))
