"""The other commands refuse hostile input as the claims do: exit code 4, one sentence, nothing written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from asking import PROJECT

from why_bird.evidence import compare, figures, readme
from why_bird.evidence.document import VERSION
from why_bird.images.decode import open_images
from why_bird.measure import ship
from why_bird.networks import train_command
from why_bird.networks.recipe import RECIPES

from .odd_networks import Payload
from .scene import Refusal, Scene, check_sentence

REFERENCE = PROJECT / "reports" / "reference" / "evidence.json"
ACCEPTED = PROJECT / "reports" / "accepted.json"


TINY = replace(RECIPES["post"], name="tiny", batch=8, epochs=1)


def refused(
    main: Callable[[list[str]], int], words: list[str], refusal: Refusal, scene: Scene, said: pytest.CaptureFixture[str]
) -> None:
    """Run a command here, and hold that it is refused with one sentence and has written nothing."""
    places = {"root": scene.root, "tmp": scene.tmp, "images": scene.images, "net": scene.checkpoint}
    places |= {"cache": scene.cache, "accepted": ACCEPTED, "evidence": REFERENCE, "project": PROJECT}
    said.readouterr()
    with scene.untouched():
        assert main([word.format(**places) for word in words]) == 4
    out, error = said.readouterr()
    assert out == ""
    lead, _, sentence = error.rstrip("\n").partition(": ")
    assert lead.lower() == "error"
    check_sentence(sentence, refusal)


HELD = "`pytest hypotheses/` writes an evidence.json that can be held"
COMPARED: dict[str, tuple[Callable[[Path], object], Refusal]] = {
    "missing": (Path.unlink, ("there is no file", HELD)),
    "a folder without a report": (lambda p: [p.unlink(), p.mkdir()], ("there is no file", HELD)),
    "empty": (lambda p: p.write_bytes(b""), ("is not JSON", HELD)),
    "cut": (lambda p: p.write_bytes(p.read_bytes()[:999]), ("is not JSON", HELD)),
    "no text": (lambda p: p.write_bytes(b"\xff\xfe"), ("is not JSON", HELD)),
    "nested without end": (lambda p: p.write_text("[" * 100_000), ("is not JSON", HELD)),
    "a number": (lambda p: p.write_text("3"), ("holds neither evidence nor accepted findings", HELD)),
    "no evidence": (lambda p: p.write_text('{"schema_version": 1}'), (f"of schema 1, expected {VERSION}", HELD)),
    "a partial run": (
        lambda p: p.write_text(json.dumps(json.loads(p.read_text()) | {"selection": {"words": "-k x", "missing": []}})),
        ("it is a partial run (-k x)", HELD),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPARED)
def test_compare_refuses(case: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    harm, refusal = COMPARED[case]
    shutil.copy(REFERENCE, scene.tmp / "new.json")
    harm(scene.tmp / "new.json")
    refused(compare.main, ["{accepted}", "{tmp}/new.json"], refusal, scene, capsys)


DRAWABLE = "`pytest hypotheses/` writes an evidence.json that can be drawn"
DRAWN: dict[str, tuple[Callable[[Path], object], Refusal]] = {
    "missing": (Path.unlink, ("cannot be read (No such file", DRAWABLE)),
    "a folder": (lambda p: [p.unlink(), p.mkdir()], ("cannot be read (Is a directory)", DRAWABLE)),
    "cut": (lambda p: p.write_bytes(p.read_bytes()[:999]), ("is no evidence", DRAWABLE)),
    "no text": (lambda p: p.write_bytes(b"\xff\xfe"), ("is no evidence", DRAWABLE)),
    "nested without end": (lambda p: p.write_text("[" * 100_000), ("is no evidence", DRAWABLE)),
    "no evidence": (lambda p: p.write_text("{}"), ("is no evidence", DRAWABLE)),
    "a chart of no kind": (lambda p: p.write_text(p.read_text().replace('"tree"', '"pie"')), ("'pie'", DRAWABLE)),
}  # fmt: skip


@pytest.mark.parametrize("case", DRAWN)
def test_figures_refuses(case: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    harm, refusal = DRAWN[case]
    shutil.copy(REFERENCE, scene.tmp / "new.json")
    harm(scene.tmp / "new.json")
    refused(figures.main, ["--evidence={tmp}/new.json", "--out={tmp}/figures"], refusal, scene, capsys)


TRAINED: dict[str, tuple[list[str], Refusal]] = {
    "images missing": (["--images={tmp}/none"], ("no folder", "give an image tree")),
    "images a file": (["--images={net}"], ("is a file, not a folder", "give an image tree")),
    "too few images": ([], ("images", "or more, one batch")),
    "class unknown": (["--classes=bird,unicorn"], ("unicorn", "airplane")),
    "class alone": (["--classes=bird"], ("the classes are bird", "give two or more, each once")),
    "class twice": (["--classes=bird,bird"], ("the classes are bird, bird", "give two or more, each once")),
    "device unknown": (["--device=abacus", "--recipe=tiny"], ("no device 'abacus' here", "leave --device out")),
    "out a file": (["--out={net}", "--recipe=tiny"], ("cannot be made", "choose another --out")),
    "exchange of no kind": (["--with=colour:frog"], ("'colour:frog'", "choose from")),
    "exchange of no class": (["--with=detail:unicorn"], ("unicorn", "airplane")),
    "home of nobody": (["--images=~nobody-of-this-name/x"], ("cannot be found", "give its whole path")),
}


@pytest.mark.parametrize("case", TRAINED)
def test_train_refuses(
    case: str, scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, refusal = TRAINED[case]
    monkeypatch.setitem(train_command.RECIPES, "tiny", TINY)
    words = ["--images={images}", "--cache={cache}", "--out={tmp}/runs", "--device=cpu", *given]
    refused(train_command.main, words, refusal, scene, capsys)


Harm = Callable[[Path, dict[str, str]], object]
OTHER = {"recipe": "a", "job": "b", "train": "c"}
FINISHED = {
    "recipe": {"hash": "a"},
    "job": "b",
    "train_images": {"hash": "c"},
    "seed": 0,
    "arm": "",
    "test_accuracy": 1,
}
DAMAGED = ("resume.pt is damaged", "remove it to start this training again")
UNFINISHED: dict[str, tuple[Harm, Refusal]] = {
    "state empty": (lambda f, _: (f / "resume.pt").touch(), DAMAGED),
    "state that runs code": (lambda f, _: torch.save({"identity": Payload(f / "ran")}, f / "resume.pt"), DAMAGED),
    "state with the identity alone": (lambda f, job: torch.save({"identity": job}, f / "resume.pt"), DAMAGED),
    "state of another training": (
        lambda f, _: torch.save({"identity": OTHER, "module": {}, "optimizer": {}, "log": []}, f / "resume.pt"),
        ("holds an unfinished training of another recipe or images", "choose another --out"),
    ),
    "result cut": (lambda f, _: _finish(f, '{"job": '), ("training.json cannot be read", "choose another --out")),
    "result nested": (lambda f, _: _finish(f, "[" * 100_000), ("training.json cannot be read", "choose another --out")),
    "result of another training": (
        lambda f, _: _finish(f, json.dumps(FINISHED)),
        ("holds a network of another recipe or other images", "choose another --out"),
    ),
}


def _finish(folder: Path, content: str) -> None:
    (folder / "training.json").write_text(content)
    (folder / "network.safetensors").touch()


@pytest.mark.parametrize("case", UNFINISHED)
def test_train_refuses_what_lies_in_its_folder(
    case: str, scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    harm, refusal = UNFINISHED[case]
    monkeypatch.setitem(train_command.RECIPES, "tiny", TINY)
    folder = scene.tmp / "runs" / "tiny" / "seed0"
    folder.mkdir(parents=True)
    images = open_images(str(scene.images), scene.cache)
    harm(folder, {"recipe": TINY.hash(), "job": "tiny/seed0", "train": images.train.hash})
    words = ["--images={images}", "--cache={cache}", "--out={tmp}/runs", "--device=cpu", "--recipe=tiny"]
    refused(train_command.main, words, refusal, scene, capsys)
    assert not (folder / "ran").exists()


SHIPPED: dict[str, tuple[list[str], Refusal]] = {
    "checkpoint missing": (["--checkpoint={tmp}/a.pt"], ("there is no file", "would work")),
    "checkpoint of another network": (["--checkpoint={net}"], ("does not fit resnet18", "may name what it fits")),
    "images missing": (["--images={tmp}/none"], ("no folder", "give an image tree")),
    "reference a file": (
        ["--checkpoint={project}/fixtures/reference/resnet18.safetensors", "--reference={net}"],
        ("cannot be written (File exists)", "name another --reference"),
    ),
    "two classes of ten": (
        [
            "--checkpoint={project}/fixtures/reference/resnet18.safetensors",
            "--two-class={project}/fixtures/reference/resnet18.safetensors",
        ],
        ("knows 10 classes", "give a network of two"),
    ),
    "cache a file": (["--cache={net}"], ("decoded images cannot be written", "name a folder with room")),
}


@pytest.mark.parametrize("case", SHIPPED)
def test_ship_refuses(case: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    given, refusal = SHIPPED[case]
    words = ["--checkpoint={net}", "--images={images}", "--cache={cache}", "--reference={tmp}/shipped", *given]
    refused(ship.main, words, refusal, scene, capsys)


WRITES = "`pytest hypotheses/` writes evidence.json"
ANSWERED: dict[str, tuple[list[str], Refusal]] = {
    "evidence missing": (["--evidence={tmp}/none.json"], ("cannot be read (No such file or directory)", WRITES)),
    "evidence a folder": (["--evidence={tmp}"], ("cannot be read (Is a directory)", WRITES)),
    "evidence a checkpoint": (["--evidence={net}"], ("is no evidence of a run", WRITES)),
    "evidence accepted findings": (["--evidence={accepted}"], ("is no evidence of a run", WRITES)),
    "readme missing": (["--readme={tmp}/none.md"], ("cannot be used (No such file or directory)", "name another")),
    "readme without marks": (["--readme={tmp}/plain.md"], ("no <!-- answer --> … <!-- /answer -->", "these marks")),
    "readme no text": (["--readme={net}"], ("cannot take the answer", "these marks")),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_readme_refuses(case: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    given, refusal = ANSWERED[case]
    (scene.tmp / "plain.md").write_text("# no marks")
    refused(readme.main, ["--evidence={evidence}", "--readme={tmp}/plain.md", *given], refusal, scene, capsys)


@pytest.mark.parametrize("main", [compare.main, readme.main, figures.main, ship.main, train_command.main])
def test_bad_usage(main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--nonsense"])
    assert stop.value.code == 4
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert error.endswith("--help` says what can be given\n")
