"""What was measured of a user's own network is not believed of other code with the same weights."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from asking import HYPOTHESES, World, run

MODULE = """
from planted_networks import Planted
from its_parts import turned

class Edited(Planted):
    def forward(self, images):
        return turned(super().forward(images))

def edited(classes):
    return Edited(classes)
"""
PARTS = """
def turned(logits):
    return logits
"""


@pytest.mark.parametrize("edited", ["its_network.py", "its_parts.py"])
def test_an_edit_is_another_network(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "its_network.py").write_text(MODULE)
    (tmp_path / "its_parts.py").write_text(PARTS)
    words = [HYPOTHESES, f"--checkpoint={world.root / 'bias-sink.safetensors'}", "--network=its_network:edited"]
    words += [f"--images={world.root / 'images'}", f"--evidence-cache={tmp_path / 'cache'}", "-k", "about_as_accurate"]
    found = []
    for i in range(2):
        for name in ("its_network", "its_parts"):
            sys.modules.pop(name, None)
        [claim] = run(*words, folder=tmp_path / f"evidence{i}").partial["claims"]
        found.append((claim["network"], claim["estimate"]["value"]))
        path = tmp_path / edited
        path.write_text(
            path.read_text().replace("return logits", "return logits.flip(1)").replace("return turned(", "return -(")
        )
    assert found[0][0] != found[1][0]
    assert found[0][1] != found[1][1]
