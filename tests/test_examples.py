"""Each example in a docstring gives what it says."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOTS = [Path(__file__).resolve().parents[1] / name for name in ("lib", "fixtures")]
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(root).with_suffix("").parts)
    for root in ROOTS
    for path in root.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples(module):
    found = doctest.testmod(import_module(module))
    assert found.attempted
    assert not found.failed
