"""The same network in all the forms in which people keep it is judged as it is, and odd ones as far as they go."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from planted_networks import planted
from safetensors.torch import load_file, save_file
from torch import Tensor
from worlds import CLASSES, SIZE

from .scene import Scene, outcomes

State = dict[str, Tensor]
FED = {"mean": [0.5] * 3, "std": [0.25] * 3, "size": SIZE, "classes": list(CLASSES)}


def _prefixed(prefix: str, state: State) -> State:
    return {prefix + name: tensor for name, tensor in state.items()}


def _averaged(state: State) -> State:
    module = planted(len(CLASSES))
    module.load_state_dict(state)
    average: State = torch.optim.swa_utils.AveragedModel(module).state_dict()
    return average


def _as(dtype: torch.dtype) -> Callable[[State], object]:
    return lambda state: {"state_dict": {name: tensor.to(dtype) for name, tensor in state.items()}, **FED}


def _lightning(state: State) -> object:
    content = _prefixed("model.", state) | {"loss.weight": torch.ones(3)}
    return {"pytorch-lightning_version": "2.4.0", "epoch": 3, "state_dict": content, **FED}


SAME: dict[str, Callable[[State], object]] = {
    "float64": _as(torch.float64),
    "DataParallel": lambda s: {"state_dict": _prefixed("module.", s), **FED},
    "torch.compile": lambda s: {"model": _prefixed("_orig_mod.", s), **FED},
    "all wrappers at once": lambda s: {"net": _prefixed("module.model._orig_mod.", s), **FED},
    "Lightning": _lightning,
    "EMA": lambda s: {"ema": s, "optimizer": {"lr": 0.1}, **FED},
    "EMA beside the model": lambda s: {"ema": {k: v + 1 for k, v in s.items()}, "model": s, **FED},
    "averaged model": lambda s: {"state_dict": _averaged(s), **FED},
    "with an optimiser": lambda s: {"net": s, "optimizer": {"state": {}}, "acc": 93.0, "metadata": FED},
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_weights_give_the_same_findings(case: str, scene: Scene) -> None:
    path = scene.tmp / "net.pt"
    torch.save(SAME[case](load_file(scene.checkpoint)), path)
    assert scene.judged(checkpoint=path) == scene.expected


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["fp16", "bf16"])
def test_fewer_bits_give_the_same_verdicts(dtype: torch.dtype, scene: Scene) -> None:
    path = scene.tmp / "net.pt"
    torch.save(_as(dtype)(load_file(scene.checkpoint)), path)
    found = scene.judged(checkpoint=path)
    assert outcomes(found) == outcomes(scene.expected)
    assert found != scene.expected  # they were not taken from the store of the whole ones


NAMES = (
    "my best net.safetensors",
    "Netz für 日本 🐦.safetensors",
    os.fsdecode(b"net-\xff.pt"),
    "a\nb\x1b[31m.pt",
    "%s {x}.pt",
)


@pytest.mark.parametrize("name", NAMES, ids=["spaces", "not ASCII", "no UTF-8", "line break and escape", "braces"])
def test_a_checkpoint_may_be_called_anything(name: str, scene: Scene) -> None:
    folder = scene.tmp / "out of  folders"
    folder.mkdir()
    path = Path(folder / name)
    state = load_file(scene.checkpoint)
    if path.suffix == ".pt":
        torch.save({"state_dict": state, **FED}, path)
    else:
        save_file(state, path, _text(FED))
    assert scene.judged(checkpoint=path) == scene.expected
    report = (scene.tmp / "evidence-partial" / "evidence.html").read_bytes()
    assert b"\x1b" not in report
    report.decode()


def test_a_convolutional_head_is_judged_by_its_logits(scene: Scene) -> None:
    state = load_file(scene.checkpoint)
    kernel = 4 * state["pattern.weight"].view(len(CLASSES), 3, 4, 4)
    save_file({"pattern.weight": kernel, "pattern.bias": state["head.bias"]}, scene.tmp / "net.safetensors", _text(FED))
    network = "hostile.odd_networks:convolutional"
    answer = scene.ask(checkpoint=scene.tmp / "net.safetensors", network=network, select="Z1 or P2 or P3")
    found = {claim["id"]: (claim["verdict"], claim["reason"]) for claim in answer.partial["claims"]}
    assert found["Z1"][0] == "inconclusive"
    assert "do not come straight from an nn.Linear, so it has no head" in found["Z1"][1]
    # Where noise falls needs no head.
    assert found["P2"][0] in ("confirmed", "rejected")
    assert answer.code in (0, 1)


def test_100_classes_are_judged_where_ten_of_them_are_the_images(scene: Scene) -> None:
    state = load_file(scene.checkpoint)
    weight = torch.zeros(100, 101)
    weight[:10, :10] = state["head.weight"][:, :10]
    pattern = torch.zeros(100, 48)
    pattern[:10] = state["pattern.weight"]
    bias = torch.full((100,), -50.0)
    bias[:10] = state["head.bias"]
    more = {"pattern.weight": pattern, "pattern.bias": torch.zeros(100), "head.weight": weight, "head.bias": bias}
    names = [*CLASSES, *(f"n{c:04d}" for c in range(90))]
    save_file(state | more, scene.tmp / "net.safetensors", _text(FED | {"classes": names}))
    found = scene.judged(checkpoint=scene.tmp / "net.safetensors")
    assert found["Z1"] == "confirmed"


def _text(values: dict[str, object]) -> dict[str, str]:
    return {name: json.dumps(value) for name, value in values.items()}


@pytest.mark.parametrize("kind", ["talkative", "wakeful"])
def test_a_network_that_warns_or_keeps_gradients_is_judged(kind: str, scene: Scene) -> None:
    assert scene.judged(network=f"hostile.odd_networks:{kind}") == scene.expected
