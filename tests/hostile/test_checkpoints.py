"""Checkpoints that are none, are damaged, would run code or hold what no classifier's weights are."""

from __future__ import annotations

import os
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .odd_networks import GLOBAL, Payload
from .scene import Refusal, Scene, mode

State = dict[str, Tensor]
WORKS = "a safetensors file or torch.save(model.state_dict(), FILE) would work"
FITS = "--network=package.module:factory may name what it fits"


def _torch(content: Callable[[State], object], **how: bool) -> Callable[[Path, Scene], None]:
    def write(path: Path, scene: Scene) -> None:
        torch.save(content(load_file(scene.checkpoint)), path, **how)

    return write


def _part(share: float, form: str) -> Callable[[Path, Scene], None]:
    def write(path: Path, scene: Scene) -> None:
        if form == "safetensors":
            whole = scene.checkpoint.read_bytes()
        else:
            torch.save(load_file(scene.checkpoint), path, _use_new_zipfile_serialization=form == "zip")
            whole = path.read_bytes()
        path.write_bytes(whole[: int(share * len(whole))])

    return write


def _bytes(content: bytes) -> Callable[[Path, Scene], None]:
    return lambda path, _: path.write_bytes(content) and None


def _with(**changes: Callable[[Tensor], Tensor]) -> Callable[[Path, Scene], None]:
    """Write the planted network with some tensors changed, as safetensors with its metadata."""

    def write(path: Path, scene: Scene) -> None:
        state = load_file(scene.checkpoint)
        save_file({name: changes.get(name.replace(".", "_"), Tensor.clone)(t) for name, t in state.items()}, path)

    return write


def _spoilt(value: float) -> Callable[[Tensor], Tensor]:
    def spoil(tensor: Tensor) -> Tensor:
        tensor.view(-1)[0] = value
        return tensor

    return spoil


def _script(path: Path, _: Scene) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(nn.Linear(3, 2)), path)


def _pickle(path: Path, scene: Scene) -> None:
    path.write_bytes(pickle.dumps({"state_dict": load_file(scene.checkpoint), "x": Payload(scene.tmp / "ran")}))


def _payload(form: str) -> Callable[[Path, Scene], None]:
    def write(path: Path, scene: Scene) -> None:
        content = {"state_dict": load_file(scene.checkpoint), "hyper_parameters": Payload(scene.tmp / "ran")}
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")

    return write


def _archive(path: Path, _: Scene) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(10_000_000))


def _without_end(path: Path, scene: Scene) -> None:
    path.write_bytes(scene.checkpoint.read_bytes())
    os.truncate(path, 2**40)


def _folder(path: Path, _: Scene) -> None:
    path.mkdir()


def _loop(path: Path, _: Scene) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path, _: Scene) -> None:
    os.mkfifo(path)


def _link_to(target: str) -> Callable[[Path, Scene], None]:
    return lambda path, _scene: path.symlink_to(target)


def _missing(_path: Path, _scene: Scene) -> None:
    """Write nothing."""


