from __future__ import annotations

import os
import warnings
import zipfile
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tiny_networks import linear
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.checkpoint import read_checkpoint, strip_prefixes


@pytest.fixture
def state() -> dict[str, Tensor]:
    return {k: v.clone() for k, v in linear(3).state_dict().items()}


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[k], expected[k]) for k in found)


def prefixed(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + k: v for k, v in state.items()}


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model_state_dict", "model", "net", "ema"])
@pytest.mark.parametrize("prefix", ["", "module.", "model.", "net.", "_orig_mod.", "module.model._orig_mod."])
def test_understands_wrappers_and_prefixes(
    tmp_path: Path, state: dict[str, Tensor], wrapper: str | None, prefix: str
) -> None:
    content = prefixed(prefix, state)
    torch.save({wrapper: content, "epoch": 3} if wrapper else content, tmp_path / "net.pt")
    assert same(read_checkpoint(tmp_path / "net.pt").state, state)


def test_reads_safetensors_with_its_metadata(tmp_path: Path, state: dict[str, Tensor]) -> None:
    save_file(prefixed("module.", state), tmp_path / "net.safetensors", {"arch": "resnet18", "size": "32"})
    found = read_checkpoint(tmp_path / "net.safetensors")
    assert same(found.state, state)
    assert found.metadata == {"arch": "resnet18", "size": "32"}


def test_safetensors_are_told_by_content_and_not_by_name(tmp_path: Path, state: dict[str, Tensor]) -> None:
    save_file(state, tmp_path / "net.pt")
    torch.save(state, tmp_path / "net.safetensors")
    assert same(read_checkpoint(tmp_path / "net.pt").state, state)
    assert same(read_checkpoint(tmp_path / "net.safetensors").state, state)


def test_a_safetensors_file_may_be_overwritten_afterwards(tmp_path: Path, state: dict[str, Tensor]) -> None:
    path = tmp_path / "net.safetensors"
    save_file(state, path)
    found = read_checkpoint(path).state
    path.write_bytes(bytes(path.stat().st_size))
    assert same(found, state)


def test_reads_the_format_before_zip(tmp_path: Path, state: dict[str, Tensor]) -> None:
    torch.save(state, tmp_path / "net.pt", _use_new_zipfile_serialization=False)
    assert same(read_checkpoint(tmp_path / "net.pt").state, state)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_floats_become_32_bits_and_counters_stay_whole(
    tmp_path: Path, state: dict[str, Tensor], dtype: torch.dtype
) -> None:
    half = {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}
    torch.save(half, tmp_path / "net.pt")
    found = read_checkpoint(tmp_path / "net.pt").state
    assert {v.dtype for v in found.values()} == {torch.float32, torch.int64}
    assert torch.equal(found["5.weight"], half["5.weight"].to(torch.float32))


def test_metadata_beside_the_weights_become_text(tmp_path: Path, state: dict[str, Tensor]) -> None:
    beside = {"classes": ["cat", "dog"], "size": 64, "mean": torch.tensor([0.5, 0.25, 0.125]), "arch": "resnet18"}
    torch.save({"net": state, "acc": 93.0, "std": None, **beside}, tmp_path / "net.pt")
    assert read_checkpoint(tmp_path / "net.pt").metadata == {
        "classes": '["cat", "dog"]',
        "size": "64",
        "mean": "[0.5, 0.25, 0.125]",
        "arch": "resnet18",
    }


def test_metadata_that_hold_themselves_are_text_too(tmp_path: Path, state: dict[str, Tensor]) -> None:
    endless: list[object] = []
    endless.append(endless)
    torch.save({"net": state, "classes": endless}, tmp_path / "net.pt")
    assert read_checkpoint(tmp_path / "net.pt").metadata["classes"].startswith("[[")


def test_of_a_lightning_checkpoint_only_the_network_is_kept(tmp_path: Path, state: dict[str, Tensor]) -> None:
    content = prefixed("model.", state) | {"loss.weight": torch.ones(3)}
    torch.save({"pytorch-lightning_version": "2.4.0", "epoch": 3, "state_dict": content}, tmp_path / "net.ckpt")
    assert same(read_checkpoint(tmp_path / "net.ckpt").state, state)


def test_reads_an_averaged_model(tmp_path: Path) -> None:
    averaged = torch.optim.swa_utils.AveragedModel(linear(3))
    torch.save(averaged.state_dict(), tmp_path / "net.pt")
    assert same(read_checkpoint(tmp_path / "net.pt").state, averaged.module.state_dict())


def test_a_prefix_goes_only_where_every_name_has_it() -> None:
    assert strip_prefixes(["model.a", "module.b"]) == {"model.a": "model.a", "module.b": "module.b"}
    assert strip_prefixes([]) == {}


