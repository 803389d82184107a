"""What is built holds all that an installed package needs, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MOST_BYTES = 100e6
"""What an index takes of one file."""
# Folders of the checkout, and where they are in the wheel.
FOLDERS = {
    "lib/why_bird": "why_bird",
    "fixtures/why_bird": "why_bird",
    "fixtures/reference": "why_bird/fixtures/reference",
    "hypotheses": "why_bird/hypotheses",
}
FILES = {
    "hypotheses/__init__.py": "why_bird/__init__.py",
    "reports/accepted.json": "why_bird/reports/accepted.json",
    "reports/reference/evidence.json": "why_bird/reports/reference/evidence.json",
}
UNTRACKED = ("__pycache__", ".pytest_cache", ".hypothesis")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


def build(source: Path, folder: Path) -> Path:
    pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", folder, source)
    [wheel] = folder.glob("*.whl")
    return wheel


def pip(*words: object, python: Path = Path(sys.executable)) -> None:
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def expected() -> dict[str, Path]:
    """Return what belongs into the wheel, by its place there."""
    found = {there: ROOT / here for here, there in FILES.items()}
    for here, there in FOLDERS.items():
        for path in (ROOT / here).rglob("*"):
            if path.is_file() and not set(path.parts) & set(UNTRACKED):
                found[f"{there}/{path.relative_to(ROOT / here).as_posix()}"] = path
    return found


def test_the_wheel_is_the_checkout_without_what_serves_the_project_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sums = {each.filename: each.CRC for each in archive.infolist() if ".dist-info/" not in each.filename}
    assert sums == {there: zlib.crc32(path.read_bytes()) for there, path in expected().items()}
    for name in ("why_bird/hypotheses/register.toml", "why_bird/fixtures/reference/resnet18.safetensors"):
        assert name in sums


def test_an_index_takes_it(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES


def test_its_entry_points_are_there(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith("entry_points.txt")]
        lines = archive.read(name).decode().split("\n")
        for line in lines:
            if " = " in line:
                module = line.partition(" = ")[2].partition(":")[0]
                assert f"{module.replace('.', '/')}.py" in archive.namelist()
    assert "why_bird = why_bird.fixtures.loading" in lines
    assert "why-bird = why_bird.commands.main:main" in lines


@pytest.mark.nightly
def test_the_wheel_of_the_source_archive_is_the_same(wheel: Path, tmp_path: Path) -> None:
    # Imported late: it is needed by night alone.
    from hatchling.builders.sdist import SdistBuilder

    [archive] = [Path(each) for each in SdistBuilder(str(ROOT)).build(directory=str(tmp_path))]
    assert archive.stat().st_size < MOST_BYTES
    with tarfile.open(archive) as content:
        content.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    assert build(source, tmp_path / "again").read_bytes() == wheel.read_bytes()


@pytest.mark.nightly
def test_installed_it_judges_what_is_shipped_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    # Its dependencies are those that are installed here; nothing of the checkout is among them.
    venv.create(tmp_path / "environment", with_pip=True)
    python = tmp_path / "environment" / "bin" / "python"
    pip("install", "--no-deps", "--no-index", wheel, python=python)
    [packages] = (tmp_path / "environment" / "lib").glob("*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    folder = tmp_path / "empty"
    folder.mkdir()
    command = [
        python,
        "-m",
        "pytest",
        "--pyargs",
        "why_bird.hypotheses",
        "--gate",
        f"--evidence-cache={tmp_path / 'c'}",
    ]
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 red" in done.stdout
    document = read(folder / "reports" / "latest")
    assert verdicts(document) == verdicts(read(ROOT / "reports" / "reference"))
    assert document["provenance"]["images_passed"] == 0
    assert document["provenance"]["images"]["origin"] == "no images given, shipped measurements"


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    return content


def verdicts(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(claim["id"], claim["network"]): claim["verdict"] for claim in document["claims"]}
