"""A training is a function of recipe, images, classes and seed, also through a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_training
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from tiny_training import CLASSES, TINY, write_tree

from why_bird.errors import BadInput
from why_bird.images.decode import open_images
from why_bird.images.exchange import exchange_pixels
from why_bird.images.image_set import Images, ImageSet
from why_bird.measure.forward import forward
from why_bird.networks.arms import Arm
from why_bird.networks.manifest import networks_in
from why_bird.networks.network import untrained
from why_bird.networks.opening import open_network
from why_bird.networks.recipe import RECIPES
from why_bird.networks.train import Job, seconds_left, train
from why_bird.networks.train_command import main

# The child that is killed has one, too.
pytestmark = pytest.mark.usefixtures("one_thread")
SHORT = replace(TINY, name="short", epochs=1, small_epochs=0)
NONE = replace(TINY, name="none", epochs=0)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write images of three classes that differ in colour."""
    return write_tree(tmp_path_factory.mktemp("tree"), train=12, size=8)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def images(tree: Path, cache: Path) -> Images:
    return open_images(str(tree), cache)


@pytest.fixture(scope="module")
def whole(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checkpoint of a training that nothing interrupted."""
    return train(Job(TINY, 0, CLASSES), images, tmp_path_factory.mktemp("whole"))


def no_epoch(label: str, _total: int) -> None:
    raise AssertionError(f"trained again: {label}")


def assert_same_weights(one: Path, other: Path) -> None:
    first, second = load_file(one), load_file(other)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_killed_and_resumed_is_bit_for_bit_the_uninterrupted(
    tree: Path, cache: Path, images: Images, whole: Path, tmp_path: Path
) -> None:
    command = [sys.executable, tiny_training.__file__, str(tree), str(cache), str(tmp_path)]
    here = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([here, *sys.path])}
    child = subprocess.Popen(command, cwd=here, env=environment)  # noqa: S603
    try:
        while not (tmp_path / "reached").exists():
            assert child.poll() is None, "the child ended by itself"
            time.sleep(0.05)
    finally:
        child.kill()
    assert child.wait() == -signal.SIGKILL
    folder = tmp_path / "tiny-bird-cat-frog" / "seed0"
    assert [path.name for path in folder.iterdir()] == ["resume.pt"]

    with pytest.raises(BadInput, match="unfinished training of another recipe"):
        train(Job(replace(TINY, peak=0.01), 0, CLASSES), images, tmp_path)
    resumed = train(Job(TINY, 0, CLASSES), images, tmp_path)
    assert_same_weights(resumed, whole)
    logs = [(path.parent / "log.jsonl").read_text().splitlines() for path in (resumed, whole)]
    for mine, theirs in zip(*logs, strict=True):
        assert {**json.loads(mine), "seconds": 0} == {**json.loads(theirs), "seconds": 0}
    assert sorted(path.name for path in folder.iterdir()) == ["log.jsonl", "network.safetensors", "training.json"]


def test_epochs_are_kept_that_lead_to_the_network(images: Images, whole: Path, tmp_path: Path) -> None:
    last = train(Job(TINY, 0, CLASSES, keep_epochs=True), images, tmp_path)
    kept = sorted((last.parent / "epochs").iterdir())
    assert [path.name for path in kept] == [f"seed0-epoch{n}.safetensors" for n in range(1, 5)]
    epochs = [open_network(path) for path in kept]
    assert [network.metadata["epoch"] for network in epochs] == ["1", "2", "3", "4"]
    assert len({network.hash for network in epochs}) == 4
    # Keeping them changes nothing, and the last of them is the network.
    assert_same_weights(last, whole)
    assert_same_weights(kept[-1], last)
    assert networks_in(last.parents[1]) == (last,)


def test_epochs_that_were_not_kept_are_not_promised(images: Images, whole: Path) -> None:
    with pytest.raises(BadInput, match="was trained without keeping epoch 1: choose another --out"):
        train(Job(TINY, 0, CLASSES, keep_epochs=True), images, whole.parents[2])


def test_a_damaged_state_is_refused_in_a_sentence(images: Images, tmp_path: Path) -> None:
    folder = tmp_path / Job(TINY, 0, CLASSES).name
    folder.mkdir(parents=True)
    (folder / "resume.pt").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(BadInput, match=r"resume\.pt is damaged: remove it"):
        train(Job(TINY, 0, CLASSES), images, tmp_path)


def test_what_is_finished_is_not_repeated(images: Images, whole: Path) -> None:
    before = whole.stat().st_mtime_ns
    assert train(Job(TINY, 0, CLASSES), images, whole.parents[2], no_epoch) == whole  # type: ignore[arg-type]
    assert whole.stat().st_mtime_ns == before


def test_what_is_finished_is_not_taken_for_another_training(images: Images, whole: Path) -> None:
    with pytest.raises(BadInput, match="holds a network of another recipe or other images"):
        train(Job(replace(TINY, peak=0.01), 0, CLASSES), images, whole.parents[2])
    other = Images(images.train.take(np.arange(0, len(images.train), 2)), images.test, "other", "made up")
    with pytest.raises(BadInput, match="holds a network of another recipe or other images"):
        train(Job(TINY, 0, CLASSES), other, whole.parents[2])


def test_the_file_has_16_bits_and_says_how_it_is_fed(images: Images, whole: Path) -> None:
    with safe_open(whole, "pt") as file:
        metadata = file.metadata()
        dtypes = {file.get_tensor(name).dtype for name in file.keys() if not name.endswith("tracked")}  # noqa: SIM118
    assert dtypes == {torch.float16}
    assert (metadata["seed"], metadata["recipe"], metadata["init"]) == ("0", TINY.hash(), "random")
    assert metadata["images"] == images.train.hash
    network = open_network(whole)
    assert (network.classes, network.stem, network.assumed) == (CLASSES, "narrow", ())
    assert (network.preprocess.size, network.preprocess.interpolation) == (8, "bilinear")
    pixels = images.train.pixels / 255
    np.testing.assert_allclose(network.preprocess.mean, pixels.mean((0, 1, 2)), atol=6e-7)
    np.testing.assert_allclose(network.preprocess.std, pixels.std((0, 1, 2)), atol=6e-7)


def test_the_accuracy_written_is_that_of_the_file(images: Images, whole: Path) -> None:
    document = json.loads((whole.parent / "training.json").read_text())
    labels = forward(open_network(whole), images.test, taps=("logits",))["logits"].argmax(1)
    assert document["test_accuracy"] == (labels == images.test.labels).mean()
    assert document["recipe"]["hash"] == TINY.hash()
    assert document["test_images"] == {"hash": images.test.hash, "n": 15}


def test_the_network_learns(whole: Path) -> None:
    rows = [json.loads(line) for line in (whole.parent / "log.jsonl").read_text().splitlines()]
    assert [row["size"] for row in rows] == [6, 8, 8, 8]
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_seeds_decide(images: Images, tmp_path: Path) -> None:
    first, again, other = (
        load_file(train(Job(SHORT, seed, CLASSES), images, tmp_path / out))["conv1.weight"]
        for seed, out in ((0, "a"), (0, "b"), (1, "a"))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_untrained_twin_is_where_the_training_began(images: Images, tmp_path: Path) -> None:
    checkpoint = train(Job(NONE, 3, CLASSES), images, tmp_path)
    twin = untrained(open_network(checkpoint), 3).module.state_dict()
    for name, tensor in load_file(checkpoint).items():
        assert torch.equal(tensor, twin[name].to(tensor.dtype)), name


def test_some_classes_are_labelled_in_the_order_given(tree: Path, cache: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(RECIPES, "short", SHORT)
    arguments = ["--images", str(tree), "--cache", str(cache), "--out", str(tmp_path), "--recipe", "short"]
    assert main([*arguments, "--classes", "frog, bird", "--seeds", "2-3", "--device", "cpu"]) == 0
    for seed in (2, 3):
        folder = tmp_path / "short-frog-bird" / f"seed{seed}"
        assert open_network(folder / "network.safetensors").classes == ("frog", "bird")
        assert json.loads((folder / "training.json").read_text())["train_images"]["n"] == 24


@contextmanager
def stop_in_epoch_two(label: str, _total: int) -> Iterator[Callable[[int], None]]:
    if "epoch 2/" in label:
        raise KeyboardInterrupt
    yield lambda _done: None


@pytest.fixture(scope="module")
def arm(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checkpoint of an arm, trained in two parts beside a plain network."""
    out, job = tmp_path_factory.mktemp("arm"), Job(TINY, 0, CLASSES, arm=Arm("with", "detail", ("frog",)))
    with pytest.raises(KeyboardInterrupt):
        train(job, images, out, stop_in_epoch_two)  # type: ignore[arg-type]
    assert (out / "tiny-bird-cat-frog-detail-frog" / "seed0" / "resume.pt").is_file()
    return train(job, images, out)


def test_an_arm_says_so_wherever_the_network_is_named(images: Images, whole: Path, arm: Path) -> None:
    procedure = arm.parents[1]
    assert arm.relative_to(procedure.parent).as_posix() == "tiny-bird-cat-frog-detail-frog/seed0/network.safetensors"
    document = json.loads((arm.parent / "training.json").read_text())
    (row,) = json.loads((procedure / "manifest.json").read_text())["networks"]
    (plain,) = json.loads((whole.parents[1] / "manifest.json").read_text())["networks"]
    with safe_open(arm, "pt") as file:
        metadata = file.metadata()
    assert metadata["arm"] == document["arm"] == row["arm"] == "detail:frog"
    assert plain["arm"] == "plain"
    assert metadata["images"] == document["train_images"]["hash"] == images.train.hash


def test_an_arm_goes_on_as_itself_after_an_end(images: Images, whole: Path, arm: Path, tmp_path: Path) -> None:
    job = Job(TINY, 0, CLASSES, arm=Arm("with", "detail", ("frog",)))
    assert_same_weights(arm, train(job, images, tmp_path))
    assert not torch.equal(load_file(arm)["conv1.weight"], load_file(whole)["conv1.weight"])


def test_an_arm_sees_plain_test_images_as_a_plain_network_does(images: Images, whole: Path, arm: Path) -> None:
    assert open_network(arm).preprocess == open_network(whole).preprocess
    document = json.loads((arm.parent / "training.json").read_text())
    labels = forward(open_network(arm), images.test, taps=("logits",))["logits"].argmax(1)
    assert document["test_accuracy"] == (labels == images.test.labels).mean()
    assert document["test_images"] == {"hash": images.test.hash, "n": 15}


@pytest.mark.parametrize("file", ["resume.pt", "training.json"])
def test_an_arm_is_not_taken_for_another(images: Images, whole: Path, tmp_path: Path, file: str) -> None:
    job = Job(TINY, 0, CLASSES, arm=Arm("with", "border", ("bird",)))
    folder = tmp_path / job.name
    if file == "training.json":
        shutil.copytree(whole.parent, folder)
    else:
        with pytest.raises(KeyboardInterrupt):
            train(Job(TINY, 0, CLASSES), images, tmp_path, stop_in_epoch_two)  # type: ignore[arg-type]
        shutil.copytree(tmp_path / Job(TINY, 0, CLASSES).name, folder)
    assert (folder / file).is_file()
    with pytest.raises(BadInput, match="of another recipe or"):
        train(job, images, tmp_path)


def test_an_arm_is_asked_for_on_the_command_line(tree: Path, cache: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(RECIPES, "short", SHORT)
    arguments = ["--images", str(tree), "--cache", str(cache), "--out", str(tmp_path), "--recipe", "short"]
    drawn = []

    def note(images: ImageSet, kind: str, class_name: str, seed: int) -> np.ndarray:
        drawn.append((kind, class_name, seed))
        return exchange_pixels(images, kind, class_name, seed)

    monkeypatch.setattr("why_bird.networks.arms.exchange_pixels", note)
    assert main([*arguments, "--with", "border:bird", "--seeds", "2-3", "--device", "cpu"]) == 0
    assert drawn == [("border", "bird", 2), ("border", "bird", 3)]
    for seed in (2, 3):
        folder = tmp_path / "short-bird-cat-frog-border-bird" / f"seed{seed}"
        assert json.loads((folder / "training.json").read_text())["arm"] == "border:bird"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--classes", "bird,dog"], "no class 'dog' among the images: they hold bird, cat, frog"),
        (["--classes", "bird"], "the classes are bird: give two or more, each once"),
        (["--classes", "bird,cat,bird"], "the classes are bird, cat, bird: give two or more, each once"),
        (["--with", "detail:dog"], "detail:dog names no class that is trained on: they are bird, cat, frog"),
        (["--classes", "bird,cat", "--with", "border:frog"], "border:frog names no class that is trained on"),
        (["--with", "blur:frog"], "--with 'blur:frog' names no change of training: choose from swapped-cross-spectra,"),
        (["--with", "detail"], "--with 'detail' is asked with 1 class names, each once: give detail:CLASS"),
        (["--without", "cross-spectrum:frog"], "--without 'cross-spectrum:frog' is asked with no class names"),
        (["--without", "hope"], "--without 'hope' names no change of training: choose from cross-spectrum,"),
        (["--device", "cuda:99"], "no device 'cuda:99' here: leave --device out to train on the processor"),
        (["--device", "meta"], "no device 'meta' here: leave --device out to train on the processor"),
        (["--device", "abacus"], "no device 'abacus' here: leave --device out to train on the processor"),
        (["--recipe", "cheap"], "there are 36 training and 15 test images of these classes: the recipe cheap needs"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_4(
    tree: Path, cache: Path, tmp_path: Path, monkeypatch, capsys, options: list[str], sentence: str
) -> None:
    monkeypatch.setitem(RECIPES, "short", SHORT)
    arguments = ["--images", str(tree), "--cache", str(cache), "--out", str(tmp_path / "out"), "--recipe", "short"]
    assert main([*arguments, *options]) == 4
    error = capsys.readouterr().err
    assert error.startswith(f"error: {sentence}")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_folders_that_are_none_are_bad_input(tree: Path, cache: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(RECIPES, "short", SHORT)
    (tmp_path / "file").touch()
    for folder, out in ((tmp_path / "nowhere", tmp_path / "out"), (tree, tmp_path / "file")):
        arguments = ["--images", str(folder), "--cache", str(cache), "--out", str(out), "--recipe", "short"]
        assert main(arguments) == 4
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert error.count("\n") == 1


@pytest.mark.parametrize("seeds", ["3-1", "-1", "a", "1-"])
def test_seeds_that_are_none_are_refused(seeds: str, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--images", "x", f"--seeds={seeds}"])
    assert stop.value.code == 4
    assert "not a seed (3) or a range of seeds (0-9)" in capsys.readouterr().err


def test_what_is_ahead_is_counted_at_its_own_size():
    first = {"epoch": 1, "size": 16, "seconds": 10.0}
    # Four more at 16 pixels, six at 24 and nine at 32, where the first has been measured alone.
    assert seconds_left(RECIPES["accurate"], [first], 32) == pytest.approx(10 * (4 + 6 * 24**2 / 16**2 + 9 * 4))