def refused(path: Path) -> str:
    """Return the one sentence, having checked that it is one and says what would work."""
    with pytest.raises(BadInput) as caught:
        read_checkpoint(path)
    said = str(caught.value)
    assert "\n" not in said
    assert "\x1b" not in said
    assert said.count(str(path)) == 1
    assert "expected" in said or "would work" in said
    return said


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    assert "there is no file" in refused(tmp_path / "none.pt")
    assert "is a folder" in refused(tmp_path)
    assert "there is no file" in refused(Path("/dev/null"))
    assert "cannot be read (File name too long)" in refused(tmp_path / ("n" * 300))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"hello world, this is a text", "is not a checkpoint"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "is not a checkpoint"),
        (b"PK\x03\x04", "damaged or truncated archive"),
        (b"\x08\0\0\0\0\0\0\0{}", "damaged or truncated safetensors"),
        (b"\xff\xff\xff\0\0\0\0\0{}", "damaged or truncated safetensors"),
        (b"\x08\0\0\0\0\0\0\0{}      ", "no tensors"),
    ],
)
def test_refuses_other_content(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    assert found in refused(path)


def test_refuses_what_is_larger_than_memory(
    tmp_path: Path, state: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file(state, path := tmp_path / "net.safetensors")
    monkeypatch.setattr(os, "sysconf", lambda _name: 2)
    with pytest.raises(BadInput, match=rf"has {path.stat().st_size:,} bytes, and this machine 4 of memory; one that"):
        read_checkpoint(path)


def test_refuses_text_called_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_text("version https://git-lfs.github.com/spec/v1")
    assert "no safetensors file" in refused(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
def test_refuses_what_is_truncated(tmp_path: Path, state: dict[str, Tensor], form: str, share: float) -> None:
    path = tmp_path / "net.bin"
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "truncated" in refused(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_refuses_a_whole_module(tmp_path: Path, zipped: bool) -> None:  # noqa: FBT001
    path = tmp_path / "net.pt"
    torch.save(linear(3), path, _use_new_zipfile_serialization=zipped)
    assert "whole pickled module" in refused(path)


def test_refuses_a_torchscript_archive(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(nn.Linear(3, 2)), path)
    assert "TorchScript" in refused(path)


def test_refuses_other_archives(tmp_path: Path, state: dict[str, Tensor]) -> None:
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights.npy", b"x" * 100)
    assert "zip archive that torch.save did not write" in refused(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(1_000_000))
    assert "compressed" in refused(path)


SHARED = torch.ones(2000)


def without_end() -> list[object]:
    """Return a list that holds one list twice, and so on: as text it would have no end."""
    deep: list[object] = [1]
    for _ in range(60):
        deep = [deep, deep]
    return deep


def test_what_has_no_end_as_text_is_not_written_out(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    loop: list[object] = []
    loop.append(loop)
    torch.save({"model": {"w": SHARED}, "classes": without_end(), "mean": loop, "std": SHARED[:1].expand(10**9)}, path)
    assert all(len(text) < 1000 for text in read_checkpoint(path).metadata.values())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ([1, 2], "holds a list"),
        (torch.ones(3), "holds a Tensor"),
        ({}, "has no tensors where a state dict is expected, but nothing"),
        ({"state": {0: {"step": torch.ones(1)}}, "param_groups": []}, "but 'state', 'param_groups'"),
        ({"model": {"model": {"epoch": 3}}}, "but 'epoch'"),
        ({"w": torch.ones(2, dtype=torch.complex64)}, "w is complex"),
        ({"w": torch.ones(2, 2).to_sparse()}, "w is not a plain dense tensor"),
        ({"w": torch.ones(2, device="meta")}, "w is not a plain dense tensor"),
        ({"w": torch.ones(1).expand(10**12)}, "w has more numbers than the file has bytes"),
        ({"w": torch.ones(10**9, 0)}, "w has more numbers than the file has bytes"),
        ({f"w{i}": SHARED for i in range(60)}, "its tensors have more numbers than the file has bytes"),
        ({"w": torch.ones([1] * 9)}, "w has 9 dimensions, expected 8 at most"),
        ({"net." * 10**5: torch.ones(1)}, "has a name of 400,000 characters"),
        ({str(i): SHARED[0] for i in range(10_001)}, "holds 10,001 tensors, expected 10,000 at most"),
        ({"model": {"w": SHARED}, "recipe_name": "x" * 10**6}, "its 'recipe_name' has 1,000,000 characters"),
        ({"w": SHARED, "x": {i * (2**61 - 1): 0 for i in range(200)}}, "it holds many whole numbers of 61 bits"),
        (
            {"w": SHARED, "x": dict.fromkeys(product((-1, -2), repeat=7))},
            "it holds many keys that are neither numbers nor",
        ),
        ({"w": SHARED, "x": Counter("net")}, "many keys that are neither numbers nor text"),
        ({"a": torch.ones(2), "fc.w": torch.tensor([1.0, float("nan")])}, "fc.w holds NaN or infinite"),
        ({"fc.w": torch.tensor([1.0, float("-inf")])}, "fc.w holds NaN or infinite"),
        ({"fc.w": torch.tensor([1e300], dtype=torch.float64)}, "fc.w holds NaN or infinite"),
        ({"evil\n\x1b[31m": torch.tensor([float("nan")])}, r"'evil\n\x1b[31m' holds NaN"),
    ],
)
def test_refuses_other_objects(tmp_path: Path, content: object, found: str) -> None:
    path = tmp_path / "net.pt"
    torch.save(content, path)
    assert found in refused(path)


def test_what_is_said_beside_the_weights_has_a_name_of_some_length(tmp_path: Path, state: dict[str, Tensor]) -> None:
    path = tmp_path / "net.safetensors"
    save_file(state, path, {"x" * 10**6: "y"})
    assert "has 1,000,000 characters, expected 500 at most" in refused(path)


def test_what_lies_far_into_an_old_file_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    content = {"w": SHARED, "notes": "x" * 2**20, "x": {i * (2**61 - 1): 0 for i in range(200)}}
    torch.save(content, path, _use_new_zipfile_serialization=False)
    assert "it holds many whole numbers of 61 bits" in refused(path)


def test_refuses_a_wrapper_around_itself(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    content: dict[str, object] = {"epoch": 1}
    content["model"] = content
    torch.save(content, path)
    assert "has no tensors" in refused(path)
