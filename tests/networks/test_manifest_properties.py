"""Any manifest, record of a training or unfinished training is used or refused in one sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hostile_values import changed, damaged, names, read_or_refused, texts, values
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.networks.job import is_finished, read_state, save_state
from why_bird.networks.manifest import MANIFEST, add_network, networks_in

IDENTITY = {"recipe": "abc", "job": "cheap/seed0", "train": "c1fa"}
TRAINING = {
    "job": "cheap/seed0",
    "recipe": {"name": "cheap", "epochs": 5, "hash": "abc"},
    "seed": 0,
    "arm": "plain",
    "test_accuracy": 0.9,
    "train_images": {"hash": "c1fa", "n": 50_000},
}
files = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8).map(
    lambda name: f"seed/{name}.safetensors"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two networks; what else is read lies beside it."""
    made = tmp_path_factory.mktemp("networks") / "cheap"
    for seed in range(2):
        enter(made, f"seed{seed}/network.safetensors", {"seed": seed})
    return made


def enter(folder: Path, name: str, about: dict[str, Any]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(name.encode())
    add_network(folder, path, about)
    return path


@settings(max_examples=50)
@given(st.lists(files, min_size=1, max_size=3, unique=True), st.dictionaries(names, values, max_size=2))
def test_whatever_was_entered_is_found(
    tmp_path_factory: pytest.TempPathFactory, entered: list[str], about: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("entered")
    about = {name: value for name, value in about.items() if name not in ("file", "sha256")}
    paths = [enter(folder, name, about) for name in entered]
    assert networks_in(folder) == tuple(sorted(paths, key=lambda path: path.relative_to(folder).as_posix()))
    rows = json.loads((folder / MANIFEST).read_text("utf-8"))["networks"]
    assert [json.dumps({**row, **about}) for row in rows] == [json.dumps(row) for row in rows]


@settings(max_examples=150)
@given(st.data())
def test_a_manifest_with_one_value_changed_names_its_networks_or_is_refused(folder: Path, data: st.DataObject) -> None:
    content = (folder / MANIFEST).read_text("utf-8")
    try:
        (folder / MANIFEST).write_text(data.draw(changed(json.loads(content))), "utf-8")
        check(folder, read_or_refused(lambda: networks_in(folder)))
    finally:
        (folder / MANIFEST).write_text(content, "utf-8")


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_manifest_names_its_networks_or_is_refused(folder: Path, data: st.DataObject) -> None:
    content = (folder / MANIFEST).read_bytes()
    try:
        (folder / MANIFEST).write_bytes(data.draw(damaged(content) | st.binary(max_size=30) | texts.map(str.encode)))
        check(folder, read_or_refused(lambda: networks_in(folder)))
    finally:
        (folder / MANIFEST).write_bytes(content)


def test_a_manifest_lists_no_file_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "cheap").mkdir()
    outside = tmp_path / "other.safetensors"
    outside.write_bytes(b"weights")
    for name in ("../other.safetensors", str(outside)):
        row = {"file": name, "sha256": hashlib.sha256(b"weights").hexdigest()}
        (tmp_path / "cheap" / MANIFEST).write_text(json.dumps({"networks": [row]}))
        assert read_or_refused(lambda: networks_in(tmp_path / "cheap")) is None


def check(folder: Path, found: tuple[Path, ...] | None) -> None:
    """Hold what was found to files that were entered, each as the manifest says that it was then."""
    rows = json.loads((folder / MANIFEST).read_text("utf-8"))["networks"] if found else []
    for path, row in zip(found or (), rows, strict=True):
        name = path.relative_to(folder).as_posix()
        assert path.read_bytes() == name.encode()
        assert row["sha256"] == hashlib.sha256(name.encode()).hexdigest()


@settings(max_examples=150)
@given(changed(TRAINING) | damaged(json.dumps(TRAINING).encode()).map(lambda data: data.decode("latin1")) | texts)
def test_a_record_of_a_training_says_whether_it_is_finished_or_is_refused(folder: Path, text: str) -> None:
    job = folder / "seed0"
    (job / "training.json").write_text(text, "utf-8")
    if read_or_refused(lambda: is_finished(job, IDENTITY)):
        content = json.loads(text)
        assert (content["recipe"]["hash"], content["job"], content["train_images"]["hash"]) == tuple(IDENTITY.values())
        # What the manifest is told of it.
        enter(folder.parent / "again", "network.safetensors", {k: content[k] for k in ("seed", "arm", "test_accuracy")})
    (job / "training.json").unlink()


@pytest.fixture(scope="module")
def unfinished(folder: Path) -> bytes:
    path = folder.parent / "whole.pt"
    module = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(module.parameters(), 0.1, 0.9)
    log = [{"epoch": 1, "size": 32, "loss": 0.5, "training_accuracy": 0.5, "seconds": 1.0}]
    save_state(
        path,
        {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "log": log, "identity": IDENTITY},
    )
    return path.read_bytes()


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_state_goes_on_or_is_refused(folder: Path, unfinished: bytes, data: st.DataObject) -> None:
    path = folder.parent / "resume.pt"
    path.write_bytes(data.draw(damaged(unfinished)))
    check_state(path)


@settings(max_examples=60)
@given(st.sampled_from(["module", "optimizer", "log", "identity"]), st.none() | values)
def test_a_state_with_one_part_changed_goes_on_or_is_refused(folder: Path, part: str, value: object) -> None:
    path = folder.parent / "resume.pt"
    whole = {"module": {"weight": torch.ones(2)}, "optimizer": {"state": {}}, "log": [], "identity": IDENTITY}
    save_state(path, whole)
    assert read_or_refused(lambda: read_state(path, IDENTITY, torch.device("cpu"))) is not None
    save_state(path, {name: each for name, each in whole.items() if name != part})
    assert read_or_refused(lambda: read_state(path, IDENTITY, torch.device("cpu"))) is None
    save_state(path, {**whole, part: value})
    check_state(path)


def check_state(path: Path) -> None:
    found = read_or_refused(lambda: read_state(path, IDENTITY, torch.device("cpu")))
    if found is not None:
        assert found["identity"] == IDENTITY
        assert type(found["module"]).__name__ in ("dict", "OrderedDict")
        assert type(found["optimizer"]) is dict
        assert all(row["size"] > 0 and row["seconds"] >= 0 for row in found["log"])
