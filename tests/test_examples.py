"""What a question of one's own may call shows by an example what it gives, and each example gives what it says."""

import ast
import doctest
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from numpy.typing import ArrayLike

from why_bird.networks.network import Network

ROOT = Path(__file__).resolve().parents[1]
Function = Callable[..., Any]


def modules(root: Path, below: str = "") -> Iterator[tuple[str, Path]]:
    for path in sorted((root / below).rglob("[!_]*.py")):
        yield ".".join(path.relative_to(root).with_suffix("").parts), path


WITH_EXAMPLES = [
    name
    for root in (ROOT / "lib", ROOT / "fixtures")
    for name, path in modules(root)
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples(module):
    found = doctest.testmod(import_module(module))
    assert found.attempted
    assert not found.failed


def public(module: ModuleType, names: Iterable[str]) -> Iterator[Function]:
    for name in names:
        value = getattr(module, name, None)
        function = inspect.unwrap(value) if callable(value) else value
        if inspect.isfunction(function) and not name.startswith("_"):
            yield function


def imported(text: str) -> Iterator[Function]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("why_bird."):
            yield from public(import_module(node.module), (each.name for each in node.names))


def exported(package: str) -> Iterator[Function]:
    module = import_module(package)
    yield from public(module, vars(module))


def of_arrays(room: str) -> Iterator[Function]:
    for name, _ in modules(ROOT / "lib", f"why_bird/{room}"):
        for each in exported(name):
            if each.__module__ == name and any(part is np.ndarray or part == ArrayLike for part in given(each)):
                yield each


def given(function: Function) -> list[object]:
    """Every type that is part of a parameter's."""
    return [part for name, hint in get_type_hints(function).items() if name != "return" for part in inside(hint)]


def inside(hint: object) -> Iterator[object]:
    yield from (hint, get_origin(hint))
    for part in hint if isinstance(hint, list) else get_args(hint):
        yield from inside(part)


def test_what_a_question_may_call_has_an_example():
    """A function of lib needs one if a claim or a page of docs imports it, if why_bird.stats, .evidence.charts or
    .images.clutter export it, or if it takes arrays and lies in images, measure or stats; none is asked of what is
    given a network.
    """
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "hypotheses").glob("*.py")]
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")]
    texts += [block for page in pages for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]
    asked = {each for text in texts for each in imported(text) if not each.__module__.startswith("why_bird.fixtures.")}
    for package in ("stats", "evidence.charts", "images.clutter"):
        asked |= set(exported(f"why_bird.{package}"))
    for room in ("images", "measure", "stats"):
        asked |= set(of_arrays(room))
    assert {"reader", "jackknife", "roc", "edge_density", "two_nn"} <= {each.__name__ for each in asked}
    without = [each for each in asked if ">>> " not in (each.__doc__ or "") and Network not in given(each)]
    assert sorted(f"{each.__module__}.{each.__name__}" for each in without) == []