REFUSED: dict[str, tuple[Callable[[Path, Scene], None], Refusal]] = {
    "missing": (_missing, ("there is no file", WORKS)),
    "without end": (_without_end, ("has 1,099,511,627,776 bytes, expected 34,359,738,368 at most", WORKS)),
    "folder without networks": (_folder, ("holds no checkpoint", "give one that does")),
    "link to itself": (_loop, ("there is no file", WORKS)),
    "pipe": (_pipe, ("there is no file", WORKS)),
    "empty": (_bytes(b""), ("is empty", WORKS)),
    "of the system, without a size": (_link_to("/proc/self/status"), ("is empty", WORKS)),
    "one byte": (_bytes(b"\x80"), ("is a Python pickle", WORKS)),
    "text": (_bytes(b"hello"), ("is not a checkpoint", WORKS)),
    "picture": (_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), ("is not a checkpoint", WORKS)),
    "page of an error": (_bytes(b"<!DOCTYPE html><html>404"), ("is not a checkpoint", WORKS)),
    "pointer of git-lfs": (_bytes(b"version https://git-lfs.github.com/spec/v1\n"), ("is not a checkpoint", WORKS)),
    "safetensors cut": (_part(0.5, "safetensors"), ("truncated safetensors file", WORKS)),
    "safetensors without end": (_part(0.999, "safetensors"), ("truncated safetensors file", WORKS)),
    "zip cut": (_part(0.5, "zip"), ("truncated archive", WORKS)),
    "legacy cut": (_part(0.7, "legacy"), ("damaged or truncated", WORKS)),
    "header of 4 GB": (_bytes(b"\xff\xff\xff\xff\0\0\0\0{}"), ("Error while deserializing header", WORKS)),
    "no tensors": (_bytes(b"\x08\0\0\0\0\0\0\0{}      "), ("has no tensors", WORKS)),
    "pickle that runs code": (_pickle, ("a Python pickle that torch.save did not write", WORKS)),
    "zip that runs code": (_payload("zip"), (f"holds {GLOBAL} beside or instead of weights", WORKS)),
    "legacy that runs code": (_payload("legacy"), (f"holds {GLOBAL} beside or instead of weights", WORKS)),
    "whole module": (_torch(lambda _: nn.Linear(3, 2)), ("is a whole pickled module", WORKS)),
    "TorchScript": (_script, ("is a TorchScript archive, which is a program", WORKS)),
    "bomb": (_archive, ("is a compressed archive", WORKS)),
    "optimiser": (_torch(lambda _: {"state": {}, "param_groups": []}), ("but 'state', 'param_groups'", WORKS)),
    "list": (_torch(lambda s: list(s.values())), ("holds a list, expected a state dict", WORKS)),
    "wrapper around itself": (_torch(lambda _: _around_itself()), ("has no tensors", WORKS)),
    "NaN": (_with(head_weight=_spoilt(float("nan"))), ("head.weight holds NaN or infinite", "expected finite ones")),
    "infinite": (_with(head_bias=_spoilt(float("-inf"))), ("head.bias holds NaN or infinite", "expected finite ones")),
    "too large for 32 bits": (
        _torch(lambda s: s | {"head.bias": torch.full((10,), 1e300, dtype=torch.float64)}),
        ("head.bias holds NaN or infinite", "expected finite ones in 32 bits"),
    ),
    "overflowing": (
        _with(head_weight=lambda t: t.fill_(3e38)),
        ("logits as large as 8e+37", "expected ones whose squares are finite"),
    ),
    "complex": (_torch(lambda s: s | {"floor": torch.tensor(1j)}), ("floor is complex", "expected real weights")),
    "sparse": (_torch(lambda s: s | {"floor": torch.eye(2).to_sparse()}), ("is not a plain dense tensor", WORKS)),
    "repeated by a stride": (
        _torch(lambda s: s | {"floor": torch.ones(1).expand(10**12)}),
        ("has more numbers than the file has bytes", WORKS),
    ),
    "layer of another width": (
        _with(pattern_weight=lambda t: t[:, :5].contiguous()),
        ("pattern.weight has shape (10, 5), expected (10, 48)", FITS),
    ),
    "head of another width": (
        _with(head_weight=lambda t: t[:, :5].contiguous()),
        ("head.weight has shape (10, 5), expected (10, 11)", FITS),
    ),
    "tensor missing": (_torch(lambda s: {"floor": s["floor"]}), ("is missing (5 missing", FITS)),
    "tensor too many": (_torch(lambda s: s | {"extra": torch.ones(2)}), ("tensor 'extra' is unexpected", FITS)),
    "scalar head": (_with(head_weight=lambda _: torch.tensor(1.0)), ("head.weight has shape ()", FITS)),
    "one logit": (
        _with(pattern_weight=lambda t: t[:1], pattern_bias=lambda t: t[:1],
              head_weight=lambda t: t[:1, :2].contiguous(), head_bias=lambda t: t[:1]),
        ("has 1 logit", "expected 2 or more, one for each class"),
    ),
    "no logits": (
        _with(pattern_weight=lambda t: t[:0], pattern_bias=lambda t: t[:0], head_weight=lambda t: t[:0, :1],
              head_bias=lambda t: t[:0]),
        ("pattern.weight has shape (0, 48)", FITS),
    ),
    "100 classes": (
        _with(pattern_weight=lambda t: t.repeat(10, 1), pattern_bias=lambda t: t.repeat(10),
              head_weight=lambda _: torch.ones(100, 101), head_bias=lambda t: t.repeat(10)),
        ("class 9, … 100 in all is among the images', which are airplane, ", "class names with --class-names"),
    ),
}  # fmt: skip


