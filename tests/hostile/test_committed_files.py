"""Files that are committed, changed by hand or damaged: the register, the accepted findings, what is shipped."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, PROJECT, run

from why_bird.fixtures.networks import REPLICATES

from .scene import CLAIM, Refusal, Scene, mode

RESTORE = "restore it with `git checkout`"
AGAIN = "`pytest hypotheses/ --accept` writes a new one"
BOM = b"\xff\xfe\0"


def _text(old: str, new: str) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), encoding="utf-8")

    return change


def _put(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _first_claim_twice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tables = text.split("[[claim]]")
    path.write_text("[[claim]]".join([*tables[:2], tables[1], *tables[2:]]), encoding="utf-8")


REGISTERS: dict[str, tuple[Callable[[Path], object], Refusal]] = {
    "missing": (Path.unlink, ("no register at", "restore it with `git checkout -- /")),
    "a folder": (_folder, ("register.toml", RESTORE)),
    "empty": (_put(b""), ("is malformed (the register has no digest)", RESTORE)),
    "cut": (_cut, ("register.toml", RESTORE)),
    "no text": (_put(BOM), ("is not TOML", RESTORE)),
    "conflict of a merge": (_text("[[claim]]", "<<<<<<< HEAD\n[[claim]]"), ("is not TOML", RESTORE)),
    "threshold changed": (_text("threshold = 0.01", "threshold = 0.02"), ("was edited by hand", "--amend")),
    "sentence changed": (_text("Bird does not have", "Bird has"), ("was edited by hand", "--amend")),
    "weight changed": (_text("weight = 1", "weight = 9"), ("was edited by hand", RESTORE)),
    "digest changed": (_text('digest = "', 'digest = "0'), ("was edited by hand", RESTORE)),
    "digest gone": (_text("digest =", "digests ="), ("has 'digests', which is no field", RESTORE)),
    "claim twice": (_first_claim_twice, ("was edited by hand", RESTORE)),
    "side unknown": (_text('side = "above"', 'side = "beside"'), ("side is 'beside', expected", RESTORE)),
    "threshold a word": (_text("threshold = 0.01", 'threshold = "0.01"'), ("is malformed", RESTORE)),
    "threshold NaN": (_text("threshold = 0.01", "threshold = nan"), ("which is not finite", RESTORE)),
    "field unknown": (_text("weight = 1", "wait = 1"), ("is malformed", RESTORE)),
    "sentence a date": (
        _text('statement = "Bird does not have the highest output bias."', "statement = 2026-01-01"),
        ("is malformed", RESTORE),
    ),
    "claims a number": (_put(b'digest = "0"\nclaim = 3\n'), ("is malformed", RESTORE)),
}


@pytest.mark.parametrize("case", REGISTERS)
def test_a_register_that_was_changed_is_refused(case: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    harm, refusal = REGISTERS[case]
    path = Path(shutil.copy(PROJECT / "hypotheses" / "register.toml", scene.tmp))
    monkeypatch.setattr("why_bird.fixtures.collection.register_file", lambda _config: path)
    harm(path)
    scene.refused(refusal)
    scene.refused(refusal, "--register", select=None)


def _inside(change: Callable[[dict[str, Any]], object], *, sealed: bool) -> Callable[[Path], None]:
    """Change the accepted findings, with a digest that fits or without."""

    def harm(path: Path) -> None:
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document["accepted"])
        if sealed:
            content = json.dumps(document["accepted"], sort_keys=True)
            document["digest"] = hashlib.sha256(content.encode()).hexdigest()
        path.write_text(json.dumps(document), encoding="utf-8")

    return harm


ACCEPTED: dict[str, tuple[Callable[[Path], object], Refusal]] = {
    "missing": (Path.unlink, ("no accepted findings at", AGAIN)),
    "a folder": (_folder, ("cannot be read (Is a directory)", AGAIN)),
    "empty": (_put(b""), ("is not JSON", AGAIN)),
    "cut": (_cut, ("is not JSON", AGAIN)),
    "no text": (_put(BOM), ("is not JSON", AGAIN)),
    "a list": (_put(b"[1]"), ("holds neither evidence nor accepted findings", AGAIN)),
    "nested without end": (_put(b"[" * 100_000), ("is not JSON", AGAIN)),
    "NaN": (_put(b'{"format": NaN}'), ("NaN is no number", AGAIN)),
    "another format": (_text('"format": 2', '"format": 1'), ("is of format 1, expected 2", AGAIN)),
    "evidence of a run": (_put(b'{"schema_version": "1.2"}'), ("is of format None, expected 2", AGAIN)),
    "edited": (_inside(lambda a: a["claims"].pop(), sealed=False), ("were edited by hand", AGAIN)),
    "sealed without findings": (_inside(lambda a: a.pop("claims"), sealed=True), ("malformed", AGAIN)),
    "sealed with a word for a number": (
        _inside(lambda a: a["claims"][0].update(n="much"), sealed=True),
        ("malformed", AGAIN),
    ),
    "of other images": (
        lambda _: None,
        ("the accepted findings were measured on", "or accept a baseline of these with --accept"),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_findings_that_cannot_be_held_are_refused(case: str, scene: Scene) -> None:
    harm, refusal = ACCEPTED[case]
    path = Path(shutil.copy(PROJECT / "reports" / "accepted.json", scene.tmp))
    harm(path)
    scene.refused(refusal, "--gate", f"--accepted={path}", select=None)


def test_accepted_findings_that_may_not_be_read_are_refused(scene: Scene) -> None:
    path = Path(shutil.copy(PROJECT / "reports" / "accepted.json", scene.tmp))
    with mode(path, 0o000):
        scene.refused(("cannot be read (Permission denied)", AGAIN), "--gate", f"--accepted={path}", select=None)


def test_findings_are_not_accepted_into_a_folder_that_is_not_there(scene: Scene) -> None:
    refusal = ("--accept cannot write", "there is no folder")
    scene.refused(refusal, "--accept", f"--accepted={scene.tmp / 'a' / 'b.json'}", select=None)


SHIPPED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "identity missing": ("images.json", Path.unlink),
    "identity a folder": ("images.json", _folder),
    "identity cut": ("images.json", _cut),
    "identity a list": ("images.json", _put(b"[1]")),
    "identity nested without end": ("images.json", _put(b"[" * 100_000)),
    "replicates missing": (REPLICATES.name, Path.unlink),
    "replicates cut": (REPLICATES.name, _cut),
    "replicates a list": (REPLICATES.name, _put(b"[]")),
    "replicates no text": (REPLICATES.name, _put(BOM)),
}


@pytest.mark.parametrize("case", SHIPPED)
def test_what_is_shipped_and_damaged_is_refused(case: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    name, harm = SHIPPED[case]
    reference = PROJECT / "fixtures" / "reference"
    (scene.tmp / "replicates").mkdir()
    for path in (reference / "images.json", REPLICATES):
        shutil.copy(path, scene.tmp / path.relative_to(reference))
    [path] = scene.tmp.rglob(name)
    harm(path)
    monkeypatch.setattr("why_bird.fixtures.networks.REFERENCE", scene.tmp)
    monkeypatch.setattr("why_bird.fixtures.networks.REPLICATES", scene.tmp / "replicates" / REPLICATES.name)
    # Without images and networks of the user's, those that are shipped are asked.
    (scene.tmp / "resnet18.safetensors").symlink_to(reference / "resnet18.safetensors")
    answer = run(HYPOTHESES, "-k", CLAIM, f"--evidence-cache={scene.cache}", folder=scene.tmp / "evidence")
    scene.check(answer, (f"{name} is missing or malformed", RESTORE))
