"""What CI installs is named by version and hash, and is what pyproject.toml asks for: the newest, and the oldest."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = [
    asked
    for extra in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for asked in map(Requirement, extra)
    if asked.name != PROJECT["name"]
]


def locked(name: str) -> dict[str, Version]:
    """Return the versions of a lock file, each of which has to have a hash, and no address."""
    text = (ROOT / ".ci" / name).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(re.fullmatch(r"\S+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", block) for block in blocks)
    return {block.partition("==")[0]: Version(block.partition("==")[2].split()[0]) for block in blocks}


@pytest.mark.parametrize("name", ["locked.txt", "lowest.txt"])
def test_everything_that_is_asked_for_is_locked(name: str) -> None:
    found = locked(name)
    assert [str(each) for each in ASKED if found[each.name] not in each.specifier] == []


def test_the_oldest_are_those_that_are_allowed() -> None:
    found = locked("lowest.txt")
    bounds = {each.name: next(part for part in each.specifier if part.operator == ">=").version for each in ASKED}
    assert {name: found[name] for name in bounds} == {name: Version(bound) for name, bound in bounds.items()}


def test_the_tools_are_locked_too() -> None:
    assert {"cyclonedx-bom", "uv"} <= locked("tools.txt").keys()