def _around_itself() -> dict[str, object]:
    content: dict[str, object] = {"epoch": 1}
    content["model"] = content
    return content


@pytest.mark.parametrize("case", REFUSED)
def test_a_checkpoint_is_refused(case: str, scene: Scene) -> None:
    write, refusal = REFUSED[case]
    path = scene.tmp / "net.pt"
    write(path, scene)
    scene.refused(refusal, checkpoint=path)
    assert not (scene.tmp / "ran").exists()


def test_the_payload_would_have_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Payload(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()


METADATA: dict[str, tuple[dict[str, str], Refusal]] = {
    "classes no JSON": ({"classes": "cat,dog"}, ("classes is 'cat,dog', which is not JSON", "--class-names")),
    "classes a number": ({"classes": "7"}, ("the class names in the checkpoint are 7", "expected 10 strings")),
    "classes too few": ({"classes": '["a", "b"]'}, ("2 class names are in the checkpoint", "give 10 with")),
    "class twice": ({"classes": str(["a"] * 10).replace("'", '"')}, ("'a' is in the checkpoint twice", "10 different")),
    "mean of two": ({"mean": "[0.5, 0.5]"}, ("mean is [0.5, 0.5]", "expected three finite numbers")),
    "mean NaN": ({"mean": "[NaN, 0.5, 0.5]"}, ("mean is [nan, 0.5, 0.5]", "expected three finite numbers")),
    "std zero": ({"std": "[0, 1, 1]"}, ("std is [0.0, 1.0, 1.0]", "expected three positive numbers")),
    "size a million": ({"size": "1000000"}, ("size is 1000000", "from 1 to 1024")),
    "size nested": ({"size": "[" * 1_000}, ("which is not JSON", "give --input-size instead")),
    "size without end": ({"size": "[" * 100_000}, ("'size' has 100,000 characters", "expected 1,000 at most")),
    "interpolation": ({"interpolation": "magic"}, ("interpolation is 'magic'", "expected one of bilinear")),
}


@pytest.mark.parametrize("case", METADATA)
def test_what_a_checkpoint_says_of_itself_is_refused(case: str, scene: Scene) -> None:
    metadata, refusal = METADATA[case]
    save_file(load_file(scene.checkpoint), scene.tmp / "net.safetensors", metadata)
    scene.refused(refusal, checkpoint=scene.tmp / "net.safetensors")


def test_a_checkpoint_never_chooses_what_is_imported(scene: Scene) -> None:
    save_file(load_file(scene.checkpoint), scene.tmp / "net.safetensors", {"arch": "planted_networks:planted"})
    refusal = ("the checkpoint's architecture is 'planted_networks:planted'", "expected resnet18, a torchvision")
    scene.refused(refusal, checkpoint=scene.tmp / "net.safetensors", network=None)


def test_safetensors_under_a_name_that_is_no_text_are_refused(scene: Scene) -> None:
    path = scene.tmp / os.fsdecode(b"net-\xff.pt")
    path.write_bytes(scene.checkpoint.read_bytes())
    scene.refused(("with a path that is not UTF-8", "it would work under another name"), checkpoint=path)


def test_an_unreadable_checkpoint_is_refused(scene: Scene) -> None:
    path = scene.tmp / "net.safetensors"
    path.write_bytes(scene.checkpoint.read_bytes())
    with mode(path, 0o000):
        scene.refused(("cannot be read (Permission denied)", WORKS), checkpoint=path)
